"""How a document in memory is stored, read and changed, as BSON would have it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from store.port import Found, Unwritable, Write

LARGEST = 2**63
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
# Dicts before what only an abstract class knows, which is slow to ask.
_MAPPINGS = (dict, Mapping)
_SEQUENCES = (list, tuple)
_PLAIN = (bool, float, bytes)
OWN_FIELDS = frozenset({"_id", "rev", "epoch", "owner", "writer", "born", "tail"})


def stored(value: Any) -> Any:
    """Return a deep copy of `value` as a document would hold it.

    Times lose what is finer than a millisecond. Raises Unwritable.
    """
    # The commonest first.
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, int) and -LARGEST <= value < LARGEST:
        return value
    if isinstance(value, _MAPPINGS):
        return {_key(key): stored(each) for key, each in value.items()}
    if isinstance(value, _SEQUENCES):
        return [stored(each) for each in value]
    if isinstance(value, datetime):
        return _instant(value)
    raise _unwritable(value)


def copied(held: Any) -> Any:
    """Return a deep copy of what a document holds, which is checked and final."""
    # The worlds of a simulation do little else: no subclass is asked for.
    kind = type(held)
    if kind is dict:
        return {key: copied(each) for key, each in held.items()}
    if kind is list:
        return [copied(each) for each in held]
    return held


def _key(key: Any) -> str:
    if isinstance(key, str) and "\0" not in key and _is_unicode(key):
        return key
    raise Unwritable(f"no document can hold a field named {key!r:.80}")


def _text(text: str) -> str:
    if _is_unicode(text):
        return text
    raise _unwritable(text)


def _instant(at: datetime) -> datetime:
    if at.tzinfo is None:
        return at
    utc = at.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unwritable(value: Any) -> Unwritable:
    return Unwritable(f"no document can hold {type(value).__name__} {value!r:.80}")


def applied(
    document: dict[str, Any], path: str, value: Any, *, unset: bool = False
) -> None:
    """Set, or take away, the dotted `path` in `document`."""
    *parents, last = path.split(".")
    for parent in parents:
        if unset and parent not in document:
            return
        document = document.setdefault(parent, {})
        if not isinstance(document, dict):
            raise Unwritable(f"{path}: {parent} is no document")
    if unset:
        document.pop(last, None)
    else:
        document[last] = value


def lookup(document: Mapping[str, Any], path: str) -> Any:
    """Return what stands at the dotted `path`, or None as a query has it."""
    here: Any = document
    for part in path.split("."):
        if not isinstance(here, Mapping):
            return None
        here = here.get(part)
    return here


def found(document: Mapping[str, Any]) -> Found:
    """Return what a claim reads of `document`."""
    return Found(
        key=document["_id"],
        rev=document["rev"],
        epoch=document["epoch"],
        writer=document.get("writer", ""),
        fields=copied(
            {name: each for name, each in document.items() if name not in OWN_FIELDS}
        ),
        tail=copied(document.get("tail", [])),
    )


def changed(document: Mapping[str, Any], write: Write, owner: str) -> dict[str, Any]:
    """Return `document` after `write`; raises Unwritable and then changes nothing."""
    news = stored(write.push)
    after: dict[str, Any] = copied(document)
    for path, value in write.set_fields.items():
        applied(after, path, stored(value))
    for path in write.unset_fields:
        applied(after, path, None, unset=True)
    if news or write.keep is not None:
        tail = after.get("tail") or []
        old = tail if write.keep is None else tail[len(tail) - write.keep :]
        after["tail"] = [*old, *news]
    after["rev"] = write.rev + 1
    after["writer"] = write.writer
    after["owner"] = owner
    after.setdefault("born", LONG_AGO)
    return after


def without(
    collection: str, fields: Sequence[str], document: Mapping[str, Any], writer: str
) -> Write:
    """Return the commit that `fields` of `document` go."""
    return Write(
        collection=collection,
        key=document["_id"],
        rev=document.get("rev", 0),
        epoch=document.get("epoch", 0),
        writer=writer,
        unset_fields=tuple(fields),
    )
