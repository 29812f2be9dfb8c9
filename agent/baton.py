"""The graph's machine: langgraph's Pregel, whose nodes hand one run on like a baton.

A node that langgraph makes of a function is a traced sequence: callback managers,
merged configs and a task of its own, at every step. All that costs as much as what the
nodes of a turn do, and nobody traces these runs. So a node here is langgraph's plain
unit, a `Runnable`: it takes the run and names the node that goes on with it.

Imports langgraph, which takes most of a second: to be imported where it is used.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.channels import Topic
from langgraph.pregel import NodeBuilder, Pregel

Act = Callable[[Any], Awaitable[str | None]]
"""What a node does with the run; returns the next node, None at the end."""


class Node(Runnable[list[Any], None]):
    """A node: acts on the run and posts it to whoever goes on with it."""

    def __init__(self, act: Act, post: Runnable[Any, Any]) -> None:
        self._act = act
        self._post = post

    async def ainvoke(
        self,
        input: list[Any],
        config: RunnableConfig | None = None,
        **_: Any,
    ) -> None:
        """Act on the one run that came."""
        (run,) = input
        self._post.invoke((await self._act(run), run), config)

    def invoke(self, *_: Any, **__: Any) -> None:
        """Refuse: a run is never waited for in a thread."""
        raise NotImplementedError


def graph(acts: Mapping[str, Act]) -> Pregel[Any]:
    """Return the graph of the nodes that `acts` names; start it at any of them.

    A run that is nobody's next ends it: a topic that was sent nothing wakes no node.
    """
    mail = NodeBuilder().write_to(**{each: partial(_for, each) for each in acts})
    (post,) = mail.build().writers
    return Pregel(
        nodes={name: _node(name, Node(act, post)) for name, act in acts.items()},
        channels={name: Topic(object) for name in acts},
        input_channels=[*acts],
        output_channels=[],
        stream_channels=[],
    )


def _node(name: str, node: Node) -> Any:
    """Return the node alone: beside a writer it would be traced as a sequence."""
    built = NodeBuilder().subscribe_only(name).do(node).build()
    return built.copy({"writers": []})


def _for(name: str, posted: tuple[str | None, Any]) -> list[Any]:
    following, run = posted
    return [run] if following == name else []
