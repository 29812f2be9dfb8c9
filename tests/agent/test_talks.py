"""Talks with the built-in model in the demo shop, as data in `talks/`.

A talk is some turns; each says what must be called (other reads are free, other writes
are not), what the reply must hold (`~` begins a regular expression, case aside), and
what is in the cart afterwards. Whatever is told of a talk, every amount in a reply has
to stand in a tool result.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.graph import NOTHING, TOO_MUCH, UNSURE
from agent.tools import effect
from messages.turn import Answered
from store.catalogue import Catalogue
from tests.agent.visitor import Heard, Visitor

TALKS = [
    pytest.param(talk, id=f"{file.stem}: {talk['name']}")
    for file in sorted((Path(__file__).parent / "talks").glob("*.json"))
    for talk in json.loads(file.read_text())
]


@pytest.mark.parametrize("talk", TALKS)
async def test_a_talk_goes_as_it_is_told(
    talk: dict[str, Any], catalogue: Catalogue
) -> None:
    anna = Visitor(catalogue)
    await anna.put(talk.get("cart", {}))

    results: list[Any] = []
    for turn in talk["turns"]:
        heard = await anna.say(turn["say"])
        results += heard.results

        told = f"{turn['say']} -> {heard.calls} {heard.text}"
        _check_calls(turn, heard, told)
        _check_reply(turn, heard, told)
        _check_amounts(heard.text, results, told)
        if "cart" in turn:
            assert anna.cart == turn["cart"], told


def _check_calls(turn: Mapping[str, Any], heard: Heard, told: str) -> None:
    expected = list(turn.get("tools", []))
    for want in expected:
        assert any(_is(call, want) for call in heard.calls), told
    if "cart" in turn:
        return  # the cart afterwards says what may have been written
    writes = [call for call in heard.calls if effect(call[0]) == "write"]
    for call in writes:
        assert any(_is(call, want) for want in expected), told


def _is(call: tuple[str, Mapping[str, Any]], want: Mapping[str, Any]) -> bool:
    tool, arguments = call
    return tool == want["tool"] and all(
        key in arguments and _fits(arguments[key], value)
        for key, value in want.get("args", {}).items()
    )


def _fits(have: Any, want: Any) -> bool:
    if isinstance(want, str) and want.startswith("~"):
        return re.search(want[1:], str(have), re.IGNORECASE) is not None
    return bool(have == want)


def _check_reply(turn: Mapping[str, Any], heard: Heard, told: str) -> None:
    assert isinstance(heard.steps[-1], Answered), told
    assert not {UNSURE, NOTHING, TOO_MUCH} & {heard.text}, told
    assert UNSURE not in heard.text, told
    assert len(heard.calls) <= 8, told
    for must in turn.get("must", []):
        assert _holds(heard.text, must), f"no {must!r}: {told}"
    for must_not in turn.get("must_not", []):
        assert not _holds(heard.text, must_not), f"{must_not!r}: {told}"
    if "cards" in turn:
        assert [each["id"] for each in heard.products] == turn["cards"], told


def _holds(text: str, pattern: str) -> bool:
    if pattern.startswith("~"):
        found = re.search(pattern[1:], text, re.IGNORECASE | re.DOTALL)
        return found is not None
    return pattern in text


def _check_amounts(text: str, results: list[Any], told: str) -> None:
    known = set(_amounts(results))
    for figure in re.findall(r"\$([\d,]+\.\d\d)", text):
        assert int(figure.replace(",", "").replace(".", "")) in known, told


def _amounts(value: Any, key: str = "") -> Iterator[int]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _amounts(each, name)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _amounts(each, key)
    elif key.endswith("_cents"):
        yield value
