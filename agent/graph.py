"""The LangGraph graph: the model answers, tools are used, until nothing is asked.

    START -> model -> tools -> tools -> ... -> END
               ^--- a reply with an orphan is begun again, once

The model goes on in the node of the tools that it asked for: a step of langgraph's
costs about as much as what the built-in model does in one. A quote ends the run behind
the tools: the shopper's confirmation starts another one, which begins with the tools
and asks no model.

Compiled once, at the first use, because importing langgraph takes most of a second. The
graph holds no state between runs: the session's recorded frames are its memory, so it
needs no checkpointer. What travels through it is the `Run`; a node tells which one goes
on with it, and steps leave from inside, by the run's own `write`.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from agent import settled, tools
from agent.budget import Limits
from agent.call import Call, assembled
from agent.clean import storable
from agent.conversation import Handover, Message, Noted, Told, Used
from agent.grounding import Gate
from agent.model import CallPart, HandedOver, Model, Spent, Text, Thinking
from agent.secrecy import TAIL, recites
from agent.showcase import showcase
from agent.visit import Visit
from messages.turn import (
    Answered,
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

# Model, tools, model ... and one repetition: more than the limits on calls allow.
RECURSION = 60
# After this many rounds without a tool that may run, the model goes in circles.
IDLE_ROUNDS = 2


@dataclass
class Run:
    """One run: the conversation as far as it has come, and all that it carries."""

    visit: Visit
    model: Model
    gate: Gate
    write: Write
    messages: list[Message]
    calls: Sequence[Call] = ()
    """What the model wants to use now."""
    used: list[Used] = field(default_factory=list)
    called: int = 0
    writes: int = 0
    idle_rounds: int = 0
    orphans: int = 0
    tokens: int = 0
    limits: Limits = field(default_factory=Limits)
    is_handed_over: bool = False
    has_told: bool = False
    """Whether the shopper knows already who answers."""
    thought: str = ""
    """The end of what it thought."""
    recites: bool = False
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


async def work(run: Run) -> None:
    """Go through the graph, from the run's calls if it has any, else from the model."""
    begun = {"tools" if run.calls else "model": [run]}
    limit = {"recursion_limit": RECURSION}
    async for _ in compiled().astream(begun, limit, stream_mode=[]):
        pass  # nothing leaves this way


@cache
def compiled() -> Any:
    """Return the graph."""
    from agent.baton import graph

    return graph({"model": _think, "tools": _act})


Next = Literal["model", "tools"] | None
"""Which node goes on with the run; None ends it."""


async def _think(run: Run) -> Next:
    before, was_handed_over = run.gate.released, run.is_handed_over
    run.calls = await _answer(run)
    said = run.gate.released[len(before) :]
    if run.is_handed_over and not was_handed_over:
        run.messages.append(Handover())
    if said:
        run.messages.append(Told(said))
    if run.gate.orphan is not None:
        return _begin_again(run)
    if run.calls and (run.idle_rounds >= IDLE_ROUNDS or run.is_spent):
        run.calls = ()
        _say(run, TOO_MUCH)
    if not run.calls and not run.gate.released.strip():
        _say(run, NOTHING)
    return "tools" if run.calls else _ended(run)


async def _answer(run: Run) -> Sequence[Call]:
    """Let the model go on, letting checked words out, and return its calls."""
    parts: dict[int, list[CallPart]] = {}
    _part(run)
    async with aclosing(run.model.stream(run.messages, tools.specs())) as deltas:
        async for delta in deltas:
            match delta:
                case Text():
                    _release(run, run.gate.feed(storable(delta.content)))
                case Thinking():
                    _think_aloud(run, storable(delta.content))
                case CallPart():
                    parts.setdefault(delta.index, []).append(delta)
                case Spent():
                    run.write(run.spend(delta))
                case HandedOver():
                    parts.clear()
                    run.gate.restart()
                    _part(run)
                    _hand_over(run)
            if run.gate.orphan is not None:
                return ()
    _release(run, run.gate.finish())
    if run.gate.orphan is not None:
        return ()
    # Named by place, not by the model: a turn that is run again repeats its effects
    # under the same names, and so does nothing twice.
    # One more than may run, to be told so: each call that is made is recorded.
    wanted = [*parts.values()][: run.limits.run_calls + 1]
    return [
        assembled(f"{run.visit.turn_id}.{run.called + at}", each)
        for at, each in enumerate(wanted, 1)
    ]


def _part(run: Run) -> None:
    """Part what comes from what was said already."""
    if run.gate.released and not run.gate.released[-1].isspace():
        run.gate.feed(" ")


def _think_aloud(run: Run, thought: str) -> None:
    """Let the thought out, until it begins to recite the instructions."""
    text = run.thought + thought
    run.recites = run.recites or recites(text)
    # A long thought comes in thousands of pieces: none is looked through twice.
    run.thought = text[-TAIL:]
    if not run.recites:
        run.write(Thought(thought))


def _hand_over(run: Run) -> None:
    run.is_handed_over = True
    if not run.has_told:
        run.write(Noticed(UNDERSTUDY))
        run.has_told = True


def _begin_again(run: Run) -> Next:
    """Have the model go on after what was released; a second time, end it here."""
    orphan = run.gate.orphan
    run.orphans += 1
    run.gate.restart()
    if run.orphans > 1:
        _say(run, UNSURE)
        return _ended(run)
    note = (
        f"You wrote {orphan!r}, which no tool result of this conversation tells. Go on "
        "after the text already said, with facts from tool results only."
    )
    run.messages.append(Noted(note))
    return "model"


async def _act(run: Run) -> Next:
    calls = run.calls
    run.idle_rounds += run.called >= run.limits.run_calls
    for each in calls:
        binding = run.visit.confirmed is not None
        run.write(Called(each.id, each.tool, each.arguments, binding))
    if len(calls) > 1 and all(tools.effect(each.tool) == "read" for each in calls):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_use(run, each)) for each in calls]
        used = [each.result() for each in tasks]
    else:
        used = [await _use(run, each) for each in calls]
    run.used += used
    run.messages += used
    return _ended(run) if _is_over(run, used[-1]) else await _think(run)


def _ended(run: Run) -> Next:
    """Let the last step out."""
    run.write(Answered(showcase(run.gate.released, run.used)))
    return None


def _is_over(run: Run, last: Used) -> bool:
    """Say what the shop itself says of a quote, or of what was confirmed."""
    quote = run.visit.board.quote
    if quote is not None:
        run.write(Proposed(quote))
        _say(run, settled.ASK[quote.kind])
    elif run.visit.confirmed is not None:
        _say(run, settled.outcome(last.tool, last.content))
    else:
        return False
    return True


async def _use(run: Run, call: Call) -> Used:
    content = _refused(run, call)
    if content is None:
        if tools.effect(call.tool) != "read":
            await run.stands(call.id)
        content = await tools.used(run.visit, call.tool, call.arguments, call.id)
    run.gate.evidence.add(content)
    run.write(Returned(call.id, content))
    wish, run.visit.board.handed_off = run.visit.board.handed_off, None
    if wish is not None:
        run.write(HandedOff(wish))
    return Used(call.id, call.tool, call.arguments, content)


def _refused(run: Run, call: Call) -> dict[str, Any] | None:
    """Count the call and return why it may not run, if so."""
    run.called += 1
    writes = tools.effect(call.tool) == "write"
    asked = {"asked": call.arguments}
    if call.fault:
        return {**asked, **tools.fault("malformed_arguments", call.fault)}
    if run.called > run.limits.run_calls:
        return {**asked, **tools.fault("too_many_calls", "answer with what you have")}
    if writes and run.writes >= run.limits.run_writes:
        return {**asked, **tools.fault("too_many_writes", "leave the rest to later")}
    if writes and run.visit.board.quote is not None:
        return {**asked, **tools.fault("one_at_a_time", "what is quoted must stand")}
    run.writes += writes
    return None


def _say(run: Run, text: str) -> None:
    """Say words of the engine's own, which state no fact."""
    _part(run)
    _release(run, run.gate.feed(text) + run.gate.finish())


def _release(run: Run, text: str) -> None:
    if text:
        run.write(Words(text))
