"""A loyalty account as its one actor keeps it: no point lost, none booked twice."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import permutations

import pytest

from commerce.errors import HoldLapsed
from commerce.ledger import Entry, add_up
from commerce.member import LoyaltyState
from commerce.purse import NotEnoughPoints, available, held, sums
from messages.base import Command, Unavailable
from messages.loyalty import (
    ActivateEarned,
    AdjustPoints,
    CountOrder,
    EarnPending,
    GetHistory,
    GetLoyalty,
    GetMembership,
    HoldPoints,
    Membership,
    ReleasePoints,
    RestoreSpent,
    ReverseEarned,
    ReviewLoyalty,
    SpendPoints,
    UncountOrder,
    UnuseCoupon,
    UseCoupon,
)
from store.port import Away
from tests.actors.club import DAY_S, Club, club, leap


@pytest.fixture
async def node() -> AsyncIterator[Club]:
    async with club() as running:
        yield running


async def say(node: Club, *commands: Command[None]) -> None:
    for each in commands:
        await node.ask("ann", each)


async def account(node: Club) -> LoyaltyState:
    return await node.ask("ann", GetLoyalty())


async def ledger(node: Club) -> Sequence[Entry]:
    return (await node.ask("ann", GetHistory(limit=100))).entries


def gift(points: int, effect: str = "gift") -> AdjustPoints:
    return AdjustPoints(effect, points, "welcome")


def delivered(order_id: str, points: int) -> tuple[Command[None], ...]:
    return CountOrder(order_id, points), ActivateEarned(order_id)


async def test_who_never_ordered_has_nothing_and_is_not_stored(node: Club) -> None:
    member = await node.ask("ann", GetMembership())

    assert member == Membership(user_id="ann", tier="bronze")
    assert node.storage.documents.get("loyalty", {}) == {}


async def test_points_are_pending_until_the_order_is_delivered(node: Club) -> None:
    await say(node, CountOrder("first", 120))
    before = await account(node)

    await say(node, ActivateEarned("first"))

    after = await account(node)
    assert (before.balance, before.pending) == (0, 120)
    assert (after.balance, after.pending, after.earned_lifetime) == (120, 0, 120)


async def test_every_step_said_twice_books_once(node: Club) -> None:
    steps = (
        gift(500),
        *delivered("first", 300),
        HoldPoints("second", 400),
        SpendPoints("second"),
        RestoreSpent("second", "back", 100),
        ReverseEarned("first", "back", 50),
        UseCoupon("second", "TENTH"),
        CountOrder("second"),
    )
    await say(node, *steps)
    once, told = await account(node), await ledger(node)

    await say(node, *steps, *steps)

    assert await account(node) == once
    assert await ledger(node) == told


EARLY = (
    CountOrder("first", 300),
    ActivateEarned("first"),
    ReverseEarned("first", "back", 100),
)


@pytest.mark.parametrize("steps", [*permutations(EARLY)])
async def test_steps_that_come_too_early_wait_for_what_they_build_on(
    node: Club, steps: Sequence[Command[None]]
) -> None:
    await say(node, *steps)

    found = await account(node)
    assert (found.balance, found.pending, found.debt) == (200, 0, 0)
    assert found.waiting == {}
    assert add_up(await ledger(node)) == sums(found)


async def test_points_restored_before_they_are_known_to_be_spent_come_back(
    node: Club,
) -> None:
    await say(node, gift(500), HoldPoints("first", 200))
    await say(node, RestoreSpent("first", "back", 200), SpendPoints("first"))

    assert (await account(node)).balance == 500


async def test_an_order_that_earned_nothing_keeps_nothing_waiting(node: Club) -> None:
    await say(node, CountOrder("first", 0), ReverseEarned("first", "cancel", 0))

    assert (await account(node)).waiting == {}


async def test_what_an_older_server_promised_counts_the_order_once(node: Club) -> None:
    await say(node, CountOrder("first"), EarnPending("second", 30))
    await say(node, CountOrder("second", 30), EarnPending("second", 30))

    assert (await account(node)).pending == 30
    assert (await node.ask("ann", GetMembership())).orders == 2


async def test_twenty_redemptions_of_one_balance_never_take_more_than_it(
    node: Club,
) -> None:
    await say(node, gift(500))

    holds = [
        node.ask("ann", HoldPoints(f"order-{number}", 100)) for number in range(20)
    ]
    ends = await asyncio.gather(*holds, return_exceptions=True)

    assert sum(each is None for each in ends) == 5
    assert sum(isinstance(each, NotEnoughPoints) for each in ends) == 15
    found = await account(node)
    assert (found.balance, held(found), available(found)) == (500, 500, 0)


async def test_what_an_order_holds_is_not_in_its_own_way(node: Club) -> None:
    await say(node, gift(500), HoldPoints("first", 400))

    anybody = await node.ask("ann", GetMembership())
    itself = await node.ask("ann", GetMembership(besides="first"))

    assert (anybody.points, itself.points) == (100, 500)
    assert anybody.balance == itself.balance == 500


async def test_released_points_are_there_again_and_the_order_holds_no_more(
    node: Club,
) -> None:
    await say(node, gift(500), HoldPoints("first", 400), ReleasePoints("first"))

    assert available(await account(node)) == 500
    for late in (HoldPoints("first", 400), SpendPoints("first")):
        with pytest.raises(HoldLapsed):
            await node.ask("ann", late)


async def test_a_release_that_comes_after_the_money_changes_nothing(
    node: Club,
) -> None:
    await say(node, gift(500), HoldPoints("first", 400), SpendPoints("first"))

    await say(node, ReleasePoints("first"), SpendPoints("first"))

    assert (await account(node)).balance == 100


async def test_a_release_heard_first_keeps_a_late_hold_out(node: Club) -> None:
    await say(node, gift(500), ReleasePoints("first"))

    with pytest.raises(HoldLapsed):
        await node.ask("ann", HoldPoints("first", 400))

    assert available(await account(node)) == 500


async def test_points_become_a_tier_and_expire_unasked(node: Club) -> None:
    await say(node, *delivered("first", 600))
    assert (await node.ask("ann", GetMembership())).tier == "silver"

    await leap(node, 366 * DAY_S)

    stored = node.storage.documents["loyalty"]["ann"]
    assert (stored["balance"], stored["lots"]) == (0, {})
    assert (await ledger(node))[0].kind == "expire"


async def test_a_tier_ends_unasked_after_its_year_and_the_days_of_grace(
    node: Club,
) -> None:
    await say(node, *delivered("first", 600))

    await leap(node, 380 * DAY_S)
    in_grace = node.storage.documents["loyalty"]["ann"]["tier"]["tier"]
    await leap(node, 20 * DAY_S)

    after = node.storage.documents["loyalty"]["ann"]["tier"]["tier"]
    assert (in_grace, after) == ("silver", "bronze")


async def test_what_is_over_is_not_shown_even_before_the_review(node: Club) -> None:
    await say(node, gift(500))
    node.clock.advance(365 * DAY_S)

    member = await node.ask("ann", GetMembership())

    assert (member.points, member.balance) == (0, 0)
    with pytest.raises(NotEnoughPoints):
        await node.ask("ann", HoldPoints("first", 100))


async def test_a_review_that_finds_nothing_writes_nothing(node: Club) -> None:
    await say(node, gift(500))
    rev = node.storage.documents["loyalty"]["ann"]["rev"]

    await say(node, ReviewLoyalty())

    assert node.storage.documents["loyalty"]["ann"]["rev"] == rev


async def test_held_points_do_not_expire_until_they_come_back(node: Club) -> None:
    await say(node, gift(500), HoldPoints("first", 500))
    await leap(node, 366 * DAY_S)
    assert (await account(node)).balance == 500

    await say(node, ReleasePoints("first"))
    await leap(node, 1)

    assert (await account(node)).balance == 0
    assert add_up(await ledger(node)) == sums(await account(node))


async def test_the_account_and_its_reminder_outlive_a_restart(node: Club) -> None:
    await say(node, *delivered("first", 600))

    await node.restart()

    assert (await account(node)).balance == 600
    await leap(node, 366 * DAY_S)
    assert node.storage.documents["loyalty"]["ann"]["balance"] == 0


async def test_a_balance_does_not_become_negative_by_hand(node: Club) -> None:
    await say(node, gift(100))

    with pytest.raises(NotEnoughPoints):
        await node.ask("ann", gift(-101, "take"))

    await say(node, gift(-100, "take"))
    assert (await account(node)).balance == 0


async def test_history_is_told_newest_first_and_page_by_page(node: Club) -> None:
    await say(node, *(gift(100 + number, f"gift-{number}") for number in range(7)))

    first = await node.ask("ann", GetHistory(limit=3))
    third = await node.ask("ann", GetHistory(limit=3, offset=6))
    beyond = await node.ask("ann", GetHistory(limit=3, offset=7))

    assert [each.points for each in first.entries] == [106, 105, 104]
    assert ([each.points for each in third.entries], third.total) == ([100], 7)
    assert (beyond.entries, beyond.total) == ((), 7)
    assert first.entries[0].note == "welcome"


async def test_a_long_history_is_sealed_and_still_adds_up(node: Club) -> None:
    for number in range(400):
        await node.ask("ann", gift(1, f"gift-{number}"))
    await node.restart()

    pages = [
        await node.ask("ann", GetHistory(limit=100, offset=offset))
        for offset in range(0, 400, 100)
    ]

    entries = [each for page in pages for each in page.entries]
    assert len({each.id for each in entries}) == pages[0].total == 400
    assert add_up(entries) == sums(await account(node))
    assert node.storage.documents["loyalty"]["ann"]["sealed_to"] > 0


async def test_coupons_and_orders_are_noted_in_whatever_order_they_come(
    node: Club,
) -> None:
    await say(node, UseCoupon("first", "TENTH"), CountOrder("first"))
    await say(node, UnuseCoupon("second", "TENTH"), UseCoupon("second", "TENTH"))
    await say(node, UncountOrder("second"), CountOrder("second"))

    found = await account(node)
    assert found.coupon_uses == {"TENTH": ("first",)}
    assert (await node.ask("ann", GetMembership())).orders == 1


async def test_a_cancelled_order_uses_and_counts_no_more(node: Club) -> None:
    await say(node, UseCoupon("first", "TENTH"), CountOrder("first"))

    await say(node, UnuseCoupon("first", "TENTH"), UncountOrder("first"))

    assert (await account(node)).coupon_uses == {}
    assert (await node.ask("ann", GetMembership())).orders == 0


async def test_a_failed_commit_books_nothing(node: Club) -> None:
    await say(node, gift(500))
    node.storage.fail_next(Away("gone"))

    with pytest.raises(Unavailable):
        await node.ask("ann", HoldPoints("first", 100))

    assert available(await account(node)) == 500
    await say(node, HoldPoints("first", 100))
    assert available(await account(node)) == 400
