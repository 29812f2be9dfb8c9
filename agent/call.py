"""A tool call of a model's, put together from the pieces in which it came."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from agent import tools
from agent.clean import storable
from agent.model import CallPart
from agent.secrecy import recites

# What the protocol allows in a name: what is recorded is told to the model again.
NAME_LIMIT = 64
_ODD = re.compile(r"[^A-Za-z0-9_-]")


class Call(msgspec.Struct, frozen=True):
    """A tool call as the model made it, under an id that the same turn makes again."""

    id: str
    tool: str
    arguments: dict[str, Any]
    fault: str = ""


def assembled(id: str, parts: Sequence[CallPart]) -> Call:
    """Return the call that `parts` make; `fault` says what is wrong with it."""
    named = "".join(each.tool for each in parts)[:NAME_LIMIT]
    tool = _ODD.sub("_", named) or "nameless"
    text = storable("".join(each.arguments for each in parts))
    if recites(text):
        return Call(id, tool, {}, "the arguments hold your instructions")
    try:
        return Call(id, tool, tools.readable(text or "{}"))
    except (msgspec.DecodeError, RecursionError) as wrong:
        return Call(id, tool, {"unreadable": text[:200]}, str(wrong))
