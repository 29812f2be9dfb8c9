"""What a turn should have brought, and which of it it did not."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agent.tools import effect
from bench.eval_match import fits, found_in, has
from bench.eval_talk import Heard

Call = tuple[str, Mapping[str, Any]]


class Expected:
    """The expectations of one file, which says what its tools do."""

    def __init__(self, tools: Sequence[Mapping[str, Any]]) -> None:
        self._effects = {each["name"]: each["effect"] for each in tools}

    def faults(
        self, wanted: Mapping[str, Any], heard: Heard, named: Mapping[str, Any]
    ) -> Iterator[str]:
        """Yield what was expected and did not happen, or happened and was not to.

        `named` are the values of `$names`; `granted` among them is what the shopper has
        confirmed in this very turn, which is then no tool too many.
        """
        if heard.error:
            yield f"error {heard.error}"
        yield from self._tools(wanted, heard, named)
        for name in wanted.get("forbid_tools", ()):
            if any(tool == name for tool, _ in heard.calls):
                yield f"forbidden tool {name} was used"
        for text in wanted.get("reply_must", ()):
            if not found_in(text, heard.reply):
                yield f"reply lacks {text!r}"
        for text in wanted.get("reply_must_not", ()):
            if found_in(text, heard.reply):
                yield f"reply holds {text!r}"
        yield from _interrupt(wanted, heard, named)

    def _tools(
        self, wanted: Mapping[str, Any], heard: Heard, named: Mapping[str, Any]
    ) -> Iterator[str]:
        tools = wanted.get("tools", [])
        for each in tools:
            if not any(_is(each, call, named) for call in heard.calls):
                yield f"tool {each['name']} {each.get('args', {})} was not used"
        for call in heard.calls:
            if self._reads(call[0]) or any(_is(each, call, named) for each in tools):
                continue
            if call[0] != named.get("granted"):
                yield f"tool {call[0]} {dict(call[1])} was not to be used"

    def _reads(self, tool: str) -> bool:
        return bool(self._effects.get(tool, effect(tool)) == "read")


def fact_faults(facts: Mapping[str, Any], results: list[Any]) -> Iterator[str]:
    """Yield which facts of a case no tool result told."""
    if "error" in facts:
        codes = {each.get("error") for each in results if isinstance(each, Mapping)}
        if facts["error"] not in codes:
            yield f"no result refused with {facts['error']}"
    if "quote" in facts:
        sums = {k: v for k, v in facts["quote"].items() if isinstance(v, int)}
        if not any(has(sums, each, {}) for each in _mappings(results)):
            yield f"no result has the sums {sums}"


def _is(wanted: Mapping[str, Any], call: Call, named: Mapping[str, Any]) -> bool:
    tool, arguments = call
    return tool == wanted["name"] and fits(wanted.get("args", {}), arguments, named)


def _interrupt(
    wanted: Mapping[str, Any], heard: Heard, named: Mapping[str, Any]
) -> Iterator[str]:
    payload = wanted.get("interrupt")
    if payload is None:
        return
    if heard.quote is None:
        yield f"the run did not stop at {payload}"
    elif not has(payload, heard.quote, named):
        yield f"the run stopped at {dict(heard.quote)}, not at {payload}"


def _mappings(content: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, Mapping):
        yield content
        for each in content.values():
            yield from _mappings(each)
    elif isinstance(content, list):
        for each in content:
            yield from _mappings(each)
