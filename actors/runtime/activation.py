"""How an actor comes to memory.

Loading claims the document: from then on only we may write it. Nothing is created by
it. Then `opened` may decide, and what it decides joins the commit of the first turn.
"""

from typing import TYPE_CHECKING, Any

from actors.runtime import failing, hooks, promises
from actors.runtime.actor import Actor
from actors.runtime.stored import Stored
from store.port import Found

if TYPE_CHECKING:
    from actors.runtime.cell import Cell


def at_once(cell: "Cell") -> bool:
    """Bring a volatile actor to life without waiting; False: that takes a task."""
    if cell.roster.durable or cell.control is not None:
        return False
    try:
        actor = _born(cell)
        if type(actor).opened is not Actor.opened:
            return False
        cell.state = actor.initial(cell.key)
    except Exception:  # noqa: BLE001 - the task does it again, and reports it
        return False
    cell.actor = actor
    return True


def _born(cell: "Cell") -> Actor[Any, Any]:
    actor: Actor[Any, Any] = cell.roster.kind.actor()
    actor._cell = cell  # noqa: SLF001 - the runtime gives an actor its place
    return actor


async def load(cell: "Cell") -> bool:
    """Claim and read the document and open the actor; False: whoever waits was told."""
    lost_at, cell.lost_at = cell.lost_at, None
    try:
        found = await _claimed(cell, is_sure=lost_at is not None)
        actor = _born(cell)
        state = cell.roster.layout.state(found, actor.initial(cell.key))
        cell.actor = actor
        take(cell, found, state)
        await hooks.call(cell, actor.opened)
        if lost_at == (found.rev, found.writer) and found.rev and cell.batch is None:
            # We lost although nobody committed: a hand has edited the document.
            await hooks.adopt(cell, cell.state)
    except Exception as error:  # noqa: BLE001 - of the store, or of the actor's hooks
        failing.cannot_open(cell, error)
        return False
    promises.send_all(cell)
    return True


async def _claimed(cell: "Cell", *, is_sure: bool) -> Found:
    """Own the document; `is_sure`: there is one, whatever a first message says."""
    roster = cell.roster
    storage, collection = roster.system.storage, roster.kind.collection
    if not roster.durable:
        return Found(key=cell.key)
    if cell.key in roster.doubtful:
        found = await storage.reclaim(collection, cell.key)
        roster.doubtful.discard(cell.key)
        return found
    if not is_sure and _is_founded(cell):
        # Should there be a document none the less, the first commit is lost to it.
        return Found(key=cell.key)
    return await storage.claim(collection, cell.key)


def _is_founded(cell: "Cell") -> bool:
    first = cell.inbox[0].command if cell.inbox else None
    return cell.control is None and cell.roster.kind.founds(first)


def take(cell: "Cell", found: Found, state: Any) -> None:
    """Know the document as `found`, in which `state` stands."""
    cell.state = state
    if cell.roster.durable:
        layout = cell.roster.layout
        cell.stored = Stored(found, state, layout.guards)
        cell.stored.whole = not layout.is_current(found)
        cell.stored.broken = layout.broken(found)
