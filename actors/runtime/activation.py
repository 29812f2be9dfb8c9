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
    is_guess = lost_at is None and _is_founded(cell)
    try:
        found = Found(key=cell.key) if is_guess else await _claimed(cell)
        actor = _born(cell)
        state = cell.roster.layout.state(found, actor.initial(cell.key))
        cell.actor = actor
        take(cell, found, state)
        if cell.stored is not None:
            cell.stored.is_guess = is_guess
        await hooks.call(cell, actor.opened)
        if lost_at == (found.rev, found.writer) and found.rev and cell.batch is None:
            # We lost although nobody committed: a hand has edited the document.
            await hooks.adopt(cell, cell.state)
    except Exception as error:  # noqa: BLE001 - of the store, or of the actor's hooks
        failing.cannot_open(cell, error)
        return False
    promises.send_all(cell)
    return True


async def _claimed(cell: "Cell") -> Found:
    """Own the document."""
    roster = cell.roster
    storage, collection = roster.system.storage, roster.kind.collection
    if not roster.durable:
        return Found(key=cell.key)
    if cell.key in roster.doubtful:
        found = await storage.reclaim(collection, cell.key)
        roster.doubtful.discard(cell.key)
        return found
    return await storage.claim(collection, cell.key)


def _is_founded(cell: "Cell") -> bool:
    """Tell whether what a first message says stands for a look.

    Should there be a document none the less, the first commit is lost to it.
    """
    roster = cell.roster
    if not roster.durable or cell.control is not None or cell.key in roster.doubtful:
        return False
    return roster.kind.founds(cell.inbox[0].command if cell.inbox else None)


def take(cell: "Cell", found: Found, state: Any) -> None:
    """Know the document as `found`, in which `state` stands."""
    cell.state = state
    if cell.roster.durable:
        layout = cell.roster.layout
        cell.stored = Stored(found, state, layout.guards)
        cell.stored.whole = not layout.is_current(found)
        cell.stored.broken = layout.broken(found)
