"""3DS: the customer answers at the bank, too late, twice, or never."""

import pytest

from gateway.errors import Declined, IllegalPaymentStep
from tests.gateway.bank import THREE_DS, Bank


async def test_3ds_sends_the_customer_to_the_bank(bank: Bank) -> None:
    paid = await bank.pay(THREE_DS, return_url="/orders/1", expires_at=bank.in_s(900))

    assert paid.state == "requires_action"
    assert paid.next_action
    assert paid.next_action.url == f"/mock-bank/3ds/{paid.id}"
    assert paid.next_action.return_url == "/orders/1"
    assert paid.next_action.expires_at == paid.expires_at == bank.in_s(900)


async def test_approving_at_the_bank_authorises_once(bank: Bank) -> None:
    paid = await bank.pay(THREE_DS)

    first = await bank.gateway.answer_challenge(paid.id, "authenticated")
    second = await bank.gateway.answer_challenge(paid.id, "authenticated")

    assert first == second
    assert (first.state, first.next_action) == ("authorized", None)
    assert bank.kinds == ["payment.authorized"]
    assert (await bank.gateway.capture("take", paid.id, 1000)).captured == 1000


async def test_a_card_may_be_declined_after_its_owner_approved(bank: Bank) -> None:
    paid = await bank.pay("4000008400001629")

    ended = await bank.gateway.answer_challenge(paid.id, "authenticated")

    assert ended.state == "failed"
    assert ended.decline
    assert ended.decline.decline_code == "generic_decline"
    assert bank.kinds == ["payment.failed"]


async def test_declining_at_the_bank_ends_the_payment(bank: Bank) -> None:
    paid = await bank.pay(THREE_DS)

    ended = await bank.gateway.answer_challenge(paid.id, "failed")

    assert ended.state == "failed"
    assert ended.decline
    assert ended.decline.code == "authentication_failed"
    with pytest.raises(IllegalPaymentStep):
        await bank.gateway.answer_challenge(paid.id, "authenticated")
    with pytest.raises(Declined):
        await bank.pay(THREE_DS)


async def test_silence_at_the_bank_expires_on_time(bank: Bank) -> None:
    paid = await bank.pay(THREE_DS, expires_at=bank.in_s(900))

    await bank.later(899)
    assert bank.kinds == []
    await bank.later(1)

    assert bank.kinds == ["payment.expired"]
    with pytest.raises(IllegalPaymentStep):
        await bank.gateway.answer_challenge(paid.id, "authenticated")


async def test_a_late_answer_finds_an_expired_payment_without_any_poll(
    bank: Bank,
) -> None:
    paid = await bank.pay(THREE_DS)
    bank.clock.advance(900)

    with pytest.raises(IllegalPaymentStep) as told:
        await bank.gateway.answer_challenge(paid.id, "authenticated")

    assert told.value.details["from"] == "expired"
    assert bank.kinds == []
    await bank.later(0)
    assert bank.kinds == ["payment.expired"]


async def test_the_shop_may_stop_waiting_for_the_customer(bank: Bank) -> None:
    paid = await bank.pay(THREE_DS)

    ended = await bank.gateway.void("void", paid.id)

    assert ended.state == "expired"
    await bank.later(1000)
    assert bank.kinds == []
