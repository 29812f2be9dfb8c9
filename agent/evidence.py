"""What the tool results of a session tell, and which statement each of them bears.

Not everything that stands in a result is believed for everything. Amounts are believed
only where the shop itself states one, under a name ending in `_cents`: a price written
into a product's description is no price. What the model asked for is echoed, so that a
budget may be named as one; it is no price. What others wrote (descriptions, reviews,
notes), what was asked for and what a refusal repeats of it make no coupon, no discount
and no link: else a model would believe its own words. What is taken off is only what a
result tells as taken off. Units on the shelf are those that a result told lately.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from agent.conversation import Used
from agent.facts import Fact, cents, facts, measured, plain_number
from agent.spelling import each_word

Source = Literal["told", "old", "asked", "refusal", "hearsay"]
_SHOPS_OWN: frozenset[Source] = frozenset({"told", "old"})
_LATELY: frozenset[Source] = frozenset({"told", "refusal"})

_OTHERS_WRITE = frozenset(
    each_word("""
    review note notes comment comments summary reason cancel_reason location carrier
    """)
)
_REFUSAL = frozenset({"message", "details"})
# Who takes something off says how much under a name with one of these.
_REDUCE = frozenset(each_word("discount saving difference points refund refunded"))
_CURRENCY = "USD"


class Evidence:
    """What may be said after these results; each is read when it is needed."""

    def __init__(self, earlier: Iterable[Used] = (), stale_before: str = "") -> None:
        # The newest first: replies mostly speak of what was just seen.
        self._unread: list[tuple[Any, Source]] = [
            part
            for each in earlier
            for part in (
                (each.arguments, "asked"),
                (each.content, _age(each.content, stale_before)),
            )
        ]
        self._amounts: set[str] = set()
        self._reductions: set[str] = set()
        self._budgets: set[str] = set()
        self._on_shelf: set[str] = set()
        self._offers: set[tuple[str, str]] = set()
        self._currencies: set[str] = set()
        self._dates: set[str] = set()
        self._known: set[tuple[str, str]] = set()

    def add(self, content: Any) -> None:
        """Believe a tool result of this run."""
        self._unread.append((content, "told"))

    def tells(self, fact: Fact) -> bool:
        """Tell whether `fact` occurs in any result."""
        while not self._holds(fact):
            if not self._unread:
                return False
            content, source = self._unread.pop()
            self._absorb("", content, source)
        return True

    def _holds(self, fact: Fact) -> bool:
        match fact.kind:
            case "amount":
                return self._is_money(fact) and self._is_amount(fact, fact.key)
            case "number":
                return self._is_number(fact)
            case "date":
                return any(
                    ("date", each) in self._known for each in fact.key.split("|")
                )
            case "day":
                return any(each.endswith(f"-{fact.key}") for each in self._dates)
            case "code":
                return self._is_code(fact)
            case _:
                known = self._offers if fact.role == "offer" else self._known
                return (fact.kind, fact.key) in known

    def _is_money(self, fact: Fact) -> bool:
        return not fact.currency or fact.currency in (self._currencies or {_CURRENCY})

    def _is_amount(self, fact: Fact, key: str) -> bool:
        if fact.role == "offer":
            return key in self._reductions
        return key in self._amounts or (fact.role == "bound" and key in self._budgets)

    def _is_number(self, fact: Fact) -> bool:
        if fact.role == "stock":
            return fact.key in self._on_shelf
        known = ("number", fact.key) in self._known
        return known or self._is_amount(fact, str(cents(fact.key)))

    def _is_code(self, fact: Fact) -> bool:
        if fact.role == "offer":
            return ("code", fact.key) in self._offers
        if ("code", fact.key) in self._known:
            return True
        bare = measured(fact.key)
        return bare is not None and ("number", bare) in self._known

    def _absorb(self, key: str, value: Any, source: Source) -> None:
        if isinstance(value, str):
            self._read(key, value, source)
        elif isinstance(value, (int, float)):
            if not isinstance(value, bool):
                self._count(key, value, source)
        elif isinstance(value, (list, tuple)):
            for each in value:
                self._absorb(key, each, source)
        # Last, because to ask of an abstract class is slow.
        elif isinstance(value, Mapping):
            for name, each in value.items():
                self._absorb(name, each, _source(name, value, source))

    def _count(self, key: str, value: float, source: Source) -> None:
        if key.endswith("_cents"):
            amounts = self._budgets if source == "asked" else self._amounts
            amounts.add(str(value))
            if source != "asked" and not _REDUCE.isdisjoint(key.split("_")):
                self._reductions.add(str(value))
            return
        number = plain_number(str(value))
        self._known.add(("number", number))
        if "percent" in key and source != "asked":
            self._known.add(("percent", number))
            self._offers.add(("percent", number))
        if source in _LATELY:
            self._on_shelf.add(number)

    def _read(self, key: str, text: str, source: Source) -> None:
        if key == "currency" and source in _SHOPS_OWN:
            self._currencies.add(text)
        for each in facts(text):
            # Amounts in texts are hearsay; the figures beside them state them again.
            if each.kind == "amount":
                continue
            if each.kind == "link" and source not in _SHOPS_OWN:
                continue
            self._know(each, source)
            # A refusal says in words how many there are; a name only has figures.
            if key == "message" and each.kind == "number" and source in _LATELY:
                self._on_shelf.add(each.key)

    def _know(self, fact: Fact, source: Source) -> None:
        self._known.add((fact.kind, fact.key))
        match fact.kind:
            case "date":
                self._know_date(fact.key)
            case "percent" if source in _SHOPS_OWN:
                self._offers.add((fact.kind, fact.key))
            case "code":
                if source in _SHOPS_OWN:
                    self._offers.add((fact.kind, fact.key))
                if bare := measured(fact.key):
                    self._known.add(("number", bare))
            case _:
                pass

    def _know_date(self, key: str) -> None:
        self._dates.add(key)
        self._known.add(("date", key[-5:]))  # said without its year
        try:
            weekday = f"{date.fromisoformat(key):%A}".lower()
        except ValueError:
            return
        self._known.add(("weekday", weekday))


# A product's description is its maker's, a step's that of whoever carried it.
_THEIRS = frozenset({"product_id", "location"})


def _source(name: str, among: Mapping[str, Any], source: Source) -> Source:
    if name == "asked":
        return "asked"
    if name in _REFUSAL and "error" in among and source in _SHOPS_OWN:
        return "refusal" if source == "told" else "hearsay"
    is_others = name == "description" and not _THEIRS.isdisjoint(among)
    return "hearsay" if is_others or name in _OTHERS_WRITE else source


def _age(content: Any, stale_before: str) -> Source:
    as_of = content.get("as_of", "") if isinstance(content, Mapping) else ""
    return "told" if as_of and as_of >= stale_before else "old"
