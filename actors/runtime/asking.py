"""Asks made by actors: the smaller deadline, and no circles.

An actor that asks waits, and handles nothing meanwhile. Two that wait for each other
would wait for their deadlines, so an ask that closes a circle is refused at once: seen
by the path in the envelope, and by who waits for whom on this node.
"""

from typing import TYPE_CHECKING, Any

from actors.runtime.errors import Cycle
from messages.base import Command, Expired

if TYPE_CHECKING:
    from actors.runtime.cell import Cell


async def nested_ask(
    cell: "Cell", key: str, command: Command[Any], once: str | None
) -> Any:
    """Ask on behalf of the message that `cell` is handling."""
    system, mail = cell.roster.system, cell.current
    assert mail is not None
    if cell.draft is not None and cell.draft.became:
        raise RuntimeError(f"{cell.address}: ask first, then become, or checkpoint()")
    left_s = mail.deadline - cell.roster.monotonic()
    if left_s <= 0:
        raise Expired(f"{cell.address} has no time left to ask")
    addressee = system.cell(command.to, key)
    path = (*mail.path, cell.address)
    if addressee.address in path or _waits_for(addressee, cell):
        system.metrics.cycles += 1
        raise Cycle((*path, addressee.address))
    if cell.asking is None:
        cell.asking = []
    cell.asking.append(addressee)
    try:
        return await system.ask_at(
            addressee.address,
            command,
            within_s=min(left_s, system.ask_within_s),
            once=once,
            sender=str(cell.address),
            path=path,
        )
    finally:
        cell.asking.remove(addressee)
        if not cell.asking:
            cell.asking = None


def _waits_for(waiting: "Cell", awaited: "Cell") -> bool:
    """Say whether `waiting` cannot go on before `awaited` has answered."""
    to_see, seen = [waiting], {id(waiting)}
    while to_see:
        cell = to_see.pop()
        if cell is awaited:
            return True
        for each in cell.asking or ():
            if id(each) not in seen:
                seen.add(id(each))
                to_see.append(each)
    return False
