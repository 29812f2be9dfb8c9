"""What is sent to MongoDB for a commit and a claim; pure, so that it can be read.

A statement is encoded once, here: its size is then known, and a value that cannot be
stored fails alone instead of with the whole batch it would have travelled in.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bson import encode
from bson.errors import BSONError
from bson.int64 import Int64
from bson.raw_bson import RawBSONDocument

from store.port import Unwritable, Write

# The server's own limit on a document is 16 MB; an actor's state is far below.
_LARGEST = 15 * 1024 * 1024

_AS_IT_IS = frozenset({str, bool, float, datetime, bytes, type(None)})
_STORES_OWN = frozenset({"_id", "rev", "epoch", "writer", "owner", "born", "tail"})


def commit_statement(write: Write, owner: str) -> RawBSONDocument:
    """Return the compare-and-set that `write` is. Raises Unwritable.

    It always upserts: where the document does not match, the insert that follows
    fails on its `_id`, and that names the loser within a batch.
    """
    change: dict[str, Any] = {
        "$set": {**stored(write.set_fields), **_signed(write, owner)}
    }
    if write.unset_fields:
        change["$unset"] = dict.fromkeys(write.unset_fields, "")
    _grow_tail(change, write)
    return encoded({"q": _compare(write), "u": change, "upsert": True})


def without_statement(
    fields: Iterable[str], last: Mapping[str, str], writer: str, owner: str
) -> RawBSONDocument:
    """Return the update that takes `fields` out of the keys of `last`; see `Storage`.

    No other commit has a document's last writer, so that it stands for the `rev`.
    """
    as_it_was = {
        "_id": {"$in": list(last)},
        "writer": {"$in": list(last.values())},
        "owner": owner,
    }
    change = {
        "$set": {"writer": writer},
        "$inc": {"rev": Int64(1)},
        "$unset": dict.fromkeys(fields, ""),
    }
    return encoded({"q": as_it_was, "u": change, "multi": True})


def first_document(write: Write, owner: str, born: datetime) -> RawBSONDocument:
    """Return the document that `write`, to what was never seen, creates.

    Only such a write has `born`, which the collection's validator asks for: so a
    document that was deleted by hand is not revived in parts. Raises Unwritable.
    """
    document = {
        "_id": write.key,
        "born": born,
        "epoch": Int64(0),
        **_signed(write, owner),
        **_nested(stored(write.set_fields)),
    }
    if write.push:
        document["tail"] = stored(write.push)
    return encoded(document)


def is_first(write: Write) -> bool:
    """Tell whether `write` is to a document that was never seen, so creates it."""
    return write.rev == 0 and write.epoch == 0


def claim_statement(key: str, owner: str) -> RawBSONDocument:
    """Return the update that makes `owner` own the document, if there is one."""
    seize = [{"$set": _seizure(owner)}]
    return encoded({"q": {"_id": key, "owner": {"$ne": owner}}, "u": seize})


def reclaim_statement(key: str, owner: str) -> RawBSONDocument:
    """Return the update that raises the epoch in any case and creates what misses."""
    seize = _seizure(owner) | {
        "born": {"$ifNull": ["$born", "$$NOW"]},
        # An insert without our writer would look like somebody else's.
        "writer": {"$ifNull": ["$writer", f"{owner}:reclaimed"]},
    }
    return encoded({"q": {"_id": key}, "u": [{"$set": seize}], "upsert": True})


def stored(value: Any) -> Any:
    """Return `value` with every whole number as int64, however small it is now."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is int:
        return _INT64[value]
    # Asking for a Mapping takes longer than all that is known to be none.
    if isinstance(value, (list, tuple)):
        return _stored_in(list(value), enumerate(value))
    if kind is dict or isinstance(value, Mapping):
        return _stored_in(dict(value), value.items())
    return value


def _stored_in(copy: Any, entries: Iterable[tuple[Any, Any]]) -> Any:
    """Return `copy` with those `entries` replaced that are stored otherwise.

    It is asked for everything that is stored: what is most common stands first, and
    costs no call.
    """
    for place, inner in entries:
        kind = type(inner)
        if kind is str:
            continue
        if kind is int:
            copy[place] = _INT64[inner]
        elif kind is dict:
            copy[place] = _stored_in(inner.copy(), inner.items())
        elif kind is list:
            copy[place] = _stored_in(inner.copy(), enumerate(inner))
        elif kind not in _AS_IT_IS:
            copy[place] = stored(inner)
    return copy


class _Int64s(dict[int, Int64]):
    """Whole numbers as MongoDB's: small ones ready made, all others made when asked."""

    def __missing__(self, number: int) -> Int64:
        return Int64(number)


_INT64 = _Int64s((number, Int64(number)) for number in range(1024))


def fields_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a stored document is the actor's."""
    return {name: document[name] for name in document if name not in _STORES_OWN}


def _seizure(owner: str) -> dict[str, Any]:
    # People insert documents without these, or with numbers as text.
    return {
        "epoch": {"$add": [_number("epoch"), 1]},
        "rev": _number("rev"),
        "owner": {"$literal": owner},
    }


def _number(field: str) -> Mapping[str, Any]:
    return {"$convert": {"input": f"${field}", "to": "long", "onError": 0, "onNull": 0}}


def _signed(write: Write, owner: str) -> Mapping[str, Any]:
    return {"rev": Int64(write.rev + 1), "writer": write.writer, "owner": owner}


def _nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that setting `fields`, some of them by a path, makes."""
    document: dict[str, Any] = {}
    for path, value in fields.items():
        *parents, name = path.split(".")
        place = document
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = value
    return document


def _grow_tail(change: dict[str, Any], write: Write) -> None:
    news = stored(write.push)
    if write.keep is None:
        if news:
            change["$push"] = {"tail": {"$each": news}}
    elif write.keep == 0:
        change["$set"]["tail"] = news
    else:
        kept = {"$each": news, "$slice": -(write.keep + len(news))}
        change["$push"] = {"tail": kept}


def _compare(write: Write) -> Mapping[str, Any]:
    filter_: dict[str, Any] = {
        "_id": write.key,
        "rev": Int64(write.rev),
        "epoch": Int64(write.epoch),
    }
    shapes = {}
    for name, seen in write.guards.items():
        filter_.update(_unchanged(name, seen))
        if isinstance(seen, Mapping):
            shapes[name] = _shape(seen)
    if shapes:
        filter_["$jsonSchema"] = {"properties": shapes}
    return filter_


def _unchanged(path: str, seen: Any) -> Iterator[tuple[str, Any]]:
    """Give the comparisons that hold while nobody changed `path`.

    A map is compared key by key, because MongoDB compares subdocuments with the order
    of their keys.
    """
    if not isinstance(seen, Mapping):
        # None is equal to a missing field, as it should be.
        yield path, {"$eq": stored(seen)}
    elif not seen:
        yield path, {"$in": [{}, None]}
    elif any("." in key or key.startswith("$") or not key for key in seen):
        yield path, {"$eq": stored(seen)}
    else:
        for key, inner in seen.items():
            yield from _unchanged(f"{path}.{key}", inner)


def _shape(seen: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema that a map with a key more than `seen` does not meet."""
    inner = {key: _shape(value) for key, value in seen.items() if _is_map(value)}
    return {"maxProperties": len(seen), "properties": inner}


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)


def encoded(statement: Mapping[str, Any]) -> RawBSONDocument:
    """Return `statement` as it is sent. Raises Unwritable."""
    try:
        document = encode(statement)
    except (BSONError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Unwritable(f"cannot be stored: {error}") from error
    if len(document) > _LARGEST:
        raise Unwritable(f"{len(document)} bytes in one commit, {_LARGEST} allowed")
    return RawBSONDocument(document)
