"""Payments: split without a cent lost, refunded never above what was taken."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from commerce.errors import CommerceError, IllegalTransition
from commerce.payment import (
    PAYMENT,
    Means,
    PaymentStatus,
    Refund,
    RefundTooHigh,
    Tender,
    captured,
    moved,
    plan,
    refund_moved,
    refund_shares,
    refunded,
    refunding,
    status,
)

TOLD = json.loads((Path(__file__).parents[2] / "data" / "coupons.json").read_text())[
    "payment_instruments"
]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
CARD = Means("card-1", "card", brand="visa", last_four="4242")


def gift(id: str, balance: int) -> Means:
    return Means(id, "gift_card", balance)


def taken(*amounts: int) -> tuple[Tender, ...]:
    return tuple(
        moved(
            moved(Tender(id=f"t{n}", kind="card", amount=each), "authorized"),
            "captured",
        )
        for n, each in enumerate(amounts)
    )


# Planning

gifts = st.lists(st.integers(0, 9000), max_size=2).map(
    lambda balances: [gift(f"gift-{n}", each) for n, each in enumerate(balances)]
)


@given(st.integers(0, 20_000), gifts)
def test_the_tenders_add_up_to_the_total(total: int, gift_cards: list[Means]) -> None:
    tenders = plan(total, gift_cards, CARD)

    assert sum(each.amount for each in tenders) == total
    assert all(each.amount > 0 for each in tenders)
    balances = {each.id: each.balance for each in gift_cards}
    assert all(
        each.amount <= balances[each.id] for each in tenders if each.kind == "gift_card"
    )


def test_gift_cards_go_first_and_the_card_pays_the_rest() -> None:
    tenders = plan(9000, [gift("a", 5000), gift("b", 2500)], CARD)

    assert [(each.id, each.amount) for each in tenders] == [
        ("a", 5000), ("b", 2500), ("card-1", 1500),
    ]  # fmt: skip
    assert (tenders[2].brand, tenders[2].last_four) == ("visa", "4242")


def test_what_is_not_needed_is_not_charged() -> None:
    tenders = plan(3000, [gift("a", 5000), gift("b", 2500)], CARD)

    assert [(each.id, each.amount) for each in tenders] == [("a", 3000)]


def test_nothing_to_pay_needs_no_means() -> None:
    assert plan(0, [], None) == ()
    assert status(()) == "none"


def test_gift_cards_that_do_not_cover_it_need_another_means() -> None:
    with pytest.raises(CommerceError) as refused:
        plan(6000, [gift("a", 5000)], None)

    assert refused.value.code == "payment_method_required"


@pytest.mark.parametrize("ids", [("a", "b", "c"), ("a", "a")])
def test_two_different_gift_cards_are_the_most(ids: tuple[str, ...]) -> None:
    with pytest.raises(CommerceError) as refused:
        plan(6000, [gift(each, 100) for each in ids], CARD)

    assert refused.value.code == "too_many_gift_cards"


# States


@pytest.mark.parametrize("now", get_args(PaymentStatus))
@pytest.mark.parametrize("to", get_args(PaymentStatus))
def test_a_payment_moves_only_where_a_way_leads(
    now: PaymentStatus, to: PaymentStatus
) -> None:
    tender = Tender(id="t", kind="card", amount=500, status=now)

    if to == now:
        assert moved(tender, to) is tender
    elif to in PAYMENT[now]:
        assert moved(tender, to).status == to
    else:
        with pytest.raises(IllegalTransition):
            moved(tender, to)


def test_only_what_is_captured_counts_as_taken() -> None:
    waiting = Tender(id="t", kind="card", amount=500, status="authorized")

    assert captured([waiting]) == 0
    assert captured([moved(waiting, "captured")]) == 500


@pytest.mark.parametrize(
    ("now", "whole"),
    [
        (["captured", "captured"], "captured"),
        (["captured", "requires_action"], "requires_action"),
        (["authorized", "processing"], "processing"),
        (["authorized", "failed"], "failed"),
        (["authorized", "created"], "created"),
        (["voided", "expired"], "expired"),
    ],
)
def test_a_payment_is_as_far_as_its_slowest_tender(
    now: list[PaymentStatus], whole: str
) -> None:
    tenders = [
        Tender(id="t", kind="card", amount=5, status=each, captured=5) for each in now
    ]

    assert status(tenders) == whole


# Refunds


@given(st.lists(st.integers(1, 50_000), min_size=1, max_size=3), st.data())
def test_a_refund_is_split_without_losing_a_cent(
    amounts: list[int], data: st.DataObject
) -> None:
    tenders = taken(*amounts)
    amount = data.draw(st.integers(0, sum(amounts)))

    shares = refund_shares(tenders, amount)

    assert sum(shares) == amount
    assert all(0 <= share <= most for share, most in zip(shares, amounts, strict=True))
    exact = [amount * each / sum(amounts) for each in amounts]
    assert all(abs(share - each) < 1 for share, each in zip(shares, exact, strict=True))


def test_tenders_are_refunded_in_proportion_the_largest_remainder_first() -> None:
    assert refund_shares(taken(5000, 2500, 1500), 100) == (55, 28, 17)


def test_no_more_goes_back_than_was_taken() -> None:
    with pytest.raises(RefundTooHigh):
        refund_shares(taken(500), 501)


def test_a_refund_that_fails_later_is_owed_again() -> None:
    tenders, (refund,) = refunding(taken(500), 500, refund_id="r", reason="cancel")
    assert status(tenders) == "refunded"

    tenders, refund = refund_moved(tenders, refund, "succeeded")
    tenders, refund = refund_moved(tenders, refund, "failed")

    assert (refunded(tenders), status(tenders), refund.status) == (
        0, "captured", "failed",
    )  # fmt: skip


def test_the_same_news_of_a_refund_changes_nothing() -> None:
    tenders, (refund,) = refunding(taken(500), 200, refund_id="r", reason="cancel")

    once = refund_moved(tenders, refund, "failed")

    assert refund_moved(once[0], once[1], "failed") == once


def test_a_refund_that_failed_does_not_succeed_later() -> None:
    tenders, (refund,) = refunding(taken(500), 200, refund_id="r", reason="cancel")
    tenders, refund = refund_moved(tenders, refund, "failed")

    with pytest.raises(IllegalTransition):
        refund_moved(tenders, refund, "succeeded")


class Refunds(RuleBasedStateMachine):
    """Any run of refunds that are asked, arrive, fail, and fail after all."""

    def __init__(self) -> None:
        super().__init__()
        self.tenders = taken(4000, 2500, 1)
        self.refunds: dict[str, Refund] = {}

    @rule(amount=st.integers(0, 4000))
    def ask(self, amount: int) -> None:
        left = captured(self.tenders) - refunded(self.tenders)
        try:
            self.tenders, asked = refunding(
                self.tenders, amount, refund_id=str(len(self.refunds)), reason="r"
            )
        except RefundTooHigh:
            assert amount > left
            return
        assert sum(each.amount for each in asked) == amount
        self.refunds |= {each.id: each for each in asked}

    @precondition(lambda self: self.refunds)
    @rule(data=st.data(), to=st.sampled_from(["succeeded", "failed"]))
    def hear(self, data: st.DataObject, to: Any) -> None:
        refund = self.refunds[data.draw(st.sampled_from(sorted(self.refunds)))]
        try:
            self.tenders, told = refund_moved(self.tenders, refund, to)
        except IllegalTransition:
            return
        self.refunds[told.id] = told

    @invariant()
    def what_goes_back_is_what_the_refunds_carry(self) -> None:
        carried = sum(e.amount for e in self.refunds.values() if e.status != "failed")
        assert carried == refunded(self.tenders)

    @invariant()
    def no_tender_gets_more_than_it_gave(self) -> None:
        assert all(0 <= each.refunded <= each.captured for each in self.tenders)
        whole = {0: "captured", 6501: "refunded"}
        there = refunded(self.tenders)
        assert status(self.tenders) == whole.get(there, "partially_refunded")


TestRefunds = Refunds.TestCase
