"""Asking many actors one after the other, so that none holds up those behind it."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

from actors.runtime import Bug
from commerce.errors import CommerceError
from messages.base import Command, Port, Unavailable

# What a report tells of those that did not do as asked; a count tells of all.
SHOWN = 20


async def unwilling(
    port: Port, asked: Iterable[tuple[str, Command[Any]]]
) -> AsyncIterator[str]:
    """Ask each of `asked` by its key; yield who did not do it, and why."""
    for key, command in asked:
        try:
            await port.ask(key, command)
        except (CommerceError, Unavailable, Bug) as trouble:
            yield f"{key}: {trouble}"
