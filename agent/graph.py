"""The LangGraph graph: the model answers, tools are used, until nothing is asked.

    START -> model -> tools -> model -> ... -> END
               ^--- a reply with an orphan is begun again, once

A quote ends the run behind the tools: the shopper's confirmation starts another one,
which begins with the tools and asks no model.

Compiled once, at the first use, because importing langgraph takes most of a second. The
graph holds no state between runs: the session's recorded frames are its memory, so it
needs no checkpointer. Steps leave from inside the nodes, by the run's own `write`, and
a node itself tells which is next: langgraph's stream, its conditional edges and its
threads for plain functions would take a third of a turn's CPU.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cache
from operator import add
from typing import Annotated, Any, TypedDict

from agent import settled, tools
from agent.budget import Limits
from agent.call import Call, assembled
from agent.conversation import Handover, Message, Noted, Told, Used
from agent.grounding import Gate
from agent.model import CallPart, HandedOver, Model, Spent, Text, Thinking
from agent.secrecy import recites
from agent.visit import Visit
from messages.turn import (
    Called,
    Cost,
    HandedOff,
    Noticed,
    Proposed,
    Returned,
    Step,
    Thought,
    Words,
)

Write = Callable[[Step], None]

UNSURE = "I can't confirm the rest from the shop's records, so I'd rather not guess."
TOO_MUCH = (
    "That took more steps than I may take at once. Please ask for one part of it."
)
NOTHING = "I'm not sure how to help with that. Shall I look for a product?"
UNDERSTUDY = (
    "My language model is not available just now; the built-in assistant answers."
)

_END = "__end__"  # langgraph's own name for it
# Model, tools, model ... and one repetition: more than the limits on calls allow.
RECURSION = 60
# After this many rounds without a tool that may run, the model goes in circles.
IDLE_ROUNDS = 2


@dataclass
class Run:
    """What one run carries besides its conversation."""

    visit: Visit
    model: Model
    gate: Gate
    write: Write
    used: list[Used] = field(default_factory=list)
    calls: int = 0
    writes: int = 0
    idle_rounds: int = 0
    orphans: int = 0
    tokens: int = 0
    limits: Limits = field(default_factory=Limits)
    is_handed_over: bool = False
    has_told: bool = False
    """Whether the shopper knows already who answers."""
    thoughts: str = ""
    standing: dict[str, asyncio.Event] = field(default_factory=dict)

    def spend(self, spent: Spent) -> Cost:
        """Count what an answer took."""
        self.tokens += spent.input_tokens + spent.output_tokens
        return Cost(self.model.name, spent.input_tokens, spent.output_tokens)

    @property
    def is_spent(self) -> bool:
        """Whether the model may not be asked again in this run."""
        return 0 < self.limits.run_tokens <= self.tokens

    async def stands(self, call_id: str) -> None:
        """Return once the call is recorded: nothing is changed that nobody knows of."""
        await self._recorded(call_id).wait()

    def record(self, call_id: str) -> None:
        """Tell that the call is recorded."""
        self._recorded(call_id).set()

    def _recorded(self, call_id: str) -> asyncio.Event:
        return self.standing.setdefault(call_id, asyncio.Event())


class State(TypedDict):
    """What the nodes hand on."""

    messages: Annotated[list[Message], add]
    calls: Sequence[Call]


async def work(run: Run, messages: list[Message], calls: Sequence[Call]) -> None:
    """Go through the graph, from `calls` if there are any, else from the model."""
    begun = {"messages": messages, "calls": calls}
    limit = {"recursion_limit": RECURSION}
    async for _ in compiled().astream(begun, limit, context=run, stream_mode=[]):
        pass  # nothing leaves this way


@cache
def compiled() -> Any:
    """Return the graph. Its nodes take a `Run` as context."""
    from langgraph.graph import END, START, StateGraph

    graph = StateGraph(State, context_schema=Run)
    graph.add_node("model", _think, destinations=("model", "tools", END))
    graph.add_node("tools", _act, destinations=("model", END))
    graph.add_conditional_edges(START, _first, ["model", "tools"])
    return graph.compile()


async def _first(state: State) -> str:
    return "tools" if state["calls"] else "model"


def _to(node: str, messages: Sequence[Message], calls: Sequence[Call] = ()) -> Any:
    """Return langgraph's word for going on at `node` with what has come."""
    from langgraph.types import Command

    return Command(goto=node, update={"messages": messages, "calls": calls})


async def _think(state: State, runtime: Any) -> Any:
    run: Run = runtime.context
    write = run.write
    before, was_handed_over = run.gate.released, run.is_handed_over
    calls = await _answer(run, state["messages"], write)
    said = run.gate.released[len(before) :]
    messages: list[Message] = []
    if run.is_handed_over and not was_handed_over:
        messages.append(Handover())
    if said:
        messages.append(Told(said))
    if run.gate.orphan is not None:
        return _begin_again(run, messages, write)
    if calls and (run.idle_rounds >= IDLE_ROUNDS or run.is_spent):
        calls = []
        _say(run, write, TOO_MUCH)
    if not calls and not run.gate.released.strip():
        _say(run, write, NOTHING)
    return _to("tools" if calls else _END, messages, calls)


async def _answer(run: Run, messages: list[Message], write: Write) -> list[Call]:
    """Let the model go on, letting checked words out, and return its calls."""
    parts: dict[int, list[CallPart]] = {}
    if run.gate.released:
        run.gate.feed("" if run.gate.released[-1].isspace() else " ")
    async with aclosing(run.model.stream(messages, tools.specs())) as deltas:
        async for delta in deltas:
            match delta:
                case Text():
                    _release(write, run.gate.feed(delta.content))
                case Thinking():
                    _think_aloud(run, write, delta.content)
                case CallPart():
                    parts.setdefault(delta.index, []).append(delta)
                case Spent():
                    write(run.spend(delta))
                case HandedOver():
                    parts.clear()
                    run.gate.restart()
                    _hand_over(run, write)
            if run.gate.orphan is not None:
                return []
    _release(write, run.gate.finish())
    if run.gate.orphan is not None:
        return []
    # Named by place, not by the model: a turn that is run again repeats its effects
    # under the same names, and so does nothing twice.
    return [
        assembled(f"{run.visit.turn_id}.{run.calls + at}", each)
        for at, each in enumerate(parts.values(), 1)
    ]


def _think_aloud(run: Run, write: Write, thought: str) -> None:
    """Let the thought out, until it begins to recite the instructions."""
    run.thoughts += thought
    if not recites(run.thoughts):
        write(Thought(thought))


def _hand_over(run: Run, write: Write) -> None:
    run.is_handed_over = True
    if not run.has_told:
        write(Noticed(UNDERSTUDY))
        run.has_told = True


def _begin_again(run: Run, messages: list[Message], write: Write) -> Any:
    """Have the model go on after what was released; a second time, end it here."""
    orphan = run.gate.orphan
    run.orphans += 1
    run.gate.restart()
    if run.orphans > 1:
        _say(run, write, UNSURE)
        return _to(_END, messages)
    note = Noted(
        f"You wrote {orphan!r}, which no tool result of this conversation tells. Go on "
        "after the text already said, with facts from tool results only."
    )
    return _to("model", [*messages, note])


async def _act(state: State, runtime: Any) -> Any:
    run: Run = runtime.context
    write = run.write
    calls = state["calls"]
    run.idle_rounds += run.calls >= run.limits.run_calls
    for each in calls:
        binding = run.visit.confirmed is not None
        write(Called(each.id, each.tool, each.arguments, binding))
    if len(calls) > 1 and all(tools.effect(each.tool) == "read" for each in calls):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_use(run, each, write)) for each in calls]
        used = [each.result() for each in tasks]
    else:
        used = [await _use(run, each, write) for each in calls]
    run.used += used
    return _to(_END if _is_over(run, used[-1], write) else "model", used)


def _is_over(run: Run, last: Used, write: Write) -> bool:
    """Say what the shop itself says of a quote, or of what was confirmed."""
    quote = run.visit.board.quote
    if quote is not None:
        write(Proposed(quote))
        _say(run, write, settled.ASK[quote.kind])
    elif run.visit.confirmed is not None:
        _say(run, write, settled.outcome(last.tool, last.content))
    else:
        return False
    return True


async def _use(run: Run, call: Call, write: Write) -> Used:
    content = _refused(run, call)
    if content is None:
        if tools.effect(call.tool) != "read":
            await run.stands(call.id)
        content = await tools.used(run.visit, call.tool, call.arguments, call.id)
    run.gate.evidence.add(content)
    write(Returned(call.id, content))
    wish, run.visit.board.handed_off = run.visit.board.handed_off, None
    if wish is not None:
        write(HandedOff(wish))
    return Used(call.id, call.tool, call.arguments, content)


def _refused(run: Run, call: Call) -> dict[str, Any] | None:
    """Count the call and return why it may not run, if so."""
    run.calls += 1
    writes = tools.effect(call.tool) == "write"
    asked = {"asked": call.arguments}
    if call.fault:
        return {**asked, **tools.fault("malformed_arguments", call.fault)}
    if run.calls > run.limits.run_calls:
        return {**asked, **tools.fault("too_many_calls", "answer with what you have")}
    if writes and run.writes >= run.limits.run_writes:
        return {**asked, **tools.fault("too_many_writes", "leave the rest to later")}
    run.writes += writes
    return None


def _say(run: Run, write: Write, text: str) -> None:
    """Say words of the engine's own, which state no fact."""
    parted = not run.gate.released or run.gate.released[-1].isspace()
    _release(write, run.gate.feed(text if parted else f" {text}") + run.gate.finish())


def _release(write: Write, text: str) -> None:
    if text:
        write(Words(text))
