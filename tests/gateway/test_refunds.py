"""Refunds: in parts, never too much, and the ones that change their mind."""

import asyncio

import pytest

from commerce.payment import RefundTooHigh
from gateway.errors import IllegalPaymentStep, InvalidAmount
from tests.gateway.bank import GOOD, REFUND_FLIPS, REFUND_PENDING, Bank


async def test_money_goes_back_in_parts_until_nothing_is_left(bank: Bank) -> None:
    paid = await bank.captured(GOOD)

    part = await bank.gateway.refund("part", paid.id, 300)
    after_part = await bank.gateway.payment(paid.id)
    await bank.gateway.refund("rest", paid.id, 700)
    after_all = await bank.gateway.payment(paid.id)

    assert (part.amount, part.status, part.key) == (300, "succeeded", "part")
    assert (after_part.state, after_part.left) == ("partially_refunded", 700)
    assert (after_all.state, after_all.left) == ("refunded", 0)
    assert len({refund.id for refund in after_all.refunds}) == 2


async def test_no_more_goes_back_than_was_taken(bank: Bank) -> None:
    paid = await bank.captured(GOOD)
    await bank.gateway.refund("part", paid.id, 300)

    with pytest.raises(RefundTooHigh):
        await bank.gateway.refund("more", paid.id, 701)
    with pytest.raises(InvalidAmount):
        await bank.gateway.refund("none", paid.id, 0)

    assert (await bank.gateway.payment(paid.id)).refunded == 300


async def test_of_many_refunds_at_once_none_is_too_many(bank: Bank) -> None:
    paid = await bank.captured(GOOD)

    ends = await asyncio.gather(
        *(bank.gateway.refund(f"back-{n}", paid.id, 300) for n in range(10)),
        return_exceptions=True,
    )

    assert sum(isinstance(end, RefundTooHigh) for end in ends) == 7
    assert (await bank.gateway.payment(paid.id)).refunded == 900


async def test_only_captured_money_is_refunded(bank: Bank) -> None:
    paid = await bank.pay(GOOD)

    with pytest.raises(IllegalPaymentStep):
        await bank.gateway.refund("back", paid.id, 1)


async def test_a_pending_refund_counts_and_succeeds_later(bank: Bank) -> None:
    paid = await bank.captured(REFUND_PENDING)

    back = await bank.gateway.refund("back", paid.id, 1000)
    assert back.status == "pending"
    with pytest.raises(RefundTooHigh):
        await bank.gateway.refund("more", paid.id, 1)
    await bank.later(5)

    assert bank.kinds == ["refund.succeeded"]
    assert bank.heard[0].refund
    assert bank.heard[0].refund.status == "succeeded"
    assert (await bank.gateway.payment(paid.id)).state == "refunded"


async def test_a_refund_that_fails_after_all_gives_its_amount_back(
    bank: Bank,
) -> None:
    paid = await bank.captured(REFUND_FLIPS)
    first = await bank.gateway.refund("first", paid.id, 400)
    assert first.status == "succeeded"
    await bank.later(2)
    await bank.gateway.refund("second", paid.id, 600)
    assert (await bank.gateway.payment(paid.id)).state == "refunded"

    await bank.later(3)
    after_first = await bank.gateway.payment(paid.id)
    await bank.later(2)
    after_both = await bank.gateway.payment(paid.id)

    assert bank.kinds == ["refund.failed", "refund.failed"]
    assert (after_first.state, after_first.refunded) == ("partially_refunded", 600)
    assert (after_both.state, after_both.refunded) == ("captured", 0)
    assert (await bank.gateway.refund("first", paid.id, 400)).status == "failed"
    assert (await bank.gateway.refund("third", paid.id, 1000)).status == "succeeded"
