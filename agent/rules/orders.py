"""Which order and which of its lines is meant: by number, place, goods or "it"."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from agent.rules import say
from agent.rules.forms import newest
from agent.rules.order_errands import about_orders
from agent.rules.plan import Part, use
from agent.rules.reading import Reading
from agent.rules.reasons import without_reason
from agent.rules.recall import Data, Memory
from agent.spelling import distance, each_word, parts, slips

_NO_GOODS = frozenset(
    each_word("""
    january february march april may june july august september october november
    december week month today yesterday morning tonight evening monday tuesday
    wednesday thursday friday saturday sunday ordered order bought new old recently
    recent delivery account website app email mail number status update package
    parcel stuff everything whole entire doing done coming come placed place made paid
    pending confirmed open current ongoing active unshipped processing
    pay got get sent send want back went fit fits still late soon now already person
    """)
)
_MONTHS = each_word("""
    jan feb mar apr may jun jul aug sep oct nov dec
""")


class Found(Struct, frozen=True):
    """The orders that fit, the newest first, and of each the lines that were named."""

    orders: Sequence[Data]
    lines: Sequence[Data] = ()
    named: bool = False
    """Whether goods were named at all."""


def the_orders(said: list[Reading], memory: Memory) -> Part[Found | str]:  # noqa: PLR0911 - the first rule that fits
    """Find the orders meant, by everything `said`; or return why there are none."""
    result = yield from use("list_orders", limit=20)
    if error := say.error(result):
        return error
    rows = result["orders"]
    number = newest(said, lambda each: each.order)
    if number is not None:
        return (yield from _numbered(number, rows, said))
    if not rows:
        return "You have no orders here yet. Can I help you find something?"
    if places := newest(said, lambda each: each.ordinals):
        told = memory.orders or rows
        at = [each - 1 if each > 0 else len(told) + each for each in places]
        numbers = {told[each]["order_number"] for each in at if 0 <= each < len(told)}
        return Found([each for each in rows if each["order_number"] in numbers])
    words = newest(said, goods)
    if words:
        return (yield from _with_goods(words, _of_month(rows, said)))
    if any(_last(each) for each in said):
        arrived = [each for each in rows if each["status"] == "delivered"]
        asked = any("delivered" in each.words for each in said)
        return Found((arrived if asked and arrived else rows)[:1])
    if about_orders(memory) or any(each.refers for each in said):
        focus = [each for each in rows if each["order_number"] == memory.order]
        if focus:
            return Found(focus)
    return Found(_of_month(rows, said))


def goods(reading: Reading) -> tuple[str, ...]:
    """Return the words of a message that may name something ordered."""
    plain = without_reason(reading)
    return tuple(
        each
        for each in reading.rest
        if each not in _NO_GOODS and (each in plain or each not in reading.words)
    )


def named_lines(words: Sequence[str], row: Data) -> list[Data]:
    """Return the lines of an order that have most of the words, if any has one."""
    wanted = set(parts(" ".join(words)))
    scores = [_score(wanted, each) for each in row["lines"]]
    most = max(scores, default=0)
    return [
        each
        for each, score in zip(row["lines"], scores, strict=True)
        if most and score == most
    ]


def told(row: Data) -> str:
    """Return an order as a line of a list."""
    items = [
        say.times(each["quantity"], say.variant(each["name"], each))
        for each in row["lines"][:3]
    ]
    return f"{row['order_number']} ({row['status']}): {', '.join(items)}"


def listed(rows: Sequence[Data]) -> str:
    """Return orders as the lines of a list."""
    return "\n".join(f"{at}. {told(each)}" for at, each in enumerate(rows[:5], 1))


def _numbered(
    number: str, rows: Sequence[Data], said: list[Reading]
) -> Part[Found | str]:
    mine = [each for each in rows if each["order_number"] == number]
    if not mine:
        result = yield from use("get_order", order_number=number)
        if "error" in result:
            return f"I can't find {number} among your orders."
        mine = [result["order"]]
    words = newest(said, goods)
    lines = named_lines(words, mine[0]) if words else []
    return Found(mine, lines, named=bool(words))


def _with_goods(words: tuple[str, ...], rows: Sequence[Data]) -> Part[Found | str]:
    wanted = set(parts(" ".join(words)))
    best = max(
        (_score(wanted, line) for row in rows for line in row["lines"]), default=0
    )
    if best:
        return _those(rows, lambda line: _score(wanted, line) == best)
    # They may call it by a name of its kind that the order does not have.
    found = yield from use("search_products", query=" ".join(words), limit=10)
    kin = {each["product_id"] for each in found.get("products", ())}
    those = _those(rows, lambda line: line["product_id"] in kin)
    if those.orders:
        return those
    if not kin:
        return Found(rows)  # they named nothing that is sold at all
    query = found["asked"]["query"]
    return f"I see no “{query}” among your orders. They are:\n{listed(rows)}"


def _those(rows: Sequence[Data], fits: Callable[[Data], bool]) -> Found:
    lines = [each for row in rows for each in row["lines"] if fits(each)]
    those = [row for row in rows if any(map(fits, row["lines"]))]
    return Found(those, lines, named=True)


def _score(wanted: set[str], line: Data) -> int:
    told = [line["name"], line["category"], line.get("color"), line.get("size")]
    own = {word for each in told if each for word in parts(str(each))}
    return sum(_has(own, each) for each in wanted)


def _has(own: set[str], word: str) -> bool:
    most = slips(word)
    return word in own or (
        most > 0 and any(distance(word, each, most + 1) <= most for each in own)
    )


def _of_month(rows: Sequence[Data], said: list[Reading]) -> Sequence[Data]:
    """Return the orders of the month that was named, if there are any."""
    months = set(_months(said))
    those = [each for each in rows if months & _dates(each)]
    return those or rows


def _months(said: list[Reading]) -> Iterator[str]:
    for each in said:
        for word in each.words:
            if word in _NO_GOODS and word[:3] in _MONTHS:
                yield f"{_MONTHS.index(word[:3]) + 1:02d}"


def _dates(row: Data) -> set[str]:
    return {str(row[key])[5:7] for key in ("placed_at", "delivered_at") if row[key]}


def _last(reading: Reading) -> bool:
    return bool(
        {"last", "latest", "recent", "newest", "pichla", "pichle"} & set(reading.words)
    )
