"""Gift cards: balances that many payments draw on at once."""

import asyncio

import pytest

from commerce.instrument import GiftCardNotFound
from gateway.errors import Declined, IllegalPaymentStep, UnknownInstrument
from gateway.instrument import GiftCode
from gateway.payment import Balance
from tests.gateway.bank import GOOD, INSTRUMENTS, Bank

GIFT = "GIFT-5000-AAAA"
RACE = "GIFT-RACE-0001"
REFUSED = {
    each["code"]: each["outcome"]
    for each in INSTRUMENTS["gift_cards"]
    if "outcome" in each
}


async def balance(bank: Bank, code: str = GIFT) -> tuple[int, int, int]:
    told = await bank.gateway.balance(await bank.token(code))
    return told.available, told.held, told.spent


async def test_of_a_gift_card_a_hash_and_four_letters_are_kept(bank: Bank) -> None:
    kept = await bank.gateway.tokenise(GiftCode(" gift-5000-aaaa "))

    assert (kept.type, kept.last_four) == ("gift_card", "AAAA")
    assert "5000" not in kept.token
    assert kept == await bank.gateway.tokenise(GiftCode(GIFT))


async def test_an_unknown_code_is_refused(bank: Bank) -> None:
    with pytest.raises(GiftCardNotFound):
        await bank.gateway.tokenise(GiftCode("GIFT-0000-NONE"))


async def test_only_gift_cards_have_a_balance(bank: Bank) -> None:
    with pytest.raises(UnknownInstrument):
        await bank.gateway.balance(await bank.token(GOOD))


async def test_a_charge_holds_and_a_capture_spends(bank: Bank) -> None:
    assert await balance(bank) == (5000, 0, 0)

    paid = await bank.pay(GIFT, amount=3000)
    assert paid.state == "authorized"
    assert await balance(bank) == (2000, 3000, 0)

    await bank.gateway.capture("take", paid.id, 2500)
    assert await balance(bank) == (2500, 0, 2500)


async def test_a_hold_is_given_back(bank: Bank) -> None:
    paid = await bank.pay(GIFT, amount=3000)

    voided = await bank.gateway.void("void", paid.id)

    assert voided.state == "voided"
    assert await balance(bank) == (5000, 0, 0)


async def test_a_refund_goes_back_on_the_gift_card(bank: Bank) -> None:
    paid = await bank.captured(GIFT, amount=3000)

    part = await bank.gateway.refund("part", paid.id, 1000)
    assert part.status == "succeeded"
    assert await balance(bank) == (3000, 0, 2000)

    await bank.gateway.refund("rest", paid.id, 2000)
    assert await balance(bank) == (5000, 0, 0)
    assert (await bank.gateway.payment(paid.id)).state == "refunded"


@pytest.mark.parametrize("code", REFUSED)
async def test_a_gift_card_that_is_no_good_declines(bank: Bank, code: str) -> None:
    told_balance = await bank.gateway.balance(await bank.token(code))
    with pytest.raises(Declined) as told:
        await bank.pay(code, amount=100)

    assert told.value.details["decline_code"] == REFUSED[code]
    assert told_balance == Balance(available=0, held=0, spent=0, refusal=REFUSED[code])


async def test_more_than_is_left_is_declined_and_holds_nothing(bank: Bank) -> None:
    with pytest.raises(Declined) as told:
        await bank.pay(GIFT, amount=5001)

    assert told.value.details["decline_code"] == "gift_card_insufficient"
    assert await balance(bank) == (5000, 0, 0)
    with pytest.raises(Declined):
        await bank.pay(GIFT, amount=5001)


async def test_of_two_orders_at_once_one_gets_the_gift_card(bank: Bank) -> None:
    ends = await asyncio.gather(
        bank.pay(RACE, "one", amount=3000),
        bank.pay(RACE, "two", amount=3000),
        return_exceptions=True,
    )

    assert sum(isinstance(end, Declined) for end in ends) == 1
    assert await balance(bank, RACE) == (0, 3000, 0)


async def test_many_orders_share_one_gift_card_without_losing_a_cent(
    bank: Bank,
) -> None:
    keys = [f"key-{number}" for number in range(30)]

    ends = await asyncio.gather(
        *(bank.captured(GIFT, key, amount=200) for key in keys),
        return_exceptions=True,
    )

    assert sum(isinstance(end, Declined) for end in ends) == 5
    assert await balance(bank) == (0, 0, 5000)


async def test_two_gift_cards_and_a_card_pay_one_order(bank: Bank) -> None:
    for code, amount in ((GIFT, 5000), ("GIFT-2500-BBBB", 2500), (GOOD, 499)):
        await bank.captured(code, code[-4:], amount=amount)

    page = await bank.gateway.payments(order_id="ord_1")

    assert page.total == 3
    assert sum(each.captured for each in page.payments) == 7999
    assert await balance(bank) == (0, 0, 5000)


async def test_money_spent_is_not_held_again(bank: Bank) -> None:
    paid = await bank.captured(GIFT)

    with pytest.raises(IllegalPaymentStep):
        await bank.gateway.void("void", paid.id)
    with pytest.raises(IllegalPaymentStep):
        await bank.gateway.capture("again", paid.id, 500)


async def test_trying_one_gift_card_for_ever_does_not_grow_it(bank: Bank) -> None:
    for number in range(200):
        paid = await bank.pay(GIFT, f"key-{number}")
        await bank.gateway.void(f"void-{number}", paid.id)

    (kept,) = bank.ledger.gift_cards.values()
    assert len(kept.tabs) <= 65
    assert kept.balance == 5000


async def test_a_crash_between_page_and_gift_card_is_mended_by_the_next_look(
    bank: Bank,
) -> None:
    paid = await bank.pay(GIFT, amount=3000)
    bank.crash_after(1)
    with pytest.raises(Exception, match="did not answer"):
        await bank.gateway.capture("take", paid.id, 3000)
    bank.mend()

    bank.start()
    found = await bank.gateway.look_up("take")

    assert found
    assert (found.state, found.captured) == ("captured", 3000)
    assert await balance(bank) == (2000, 0, 3000)


async def test_a_crash_between_page_and_gift_card_is_mended_in_time(
    bank: Bank,
) -> None:
    paid = await bank.pay(GIFT, amount=3000)
    bank.crash_after(1)
    with pytest.raises(Exception, match="did not answer"):
        await bank.gateway.void("void", paid.id)
    bank.mend()

    bank.start()
    await bank.later(10)

    assert bank.ledger.pages[paid.id].payment.state == "voided"
    assert bank.ledger.pages[paid.id].due is None
    assert await balance(bank) == (5000, 0, 0)
