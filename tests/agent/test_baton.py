"""The graph hands one run from node to node, as each of them says."""

import asyncio
from typing import Any

import pytest
from langgraph.errors import GraphRecursionError
from langgraph.pregel import Pregel

from actors.runtime.testing import steps
from agent.baton import graph


class Way:
    """A run that knows where it wants to go, and notes where it was."""

    def __init__(self, *wanted: str) -> None:
        self.wanted = list(wanted)
        self.been: list[str] = []

    def visit(self, name: str) -> str | None:
        self.been.append(name)
        return self.wanted.pop(0) if self.wanted else None


async def left(way: Way) -> str | None:
    return way.visit("left")


async def right(way: Way) -> str | None:
    await steps(1)
    return way.visit("right")


@pytest.fixture
def paths() -> Pregel[Any]:
    return graph({"left": left, "right": right})


async def go(
    paths: Pregel[Any], way: Way, start: str = "left", limit: int = 20
) -> None:
    async for _ in paths.astream({start: [way]}, {"recursion_limit": limit}):
        pass


async def test_each_node_says_which_is_next_until_none_is(paths: Pregel[Any]) -> None:
    way = Way("right", "left", "left", "right")

    await go(paths, way)

    assert way.been == ["left", "right", "left", "left", "right"]


async def test_a_run_may_start_at_any_node(paths: Pregel[Any]) -> None:
    way = Way()

    await go(paths, way, start="right")

    assert way.been == ["right"]


async def test_runs_side_by_side_go_their_own_ways(paths: Pregel[Any]) -> None:
    ways = [Way(*["right", "left"] * each) for each in range(5)]

    await asyncio.gather(*(go(paths, each) for each in ways))

    assert [len(each.been) for each in ways] == [1, 3, 5, 7, 9]


async def test_a_run_that_goes_in_circles_is_ended(paths: Pregel[Any]) -> None:
    with pytest.raises(GraphRecursionError):
        await go(paths, Way(*["left"] * 100))


async def test_what_breaks_in_a_node_breaks_the_run() -> None:
    async def broken(_way: Way) -> str | None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await go(graph({"left": broken}), Way())
