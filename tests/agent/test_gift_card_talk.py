"""How the built-in model hears what shall pay: gift cards first, then the rest."""

from dataclasses import replace

import pytest
from msgspec import Struct

from agent.rules_model import RulesModel
from commerce.belongings import PaymentMethod
from store.catalogue import Catalogue
from tests.agent.desk import VISA, Instruments, desk
from tests.agent.visitor import Visitor

UPI = PaymentMethod(id="upi1", token="t2", type="upi", brand="upi", last_four="mock")
GIFT = PaymentMethod(
    id="gift1", token="t3", type="gift_card", brand="gift_card", last_four="BBBB"
)


class Balance(Struct, frozen=True):
    available: int
    refusal: str = ""


class GiftCards:
    def __init__(self, *, cents: int, refusal: str = "") -> None:
        self.balance_now = Balance(cents, refusal)

    async def balance(self, token: str, /) -> Balance:
        return self.balance_now


async def at_the_till(
    catalogue: Catalogue, cards: GiftCards, *methods: PaymentMethod
) -> Visitor:
    anna = Visitor(catalogue)
    front = replace(
        desk(), instruments=Instruments({"anna": [*methods]}), gift_cards=cards
    )
    anna.shop = replace(anna.shop, desk=front)
    anna.speak_with(RulesModel())
    await anna.put({"AUD-009-BLA": 2})
    return anna


@pytest.mark.parametrize(
    ("said", "gifts", "rest"),
    [
        ("checkout with my gift card and the rest on upi", ["gift1"], "upi1"),
        ("checkout, use my gift card", ["gift1"], "pay1"),
        ("pay with gift card and visa", ["gift1"], "pay1"),
        ("checkout with upi", None, "upi1"),
        ("checkout", None, "pay1"),
    ],
)
async def test_what_pays_is_what_was_said(
    catalogue: Catalogue, said: str, gifts: list[str] | None, rest: str
) -> None:
    anna = await at_the_till(catalogue, GiftCards(cents=2500), VISA, UPI, GIFT)

    heard = await anna.say(said)

    (asked,) = [each for tool, each in heard.calls if tool == "quote_checkout"]
    assert (asked.get("gift_card_ids"), asked["payment_method_id"]) == (gifts, rest)
    assert "error" not in heard.results[-1]


async def test_what_the_gift_card_does_not_cover_is_named(catalogue: Catalogue) -> None:
    anna = await at_the_till(catalogue, GiftCards(cents=2500), GIFT)

    heard = await anna.say("pay with my gift card")

    assert heard.results[-1]["error"] == "payment_method_required"
    assert "is missing" in heard.text


async def test_a_gift_card_that_is_no_good_is_named(catalogue: Catalogue) -> None:
    cards = GiftCards(cents=0, refusal="gift_card_expired")
    anna = await at_the_till(catalogue, cards, VISA, GIFT)

    heard = await anna.say("pay with my gift card")

    assert "expired" in heard.text


async def test_without_a_gift_card_it_says_what_there_is(catalogue: Catalogue) -> None:
    anna = await at_the_till(catalogue, GiftCards(cents=0), VISA, UPI)

    heard = await anna.say("pay with my gift card")

    assert heard.tools == ["list_addresses", "list_payment_methods"]
    assert "4242" in heard.text
