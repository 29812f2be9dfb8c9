"""The test instruments, found by what a customer types in or by token.

Nothing here is random: the instrument alone decides. A token names its instrument
without its number, so that making one needs no memory.
"""

import re
from datetime import datetime

from commerce.instrument import GiftCardNotFound, checked_card, checked_vpa
from gateway.case import (
    Case,
    GiftCase,
    card_token,
    digits,
    gift_token,
    read,
    upi_token,
)
from gateway.errors import UnknownCard, UnknownInstrument, UnknownVpa
from gateway.instrument import (
    CardDetails,
    CardOnFile,
    Details,
    GiftCode,
    Instrument,
    UpiAddress,
)


class Book:
    """All instruments the mock knows."""

    def __init__(self, raw: bytes) -> None:
        """Read the JSON of `data/coupons.json`. Raises msgspec.DecodeError."""
        cases = read(raw)
        # What is refused before any bank is asked is in the data to be tried only.
        self._numbers = {
            number: case
            for number, case in cases.cards.items()
            if case.outcome != "rejected"
        }
        self._cards = {
            (case.brand, case.last_four): case for case in self._numbers.values()
        }
        self._upis = {
            token: case
            for token, case in cases.upis.items()
            if case.outcome != "rejected"
        }
        self._gifts = cases.gifts

    def instrument(self, details: Details, now: datetime) -> Instrument:
        """Return what may be kept of `details`. Raises as `Gateway.tokenise`."""
        match details:
            case CardDetails():
                return self._typed_card(details, now)
            case CardOnFile(brand, last_four):
                return self._card_on_file(brand.strip().lower(), last_four)
            case UpiAddress(vpa):
                return self._upi(vpa.strip())
            case GiftCode(code):
                return self._gift_card(code)

    def case(self, token: str) -> Case:
        """Return how the instrument behaves. Raises UnknownInstrument."""
        if token in self._gifts:
            return Case(
                type="gift_card",
                brand="gift_card",
                last_four=self._gifts[token].last_four,
                outcome="gift_card",
            )
        case = self._upis.get(token) or self._cards.get(digits(token))
        if case is None:
            raise UnknownInstrument("this token was not made here")
        return case

    def gift(self, token: str) -> GiftCase:
        """Return what a gift card begins with. Raises UnknownInstrument."""
        if token not in self._gifts:
            raise UnknownInstrument("this token is no gift card's")
        return self._gifts[token]

    def _typed_card(self, card: CardDetails, now: datetime) -> Instrument:
        month, year = card.exp_month, card.exp_year
        checked_card(card.number, month, year, card.cvc, now)
        case = self._numbers.get(re.sub(r"[ -]", "", card.number))
        if case is None:
            raise UnknownCard("only test cards are taken here")
        return Instrument(
            token=card_token(case, f"{year}{month:02}"),
            type="card",
            brand=case.brand,
            last_four=case.last_four,
            exp_month=month,
            exp_year=year,
        )

    def _card_on_file(self, brand: str, last_four: str) -> Instrument:
        case = self._cards.get((brand, last_four))
        if case is None:
            raise UnknownCard("only test cards are taken here")
        return Instrument(
            token=card_token(case), type="card", brand=brand, last_four=last_four
        )

    def _upi(self, vpa: str) -> Instrument:
        token = upi_token(checked_vpa(vpa))
        case = self._upis.get(token)
        if case is None:
            raise UnknownVpa("no bank knows this UPI id")
        return Instrument(
            token=token, type="upi", brand=case.brand, last_four=case.last_four
        )

    def _gift_card(self, code: str) -> Instrument:
        token = gift_token(code)
        if token not in self._gifts:
            raise GiftCardNotFound("no gift card has this code")
        return Instrument(
            token=token,
            type="gift_card",
            brand="gift_card",
            last_four=self._gifts[token].last_four,
        )
