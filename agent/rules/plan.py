"""A plan: which tools to use, one after the other, and the reply made of the results.

Written as generators. The rules model keeps nothing between two calls of it: it runs
the plan again from its beginning and feeds it the results that are there already; the
first use without a result is what to do next.
"""

from collections.abc import Generator, Mapping
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class Use(NamedTuple):
    """A tool to use."""

    tool: str
    arguments: Mapping[str, Any]


Uses = tuple[Use, ...]
Results = tuple[Mapping[str, Any], ...]
Part = Generator[Uses, Results, T]
Plan = Part[str]


def use(tool: str, **arguments: Any) -> Part[Mapping[str, Any]]:
    """Use one tool and return its result."""
    (result,) = yield (Use(tool, arguments),)
    return result


def just(text: str) -> Plan:
    """Reply without a tool."""
    yield from ()
    return text
