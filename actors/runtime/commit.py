"""The write that makes a batch durable, drawn from what the batch changes."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from actors.runtime.codec import builtins
from actors.runtime.draft import Batch, Unchanged
from actors.runtime.layout import TAIL, Changes
from actors.runtime.stored import Stored, outcome_path, promise_path, size_of
from store.port import Found, Write

if TYPE_CHECKING:
    from actors.runtime.cell import Cell

SEAL_ABOVE = 32 * 1024
"""The size of a tail from which its older entries are sealed into a chunk."""

KEEP_UNSEALED = 8 * 1024
"""How much of the newest stays in the document, and in memory."""

PROMISE_AGAIN = timedelta(seconds=30)
"""When an actor is woken because it may have died with promises not yet kept."""

SOON = timedelta(seconds=2)


class Draught(Struct):
    """A write, and what is known of the document once it stands."""

    write: Write
    sealed: list[Any]
    sealed_from: int
    sizes: list[int] | None
    remind: datetime | None
    due: datetime | None
    forgotten: list[str]


def drawn(cell: "Cell", batch: Batch) -> Draught | None:
    """Return the write of `batch`; None: nothing differs from what is stored."""
    stored, roster = cell.stored, cell.roster
    assert stored is not None
    now = roster.system.clock.now()
    changes = roster.layout.changes(stored.state, cell.state)
    changes.push = builtins(changes.push)
    forgotten = stored.ripe(roster.monotonic(), now)
    remind = stored.remind if isinstance(batch.remind, Unchanged) else batch.remind
    due = _due(stored, batch, remind, now)
    _bookkeeping(changes, stored, batch, remind, due)
    if not (changes.any or (batch.touch and forgotten)):
        return None
    for effect in forgotten:
        changes.unset_fields.append(outcome_path(effect))
    if stored.whole:
        everything = roster.layout.everything(cell.state)
        changes.set_fields = {**everything, **changes.set_fields}
        changes.set_fields["schema"] = roster.kind.schema
    sealed, keep, sizes = _sealing(cell, stored, changes, batch)
    for name in stored.broken:
        if name != TAIL:
            _write_anew(changes, name)
        elif changes.push:
            keep = 0
    write = Write(
        collection=roster.kind.collection,
        key=cell.key,
        rev=stored.rev,
        epoch=stored.epoch,
        writer=roster.system.next_writer(),
        guards=_guards(stored),
        set_fields=builtins(changes.set_fields),
        unset_fields=changes.unset_fields,
        push=changes.push,
        keep=keep,
    )
    return Draught(write, sealed, stored.sealed_to, sizes, remind, due, forgotten)


def _write_anew(changes: Changes, name: str) -> None:
    """Set the map `name` as a whole, in which a hand has left nothing."""
    within = f"{name}."
    paths = [path for path in changes.set_fields if path.startswith(within)]
    entries = {
        path.removeprefix(within): changes.set_fields.pop(path) for path in paths
    }
    changes.set_fields[name] = entries
    changes.unset_fields = [
        path for path in changes.unset_fields if not path.startswith(within)
    ]


def _guards(stored: Stored) -> dict[str, Any]:
    if stored.seen is None:
        return {}
    return {name: raw for name, raw in stored.seen.items() if raw is not None}


def _bookkeeping(
    changes: Changes,
    stored: Stored,
    batch: Batch,
    remind: datetime | None,
    due: datetime | None,
) -> None:
    for step, promise in batch.promises.items():
        changes.set_fields[promise_path(step)] = promise.fields()
    changes.unset_fields.extend(promise_path(step) for step in batch.kept)
    for effect, outcome in batch.outcomes.items():
        changes.set_fields[outcome_path(effect)] = outcome
    for name, before, after in (
        ("remind", stored.remind, remind),
        ("due", stored.due, due),
    ):
        if after is None and before is not None:
            changes.unset_fields.append(name)
        elif after != before:
            changes.set_fields[name] = after


def _due(
    stored: Stored, batch: Batch, remind: datetime | None, now: datetime
) -> datetime | None:
    """Return when the actor must be found again, for whichever reason is first."""
    outstanding = {*(stored.promises or ()), *batch.promises} - {*batch.kept}
    if not outstanding:
        return remind
    again = stored.due
    if again is None or not now + SOON < again <= now + PROMISE_AGAIN:
        again = now + PROMISE_AGAIN
    return again if remind is None else min(again, remind)


def _sealing(
    cell: "Cell", stored: Stored, changes: Changes, batch: Batch
) -> tuple[list[Any], int | None, list[int] | None]:
    """Return what is sealed, how many old entries stay, and all sizes thereafter."""
    sizes = stored.sizes or []
    news = [size_of(entry) for entry in changes.push]
    if changes.empties_log:
        changes.set_fields["sealed_to"] = stored.sealed_to + len(sizes)
        return [], 0, None
    if not news:
        return [], None, stored.sizes
    # A handler that goes on after a checkpoint may still hold the long log.
    if sum(sizes) + sum(news) <= SEAL_ABOVE or not sizes or batch.is_checkpoint:
        return [], None, sizes + news
    kept = _fitting(sizes)
    first = len(sizes) - kept
    log = cell.roster.layout.log
    assert log is not None
    old = getattr(stored.state, log)
    changes.set_fields["sealed_to"] = stored.sealed_to + first
    return builtins(old[:first]), kept, sizes[first:] + news


def _fitting(sizes: list[int]) -> int:
    """Return how many of the newest entries fit into what stays."""
    room, kept = KEEP_UNSEALED, 0
    for size in reversed(sizes):
        room -= size
        if room < 0:
            break
        kept += 1
    return kept


def same_document(cell: "Cell", found: Found) -> bool:
    """Say whether `found` is the document that this memory was made of."""
    stored, layout = cell.stored, cell.roster.layout
    assert stored is not None
    if (found.rev, found.writer) != (stored.rev, stored.writer):
        return False
    initial = cell.actor.initial(cell.key)
    return layout.same(layout.state(found, initial), stored.state)
