"""What one change event says, and whose doing it was; pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bson import encode
from msgspec import Struct, field, structs

Kind = Literal["insert", "update", "replace", "delete"]

_KINDS = frozenset({"insert", "update", "replace", "delete"})
# A claim touches these alone; nothing of the shop's has changed then.
_CLAIMED = frozenset({"epoch", "owner"})


class Change(Struct, frozen=True, kw_only=True):
    """One document changed. `by_us` and `foreign` are never both true."""

    collection: str
    key: str
    kind: Kind
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Of an insert and a replace the whole document; of an update what was set, by
    dotted path; of a delete nothing."""
    removed: Sequence[str] = ()
    """Dotted paths that an update took away."""
    writer: str = ""
    rev: int | None = None
    by_us: bool = False
    """A commit of this process: an echo for the document's owner."""
    foreign: bool = False
    """Somebody wrote by hand: the document's owner has to adopt it."""


def told(event: Mapping[str, Any], collection: str, owner: str) -> Change | None:
    """Return the change that `event` is; None where it tells of no document."""
    kind = event["operationType"]
    if kind not in _KINDS:
        return None
    update = event.get("updateDescription") or {}
    fields = update.get("updatedFields", event.get("fullDocument")) or {}
    change = Change(
        collection=collection,
        key=event["documentKey"]["_id"],
        kind=kind,
        fields=fields,
        removed=tuple(update.get("removedFields", ())),
    )
    return attributed(change, owner)


def attributed(change: Change, owner: str) -> Change:
    """Return `change` with `writer`, `rev` and whose doing it was.

    Commits only ever insert and update, so that a replace is always a hand's, even
    if it copied our `writer` along.
    """
    writer, rev = change.fields.get("writer"), change.fields.get("rev")
    writer = writer if isinstance(writer, str) else ""
    by_us = change.kind in {"insert", "update"} and writer.startswith(f"{owner}:")
    touched = {path.partition(".")[0] for path in (*change.fields, *change.removed)}
    by_hand = change.kind != "update" or (
        "rev" not in touched and not touched <= _CLAIMED
    )
    return structs.replace(
        change,
        writer=writer,
        rev=int(rev) if isinstance(rev, (int, float)) else None,
        by_us=by_us,
        foreign=by_hand and not by_us,
    )


def missed(
    collection: str, key: str, document: Mapping[str, Any] | None, *, known: bool
) -> Change:
    """Return the change that stands for those of a lost history.

    Whose doing they were is lost too, so that the owner is to look: `foreign`.
    """
    if document is None:
        return Change(collection=collection, key=key, kind="delete", foreign=True)
    change = Change(
        collection=collection,
        key=key,
        kind="replace" if known else "insert",
        fields=document,
    )
    return structs.replace(attributed(change, ""), by_us=False, foreign=True)


class Seen(Struct, frozen=True):
    """What is remembered of a document, to tell later what was missed."""

    rev: int | None
    print: int | None
    """A hash of all but who owns it; None where only parts of it were seen since."""


def seen(document: Mapping[str, Any]) -> Seen:
    """Return what to remember of a whole document."""
    rev = document.get("rev")
    body = {name: document[name] for name in document if name not in _CLAIMED}
    return Seen(int(rev) if isinstance(rev, (int, float)) else None, hash(encode(body)))
