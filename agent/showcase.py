"""Which products are shown as cards beside a reply: those that it names.

Whatever the model, the cards follow the text, so that "the second one" means the same
to the shopper who sees cards and to the agent who wrote words.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agent.conversation import Used
from agent.tools import effect

# More cards than this hide each other on a phone.
MOST = 3

_FIELDS = (
    "name", "price_cents", "price", "currency", "image", "stock_status",
)  # fmt: skip


def showcase(reply: str, used: Sequence[Used]) -> list[dict[str, Any]]:
    """Return the cards of the products that `reply` names, in the order it names them.

    A turn that changed the cart shows the cart and no cards.
    """
    if any(effect(each.tool) == "write" for each in used):
        return []
    seen = {card["product_id"]: card for each in used for card in products(each)}
    # The longest names first, so that a name within another one is not found twice.
    by_length = sorted(seen.values(), key=lambda each: -len(each["name"]))
    places: list[tuple[int, Mapping[str, Any]]] = []
    left = reply
    for each in by_length:
        at = left.find(each["name"])
        if at >= 0:
            places.append((at, each))
            left = left.replace(each["name"], "\0" * len(each["name"]))
    places.sort(key=lambda each: each[0])
    return [_shown(each) for _, each in places[:MOST]]


def products(used: Used) -> Iterator[Mapping[str, Any]]:
    """Yield the product cards in a tool result, in its order."""
    content = used.content
    if not isinstance(content, Mapping) or "error" in content:
        return
    yield from content.get("products") or ()
    relax = content.get("relax")
    if relax:
        yield from relax["products"]
    if "product" in content:
        yield content["product"]


def _shown(card: Mapping[str, Any]) -> dict[str, Any]:
    ids = {"id": card["product_id"], "sku": card["product_id"]}
    return ids | {each: card[each] for each in _FIELDS}
