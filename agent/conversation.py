"""A conversation as a model is shown it, made of the recorded frames.

Frames are the memory; what is made of a turn's frames is only kept as long as they are,
so that a turn that is over is read once and its messages stay the same ones. A call
whose result was never recorded (the run was cancelled) is left out, so that every model
sees whole pairs.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from weakref import finalize, ref

from msgspec import Struct

from agent.card_numbers import masked
from messages.frames import Assistant, RecordedFrame, ToolCall, ToolResult, User
from messages.turn import Turn


class Asked(Struct, frozen=True, weakref=True):
    """The shopper said this."""

    content: str


class Used(Struct, frozen=True, weakref=True):
    """The agent used a tool and this came back."""

    call_id: str
    tool: str
    arguments: Mapping[str, Any]
    content: Any


class Told(Struct, frozen=True, weakref=True):
    """The agent said this, showing `products` as cards."""

    content: str
    products: Sequence[Mapping[str, Any]] = ()


class Decided(Struct, frozen=True, weakref=True):
    """The shopper decided on a quote, by a tap and not by words."""

    quote_id: str
    approved: bool


class Noted(Struct, frozen=True, weakref=True):
    """The engine reminds the model of a rule it broke."""

    content: str


class Handover(Struct, frozen=True, weakref=True):
    """From here on the understudy answers this turn; it sees nothing between the
    shopper's words and this, because it was not its doing.
    """


Message = Asked | Decided | Used | Told | Noted | Handover
Conversation = Sequence[Message]


def conversation(turn: Turn) -> list[Message]:
    """Return what was said before `turn`, then what is asked in it, if words are."""
    if turn.decision is not None:
        return [*_before(turn)]
    return [*_before(turn), Asked(masked(turn.text))]


def _before(turn: Turn) -> Iterator[Message]:
    # By turn, because a message that waited was recorded amid the turn before it.
    turns: dict[str | None, list[RecordedFrame]] = {}
    for frame in turn.history:
        if frame.turn_id != turn.turn_id:
            turns.setdefault(frame.turn_id, []).append(frame)
    for frames in turns.values():
        yield from _once_said_in(frames)


class Known(Struct, frozen=True):
    """What was said in so many frames, of which this is the first."""

    first: ref[RecordedFrame]
    many: int
    said: Sequence[Message]


# By the last frame of a turn, and forgotten with it.
_known: dict[int, Known] = {}


def _once_said_in(frames: Sequence[RecordedFrame]) -> Sequence[Message]:
    first, last = frames[0], frames[-1]
    known = _known.get(id(last))
    if known is None:
        finalize(last, _known.pop, id(last))
    elif known.first() is first and known.many == len(frames):
        return known.said
    said = tuple(_said_in(frames))
    _known[id(last)] = Known(ref(first), len(frames), said)
    return said


def _said_in(frames: Sequence[RecordedFrame]) -> Iterator[Message]:
    calls: dict[str, ToolCall] = {}
    for frame in frames:
        match frame:
            case User(quote_id=str(quote_id)):
                yield Decided(quote_id, frame.decision == "approve")
            case User():
                yield Asked(masked(frame.content))
            case ToolCall():
                calls[frame.call_id] = frame
            case ToolResult():
                call = calls.pop(frame.call_id, None)
                if call is not None:
                    yield Used(call.call_id, call.tool, call.arguments, frame.content)
            # Servers refuse to hear of a reply that was cut before its first word.
            case Assistant() if frame.content:
                yield Told(frame.content, frame.products)
            case _:
                pass
