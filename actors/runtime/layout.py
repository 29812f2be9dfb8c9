"""How a state becomes a document and back, found from the state's type.

A field `Log[T]` is the append-only log, a field `Mapping[str, ...]` is a keyed map
(written key by key), everything else is body (written field by field). What is written
is the difference between two states: actors just return a new one.
"""

import math
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
import structlog
from msgspec import Struct, field

from actors.runtime.codec import builtins, escaped, unescaped
from actors.runtime.kind import AppendOnly, Kind
from store.port import Found

_log = structlog.get_logger(__name__)

# What the runtime and the store keep in the same document.
RESERVED = frozenset(
    {"_id", "rev", "epoch", "owner", "writer", "born", "schema", "due", "remind"}
    | {"promises", "outcomes", "tail", "sealed_to"}
)
TAIL = "tail"
_ABSENT = object()
_MAPS = (dict, Mapping, MutableMapping)


class Changes(Struct):
    """What differs between two states; values as they are, not yet builtins."""

    set_fields: dict[str, Any] = field(default_factory=dict)
    unset_fields: list[str] = field(default_factory=list)
    push: Sequence[Any] = ()
    empties_log: bool = False

    @property
    def any(self) -> bool:
        """Whether there is anything to write."""
        return bool(
            self.set_fields or self.unset_fields or self.push or self.empties_log
        )


class Layout:
    """Reads and writes the states of one kind."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self.types = get_type_hints(kind.state, include_extras=True)
        self.log: str | None = None
        self.entries_type: Any = None
        self.body: list[tuple[str, str]] = []
        self.maps: list[tuple[str, str]] = []
        for each in msgspec.structs.fields(kind.state):
            self._place(each.name, each.encode_name)
        self._check(kind)
        names = dict((*self.body, *self.maps))
        self.guards = tuple(names[name] for name in kind.guards)

    def _place(self, name: str, stored_as: str) -> None:
        hint = self.types[name]
        if _is_log(hint):
            if self.log is not None:
                raise TypeError(f"{self._kind.state.__name__} has more than one log")
            self.log, self.entries_type = name, get_args(hint)[0]
        elif get_origin(hint) in _MAPS and get_args(hint)[0] is str:
            self.maps.append((name, stored_as))
        else:
            self.body.append((name, stored_as))

    def _check(self, kind: Kind) -> None:
        names = {stored_as for _name, stored_as in (*self.body, *self.maps)}
        if kind.durable and (taken := names & RESERVED):
            raise TypeError(
                f"{kind.state.__name__}: {sorted(taken)} are the runtime's own fields"
            )
        if unknown := {*kind.guards, *kind.unreadable} - set(self.types):
            raise TypeError(f"{kind.state.__name__} has no field {sorted(unknown)}")

    # Reading

    def state(self, found: Found, initial: Any) -> Any:
        """Return the state that `found` tells of; what it lacks is as in `initial`.

        A value that cannot be read is not adopted: the log says so.
        """
        if not found.rev and not found.fields and not found.tail:
            return initial
        fields = self._upgraded(found.fields)
        values = {}
        for name, stored_as in self.body:
            if stored_as in fields:
                values[name] = self._value(found.key, name, fields[stored_as], initial)
        for name, stored_as in self.maps:
            if stored_as in fields:
                values[name] = self._entries(found.key, name, fields[stored_as])
        if self.log is not None:
            values[self.log] = self.entries(found.tail or ())
        return msgspec.structs.replace(initial, **values)

    def entries(self, told: Sequence[Any]) -> tuple[Any, ...]:
        """Return the entries of a log that `told` (builtins) are."""
        entries: tuple[Any, ...] = _converted(told, self.entries_type)
        return entries

    def broken(self, found: Found) -> frozenset[str]:
        """Return which of the maps and lists in the document are none any more."""
        fields = found.fields
        maps = (*(stored_as for _name, stored_as in self.maps), "promises", "outcomes")
        broken = [
            each
            for each in maps
            if each in fields and not isinstance(fields[each], Mapping)
        ]
        return frozenset(broken if found.tail is not None else (*broken, TAIL))

    def is_current(self, found: Found) -> bool:
        """Say whether `found` was written under the schema of today."""
        return bool(found.rev) and self._schema(found.fields) == self._kind.schema

    def _schema(self, fields: Mapping[str, Any]) -> int:
        """Return under which schema `fields` were written; the shell tells doubles."""
        told = fields.get("schema", 1)
        is_number = isinstance(told, (int, float)) and math.isfinite(told)
        return int(told) if is_number else self._kind.schema

    def _upgraded(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        for each in range(self._schema(fields), self._kind.schema):
            if each in self._kind.upgrades:
                fields = self._kind.upgrades[each](dict(fields))
        return fields

    def _value(self, key: str, name: str, told: Any, initial: Any) -> Any:
        try:
            return _converted(told, self.types[name])
        except msgspec.ValidationError as error:
            self._report(key, name, error)
            return self._kind.unreadable.get(name, getattr(initial, name))

    def _entries(self, key: str, name: str, told: Any) -> Any:
        hint = self.types[name]
        try:
            return msgspec.convert(
                {unescaped(each): value for each, value in told.items()}, hint
            )
        except (msgspec.ValidationError, AttributeError):
            return self._readable_entries(key, name, told)

    def _readable_entries(self, key: str, name: str, told: Any) -> dict[str, Any]:
        """Read a map that a hand broke, entry by entry."""
        of_entry = get_args(self.types[name])[1]
        entries: dict[str, Any] = {}
        for segment, value in told.items() if isinstance(told, Mapping) else ():
            try:
                entries[unescaped(segment)] = _converted(value, of_entry)
            except msgspec.ValidationError as error:
                self._report(key, f"{name}.{segment}", error)
                if name in self._kind.unreadable:
                    entries[unescaped(segment)] = self._kind.unreadable[name]
        return entries

    def _report(self, key: str, field: str, error: Exception) -> None:
        _log.error(
            "actor.field_unreadable",
            kind=self._kind.name,
            key=key,
            field=field,
            error=str(error),
        )

    # Writing

    def changes(self, old: Any, new: Any) -> Changes:
        """Return how `new` differs from `old`. ValueError: the log was rewritten."""
        changes = Changes()
        if old is new:
            return changes
        for name, stored_as in self.body:
            before, value = getattr(old, name), getattr(new, name)
            # Most fields are the same object: not even a call is spent on them.
            if before is not value and _differ(before, value):
                changes.set_fields[stored_as] = value
        for name, stored_as in self.maps:
            _changed_entries(changes, stored_as, getattr(old, name), getattr(new, name))
        if self.log is not None:
            self._appended(old, new, changes)
        return changes

    def everything(self, state: Any) -> dict[str, Any]:
        """Return all fields of `state` but its log, as they are set in a document."""
        fields = {stored_as: getattr(state, name) for name, stored_as in self.body}
        for name, stored_as in self.maps:
            for key, value in getattr(state, name).items():
                fields[f"{stored_as}.{escaped(key)}"] = value
        return fields

    def _appended(self, old: Any, new: Any, changes: Changes) -> None:
        assert self.log is not None
        before, after = getattr(old, self.log), getattr(new, self.log)
        if before is after:
            return
        if after[: len(before)] == before:
            changes.push = after[len(before) :]
        elif after == ():
            changes.empties_log = True
        else:
            raise ValueError(
                f"the log {self.log} only grows; {len(before)} stood there"
            )

    def same(self, one: Any, other: Any) -> bool:
        """Say whether both would be stored alike: times to the millisecond."""
        return bool(one == other) or _millis(builtins(one)) == _millis(builtins(other))

    def without_log(self, state: Any, entries: int) -> Any:
        """Return `state` without the first `entries` of its log."""
        if self.log is None or not entries:
            return state
        kept = getattr(state, self.log)[entries:]
        return msgspec.structs.replace(state, **{self.log: kept})


def _millis(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(
            microsecond=value.microsecond // 1000 * 1000
        )
    if isinstance(value, dict):
        return {key: _millis(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_millis(each) for each in value]
    return value


def _is_log(hint: Any) -> bool:
    return get_origin(hint) is Annotated and any(
        isinstance(each, AppendOnly) for each in hint.__metadata__
    )


def _changed_entries(
    changes: Changes,
    stored_as: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    if before is after:
        return
    for key, value in after.items():
        if _differ(before.get(key, _ABSENT), value):
            changes.set_fields[f"{stored_as}.{escaped(key)}"] = value
    for key in before:
        if key not in after:
            changes.unset_fields.append(f"{stored_as}.{escaped(key)}")


def _differ(old: Any, new: Any) -> bool:
    # 1 == True == 1.0, but they are stored differently.
    return old is not new and (type(old) is not type(new) or bool(old != new))


def _converted(told: Any, hint: Any) -> Any:
    try:
        return msgspec.convert(told, hint)
    except msgspec.ValidationError:
        # The database's shell writes whole numbers as doubles.
        return msgspec.convert(_whole(told), hint)


def _whole(told: Any) -> Any:
    """Return `told` with every double that is a whole number as that number."""
    if isinstance(told, float):
        return int(told) if told.is_integer() else told
    if isinstance(told, Mapping):
        return {key: _whole(each) for key, each in told.items()}
    if isinstance(told, (list, tuple)):
        return [_whole(each) for each in told]
    return told
