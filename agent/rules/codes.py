"""What stands in a message in figures and capitals: orders, coupons, cards, skus.

They are looked for in the text as it was typed, before its words are taken apart.
"""

import re
from typing import NamedTuple

from agent.rules import words
from agent.rules.mending import is_known
from agent.spelling import each_word

_ORDER = re.compile(
    r"\bORD(?:\W{1,2}|(?=[a-z]*\d))([0-9A-Z]{4,10})\b"
    r"|(?:\border (?:number|no\.?|num|id)?\s?|#\s?)(?=\w*\d)([0-9A-Z]{4,10})\b",
    re.IGNORECASE,
)
_SKU = re.compile(r"\b[A-Za-z]{2,5}-\d{2,4}(?:-[A-Za-z0-9]+)*\b")
# The first is how `agent.clean.masked` writes a card number.
_CARD = re.compile(
    r"\[card ending (\d{4})\]"
    r"|\b(?:ending|ends|end)(?: in| with| on)? ?(\d{4})\b"
    r"|\b(?:last (?:four|4)(?: digits)?|visa|mastercard|amex|card) ?(?:is )?(\d{4})\b"
    r"|\b(\d{4}) (?:wala |wale )?card\b",
    re.IGNORECASE,
)

_LETTERS = r"(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]"
_BARE = re.compile(r"\b[A-Z]{4,15}\d{1,4}\b")
_AFTER = re.compile(
    rf"\bcode:? ({_LETTERS}{{3,20}})\b"
    rf"|\b(?:coupon|promo|voucher):? ({_LETTERS}{{3,20}})\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"\b({_LETTERS}{{3,20}}) (?:coupon|promo|voucher|code)\b", re.IGNORECASE
)
_USED = re.compile(
    rf"\b(?:use|using|apply|try|enter|redeem|with|laga(?:o|do)?) ({_LETTERS}{{3,20}})\b"
    rf"|\b({_LETTERS}{{3,20}}) (?:laga|lagao|lagado|apply|use kar|hata|hatao|lagana)\b",
    re.IGNORECASE,
)
_CALLED = re.compile(r"\b(?:called|named|says|reads|it's|is) ([A-Z][A-Z0-9]{3,19})\b")
_COUPON = re.compile(r"\b(?:code|coupon|voucher|promo)\b", re.IGNORECASE)
# "Does freeship work": a word that nobody here knows.
_ASKED = re.compile(
    r"\b(?:does|will|is|would|can i use) ([a-z][a-z0-9]{4,19}) "
    r"(?:still |even )?(?:work|works|valid|active|expired|working|here)\b",
    re.IGNORECASE,
)
# Written out, these stand beside "code" and are none.
_NO_CODES = frozenset(
    each_word("""
    code codes coupon coupons promo voucher best other another this that these those
    some same first second third last does doesn work works working from with have
    that's what which please again instead discount offer give free shipping silver
    gold apply use used find show list want good available expired valid invalid
    field here wala wali dikhao laga lagao lagado batao chahiye kaun kaunsa konsa
    sabse accha acha hata hatao karo mera mere meri points point them your their
    milega milegi chahiye kaise please banao active
    card visa upi shop cart order won would should could code's anyone summer
    """)
)


# Written in capitals, too, these are what they are.
_NEVER_CODES = frozenset(
    each_word("upi usb visa amex emi cod gst ssd led atm gps usa uk india xl xxl rfid")
)


class Codes(NamedTuple):
    """What was found, and the text without it; a product's sku stays in the text."""

    order: str | None
    coupon: str | None
    card: str | None
    sku: str | None
    text: str


def codes(text: str) -> Codes:
    """Find order number, coupon code, a card's last four digits and a sku."""
    order, text = _taken(_ORDER, text, " order ")
    card, text = _taken(_CARD, text, " card ")
    sku = _SKU.search(text)
    coupon = None if sku else _coupon(text)
    if coupon:
        text = re.sub(rf"\b{coupon}\b", " ", text)
    return Codes(
        f"ORD-{order.upper()}" if order else None,
        coupon.upper() if coupon else None,
        card,
        sku[0].upper()[:40] if sku else None,
        text,
    )


def _taken(pattern: re.Pattern[str], text: str, left: str) -> tuple[str | None, str]:
    found = pattern.search(text)
    if found is None:
        return None, text
    told = next(each for each in found.groups() if each)
    return told, f"{text[: found.start()]}{left}{text[found.end() :]}"


def _coupon(text: str) -> str | None:
    if bare := _BARE.search(text):
        return bare[0]
    shouted = text.isupper()
    if (called := _CALLED.search(text)) and _COUPON.search(text):
        return called[1]
    for pattern in (_AFTER, _BEFORE, _USED):
        for found in pattern.finditer(text):
            told = next(each for each in found.groups() if each)
            if told.casefold() in _NEVER_CODES:
                continue
            plain = told.casefold() in _NO_CODES or told.casefold() in words.STOP
            if plain and (shouted or not told.isupper()):
                continue
            odd = pattern is _AFTER and found[1] is not None and _odd(told)
            if odd or _like_a_code(told, shouted=shouted):
                return told
    asked = _ASKED.search(text)
    return asked[1] if asked and not is_known(asked[1].lower()) else None


def _like_a_code(told: str, *, shouted: bool) -> bool:
    """Tell whether it is written like one: SAVE, summer25."""
    mixed = not told.isalpha() and told[0].isalpha() and len(told) > 3
    return mixed or (told.isupper() and not shouted)


def _odd(told: str) -> bool:
    # Beside the word "code" even small letters are one, if they are no short word.
    return len(told) > 5 and not told.isdigit()
