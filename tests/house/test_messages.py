"""Every message has a receiver, a test, and survives the way to another node."""

import importlib
import typing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.base import Command, Event

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (ROOT / "messages").glob("*.py"))


def modules() -> list[ModuleType]:
    return [importlib.import_module(f"messages.{n}") for n in NAMES if n != "__init__"]


def said(base: type[msgspec.Struct]) -> list[Any]:
    """Every concrete message of `base`: the abstract ones carry no tag."""
    return sorted(
        {
            each
            for module in modules()
            for each in vars(module).values()
            if isinstance(each, type)
            and issubclass(each, base)
            and each.__module__ == module.__name__
            and each.__struct_config__.tag is not None
        },
        key=lambda each: each.__name__,
    )


COMMANDS = said(Command)
MESSAGES = [*COMMANDS, *said(Event)]


def named(each: type) -> str:
    return each.__name__


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_a_command_is_handled_by_its_addressee(command: Any) -> None:
    actor = (ROOT / "actors" / f"{command.to}.py").read_text()

    assert f"case {command.__name__}(" in actor or f"| {command.__name__}(" in actor


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_a_command_stands_in_the_union_of_its_addressee(command: Any) -> None:
    module = importlib.import_module(f"messages.{command.to}")
    unions = [v for k, v in vars(module).items() if k.endswith("Command")]

    assert any(command in get_args(union) for union in unions)


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_a_command_has_a_test(command: Any) -> None:
    tests = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    assert any(f"{command.__name__}(" in text for text in tests)


@pytest.mark.parametrize("message", MESSAGES, ids=named)
def test_a_message_survives_encoding(message: Any) -> None:
    @settings(max_examples=15, database=None)
    @given(values(message))
    def survives(sent: Any) -> None:
        plain = msgspec.to_builtins(sent, builtin_types=(datetime,))
        assert msgspec.convert(plain, message) == sent
        wire = msgspec.msgpack.encode(sent)
        assert msgspec.msgpack.decode(wire, type=message) == sent

    survives()


def values(message: Any) -> st.SearchStrategy[Any]:
    """Build any `message` from the types of its fields."""
    hints = typing.get_type_hints(message)
    names = message.__struct_fields__
    return st.builds(message, **{name: of_type(hints[name]) for name in names})


PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**31), 2**31),
    str: st.text(max_size=8),
    bool: st.booleans(),
    Decimal: st.integers(0, 10**7).map(lambda cents: Decimal(cents).scaleb(-2)),
    type(None): st.none(),
    Any: st.none() | st.integers(0, 9) | st.text(max_size=3),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def of_type(hint: Any) -> st.SearchStrategy[Any]:
    if hint in PLAIN:
        return PLAIN[hint]
    origin, args = typing.get_origin(hint), get_args(hint)
    if origin is typing.Literal:
        return st.sampled_from(args)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return values(hint)
    return of_generic(hint, origin, args)


def of_generic(hint: Any, origin: Any, args: Any) -> st.SearchStrategy[Any]:
    match getattr(origin, "__name__", str(origin)):
        case "Mapping" | "dict":
            return st.dictionaries(st.text(max_size=4), of_type(args[1]), max_size=2)
        case "tuple":
            return of_tuple(args)
        case "Sequence" | "list":
            return st.lists(of_type(args[0]), max_size=2)
        case "Union" | "UnionType":
            return st.one_of([of_type(arg) for arg in args])
        case "Annotated":
            return of_type(args[0])
        case _:
            return st.from_type(hint)


def of_tuple(args: Any) -> st.SearchStrategy[Any]:
    if args[1:] == (...,):
        return st.lists(of_type(args[0]), max_size=2).map(tuple)
    return st.tuples(*(of_type(arg) for arg in args))
