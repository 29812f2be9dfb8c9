"""Messages and answers as builtins and back, as they are stored or cross processes."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, get_args

import msgspec

from messages.base import Command

# Characters that mongod gives a meaning in the path of a field, and the one we escape
# them with.
_ESCAPES = str.maketrans({"%": "%25", ".": "%2E", "$": "%24", "\0": "%00"})


def escaped(key: str) -> str:
    """Return `key` as one segment of a field's path."""
    return key.translate(_ESCAPES) or "%"


def unescaped(segment: str) -> str:
    """Return the key that `escaped` made `segment` of."""
    if "%" not in segment:
        return segment
    if segment == "%":
        return ""
    for character, code in (("\0", "%00"), ("$", "%24"), (".", "%2E"), ("%", "%25")):
        segment = segment.replace(code, character)
    return segment


def builtins(value: Any) -> Any:
    """Return `value` in builtins; times stay times."""
    return msgspec.to_builtins(value, builtin_types=(datetime,), str_keys=True)


def command_from(commands: Any, told: Mapping[str, Any]) -> Command[Any]:
    """Return the command of the union `commands` that `told` (builtins) is."""
    command: Command[Any] = msgspec.convert(told, commands)
    return command


@cache
def answer_type(command: type[Command[Any]]) -> Any:
    """Return the type of the answer that `command` asks for, from its base ToX[R]."""
    for ancestor in command.__mro__:
        for base in getattr(ancestor, "__orig_bases__", ()):
            for argument in get_args(base):
                if not isinstance(argument, TypeVar):
                    return argument
    return Any


def answer_from(command: Command[Any], told: Any) -> Any:
    """Return the answer to `command` that `told` (builtins) is."""
    return msgspec.convert(told, answer_type(type(command)))
