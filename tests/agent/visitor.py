"""A shopper who talks with the real engine and the built-in model in the demo shop.

The cart keeps the rules of the shop (`commerce.cart`), in memory instead of an actor;
frames are recorded as a session would, so that each turn sees only what was recorded.
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from actors.runtime.testing import ManualClock
from agent.budget import Limits
from agent.engine import UNLIMITED, GraphEngine
from agent.model import Model
from agent.rules_model import RulesModel
from agent.shop import Shop
from commerce import cart as rules
from commerce.cart import Cart, Offer
from messages.base import Command, Event, R
from messages.cart import AddLine, ChangeLine, EmptyCart, GetCart, RemoveLine
from messages.frames import (
    Assistant,
    RecordedFrame,
    System,
    ToolCall,
    ToolResult,
    User,
)
from messages.session import (
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

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


class Till:
    """Fulfils the port for carts; remembers every command and effect."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.carts: dict[str, Cart] = {}
        self.effects: list[str | None] = []

    async def ask(
        self,
        key: str,
        command: Command[R],
        *,
        within_s: float | None = None,
        once: str | None = None,
        sender: str = "",
    ) -> R:
        cart = self.carts.get(key, Cart(id=key))
        changed: Any = self._decided(cart, command)
        if changed is not cart:
            self.effects.append(once)
        self.carts[key] = changed
        return changed  # type: ignore[no-any-return] # a cart's commands answer carts

    def tell(self, key: str, command: Command[Any], *, sender: str = "") -> None:
        raise AssertionError("the agent asks, it never tells")

    def publish(self, topic: str, event: Event) -> None:
        raise AssertionError("the agent publishes nothing")

    def _decided(self, cart: Cart, command: Any) -> Cart:
        match command:
            case GetCart():
                return cart
            case AddLine(sku=sku, quantity=quantity):
                rules.checked(cart, command.expected_version)
                return rules.add(cart, sku, quantity, self._offer(sku))
            case ChangeLine(line_id=line, quantity=0):
                return rules.remove(cart, line)
            case ChangeLine(line_id=line, quantity=quantity):
                sku = rules.line(cart, line).sku
                return rules.change(cart, line, quantity, self._offer(sku))
            case RemoveLine(line_id=line):
                return rules.remove(cart, line)
            case EmptyCart():
                return rules.empty(cart)
            case _:
                raise AssertionError(f"a cart does not know {command}")

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
        self.shop = Shop(catalogue, self.till)
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
            async for step in steps:
                heard.steps.append(step)
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
