"""A hypothesis state machine over checkout: people, trouble and time in any order.

Each rule lets somebody begin something, plans trouble, or lets time pass; so what was
begun goes on together. At the end the shop comes to rest, and its books must add up.
"""

from contextlib import ExitStack, suppress
from typing import Any

import structlog
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from commerce.cart_checkout import order_of
from commerce.checkout import Journal
from commerce.errors import CommerceError
from commerce.order import ReturnLine
from commerce.returns import Inspected
from gateway.errors import IllegalPaymentStep
from gateway.instrument import GiftCode
from handlers.order_ids import cart_order_id
from messages.base import Unavailable
from messages.cart import ApplyCoupon, GetCart, RedeemPoints
from messages.order import (
    ApproveReturn,
    CancelOrder,
    CloseCheckout,
    DeliverOrder,
    GiftCardUsed,
    InspectReturn,
    OpenCheckout,
    Pay,
    PlaceOrder,
    ProcessOrder,
    ReceiveReturn,
    RequestReturn,
    ShipOrder,
)
from messages.stock import AdjustStock
from tests.actors.order_books import Broken, check
from tests.actors.order_shop import HOME, typed
from tests.actors.order_trouble import AT, Trouble
from tests.actors.order_world import (
    CODE,
    PATIENCE,
    SHIPPING_CODE,
    UNITS,
    USERS,
    OrderWorld,
)
from tests.gateway.bank import (
    CAPTURE_FAILS,
    CHARGED_UNHEARD,
    DECLINED,
    GOOD,
    REFUND_PENDING,
    SLOW,
    THREE_DS,
    UNHEARD,
)

CARDS = (
    *(GOOD,) * 5, DECLINED, DECLINED, THREE_DS, CAPTURE_FAILS, CHARGED_UNHEARD,
    UNHEARD, SLOW, REFUND_PENDING, "success@mock", "late@mock",
)  # fmt: skip
USER = st.sampled_from(USERS)
SKU = st.sampled_from(sorted(UNITS))
CARD = st.sampled_from(CARDS)
METHOD = st.sampled_from(["standard", "express"])
GIFT = st.sampled_from(["", "GIFT-2500-BBBB", "GIFT-2500-BBBB", "GIFT-9999-FULL"])
TROUBLE = st.one_of(
    [
        st.builds(Trouble, st.just(where), st.sampled_from(kinds), st.integers(0, 12))
        for where, kinds in AT.items()
    ]
)


class Checkout(RuleBasedStateMachine):
    """Two customers, two items, one coupon, one bank; anything may fail."""

    orders: Bundle[str] = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.silence = ExitStack()
        self.told = self.silence.enter_context(structlog.testing.capture_logs())

    @initialize(
        target=orders,
        seed=st.integers(0, 2**32),
        troubles=st.lists(TROUBLE, max_size=3),
        saving=st.sets(USER),
        means=st.lists(st.tuples(USER, CARD, GIFT), min_size=1, max_size=3),
    )
    def open(
        self,
        seed: int,
        troubles: list[Trouble],
        saving: set[str],
        means: list[tuple[str, str, str]],
    ) -> MultipleResults[str]:
        """Fill two carts and begin to buy them: there is something to fail at once."""
        self.world = OrderWorld(seed)
        for user, units in (("ann", 2), ("bob", 1)):
            self.world.run(self.world.add(user, "lamp", units))
            self.world.run(self.world.add(user, "pen", 3))
        for user in sorted(saving):
            self.world.run(self._saved(user))
        for each in troubles:
            self.world.troubles.plan(each)
        bought = (self.buy_by(*each, repeats=True) for each in means)
        return multiple(*bought)

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.world.run(self.world.rest())
                check(self.world)
                self.nothing_broke()
        finally:
            if hasattr(self, "world"):
                self.world.close()
            self.silence.close()

    # People

    @rule(user=USER, sku=SKU, quantity=st.integers(1, 2))
    def add(self, user: str, sku: str, quantity: int) -> None:
        self.world.begin(self.world.add(user, sku, quantity))

    @rule(user=USER)
    def save_money(self, user: str) -> None:
        self.world.begin(self._saved(user))

    async def _saved(self, user: str) -> None:
        await self.world.sure(user, ApplyCoupon(CODE))
        await self.world.sure(user, ApplyCoupon(SHIPPING_CODE))
        # So many that a second order finds fewer.
        await self.world.sure(user, RedeemPoints(400))

    @rule(target=orders, user=USER, method=METHOD, stays=st.booleans())
    def open_a_checkout(self, user: str, method: Any, *, stays: bool) -> str:
        order_id = self.world.new_order(user)

        async def opened() -> None:
            await self.world.sure(order_id, OpenCheckout(user, method))
            if not stays:
                await self.world.sure(order_id, CloseCheckout(user))

        self.world.begin(opened())
        return order_id

    @rule(target=orders, user=USER, number=CARD, gift=GIFT, repeats=st.booleans())
    def buy(self, user: str, number: str, gift: str, *, repeats: bool) -> str:
        return self.buy_by(user, number, gift, repeats=repeats)

    def buy_by(self, user: str, number: str, gift: str, *, repeats: bool) -> str:
        order_id = self.world.new_order(user)
        self.world.begin(self._bought(order_id, number, gift, repeats=repeats))
        return order_id

    @rule(order_id=orders, number=CARD, method=METHOD | st.none())
    def buy_again(self, order_id: str, number: str, method: Any) -> None:
        """Repeat an order, or pay for the checkout of this id."""
        bought = self._bought(order_id, number, "", method, repeats=True)
        self.world.begin(bought)

    @rule(target=orders, user=USER, number=CARD, times=st.integers(1, 3))
    def click(self, user: str, number: str, times: int) -> MultipleResults[str]:
        """Buy whatever the cart holds, without a key; impatient people click twice."""
        before = len(self.world.orders)
        for _ in range(times):
            self.world.begin(self._clicked(user, number))
        self.world.run(self.world.clock.sleep(0.001))
        return multiple(*self.world.orders[before:])

    async def _clicked(self, user: str, number: str) -> None:
        """Do as `handlers/order_place.py` does, until an answer comes."""
        world = self.world
        pay = await self._pay(number, "")
        for _ in range(PATIENCE):
            cart = await world.sure(user, GetCart(terms=False))
            assert cart is not None
            begun = order_of(cart) or cart.checkout
            order_id = world.know(begun or cart_order_id(cart), user)
            command = PlaceOrder(
                user,
                HOME,
                pay,
                cart_version=cart.version,
                asked=number,
                is_first=begun is None,
            )
            try:
                order = await world.system.ask(order_id, command)
            except CommerceError:
                return
            except Unavailable:
                await world.clock.sleep(0.3)
            else:
                if order.status == "confirmed":
                    world.known.confirmed.add(order_id)
                return

    async def _bought(
        self,
        order_id: str,
        number: str,
        gift: str,
        method: Any = None,
        *,
        repeats: bool,
    ) -> None:
        world = self.world
        pay = await self._pay(number, gift)
        command = PlaceOrder(world.whose[order_id], HOME, pay, method)
        if not repeats:
            await world.hasty(order_id, command)
            return
        order = await world.sure(order_id, command)
        if isinstance(order, Journal) and order.status == "confirmed":
            world.known.confirmed.add(order_id)

    async def _pay(self, number: str, gift: str) -> Pay:
        bank = self.world.bank
        found = await bank.tokenise(typed(number))
        cards = []
        if gift:
            card = await bank.tokenise(GiftCode(gift))
            cards.append(GiftCardUsed(card.token, card.last_four))
        return Pay(
            token=found.token,
            kind=found.type,
            brand=found.brand,
            last_four=found.last_four,
            gift_cards=tuple(cards),
        )

    @rule(order_id=orders, operator=st.booleans())
    def cancel(self, order_id: str, *, operator: bool) -> None:
        self.world.known.cancelling.add(order_id)
        by: Any = "operator" if operator else "user"
        self.world.begin(self._sure(order_id, CancelOrder(by, "no more")))

    @rule(order_id=orders, result=st.sampled_from(["authenticated", "failed"]))
    def answer_the_bank(self, order_id: str, result: Any) -> None:
        async def answered() -> None:
            journal = self.world.saved(order_id)
            for each in journal.tenders if journal else ():
                if each.status == "requires_action":
                    await self._at_the_bank(each.payment_id, result)

        self.world.begin(answered())

    async def _at_the_bank(self, payment_id: str, result: Any) -> None:
        # Whoever comes too late, or hears nothing, goes away.
        with suppress(IllegalPaymentStep, Unavailable):
            await self.world.bank.answer_challenge(payment_id, result)

    @rule(order_id=orders, steps=st.integers(1, 3))
    def send(self, order_id: str, steps: int) -> None:
        async def sent() -> None:
            way = (ProcessOrder(), ShipOrder("T1", "DHL"), DeliverOrder())
            for each in way[:steps]:
                await self.world.sure(order_id, each)

        self.world.begin(sent())

    @rule(order_id=orders, fit=st.booleans())
    def bring_one_back(self, order_id: str, *, fit: bool) -> None:
        self.world.begin(self._brought_back(order_id, fit=fit))

    async def _brought_back(self, order_id: str, *, fit: bool) -> None:
        user, journal = self.world.whose[order_id], self.world.saved(order_id)
        if journal is None or not journal.lines:
            return
        line, name = journal.lines[0].id, self.world.name()
        lines = (ReturnLine(line, 1),)
        for each in (
            RequestReturn(user, name, "too big", lines),
            ApproveReturn(name),
            ReceiveReturn(name),
            InspectReturn(name, (Inspected(line, 1, resellable=fit),)),
        ):
            await self._sure(order_id, each)

    async def _sure(self, order_id: str, command: Any) -> None:
        await self.world.sure(order_id, command)

    @rule(sku=SKU, delta=st.integers(-2, 3))
    def count(self, sku: str, delta: int) -> None:
        async def counted() -> None:
            command = AdjustStock("east", delta, "counted")
            if await self.world.sure(sku, command, self.world.name()) is not None:
                self.world.known.adjusted[sku] += delta

        self.world.begin(counted())

    # Trouble and time

    @rule(troubles=st.lists(TROUBLE, min_size=1, max_size=3))
    def plan_trouble(self, troubles: list[Trouble]) -> None:
        for each in troubles:
            self.world.troubles.plan(each)

    @rule(seconds=st.floats(0, 0.2))
    def die_soon(self, seconds: float) -> None:
        self.world.kill_in(seconds)

    @rule(seconds=st.sampled_from([0.001, 0.01, 0.1, 1.0, 10.0]))
    def live(self, seconds: float) -> None:
        self.world.run(self.world.clock.sleep(seconds))

    @rule()
    def oversleep(self) -> None:
        """Let much time pass at once, as while a machine is suspended."""
        self.world.run(self.world.clock.sleep(0.001))
        self.world.loop.leap(600)

    @invariant()
    def nothing_broke(self) -> None:
        broken = [
            each
            for each in self.told
            if each["event"] in {"actor.restarted", "runtime.broke", "promise.failed"}
        ]
        if broken:
            raise Broken(f"a bug: {broken[0]}") from broken[0].get("exc_info")
        if hasattr(self, "world") and self.world.loop.broken:
            raise Broken(f"nobody caught {self.world.loop.broken}")
