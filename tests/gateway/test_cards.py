"""Cards: what each test number does when it is kept, charged, captured and let go."""

from typing import Any

import pytest

from commerce.instrument import ExpiredCard, IncorrectCvc, IncorrectNumber
from gateway.errors import (
    AmountTooLarge,
    Declined,
    IllegalPaymentStep,
    InvalidAmount,
    PaymentNotFound,
    UnknownCard,
    UnknownInstrument,
)
from gateway.instrument import CardOnFile
from tests.gateway.bank import (
    CAPTURE_FAILS,
    DECLINED,
    DISPUTED,
    GOOD,
    INSTRUMENTS,
    SLOW,
    THREE_DS,
    Bank,
    card,
)

CARDS = INSTRUMENTS["cards"]


def with_outcome(*outcomes: str) -> list[Any]:
    # A slow bank has tests of its own.
    found = [
        each for each in CARDS if each["outcome"] in outcomes and "delay_ms" not in each
    ]
    return [pytest.param(each, id=each["number"][-4:]) for each in found]


# Keeping


async def test_of_a_card_token_brand_and_last_four_are_kept(bank: Bank) -> None:
    kept = await bank.gateway.tokenise(card("4242 4242-4242 4242"))

    assert kept.token == "tok_visa_4242_203012"
    assert (kept.type, kept.brand, kept.last_four) == ("card", "visa", "4242")
    assert (kept.exp_month, kept.exp_year) == (12, 2030)


async def test_a_mistyped_number_is_refused_before_any_bank(bank: Bank) -> None:
    (rejected,) = (each for each in CARDS if each["outcome"] == "rejected")

    for number in (rejected["number"], "4242", "4242abcd42424242", ""):
        with pytest.raises(IncorrectNumber):
            await bank.gateway.tokenise(card(number))

    assert bank.ledger.writes == 0


@pytest.mark.parametrize("number", [GOOD, "378282246310005"])
async def test_the_security_code_has_the_digits_of_its_brand(
    bank: Bank, number: str
) -> None:
    for cvc in ("12", "12345", "12x", "1234" if number == GOOD else "123"):
        with pytest.raises(IncorrectCvc):
            await bank.gateway.tokenise(card(number, cvc=cvc))


async def test_a_card_is_good_through_its_last_month(bank: Bank) -> None:
    await bank.gateway.tokenise(card(exp_month=1, exp_year=2026))

    with pytest.raises(ExpiredCard):
        await bank.gateway.tokenise(card(exp_month=12, exp_year=2025))


async def test_a_card_that_expired_since_it_was_kept_is_declined(bank: Bank) -> None:
    charge = await bank.charge(card(exp_month=1, exp_year=2026))
    bank.clock.advance(31 * 24 * 3600)

    with pytest.raises(Declined) as told:
        await bank.gateway.authorise("pay", charge)

    assert told.value.details["decline_code"] == "expired_card"


async def test_a_real_card_is_not_taken(bank: Bank) -> None:
    with pytest.raises(UnknownCard):
        await bank.gateway.tokenise(card("4111111111111111"))


async def test_older_clients_name_a_test_card_by_its_digits(bank: Bank) -> None:
    kept = await bank.gateway.tokenise(CardOnFile("Visa", "0002"))

    with pytest.raises(Declined):
        await bank.gateway.authorise("pay", await bank.charge(GOOD, token=kept.token))
    with pytest.raises(UnknownCard):
        await bank.gateway.tokenise(CardOnFile("visa", "1111"))


@pytest.mark.parametrize("token", ["", "tok", "tok_visa", "tok_visa_4241", "gift_x"])
async def test_a_strange_token_is_refused(bank: Bank, token: str) -> None:
    with pytest.raises(UnknownInstrument):
        await bank.pay(GOOD, token=token)


# Charging


@pytest.mark.parametrize("each", with_outcome("succeeded"))
async def test_a_good_card_is_authorised_then_captured(bank: Bank, each: Any) -> None:
    paid = await bank.pay(each["number"])
    taken = await bank.gateway.capture("take", paid.id, 1000)

    assert (paid.state, paid.captured) == ("authorized", 0)
    assert (taken.state, taken.captured) == ("captured", 1000)


@pytest.mark.parametrize("each", with_outcome("succeeded"))
async def test_what_is_to_be_captured_at_once_takes_one_write(
    bank: Bank, each: Any
) -> None:
    paid = await bank.pay(each["number"], capture=True)

    assert (paid.state, paid.captured, bank.ledger.writes) == ("captured", 1000, 1)
    assert await bank.pay(each["number"], capture=True) == paid
    assert await bank.gateway.capture("take", paid.id, 1000) == paid


@pytest.mark.parametrize("number", [CAPTURE_FAILS, SLOW, THREE_DS])
async def test_what_cannot_be_captured_at_once_is_to_be_captured(
    bank: Bank, number: str
) -> None:
    paid = await bank.turning(bank.pay(number, capture=True), 10)

    assert paid.captured == 0
    assert paid.state in {"authorized", "requires_action"}


@pytest.mark.parametrize("each", with_outcome("failed"))
async def test_a_bad_card_is_declined_with_its_reason(bank: Bank, each: Any) -> None:
    with pytest.raises(Declined) as told:
        await bank.pay(each["number"])

    assert told.value.decline.code == each["code"]
    assert told.value.decline.decline_code in {
        each.get("decline_code", ""),
        "generic_decline",
    }
    assert told.value.details["retryable"] == each.get("retryable", False)
    assert told.value.payment.state == "failed"
    found = await bank.gateway.look_up("pay")
    assert found == told.value.payment


@pytest.mark.parametrize("last_four", ["9987", "9979"])
async def test_a_lost_or_stolen_card_looks_like_any_declined_one(
    bank: Bank, last_four: str
) -> None:
    with pytest.raises(Declined) as generic:
        await bank.pay(DECLINED)

    with pytest.raises(Declined) as told:
        await bank.pay(f"400000000000{last_four}", "other")

    assert told.value.message == generic.value.message == "Your card was declined."
    assert told.value.details["decline_code"] == "generic_decline"
    assert told.value.decline.decline_code in {"lost_card", "stolen_card"}


async def test_a_slow_bank_answers_late(bank: Bank) -> None:
    charge = await bank.charge(SLOW)
    answer = bank.gateway.authorise("pay", charge)

    paid = await bank.turning(answer, 6)

    assert paid.state == "authorized"


async def test_who_gives_up_on_a_slow_bank_finds_its_answer_by_key(bank: Bank) -> None:
    waiting = await bank.given_up(
        bank.gateway.authorise("pay", await bank.charge(SLOW))
    )
    assert waiting

    before = await bank.gateway.look_up("pay")
    await bank.later(6)
    after = await bank.gateway.look_up("pay")

    assert before
    assert before.state == "created"
    assert after
    assert after.state == "authorized"
    assert bank.kinds == ["payment.authorized"]


async def test_a_payment_that_the_bank_still_ponders_can_be_called_off(
    bank: Bank,
) -> None:
    await bank.given_up(bank.gateway.authorise("pay", await bank.charge(SLOW)))
    found = await bank.gateway.look_up("pay")
    assert found

    ended = await bank.gateway.void("void", found.id)
    await bank.later(60)

    assert ended.state == "failed"
    assert (await bank.gateway.payment(found.id)).state == "failed"


@pytest.mark.parametrize("amount", [0, -1])
async def test_no_amount_is_no_charge(bank: Bank, amount: int) -> None:
    with pytest.raises(InvalidAmount):
        await bank.pay(GOOD, amount=amount)


# Capturing and letting go


async def test_a_capture_takes_what_is_asked_and_lets_the_rest_go(bank: Bank) -> None:
    paid = await bank.pay(GOOD)

    taken = await bank.gateway.capture("take", paid.id, 400)

    assert (taken.captured, taken.left) == (400, 400)
    with pytest.raises(IllegalPaymentStep):
        await bank.gateway.capture("more", paid.id, 600)


async def test_no_more_is_captured_than_is_set_aside(bank: Bank) -> None:
    paid = await bank.pay(GOOD)

    with pytest.raises(AmountTooLarge):
        await bank.gateway.capture("take", paid.id, 1001)
    with pytest.raises(InvalidAmount):
        await bank.gateway.capture("take", paid.id, 0)

    assert (await bank.gateway.payment(paid.id)).state == "authorized"


async def test_a_capture_that_fails_is_over_and_holds_no_money(bank: Bank) -> None:
    paid = await bank.pay(CAPTURE_FAILS)

    for _ in range(2):
        with pytest.raises(Declined) as told:
            await bank.gateway.capture("take", paid.id, 1000)
        assert told.value.decline.code == "processing_error"

    voided = await bank.gateway.void("void", paid.id)
    assert (voided.state, voided.captured) == ("capture_failed", 0)


async def test_what_is_set_aside_is_let_go_once_and_for_all(bank: Bank) -> None:
    paid = await bank.pay(GOOD)

    voided = await bank.gateway.void("void", paid.id)
    again = await bank.gateway.void("another", paid.id)

    assert voided.state == again.state == "voided"
    with pytest.raises(IllegalPaymentStep) as told:
        await bank.gateway.capture("take", paid.id, 1000)
    assert told.value.details == {"from": "voided", "to": "captured", "allowed": []}


async def test_captured_money_is_refunded_not_voided(bank: Bank) -> None:
    paid = await bank.captured(GOOD)

    with pytest.raises(IllegalPaymentStep):
        await bank.gateway.void("void", paid.id)


async def test_a_payment_that_is_not_there_is_not_found(bank: Bank) -> None:
    with pytest.raises(PaymentNotFound):
        await bank.gateway.payment("pay_0")
    with pytest.raises(PaymentNotFound):
        await bank.gateway.capture("take", "pay_0", 1)

    assert await bank.gateway.look_up("take") is None


async def test_a_dispute_is_told_after_the_capture(bank: Bank) -> None:
    paid = await bank.captured(DISPUTED)

    await bank.later(5)

    assert bank.kinds == ["dispute.opened"]
    assert (await bank.gateway.payment(paid.id)).disputed
