"""A shopper who talks with the real engine and the built-in model in the demo shop.

The cart keeps the rules of the shop (`commerce.cart`), in memory instead of an actor;
frames are recorded as a session would, so that each turn sees only what was recorded.
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from actors.runtime.testing import ManualClock
from agent.budget import Limits
from agent.engine import UNLIMITED, GraphEngine
from agent.model import Model
from agent.rules_model import RulesModel
from agent.shop import Shop
from commerce import cart as rules
from commerce import cart_costs as costs
from commerce.cart import Cart, Offer
from commerce.cart_terms import CartTerms
from commerce.coupon_check import Offered, Shopper
from commerce.member import LoyaltyState
from commerce.tier import Held, terms
from messages.base import Command, Event, R
from messages.cart import (
    AddLine,
    ApplyCoupon,
    ChangeLine,
    EmptyCart,
    GetCart,
    RedeemPoints,
    RemoveCoupon,
    RemoveLine,
    UnredeemPoints,
)
from messages.cart_view import goods
from messages.frames import (
    Assistant,
    RecordedFrame,
    System,
    ToolCall,
    ToolResult,
    User,
)
from messages.loyalty import GetLoyalty
from messages.turn import (
    Answered,
    Broke,
    Called,
    Cost,
    Noticed,
    Returned,
    Step,
    Turn,
    Words,
)
from store.catalogue import Catalogue
from tests.agent.desk import COUPONS, PROGRAM, TARIFF, desk

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


class Till:
    """Fulfils the port for carts and points; remembers every command and effect."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.carts: dict[str, Cart] = {}
        self.effects: list[str | None] = []
        self.points = 0
        self.tier = "bronze"

    async def ask(
        self,
        key: str,
        command: Command[R],
        *,
        within_s: float | None = None,
        once: str | None = None,
        sender: str = "",
    ) -> R:
        if isinstance(command, GetLoyalty):
            held = Held(self.tier)
            member: Any = LoyaltyState(user_id=key, balance=self.points, tier=held)
            return member  # type: ignore[no-any-return]
        cart = self.carts.get(key, Cart(id=key))
        changed: Any = self._decided(cart, command)
        if changed is not cart:
            self.effects.append(once)
        self.carts[key] = changed
        shown: Any = replace(changed, terms=self._terms(changed))
        return shown  # type: ignore[no-any-return] # a cart's commands answer carts

    def tell(self, key: str, command: Command[Any], *, sender: str = "") -> None:
        raise AssertionError("the agent asks, it never tells")

    def publish(self, topic: str, event: Event) -> None:
        raise AssertionError("the agent publishes nothing")

    def _decided(self, cart: Cart, command: Any) -> Cart:
        rules.checked(cart, getattr(command, "expected_version", None))
        match command:
            case GetCart():
                return cart
            case AddLine(sku=sku, quantity=quantity):
                return rules.add(cart, sku, quantity, self._offer(sku))
            case ChangeLine(line_id=line, quantity=quantity) if quantity:
                sku = rules.line(cart, line).sku
                return rules.change(cart, line, quantity, self._offer(sku))
            case ChangeLine(line_id=line) | RemoveLine(line_id=line):
                return rules.remove(cart, line)
            case EmptyCart():
                return rules.empty(cart)
            case _:
                return self._discounted(cart, command)

    def _discounted(self, cart: Cart, command: Any) -> Cart:
        match command:
            case ApplyCoupon(code=code):
                terms = self._terms(cart, code)
                wanted = goods(cart, self.catalogue.by_sku)
                return costs.apply(cart, code, wanted, terms)
            case RemoveCoupon(code=code):
                return costs.take_off(cart, code)
            case UnredeemPoints():
                return costs.unredeem(cart)
            case RedeemPoints(points=points):
                return costs.redeem(cart, points, self._terms(cart), PROGRAM)
            case _:
                raise AssertionError(f"a cart does not know {command}")

    def _terms(self, cart: Cart, *codes: str) -> CartTerms:
        return CartTerms(
            at=NOW,
            shopper=Shopper(
                user_id=cart.id, email=f"{cart.id}@example.com", tier=self.tier
            ),
            tier=terms(PROGRAM, self.tier),
            ladder=tuple(each.id for each in PROGRAM.tiers),
            points=self.points,
            offered=tuple(
                Offered(each, COUPONS.get(each)) for each in (*cart.coupons, *codes)
            ),
            tariff=TARIFF,
        )

    def _offer(self, sku: str) -> Offer:
        product, _ = self.catalogue.by_sku(sku)
        available = self.catalogue.available(sku)
        return Offer(product.id, available, product.max_per_order)


@dataclass
class Heard:
    """What one turn brought."""

    text: str = ""
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)
    products: Sequence[Mapping[str, Any]] = ()
    steps: list[Step] = field(default_factory=list)

    @property
    def tools(self) -> list[str]:
        return [tool for tool, _ in self.calls]


class Visitor:
    """One shopper in one session."""

    def __init__(
        self,
        catalogue: Catalogue,
        model: Model | None = None,
        clock: ManualClock | None = None,
        till: Till | None = None,
    ) -> None:
        self.clock = clock or ManualClock(NOW)
        self.till = till or Till(catalogue)
        self.shop = Shop(catalogue, self.till, desk())
        self.speak_with(model or RulesModel())
        self.spent = 0
        self.history: list[RecordedFrame] = []
        self.turns = 0

    def speak_with(self, model: Model, limits: Limits = UNLIMITED) -> None:
        self.engine = GraphEngine(self.shop, model, self.clock, limits)

    @property
    def cart(self) -> dict[str, int]:
        held = self.till.carts.get("anna", Cart(id="anna"))
        return {each.sku: each.quantity for each in held.lines}

    async def put(self, cart: Mapping[str, int]) -> None:
        for sku, quantity in cart.items():
            await self.till.ask("anna", AddLine(sku, quantity))

    def turn(self, text: str) -> Turn:
        self.turns += 1
        return Turn(
            session_id="s1",
            user_id="anna",
            turn_id=f"s1.{self.turns}",
            text=text,
            history=list(self.history[-60:]),
            spent_tokens=self.spent,
        )

    async def say(self, text: str) -> Heard:
        turn, heard = self.turn(text), Heard()
        self._record(turn, User, content=text)
        async with aclosing(self.engine.run(turn)) as steps:
            async for came in steps:
                heard.steps += came
                for step in came:
                    self._take(turn, step, heard)
        return heard

    def _take(self, turn: Turn, step: Step, heard: Heard) -> None:
        match step:
            case Words(content=content):
                heard.text += content
            case Called() as call:
                heard.calls.append((call.tool, call.arguments))
                self._record(
                    turn,
                    ToolCall,
                    tool=call.tool,
                    arguments=call.arguments,
                    call_id=call.call_id,
                )
            case Returned(call_id=call_id, content=content):
                heard.results.append(content)
                self._record(turn, ToolResult, call_id=call_id, content=content)
            case Answered(products=products):
                heard.products = products
                self._record(turn, Assistant, content=heard.text, products=products)
            case Noticed(content=content):
                self._record(turn, System, content=content)
            case Cost() as cost:
                self.spent += cost.input_tokens + cost.output_tokens
            case Broke():
                pass
            case _:
                pass

    def _record(self, turn: Turn, kind: type[Any], **content: Any) -> None:
        self.history.append(
            kind(
                timestamp=self.clock.now(),
                seq=len(self.history) + 1,
                session_id=turn.session_id,
                turn_id=turn.turn_id,
                **content,
            )
        )
