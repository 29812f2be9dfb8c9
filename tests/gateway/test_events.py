"""Events: told at least once, in order, by one node, whatever crashes between."""

import asyncio
from datetime import timedelta

import pytest

from gateway.mock import MockGateway
from gateway.payment import PaymentEvent
from messages.base import Unavailable
from tests.gateway.bank import (
    DISPUTED,
    REFUND_FLIPS,
    THREE_DS,
    Bank,
)


async def test_an_event_is_told_once_to_who_hears_it(bank: Bank) -> None:
    await bank.pay("success@mock")

    for _ in range(5):
        await bank.later(100)

    assert bank.kinds == ["payment.captured"]
    assert all(page.due is None for page in bank.ledger.pages.values())


async def test_an_event_not_heard_is_told_again_less_and_less_often(
    bank: Bank,
) -> None:
    bank.deaf = True
    paid = await bank.pay("success@mock")
    await bank.later(2)
    assert bank.heard == []

    times = []
    for _ in range(4):
        due = bank.ledger.pages[paid.id].due
        assert due
        times.append((due - bank.clock.now()).total_seconds())
        await bank.later(times[-1])
    bank.deaf = False
    await bank.later(3600)

    assert times == [10, 20, 40, 80]
    assert bank.kinds == ["payment.captured"]


async def test_events_of_one_payment_keep_their_order_and_ids(bank: Bank) -> None:
    paid = await bank.captured(REFUND_FLIPS)
    bank.deaf = True
    await bank.gateway.refund("one", paid.id, 100)
    await bank.later(1)
    await bank.gateway.refund("two", paid.id, 200)
    await bank.later(30)
    bank.deaf = False

    await bank.later(30)

    assert [event.refund.key for event in bank.heard if event.refund] == ["one", "two"]
    assert [event.id for event in bank.heard] == [f"{paid.id}/1", f"{paid.id}/2"]


async def test_events_wait_for_the_first_follower(bank: Bank) -> None:
    paid = await bank.pay(THREE_DS)
    silent = bank.start()
    bank.leave()
    await silent.answer_challenge(paid.id, "authenticated")
    assert bank.heard == []

    silent.follow(bank.hear)
    await bank.later(10)

    assert bank.kinds == ["payment.authorized"]


async def test_who_left_hears_no_more(bank: Bank) -> None:
    heard: list[PaymentEvent] = []

    async def hear(event: PaymentEvent) -> None:
        heard.append(event)

    leave = bank.gateway.follow(hear)
    leave()
    leave()
    await bank.pay("success@mock")
    await bank.later(2)

    assert heard == []
    assert bank.kinds == ["payment.captured"]


async def test_timers_are_rebuilt_from_the_ledger_at_start(bank: Bank) -> None:
    await bank.pay("success@mock", "one")
    await bank.pay(THREE_DS, "two")
    await bank.captured(DISPUTED, "three")

    bank.start()
    await bank.later(901)

    assert sorted(bank.kinds) == [
        "dispute.opened",
        "payment.captured",
        "payment.expired",
    ]


async def test_of_two_nodes_one_tells(bank: Bank) -> None:
    other = MockGateway(bank.ledger, bank.book, bank.clock, bank.random)
    other.follow(bank.hear)
    for number in range(10):
        await bank.pay("success@mock", f"key-{number}")
    bank.clock.advance(2)

    now = bank.clock.now()
    await asyncio.gather(bank.gateway.wake(now), other.wake(now))

    assert bank.kinds == ["payment.captured"] * 10


async def test_a_listener_may_call_back(bank: Bank) -> None:
    async def take(event: PaymentEvent) -> None:
        await bank.gateway.capture(f"take/{event.id}", event.payment.id, 1000)

    bank.gateway.follow(take)
    paid = await bank.pay(THREE_DS)

    await bank.gateway.answer_challenge(paid.id, "authenticated")

    assert (await bank.gateway.payment(paid.id)).state == "captured"
    assert bank.kinds == ["payment.authorized"]
    await bank.later(1000)
    assert bank.kinds == ["payment.authorized"]


async def test_a_crash_after_telling_tells_again_under_the_same_id(bank: Bank) -> None:
    paid = await bank.pay("success@mock")
    bank.clock.advance(2)
    # First write: it is captured. Second: this node will tell. Third: it has told.
    bank.crash_after(2)
    await bank.gateway.wake(bank.clock.now())
    bank.mend()

    await bank.later(10)

    assert [event.id for event in bank.heard] == [f"{paid.id}/1"] * 2


async def test_a_bug_of_a_listener_stops_no_other_event(bank: Bank) -> None:
    async def stumble(event: PaymentEvent) -> None:
        if event.payment.key == "one":
            raise ZeroDivisionError

    bank.gateway.follow(stumble)
    for key in ("one", "two"):
        await bank.pay("success@mock", key)

    with pytest.raises(ExceptionGroup) as told:
        await bank.later(2)

    assert told.group_contains(ZeroDivisionError)
    assert len(bank.heard) == 2
    unheard = [page for page in bank.ledger.pages.values() if page.news]
    assert [page.payment.key for page in unheard] == ["one"]


async def test_a_ledger_that_fails_while_waking_loses_no_event(bank: Bank) -> None:
    await bank.pay("success@mock")
    bank.clock.advance(2)
    bank.ledger.fault = lambda: "before"
    await bank.gateway.wake(bank.clock.now())
    assert bank.heard == []
    bank.mend()

    await bank.gateway.wake(bank.clock.now())

    assert bank.kinds == ["payment.captured"]


async def test_answering_the_bank_succeeds_though_nobody_hears(bank: Bank) -> None:
    bank.deaf = True
    paid = await bank.pay(THREE_DS)

    ended = await bank.gateway.answer_challenge(paid.id, "authenticated")
    bank.deaf = False
    await bank.later(10)

    assert ended.state == "authorized"
    assert bank.kinds == ["payment.authorized"]


async def test_a_listener_in_trouble_is_told_again(bank: Bank) -> None:
    tries = 0

    async def busy(event: PaymentEvent) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise Unavailable("busy")

    bank.gateway.follow(busy)
    await bank.pay("success@mock")

    for seconds in (2, 10, 20, 3600):
        await bank.later(seconds)

    assert tries == 3


async def test_an_event_tells_when_it_happened(bank: Bank) -> None:
    asked_at = bank.clock.now()
    await bank.pay("success@mock")

    await bank.later(60)

    assert bank.heard[0].at == asked_at + timedelta(milliseconds=1500)
