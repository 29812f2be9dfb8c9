"""One order, or the checkout session that may become one: its whole life, one journal.

RULES.md sections 6 to 8. It asks the cart, the items, the coupons and the loyalty
account, never the other way round; what must arrive is promised. The phases stand in
`order_saga.py`, the money in `order_pay.py`, what comes after in `order_fulfil.py`
and `order_return.py`.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, assert_never

from actors import order_fulfil as fulfil
from actors import order_pay as pay
from actors import order_place as placing
from actors import order_return as returning
from actors import order_saga as saga
from actors.order_outside import OrderLike, Outside
from actors.order_refund import heard
from actors.runtime import Kind
from commerce import returns as return_rules
from commerce.checkout import Journal, is_unfinished, next_refund, unsent
from commerce.errors import OrderNotFound
from commerce.order import is_session
from messages.order import (
    ApproveReturn,
    CancelOrder,
    CancelReturn,
    CartMoved,
    CloseCheckout,
    DeliverOrder,
    GetOrder,
    GoOn,
    InspectReturn,
    NotePaidBack,
    OpenCheckout,
    OrderCommand,
    PaymentNews,
    PlaceOrder,
    ProcessOrder,
    ReceiveReturn,
    RejectReturn,
    RequestReturn,
    ShipOrder,
)

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Answer = Journal | None | Awaitable[Journal | None]

AReturn = (
    RequestReturn
    | CancelReturn
    | ApproveReturn
    | ReceiveReturn
    | InspectReturn
    | RejectReturn
)
AStep = ProcessOrder | ShipOrder | DeliverOrder | NotePaidBack


class OrderActor(OrderLike):
    """Owns one order; key = order id."""

    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self.outside = outside

    def initial(self, key: str) -> Journal:
        """Return the journal of what was never ordered: it is nobody's."""
        return Journal(id=key, user_id="", created_at=_NEVER, updated_at=_NEVER)

    def opened(self) -> None:
        """Take up what a crash cut short."""
        if self.state.user_id and is_unfinished(self.state):
            self.tell_self(GoOn())

    def woke(self) -> Awaitable[Journal]:
        """Take up what trouble cut short, or what time ended."""
        return saga.take_up(self, self.outside)

    def receive(self, command: OrderCommand) -> Answer:  # noqa: PLR0911 - a table
        """Answer with the order as it then is."""
        match command:
            case OpenCheckout():
                return placing.open_session(self, self.outside, command)
            case CloseCheckout():
                return placing.close_session(self, self.outside, command)
            case PlaceOrder():
                return placing.place(self, self.outside, command)
            case GetOrder(user_id):
                return self._mine(user_id)
            case PaymentNews(payment_id):
                return self._news(payment_id)
            case CartMoved():
                return self._cart_moved()
            case GoOn():
                return self._go_on()
            case CancelOrder():
                order = self._mine(command.user_id)
                return fulfil.cancel(self, self.outside, order, command)
            case ProcessOrder() | ShipOrder() | DeliverOrder() | NotePaidBack():
                return self._step(command)
            case _:
                return self._return(command)

    def _step(self, command: AStep) -> Journal | Awaitable[Journal]:
        order = self._mine(None)
        match command:
            case ProcessOrder():
                return fulfil.process(self, order)
            case ShipOrder():
                return fulfil.ship(self, order, command)
            case DeliverOrder():
                return fulfil.deliver(self, order)
            case NotePaidBack():
                return fulfil.note_paid_back(self, order)
            case _:
                assert_never(command)

    def _return(self, command: AReturn) -> Journal | Awaitable[Journal]:
        owner = getattr(command, "user_id", None)
        order = self._mine(owner)
        match command:
            case RequestReturn():
                return returning.request(self, self.outside, order, command)
            case CancelReturn(_, return_id):
                return returning.step(self, order, return_id, return_rules.cancel)
            case ApproveReturn(return_id):
                return returning.step(self, order, return_id, return_rules.approve)
            case ReceiveReturn():
                return returning.receive(self, order, command)
            case InspectReturn():
                return returning.inspect(self, self.outside, order, command)
            case RejectReturn(return_id, reason):

                def reject(found: Any, one: str, at: datetime) -> Any:
                    return return_rules.reject(found, one, at, reason=reason)

                return returning.step(self, order, return_id, reject)
            case _:
                assert_never(command)

    async def _go_on(self) -> None:
        await saga.take_up(self, self.outside)

    async def _cart_moved(self) -> None:
        """End the session that the cart has left behind."""
        state = self.state
        if state.user_id and is_session(state) and state.status == "pending":
            await saga.undo(self, self.outside, state, reason="cart_changed")

    async def _news(self, payment_id: str) -> None:
        """Look at a payment that something happened to."""
        if not self.state.user_id:
            return
        if self.state.phase in {"paying", "undoing"}:
            await saga.take_up(self, self.outside)
            return
        payment = await self.outside.gateway.payment(payment_id)
        number = pay.number_of(self.state, payment)
        if number is None:
            return
        state = pay.learned(self.state, number, payment)
        state = heard(state, payment, self.clock.now())
        if payment.disputed:
            self.log.warning("payment.disputed", payment_id=payment_id)
        if state == self.state:
            return
        saga.call_for_hand(self, state)
        if state.status == "cancelled":
            # Late money: nobody is going to send anything for it.
            await saga.give_back(self, self.outside, state)
            return
        self.become(state)
        if unsent(state):
            self.remind(next_refund(state) or saga.again_at(self))
        saga.tell(self, state)

    def _mine(self, user_id: str | None) -> Journal:
        """Return the order if it is one and this user's. Raises OrderNotFound."""
        state = self.state
        if (
            not state.user_id
            or is_session(state)
            or user_id not in {None, state.user_id}
        ):
            raise OrderNotFound("no such order", id=self.key)
        return state


def _founds(command: Any) -> bool:
    return isinstance(command, PlaceOrder | OpenCheckout) and command.is_first


def _carried_by_two_commits(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an order that was placed as the phases of schema 1 had it.

    It rested at `opened` and `reserved` before it was `paying`.
    """
    is_placed = fields.get("placed_at") is not None
    if is_placed and fields.get("phase", "opened") in {"opened", "reserved"}:
        return {**fields, "phase": "paying"}
    return fields


def order_kind(outside: Outside) -> Kind:
    """Return what the runtime must know of orders."""
    make: Callable[[], OrderActor] = lambda: OrderActor(outside)  # noqa: E731
    return Kind(
        name="order",
        actor=make,
        state=Journal,
        commands=OrderCommand,
        collection="orders",
        founds=_founds,
        schema=2,
        upgrades={1: _carried_by_two_commits},
        reminds=True,
    )
