"""The points ledger: only ever appended to, and what it must add up to.

RULES.md section 4: "The balance is the sum of the ledger; no counter is trusted without
it." An entry says by how much it changed each of three sums, so that whoever adds the
entries up needs to know nothing of their kinds.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct

from commerce.lots import Lots

Kind = Literal[
    "earn_pending", "earn_active", "hold", "spend", "release", "restore", "reverse",
    "expire", "adjust",
]  # fmt: skip


class Cause(Struct, frozen=True):
    """Why and when something is booked: `key` names it once and for all."""

    key: str
    at: datetime
    order: str = ""
    note: str = ""


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the ledger: by how much it changed each of the three sums."""

    id: str
    kind: Kind
    at: datetime
    key: str
    points: int = 0
    pending: int = 0
    held: int = 0
    lot: str = ""
    order: str = ""
    note: str = ""


class Sums(Struct, frozen=True):
    """What a ledger, or a part of it, adds up to."""

    points: int = 0
    pending: int = 0
    held: int = 0


NOTHING = Sums()


def add_up(entries: Iterable[Entry], start: Sums = NOTHING) -> Sums:
    """Return `start` with `entries` added: ledgers are read chunk by chunk."""
    points, pending, set_aside = start.points, start.pending, start.held
    for each in entries:
        points += each.points
        pending += each.pending
        set_aside += each.held
    return Sums(points, pending, set_aside)


def entry(
    cause: Cause, kind: Kind, *, number: int = 0, lot: str = "", **sums: int
) -> Entry:
    """Return one line, `number` among those of its cause."""
    return Entry(
        id=f"{cause.key}/{number}",
        kind=kind,
        at=cause.at,
        key=cause.key,
        lot=lot,
        order=cause.order,
        note=cause.note,
        **sums,
    )


def entries(
    cause: Cause, kind: Kind, parts: Lots, *, points: int = 0, held: int = 0
) -> tuple[Entry, ...]:
    """Return one entry a lot, its points once for each sum they change."""
    return tuple(
        entry(
            cause,
            kind,
            number=number,
            lot=lot,
            points=points * each.points,
            held=held * each.points,
        )
        for number, (lot, each) in enumerate(parts.items())
    )
