"""Cards, UPI ids and gift cards: what is wrong with one before any bank is asked.

RULES.md section 9. Full numbers pass through here and are never kept: what remains of a
card is its brand and its last four digits.
"""

import re
from datetime import datetime
from typing import Literal

from msgspec import Struct

from commerce.errors import NotFound, Refused

# As `data/coupons.json: payment_instruments.upi_format`.
_VPA = re.compile(r"[A-Za-z0-9._-]{2,64}@[A-Za-z][A-Za-z0-9]{1,63}\Z")
_DIGITS = re.compile(r"[0-9]{12,19}\Z")

# By leading digits (ISO/IEC 7812 issuer ranges), from, to; the first that fits.
_BRANDS: tuple[tuple[str, str, str], ...] = (
    ("visa", "4", "4"),
    ("mastercard", "51", "55"),
    ("mastercard", "2221", "2720"),
    ("amex", "34", "34"),
    ("amex", "37", "37"),
    ("discover", "6011", "6011"),
    ("discover", "644", "649"),
    ("discover", "65", "65"),
    ("jcb", "3528", "3589"),
    ("diners", "300", "305"),
    ("diners", "36", "36"),
    ("diners", "38", "39"),
    ("unionpay", "62", "62"),
    ("rupay", "60", "60"),
    ("rupay", "81", "82"),
)

# A thief must not learn that the card is known to be stolen.
_TOLD_AS_GENERIC = frozenset({"lost_card", "stolen_card"})
GENERIC_DECLINE = "generic_decline"


class IncorrectNumber(Refused):
    """No card has this number: it is too short, too long, or mistyped."""

    code = "incorrect_number"


class IncorrectCvc(Refused):
    """The code on the card has three digits, on American Express four."""

    code = "incorrect_cvc"


class ExpiredCard(Refused):
    """The card's last month is over."""

    code = "expired_card"


class InvalidVpa(Refused):
    """No UPI id looks like this."""

    code = "invalid_vpa"


class GiftCardNotFound(NotFound):
    """There is no gift card with this code."""

    code = "gift_card_not_found"


class GiftCardDisabled(Refused):
    """The gift card was switched off."""

    code = "gift_card_disabled"


class GiftCardExpired(Refused):
    """The gift card's time is over."""

    code = "gift_card_expired"


class GiftCardEmpty(Refused):
    """Nothing is left on the gift card."""

    code = "gift_card_empty"


class CardFace(Struct, frozen=True):
    """What may be known of a card once its number is forgotten."""

    brand: str
    last_four: str
    exp_month: int
    exp_year: int


class GiftCard(Struct, frozen=True, kw_only=True):
    """One gift card; `held` is what orders that are being paid have set aside."""

    code: str
    balance_cents: int
    held_cents: int = 0
    status: Literal["active", "disabled"] = "active"
    expires_at: datetime | None = None


def checked_card(
    number: str, exp_month: int, exp_year: int, cvc: str, now: datetime
) -> CardFace:
    """Return what is kept of a card that may be shown to a bank.

    Raises IncorrectNumber, ExpiredCard, IncorrectCvc.
    """
    number = re.sub(r"[ -]", "", number)
    if not _DIGITS.match(number) or not luhn(number):
        raise IncorrectNumber("no card has this number")
    if not 1 <= exp_month <= 12 or (exp_year, exp_month) < (now.year, now.month):
        raise ExpiredCard("the card has expired")
    brand = brand_of(number)
    length = 4 if brand == "amex" else 3
    if not re.fullmatch(rf"[0-9]{{{length}}}", cvc):
        raise IncorrectCvc(f"the code has {length} digits", digits=length)
    return CardFace(brand, number[-4:], exp_month, exp_year)


def unusable(code: str, last_four: str) -> Refused:
    """Return why a gift card cannot be used, by its provider's word for it."""
    kinds = (GiftCardDisabled, GiftCardExpired, GiftCardEmpty)
    kind = next((each for each in kinds if each.code == code), GiftCardEmpty)
    told = f"gift card {last_four} cannot be used: {code}"
    return kind(told, last_four=last_four)


def checked_vpa(vpa: str) -> str:
    """Return `vpa` if it is well formed. Raises InvalidVpa."""
    if not _VPA.match(vpa):
        raise InvalidVpa("a UPI id looks like name@bank")
    return vpa


def usable(card: GiftCard, now: datetime) -> int:
    """Return the cents that `card` is good for now, at least 1.

    Raises GiftCardDisabled, GiftCardExpired, GiftCardEmpty.
    """
    last_four = masked(card.code)
    if card.status != "active":
        raise GiftCardDisabled(f"gift card {last_four} is switched off")
    if card.expires_at is not None and now > card.expires_at:
        raise GiftCardExpired(f"gift card {last_four} has expired")
    if (left := card.balance_cents - card.held_cents) <= 0:
        raise GiftCardEmpty(f"nothing is left on gift card {last_four}")
    return left


def luhn(number: str) -> bool:
    """Tell whether the last digit of `number` checks the others (ISO/IEC 7812-1)."""
    digits = [int(each) for each in reversed(number)]
    doubled = (sum(divmod(2 * each, 10)) for each in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def brand_of(number: str) -> str:
    """Return the brand of a card by its first digits, `unknown` if by none."""
    for brand, first, last in _BRANDS:
        if first <= number[: len(first)] <= last:
            return brand
    return "unknown"


def masked(number: str) -> str:
    """Return `number` as it may be shown: its last four characters."""
    return f"\N{BULLET}\N{BULLET}\N{BULLET}\N{BULLET} {number[-4:]}"


def shown_decline(decline_code: str) -> str:
    """Return the reason of a decline that the customer may be told."""
    return GENERIC_DECLINE if decline_code in _TOLD_AS_GENERIC else decline_code
