"""One coupon code: counts its uses, so that none is one too many.

RULES.md section 3. N buyers at once of a coupon that may be used K times redeem it
exactly K times, because this actor alone decides, one of them at a time.
"""

from collections.abc import Callable
from typing import assert_never

from msgspec.structs import replace

from actors.runtime import Actor, Kind
from commerce import coupon_use as rules
from commerce.coupon import Coupon, checked
from commerce.coupon_check import Offered, closed
from commerce.coupon_refusals import CouponChanged, CouponExists, CouponNotFound
from commerce.coupon_use import CouponUse
from messages.coupon import (
    ChangeCoupon,
    CouponAccount,
    CouponCommand,
    DefineCoupon,
    GetCoupon,
    RedeemCoupon,
    ReleaseCoupon,
    ReserveCoupon,
    SettleCoupon,
)

COLLECTION = "coupons"

Answer = Offered | Coupon | CouponAccount | None


class KeptCoupon(CouponUse, frozen=True, kw_only=True):
    """A coupon and its uses, as they are stored; without a coupon there is none."""

    coupon: Coupon | None = None
    version: int = 0


class CouponActor(Actor[CouponCommand, KeptCoupon]):
    """Owns one code; key = code, normalised."""

    def initial(self, key: str) -> KeptCoupon:
        """Return what is known of a code that is no coupon's."""
        return KeptCoupon(code=key)

    def adopt(self, found: KeptCoupon) -> KeptCoupon:
        """Take over what somebody wrote by hand, under a version of its own."""
        return replace(found, version=max(self.state.version, found.version) + 1)

    def woke(self) -> None:
        """Give up the reservations whose time is over."""
        self._become(rules.lapse(self.state, self.clock.now()))
        self.remind(rules.next_expiry(self.state))

    def receive(self, command: CouponCommand) -> Answer:
        """Answer with the coupon as it then is."""
        match command:
            case GetCoupon():
                return self._offered(command)
            case ReserveCoupon():
                return self._reserve(command)
            case DefineCoupon() | ChangeCoupon():
                return self._define(command)
            case RedeemCoupon() | ReleaseCoupon() | SettleCoupon():
                self._become(self._moved(command))
                return None
            case _:
                assert_never(command)

    def _offered(self, command: GetCoupon) -> Offered:
        standing = rules.standing(
            self.state, command.user_id, self.clock.now(), besides=command.besides
        )
        return Offered(self.key, self.state.coupon, standing)

    def _reserve(self, command: ReserveCoupon) -> Coupon:
        now, coupon = self.clock.now(), self._coupon()
        if command.order_id not in {*self.state.reserved, *self.state.redeemed}:
            for refusal in closed(coupon, now):
                raise refusal
        self._become(
            rules.reserve(
                self.state,
                coupon,
                command.order_id,
                command.user_id,
                now=now,
                expires_at=command.until,
            )
        )
        return coupon

    def _moved(
        self, command: RedeemCoupon | ReleaseCoupon | SettleCoupon
    ) -> KeptCoupon:
        match command:
            case RedeemCoupon(order_id):
                return rules.redeem(self.state, order_id)
            case ReleaseCoupon(order_id, restore):
                give = rules.give_back if restore else rules.release
                return give(self.state, order_id)
            case SettleCoupon(order_id):
                return rules.settle(self.state, order_id)

    def _define(self, command: DefineCoupon | ChangeCoupon) -> CouponAccount:
        coupon, version = checked(command.coupon), self.state.version
        kept = self.state
        if isinstance(command, DefineCoupon):
            if kept.coupon is not None:
                raise CouponExists(f"{self.key} is a coupon already", code=self.key)
            kept = replace(kept, used=coupon.used_count)
        elif self._coupon() and command.expected_version not in {None, version}:
            raise CouponChanged(
                f"{self.key} is at version {version}, not {command.expected_version}",
                version=version,
            )
        # Uses are counted in one place; what a coupon tells is where it begins.
        coupon = replace(coupon, used_count=0)
        if coupon != kept.coupon:
            self._become(replace(kept, coupon=coupon, version=version + 1))
        return CouponAccount(
            coupon=coupon,
            version=self.state.version,
            used=self.state.used,
            reserved=len(rules.lapse(self.state, self.clock.now()).reserved),
        )

    def _coupon(self) -> Coupon:
        if self.state.coupon is None:
            raise CouponNotFound(f"there is no coupon {self.key}", code=self.key)
        return self.state.coupon

    def _become(self, kept: KeptCoupon) -> None:
        if kept is self.state:
            return
        if (due := rules.next_expiry(kept)) != rules.next_expiry(self.state):
            self.remind(due)
        self.become(kept)


def coupon_kind() -> Kind:
    """Return what the runtime must know of coupons."""
    make: Callable[[], CouponActor] = CouponActor
    return Kind(
        name="coupon",
        actor=make,
        state=KeptCoupon,
        commands=CouponCommand,
        collection=COLLECTION,
        # A flash sale's whole crowd asks one code at once.
        mailbox=10_000,
        reminds=True,
    )
