"""One customer's loyalty account: points in a ledger, the tier, what coupons ask.

Decides by `commerce.member`. Points expire and tiers end by the account's own reminder;
an answer never shows what is over, however late that comes.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from actors.runtime import Actor, Kind, Log
from commerce import member as rules
from commerce import purse
from commerce.ledger import Entry
from commerce.lots import units
from commerce.member import LoyaltyState, Step
from commerce.tier import Held, Program
from messages.loyalty import (
    ActivateEarned,
    AdjustPoints,
    CountOrder,
    EarnPending,
    GetHistory,
    GetLoyalty,
    GetMembership,
    History,
    HoldPoints,
    LoyaltyCommand,
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

COLLECTION = "loyalty"

Answer = LoyaltyState | Membership | Awaitable[History] | None


class KeptLoyalty(LoyaltyState, frozen=True, kw_only=True):
    """The account as it is stored: with its ledger."""

    ledger: Log[Entry] = ()


class LoyaltyActor(Actor[LoyaltyCommand, KeptLoyalty]):
    """Owns one customer's points; key = user id."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program

    def initial(self, key: str) -> KeptLoyalty:
        """Return the account of who never ordered anything."""
        lowest = self.program.tiers[0].id
        return KeptLoyalty(user_id=key, tier=Held(lowest))

    def woke(self) -> None:
        """Let points and tier end whose time is over."""
        self._review()
        self.remind(self._due(self.state))

    def receive(self, command: LoyaltyCommand) -> Answer:
        """Answer with what is asked, or book what is said."""
        match command:
            case GetLoyalty():
                return _without_ledger(self._now()[0])
            case GetMembership(besides):
                return self._membership(besides)
            case GetHistory(limit, offset):
                return self._history(limit, offset)
            case ReviewLoyalty():
                self._review()
            case UseCoupon() | UnuseCoupon() | UncountOrder():
                self._become(self._noted(command))
            case CountOrder(order_id, points) | EarnPending(order_id, points):
                self._count(order_id, points)
            case _:
                self._book(_step(command))
        return None

    def _membership(self, besides: str) -> Membership:
        account, _ = self._now()
        own = account.orders.get(besides)
        held = purse.held(account) - (units(own.held) if own else 0)
        return Membership(
            user_id=self.key,
            tier=account.tier.tier,
            orders=rules.orders_placed(account),
            points=max(0, account.balance - held),
            balance=account.balance,
        )

    async def _history(self, limit: int, offset: int) -> History:
        total = self.log_start + len(self.state.ledger)
        last = total - 1 - offset
        first = max(0, last - limit + 1)
        found = await self.read_log(first, last) if first <= last else ()
        return History(tuple(reversed(found)), total)

    def _review(self) -> None:
        account, lines = self._now()
        self._become(purse.forget(account, self.clock.now()), lines)

    def _book(self, step: Step) -> None:
        now = self.clock.now()
        account, over = self._now()
        account, lines = rules.book(account, step, now, self.program)
        self._become(account, (*over, *lines))

    def _count(self, order_id: str, points: int) -> None:
        now = self.clock.now()
        account, lines = self._now()
        account = rules.count_order(account, order_id, now)
        earn = rules.step("earn", order_id, points=points)
        account, earned = rules.book(account, earn, now, self.program)
        self._become(account, (*lines, *earned))

    def _noted(self, command: UseCoupon | UnuseCoupon | UncountOrder) -> KeptLoyalty:
        now = self.clock.now()
        match command:
            case UseCoupon(order_id, code):
                return rules.use_coupon(self.state, order_id, code, now)
            case UnuseCoupon(order_id, code):
                return rules.unuse_coupon(self.state, order_id, code, now)
            case UncountOrder(order_id):
                return rules.uncount_order(self.state, order_id, now)

    def _now(self) -> tuple[KeptLoyalty, tuple[Entry, ...]]:
        return rules.aged(self.state, self.clock.now(), self.program)

    def _become(self, account: KeptLoyalty, lines: tuple[Entry, ...] = ()) -> None:
        before = self.state
        if account == before and not lines:
            return
        if (due := self._due(account)) != self._due(before):
            self.remind(due)
        self.become(replace(account, ledger=(*account.ledger, *lines)))

    def _due(self, account: KeptLoyalty) -> datetime | None:
        return rules.next_review(account, self.clock.now(), self.program)


Booking = (
    HoldPoints | SpendPoints | ReleasePoints | ActivateEarned
    | ReverseEarned | RestoreSpent | AdjustPoints
)  # fmt: skip


def _step(command: Booking) -> Step:
    """Return what `command` is as a step of an order."""
    match command:
        case HoldPoints(order_id, points):
            found = rules.step("hold", order_id, points=points)
        case SpendPoints(order_id):
            found = rules.step("spend", order_id)
        case ReleasePoints(order_id):
            found = rules.step("release", order_id)
        case ActivateEarned(order_id):
            found = rules.step("activate", order_id)
        case ReverseEarned(order_id, return_id, points):
            found = rules.step("reverse", order_id, why=return_id, points=points)
        case RestoreSpent(order_id, return_id, points):
            found = rules.step("restore", order_id, why=return_id, points=points)
        case AdjustPoints(effect, points, reason):
            found = rules.adjustment(effect, points, reason)
        case _:
            assert_never(command)
    return found


def _without_ledger(account: KeptLoyalty) -> LoyaltyState:
    names = LoyaltyState.__struct_fields__
    return LoyaltyState(**{name: getattr(account, name) for name in names})


def loyalty_kind(program: Program) -> Kind:
    """Return what the runtime must know of loyalty accounts."""
    make: Callable[[], LoyaltyActor] = lambda: LoyaltyActor(program)  # noqa: E731
    return Kind(
        name="loyalty",
        actor=make,
        state=KeptLoyalty,
        commands=LoyaltyCommand,
        collection=COLLECTION,
        reminds=True,
    )
