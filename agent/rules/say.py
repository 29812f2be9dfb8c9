"""Results put into words. Every figure comes from a result, none is worked out here."""

from collections.abc import Iterable, Sequence
from typing import Any

from agent.cards import variant_name
from agent.rules.recall import Data

# A shopper takes in three; "more" shows the next ones.
AT_ONCE = 3

# What the shop says in its own words (`agent.settled`), whatever a model would add.
CONFIRM = "Please confirm it with the button."


def listed(names: Iterable[str], last: str = "and") -> str:
    """Return `Black, Moss and Red`."""
    *most, final = [*names] or [""]
    return f"{', '.join(most)} {last} {final}" if most else final


def line(number: int, card: Data, note: str = "") -> str:
    """Return a product as a line of a list."""
    said = [f"rated {card['rating']}"] if card["reviews"] else []
    if not card["available"]:
        said.append("out of stock")
    elif len(card["colors"]) > 1:
        said.append(f"in {listed(card['colors_in_stock'], 'or')}")
    told = f" ({'; '.join(said)})" if said else ""
    return f"{number}. {card['name']}, {card['price']}{note}{told}"


def lines(cards: Sequence[Data], first: int = 1, note: str = "") -> str:
    """Return products as the lines of a list."""
    return "\n".join(line(at, each, note) for at, each in enumerate(cards, first))


def clock(result: Data) -> str:
    """Return when stock was seen: `as of 10:00 UTC`."""
    return f"as of {result['as_of'][11:16]} UTC"


def variant(name: str, told: Data) -> str:
    """Return a variant's full name."""
    return variant_name(name, told.get("color"), told.get("size"))


def look(told: Data) -> str:
    """Return what makes a variant one: `Black, size 10`."""
    size = told.get("size")
    return ", ".join(
        each for each in (told.get("color"), f"size {size}" if size else None) if each
    )


def units(told: Data) -> str:
    """Return how a variant's stock is said."""
    if not told["available"]:
        return "out of stock"
    few = told["stock_status"] == "low_stock"
    return f"{'only ' if few else ''}{told['available']} in stock"


def first_sentences(text: str, many: int = 2) -> str:
    """Return the beginning of a description."""
    parted = text.split(". ")
    return text if len(parted) <= many else ". ".join(parted[:many]) + "."


def cart_line(told: Data) -> str:
    """Return a cart's line as it is told."""
    name = variant(told["name"], told)
    each = f" at {told['price']} each" if told["quantity"] > 1 else ""
    return (
        f"{times(told['quantity'], name)}{each}, {told.get('subtotal', 'not for sale')}"
    )


def times(quantity: int, name: str) -> str:
    """Return so many of a thing, with a sign for times."""
    return f"{quantity} \u00d7 {name}"


def subtotal(cart: Data) -> str:
    """Return the sum of a cart."""
    return f"Your cart's subtotal is {cart['subtotal']}."


def all_in(cart: Data) -> str:
    """Return what a cart costs with everything."""
    whole = cart["breakdown"]
    return f"With shipping and tax your cart comes to {whole['total']}."


def sums(cart: Data) -> str:
    """Return what is taken off a cart and what it comes to, in a sentence."""
    whole = cart["breakdown"]
    text = f"Subtotal {whole['subtotal']}"
    off = {
        "member discount": "loyalty_discount",
        "coupon": "coupon_discount",
        "points": "points_discount",
    }
    for name, key in off.items():
        if whole[f"{key}_cents"]:
            text += f", {name} -{whole[key]}"
    return f"{text}; with shipping and tax {whole['total']}."


def address(told: Data) -> str:
    """Return an address as its owner knows it again."""
    place = f"{told['street']}, {told['city']}, {told['state']}"
    return f"{place} (default)" if told.get("is_default") else place


def means(told: Data) -> str:
    """Return a means to pay: `Visa ending 4242`."""
    kind = str(told["brand"] or told["type"])
    kind = kind.upper() if kind == "upi" else kind.replace("_", " ").capitalize()
    last = told.get("last4")
    shown = f"{kind} ending {last}" if last else kind
    return f"{shown} (default)" if told.get("is_default") else shown


def options(variants: Sequence[Data], key: str) -> list[str]:
    """Return what there is to choose from, each once, in order."""
    return [*dict.fromkeys(each[key] for each in variants if each[key])]


def wish(asked: Data) -> str:
    """Return what was searched for, in a few words."""
    said = [str(asked[key]) for key in ("colour", "query") if asked.get(key)]
    if asked.get("size"):
        said.append(f"in size {asked['size']}")
    return " ".join(said)


def error(result: Data) -> str | None:
    """Return a refusal in a shopper's words; None if there is none."""
    code: Any = result.get("error")
    return None if code is None else _ERRORS.get(code, _ERRORS["unavailable"])


_ERRORS = {
    "product_not_found": "I can't find that product in the shop any more.",
    "item_not_found": "That is not in your cart.",
    "cart_full": "Your cart has as many different items as it may hold.",
    "malformed_arguments": "I can't put that quantity into a cart.",
    "malformed": "I can't put that quantity into a cart.",
    "cart_changed": "Your cart changed a moment ago, so I left it as it is.",
    "merged": "This cart was moved to your account; please reload the page.",
    "unknown_outcome": (
        "I got no answer in time and can't tell whether it was done. "
        "Please have a look at your cart."
    ),
    "unavailable": "The shop is too busy just now. Please try again in a moment.",
    "account_required": (
        "That takes an account: please sign in or sign up first; your cart comes along."
    ),
    "too_many_requests": "That were many tries. Please wait a few minutes.",
    "order_not_found": "I can't find that order among yours.",
    "too_many_calls": "That is more than I can do at once. Please ask for less.",
    "too_many_writes": "That is more than I may change at once. Please go on.",
}
