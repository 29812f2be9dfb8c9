"""What the runtime knows of one actor's document, beside the state in it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from actors.runtime.codec import escaped, unescaped
from actors.runtime.draft import Batch, Promise
from store.port import Found

if TYPE_CHECKING:
    from actors.runtime.commit import Draught

_log = structlog.get_logger(__name__)

OUTCOMES_FOR = timedelta(hours=24)
"""How long an addressee remembers an effect whose asker never says Forget."""

LEAVING_S = 60.0
"""And how long after Forget: longer than an ask of a node that lost the actor may still
be on its way."""


class Stored:
    """One actor's document as it was last seen: bookkeeping and committed state."""

    __slots__ = (
        "broken",
        "due",
        "epoch",
        "is_empty",
        "is_guess",
        "leaving",
        "outcomes",
        "promises",
        "remind",
        "rev",
        "sealed_to",
        "seen",
        "sizes",
        "state",
        "whole",
        "writer",
    )

    def __init__(self, found: Found, state: Any, guards: tuple[str, ...]) -> None:
        fields = found.fields
        self.rev = found.rev
        self.epoch = found.epoch
        self.writer = found.writer
        self.is_empty = not found.fields and not found.tail
        # Nobody looked whether there is a document: a first message said there is none.
        self.is_guess = False
        self.state = state
        # Never guessed: entries would be sealed over those that stand there.
        self.sealed_to = int(fields.get("sealed_to", 0))
        # The encoded size of each entry in `tail`; None where there is none.
        self.sizes = [size_of(entry) for entry in found.tail or ()] or None
        self.remind = _instant(fields.get("remind"))
        self.due = _instant(fields.get("due"))
        self.promises = _promises(found) or None
        self.outcomes = _outcomes(found) or None
        # Effects to be forgotten, and since when (monotonic).
        self.leaving: dict[str, float] | None = None
        # The guarded fields, raw, as last seen in the document.
        self.seen = {name: fields.get(name) for name in guards} or None
        # Whether the next commit writes every field, because the document was not
        # written by us, or under another schema.
        self.whole = True
        # What is no map (or, `tail`, no list) because a hand broke it, and is written
        # anew by the next commit: nothing can be set within it.
        self.broken: frozenset[str] = frozenset()

    @property
    def is_missing(self) -> bool:
        """Whether there was no document, or none that anybody wrote."""
        return self.rev == 0 and self.is_empty

    def outcome(self, effect: str) -> dict[str, Any] | None:
        """Return what was recorded of `effect`, if it was."""
        return None if self.outcomes is None else self.outcomes.get(effect)

    def expired_outcomes(self, now: datetime) -> list[str]:
        """Return the effects that nobody will ask for again; the oldest stand first."""
        expired: list[str] = []
        for effect, outcome in (self.outcomes or {}).items():
            if now - outcome["at"] < OUTCOMES_FOR:
                break
            expired.append(effect)
        return expired

    def remember(
        self, outcomes: dict[str, dict[str, Any]], forgotten: list[str]
    ) -> None:
        """Know `outcomes` from now on, and `forgotten` no more."""
        # In place: a hot actor has thousands, and commits many times a second.
        known = self.outcomes if self.outcomes is not None else {}
        known.update(outcomes)
        for effect in forgotten:
            known.pop(effect, None)
            if self.leaving is not None:
                self.leaving.pop(effect, None)
        self.outcomes = known or None
        self.leaving = self.leaving or None

    def leave(self, effect: str, now: float) -> None:
        """Forget `effect`, once nobody can still be repeating it."""
        if self.leaving is None:
            self.leaving = {}
        self.leaving.setdefault(effect, now)

    def has_ripe(self, now: float) -> bool:
        """Say whether an effect may be forgotten."""
        oldest = next(iter((self.leaving or {}).values()), now)
        return oldest + LEAVING_S <= now

    def ripe(self, monotonic: float, now: datetime) -> list[str]:
        """Return the effects that may be forgotten."""
        if not self.outcomes:
            return []
        # The oldest stand first.
        before = monotonic - LEAVING_S
        left = (self.leaving or {}).items()
        ripe = [each for each, _since in takewhile(lambda it: it[1] <= before, left)]
        return list(
            {**dict.fromkeys(ripe), **dict.fromkeys(self.expired_outcomes(now))}
        )

    def landed(self, draught: "Draught", batch: Batch) -> None:
        """Know that a commit stands."""
        write = draught.write
        self.rev = write.rev + 1
        self.writer = write.writer
        self.is_guess = self.whole = False
        self.broken = frozenset()
        self.sizes = draught.sizes
        self.sealed_to = write.set_fields.get("sealed_to", self.sealed_to)
        self.remind = draught.remind
        self.due = draught.due
        if batch.promises or batch.kept:
            promises = {**(self.promises or {}), **batch.promises}
            for step in batch.kept:
                promises.pop(step, None)
            self.promises = promises or None
        if batch.outcomes or draught.forgotten:
            self.remember(batch.outcomes, draught.forgotten)
        self.saw(write.set_fields, write.unset_fields)

    def kept_all(self, writer: str) -> None:
        """Know that `writer` has committed that every promise is kept."""
        self.rev += 1
        self.writer = writer
        self.promises = self.due = None

    def forgot_all(self, writer: str) -> None:
        """Know that `writer` has committed that every effect is forgotten."""
        self.rev += 1
        self.writer = writer
        self.outcomes = self.leaving = None

    def saw(self, set_fields: Mapping[str, Any], unset_fields: Sequence[str]) -> None:
        """Remember what a commit made of the guarded fields."""
        if self.seen is None:
            return
        for path, value in set_fields.items():
            name, _, entry = path.partition(".")
            if name not in self.seen:
                continue
            if entry:
                self.seen[name] = {**(self.seen[name] or {}), entry: value}
            else:
                self.seen[name] = value
        for path in unset_fields:
            name, _, entry = path.partition(".")
            if entry and self.seen.get(name):
                left = dict(self.seen[name] or {})
                left.pop(entry, None)
                self.seen[name] = left


def size_of(entry: Any) -> int:
    """Return how large a log's entry (builtins) is when encoded."""
    return len(msgspec.msgpack.encode(entry))


def _instant(told: Any) -> datetime | None:
    return told if isinstance(told, datetime) else None


def _promises(found: Found) -> dict[str, Promise]:
    promises = {}
    for step, told in _entries(found, "promises"):
        try:
            promises[unescaped(step)] = msgspec.convert(told, Promise)
        except msgspec.ValidationError as error:
            _report(found, f"promises.{step}", str(error))
    return promises


def _outcomes(found: Found) -> dict[str, dict[str, Any]]:
    outcomes = []
    for effect, told in _entries(found, "outcomes"):
        is_readable = isinstance(told, dict) and "answer" in told
        if is_readable and _instant(told.get("at")) is not None:
            outcomes.append((unescaped(effect), told))
        else:
            _report(found, f"outcomes.{effect}", "no answer, or no time of it")
    return dict(sorted(outcomes, key=lambda each: each[1]["at"]))


def _entries(found: Found, name: str) -> Iterable[tuple[str, Any]]:
    told = found.fields.get(name)
    return told.items() if isinstance(told, Mapping) else ()


def _report(found: Found, field: str, error: str) -> None:
    _log.error("actor.field_unreadable", key=found.key, field=field, error=error)


def promise_path(step: str) -> str:
    """Return where the promise `step` stands in the document."""
    return f"promises.{escaped(step)}"


def outcome_path(effect: str) -> str:
    """Return where the outcome of `effect` stands in the document."""
    return f"outcomes.{escaped(effect)}"
