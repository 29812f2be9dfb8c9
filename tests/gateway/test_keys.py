"""Keys: the same call twice is once, and a lost answer is found again."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from commerce.errors import CommerceError
from gateway.errors import (
    Declined,
    GatewayAway,
    GatewayKeyReused,
    GatewayTimeout,
    IllegalPaymentStep,
)
from gateway.mock import Settings
from tests.gateway.bank import (
    CHARGED_UNHEARD,
    DECLINED,
    GOOD,
    UNHEARD,
    Bank,
)

Call = Callable[[Bank, str], Awaitable[object]]


async def test_the_same_charge_twice_is_one_payment(bank: Bank) -> None:
    first = await bank.pay(GOOD)
    second = await bank.pay(GOOD)

    assert first == second
    assert (await bank.gateway.payments()).total == 1


async def test_a_repeat_may_wait_longer_and_return_elsewhere(bank: Bank) -> None:
    first = await bank.pay(GOOD)

    second = await bank.pay(GOOD, expires_at=bank.in_s(1), return_url="/x")

    assert first == second


async def test_a_refused_charge_is_refused_again(bank: Bank) -> None:
    for _ in range(2):
        with pytest.raises(Declined):
            await bank.pay(DECLINED)

    assert (await bank.gateway.payments()).total == 1


@pytest.mark.parametrize(
    "changed",
    [{"amount": 999}, {"order_id": "b"}, {"user_id": "bob"}, {"currency": "EUR"}],
    ids=lambda changed: next(iter(changed)),
)
async def test_a_key_with_another_charge_is_refused(
    bank: Bank, changed: dict[str, Any]
) -> None:
    first = await bank.pay(GOOD)

    with pytest.raises(GatewayKeyReused):
        await bank.pay(GOOD, **changed)

    assert await bank.gateway.look_up("pay") == first


async def test_of_many_charges_at_once_with_one_key_one_is_made(bank: Bank) -> None:
    turns = Random(3)
    bank.ledger.turns = lambda: turns.randrange(4)

    paid = await asyncio.gather(*(bank.pay(GOOD) for _ in range(20)))

    assert len({each.id for each in paid}) == 1
    assert (await bank.gateway.payments()).total == 1


@pytest.mark.parametrize("code", [GOOD, "GIFT-5000-AAAA"])
async def test_every_step_at_once_twenty_times_is_one_step(
    bank: Bank, code: str
) -> None:
    turns = Random(4)
    bank.ledger.turns = lambda: turns.randrange(4)
    gateway = bank.gateway
    paid = await bank.pay(code)

    await asyncio.gather(*(gateway.capture("take", paid.id, 1000) for _ in range(20)))
    backs = await asyncio.gather(
        *(gateway.refund("back", paid.id, 400) for _ in range(20))
    )

    after = await gateway.payment(paid.id)
    assert (after.captured, after.refunded) == (1000, 400)
    assert len({back.id for back in backs}) == 1


async def test_capture_and_void_at_once_do_not_both_happen(bank: Bank) -> None:
    paid = await bank.pay("GIFT-5000-AAAA")

    ends = await asyncio.gather(
        bank.gateway.capture("take", paid.id, 1000),
        bank.gateway.void("void", paid.id),
        return_exceptions=True,
    )

    assert sum(isinstance(end, CommerceError) for end in ends) == 1
    balance = await bank.gateway.balance(paid.instrument.token)
    assert balance.available + balance.spent == 5000


async def test_a_key_stands_for_one_kind_of_step(bank: Bank) -> None:
    paid = await bank.pay(GOOD)
    await bank.gateway.capture("take", paid.id, 1000)

    with pytest.raises(GatewayKeyReused):
        await bank.gateway.refund("take", paid.id, 1000)
    with pytest.raises(GatewayKeyReused):
        await bank.gateway.capture("take", paid.id, 999)
    with pytest.raises(GatewayKeyReused):
        await bank.pay(GOOD, "take")


async def test_a_key_stands_for_one_payment(bank: Bank) -> None:
    first, second = await bank.pay(GOOD, "one"), await bank.pay(GOOD, "two")
    await bank.gateway.capture("take", first.id, 1000)

    with pytest.raises(GatewayKeyReused):
        await bank.gateway.capture("take", second.id, 1000)

    assert (await bank.gateway.payment(second.id)).state == "authorized"


async def test_a_step_told_again_tells_how_the_payment_stands_now(bank: Bank) -> None:
    paid = await bank.captured(GOOD)
    await bank.gateway.refund("back", paid.id, 1000)

    assert (await bank.pay(GOOD)).state == "refunded"
    assert (await bank.gateway.capture("pay/take", paid.id, 1000)).state == "refunded"


async def test_a_payment_is_found_by_the_key_of_any_step(bank: Bank) -> None:
    paid = await bank.captured(GOOD)

    assert await bank.gateway.look_up("pay") == paid
    assert await bank.gateway.look_up("pay/take") == paid
    assert await bank.gateway.look_up("other") is None


# Time-outs


async def test_a_charge_that_happened_unheard_is_found_and_not_repeated(
    bank: Bank,
) -> None:
    with pytest.raises(GatewayTimeout):
        await bank.pay(CHARGED_UNHEARD)

    found = await bank.gateway.look_up("pay")
    again = await bank.pay(CHARGED_UNHEARD)

    assert found == again
    assert found
    assert found.state == "authorized"
    assert (await bank.gateway.payments()).total == 1


async def test_a_charge_that_never_arrived_is_made_by_the_repeat(bank: Bank) -> None:
    with pytest.raises(GatewayTimeout):
        await bank.pay(UNHEARD)
    assert await bank.gateway.look_up("pay") is None
    assert bank.ledger.pages == {}

    paid = await bank.pay(UNHEARD)

    assert paid.state == "authorized"
    assert await bank.pay(UNHEARD) == paid


async def test_a_restart_may_lose_it_again_but_never_charges_twice(bank: Bank) -> None:
    for _ in range(2):
        with pytest.raises(GatewayTimeout):
            await bank.pay(UNHEARD)
        bank.start()

    assert bank.ledger.pages == {}


async def capture(bank: Bank, payment_id: str) -> object:
    return await bank.gateway.capture("step", payment_id, 1000)


async def void(bank: Bank, payment_id: str) -> object:
    return await bank.gateway.void("step", payment_id)


@pytest.mark.parametrize("call", [capture, void])
async def test_a_lost_answer_is_unknown_and_look_up_tells_the_truth(
    bank: Bank, call: Call
) -> None:
    paid = await bank.pay(GOOD)
    bank.ledger.fault = lambda: "after"
    with pytest.raises(GatewayTimeout):
        await call(bank, paid.id)
    bank.mend()

    found = await bank.gateway.look_up("step")
    await call(bank, paid.id)

    assert found
    assert found.state in {"captured", "voided"}
    assert await bank.gateway.look_up("step") == found


async def test_a_lost_request_is_unknown_and_look_up_tells_the_truth(
    bank: Bank,
) -> None:
    bank.ledger.fault = lambda: "before"
    with pytest.raises(GatewayTimeout):
        await bank.pay(GOOD)
    bank.mend()

    assert await bank.gateway.look_up("pay") is None
    assert (await bank.pay(GOOD)).state == "authorized"


async def test_a_ledger_that_is_away_cannot_be_asked(bank: Bank) -> None:
    paid = await bank.pay(GOOD)
    token = await bank.token("GIFT-5000-AAAA")
    bank.ledger.away = True

    for asked in (
        bank.gateway.look_up("pay"),
        bank.gateway.payment(paid.id),
        bank.gateway.payments(),
        bank.gateway.balance(token),
        bank.gateway.wake(bank.clock.now()),
    ):
        with pytest.raises(GatewayAway):
            await asked
    with pytest.raises(GatewayTimeout):
        await bank.gateway.capture("take", paid.id, 1000)


# Settings


async def test_every_call_to_the_bank_takes_the_set_time() -> None:
    bank = Bank(settings=Settings(latency_s=2))
    charge = await bank.charge(GOOD)

    paid = await bank.turning(bank.gateway.authorise("pay", charge), 2)
    taken = await bank.turning(bank.gateway.capture("take", paid.id, 1000), 2)

    assert taken.state == "captured"
    assert await bank.given_up(bank.gateway.look_up("pay"))


async def test_a_set_share_of_good_cards_is_declined_for_good() -> None:
    bank = Bank(settings=Settings(decline_rate=0.3))
    declined = []

    for number in range(200):
        try:
            await bank.pay(GOOD, f"key-{number}")
        except Declined:
            declined.append(f"key-{number}")

    assert 40 <= len(declined) <= 80
    with pytest.raises(Declined):
        await bank.pay(GOOD, declined[0])


async def test_what_was_just_set_aside_is_taken_without_reading_it(bank: Bank) -> None:
    payment = await bank.pay(GOOD)
    reads = bank.ledger.reads

    captured = await bank.gateway.capture("c", payment.id, payment.amount)

    assert captured.state == "captured"
    assert bank.ledger.reads == reads
    assert (await bank.gateway.payment(payment.id)) == captured


async def test_what_another_process_let_go_is_not_taken(bank: Bank) -> None:
    payment = await bank.pay(GOOD)
    here, elsewhere = bank.gateway, bank.start()
    voided = await elsewhere.void("v", payment.id)

    with pytest.raises(IllegalPaymentStep, match="voided"):
        await here.capture("c", payment.id, payment.amount)

    assert (await here.payment(payment.id)) == voided


async def test_what_another_process_took_is_not_taken_again(bank: Bank) -> None:
    payment = await bank.pay(GOOD)
    here, elsewhere = bank.gateway, bank.start()
    captured = await elsewhere.capture("c", payment.id, payment.amount)

    assert await here.capture("c", payment.id, payment.amount) == captured
