"""What time drives: reminders, outcomes to forget, actors to passivate.

A reminder is the field `due` of an actor's own document. Twice a second the store is
asked which are due within the next second; an actor that is woken early sets a timer
for the rest. So a reminder may be late, never lost.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from actors.runtime import tidy
from actors.runtime.cell import Cell
from actors.runtime.mail import Wake
from actors.runtime.roster import Roster
from store.port import StorageError

if TYPE_CHECKING:
    from actors.runtime.system import System

POLL_EVERY_S = 0.5
AHEAD = timedelta(seconds=1)

# So many are woken at once; the rest half a second later, the oldest first.
WAKE_AT_ONCE = 1000

_log = structlog.get_logger(__name__)


async def poll_forever(system: "System") -> None:
    """Do what time asks for, now and twice a second, until cancelled."""
    while True:
        system.polling = True
        try:
            await _poll(system)
        except Exception:  # noqa: BLE001 - the next poll must come whatever this one met
            _log.exception("reminders.broke")
        finally:
            system.polling = False
            system.errands.rested()
        await system.clock.sleep(POLL_EVERY_S)


async def _poll(system: "System") -> None:
    for roster in system.rosters.values():
        roster.sweep(system.clock.monotonic())
    flush_leaving(system)
    for roster in system.rosters.values():
        if roster.durable and roster.kind.reminds:
            await _wake_due(system, roster)


async def _wake_due(system: "System", roster: Roster) -> None:
    try:
        keys = await system.storage.due(
            roster.kind.collection, system.clock.now() + AHEAD, WAKE_AT_ONCE
        )
    except StorageError as error:
        # The next poll is near; whoever commits meanwhile says that the store is away.
        _log.warning("reminders.unread", kind=roster.name, error=str(error))
        return
    except Exception:  # noqa: BLE001 - the other kinds are woken none the less
        _log.exception("reminders.unread", kind=roster.name)
        return
    for key in keys:
        roster.cell(key).note(Wake())


def flush_leaving(system: "System") -> None:
    """Let actors whose effects may be forgotten now write that down."""
    now = system.clock.monotonic()
    ripe: dict[Roster, list[Cell]] = {}
    for cell in list(system.leaving):
        stored = cell.stored
        if stored is None or not stored.leaving:
            del system.leaving[cell]
        elif stored.has_ripe(now):
            ripe.setdefault(cell.roster, []).append(cell)
    for roster, cells in ripe.items():
        tidy.forget(roster, cells)
