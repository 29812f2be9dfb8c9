"""How each test instrument behaves, read from the words of the shop's data.

A token is made of nothing secret: a card's of what is printed on receipts, all others'
of a hash.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Literal

import msgspec
from msgspec import Struct

from commerce.payment import TenderKind


class Case(Struct, frozen=True, kw_only=True):
    """How one instrument behaves; the words are those of the data."""

    type: TenderKind
    brand: str
    last_four: str
    outcome: str
    code: str = ""
    decline_code: str = ""
    retryable: bool = False
    text: str = ""
    then: str = ""
    refund: str = ""
    later: str = ""
    delay_ms: int = 0


class GiftCase(Struct, frozen=True, kw_only=True):
    """What a gift card is worth when it is first used."""

    token: str
    last_four: str
    balance_cents: int
    status: Literal["active", "disabled"]
    expires_at: datetime | None = None


class _Card(Struct, frozen=True, kw_only=True):
    number: str
    brand: str
    outcome: str
    code: str = ""
    decline_code: str = ""
    retryable: bool = False
    show_customer: str = ""
    then: str = ""
    refund: str = ""
    later: str = ""
    delay_ms: int = 0


class _Upi(Struct, frozen=True, kw_only=True):
    vpa: str
    outcome: str
    reason: str = ""
    retryable: bool = False
    delay_ms: int = 0


class _Gift(Struct, frozen=True, kw_only=True):
    code: str
    balance_cents: int
    status: Literal["active", "disabled"] = "active"
    expires_at: datetime | None = None


class _Instruments(Struct, frozen=True, kw_only=True):
    cards: tuple[_Card, ...]
    upi: tuple[_Upi, ...]
    gift_cards: tuple[_Gift, ...]


class _Data(Struct, frozen=True):
    payment_instruments: _Instruments


class Cases(Struct, frozen=True, kw_only=True):
    """All instruments: cards by number, the others by token."""

    cards: Mapping[str, Case]
    upis: Mapping[str, Case]
    gifts: Mapping[str, GiftCase]


def read(raw: bytes) -> Cases:
    """Read the JSON of `data/coupons.json`. Raises msgspec.DecodeError."""
    data = msgspec.json.decode(raw, type=_Data).payment_instruments
    return Cases(
        cards={card.number: _card_case(card) for card in data.cards},
        upis={upi_token(upi.vpa): _upi_case(upi) for upi in data.upi},
        gifts={gift_token(gift.code): _gift_case(gift) for gift in data.gift_cards},
    )


def upi_token(vpa: str) -> str:
    """Return the token of a UPI id."""
    return f"upi_{_digest(vpa.lower(), b'souk upi')}"


def gift_token(code: str) -> str:
    """Return the token of a gift card."""
    # A code is as good as money, so only its hash is ever kept.
    return f"gift_{_digest(code.strip().upper(), b'souk gift card')}"


def card_token(case: Case, month: str = "") -> str:
    """Return the token of a test card; `month` (202912) is the last it is good in."""
    return "_".join(("tok", case.brand, case.last_four, *([month] if month else [])))


def digits(token: str) -> tuple[str, str]:
    """Return brand and last four digits of a card's token; blanks if it is none."""
    kind, brand, last_four, *_ = (*token.split("_"), "", "")
    return (brand, last_four) if kind == "tok" else ("", "")


def expiry(token: str) -> tuple[int, int] | None:
    """Return the year and month in which a card's token ends, if it says so."""
    month = token.split("_")[3:4]
    return (int(month[0][:4]), int(month[0][4:])) if month else None


def _card_case(card: _Card) -> Case:
    return Case(
        type="card",
        brand=card.brand,
        last_four=card.number[-4:],
        outcome=card.outcome,
        code=card.code,
        decline_code=card.decline_code,
        retryable=card.retryable,
        text=card.show_customer,
        then=card.then,
        refund=card.refund,
        later=card.later,
        delay_ms=card.delay_ms,
    )


def _upi_case(upi: _Upi) -> Case:
    name, _, bank = upi.vpa.partition("@")
    return Case(
        type="upi",
        brand=bank or "upi",
        last_four=name[-4:],
        outcome=upi.outcome,
        code=upi.reason,
        retryable=upi.retryable,
        delay_ms=upi.delay_ms,
    )


def _gift_case(gift: _Gift) -> GiftCase:
    return GiftCase(
        token=gift_token(gift.code),
        last_four=gift.code[-4:],
        balance_cents=gift.balance_cents,
        status=gift.status,
        expires_at=gift.expires_at,
    )


def _digest(text: str, purpose: bytes) -> str:
    return blake2b(text.encode(), digest_size=16, person=purpose).hexdigest()
