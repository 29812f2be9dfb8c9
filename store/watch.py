"""One collection being watched: who follows it, and what they have been told."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from store.change import Change, Seen, missed, seen, told
from store.client import Database

log = structlog.get_logger(__name__)

OnChange = Callable[[Change], None]
OnSnapshot = Callable[[Sequence[Mapping[str, Any]]], None]
OnLost = Callable[[], None]


class Watch:
    """Tells its listeners of each change once, as far as `rev` can say."""

    def __init__(self, db: Database, collection: str, owner: str) -> None:
        self.listeners: list[OnChange] = []
        self.snapshot_listeners: list[OnSnapshot] = []
        self.lost_listeners: list[OnLost] = []
        self.wants_echoes = False
        """Whether anybody wants to hear of our own commits, too."""
        self._documents = db[collection]
        self._collection = collection
        self._owner = owner
        self._seen: dict[str, Seen] = {}
        self._has_begun = False

    async def read(self) -> None:
        """Tell what is there at first, and what was missed every other time."""
        if self._has_begun:
            await self.begin_anew()
        elif self.snapshot_listeners:
            documents = await self._documents.find().to_list(None)
            for listener in self.snapshot_listeners:
                self._call(listener, documents)
            self._seen = {document["_id"]: seen(document) for document in documents}
        self._has_begun = True

    async def begin_anew(self) -> None:
        """Tell what was missed, as far as it can be found out, and that it was."""
        if self.snapshot_listeners:
            documents = await self._documents.find().to_list(None)
            self._tell_differences({each["_id"]: each for each in documents})
        for listener in self.lost_listeners:
            self._call(listener)

    def hear(self, event: Mapping[str, Any]) -> None:
        """Tell of an event, unless what it says was read already."""
        change = told(event, self._collection, self._owner)
        if change is None:
            return
        known = self._seen.get(change.key)
        committed = change.rev is not None and not change.foreign
        if committed and known is not None and known.rev is not None:
            assert change.rev is not None
            if change.rev <= known.rev:
                return
        self._tell(change)

    def _tell_differences(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        for key in self._seen.keys() - documents.keys():
            self._tell(missed(self._collection, key, None, known=True))
        for key, document in documents.items():
            before = self._seen.get(key)
            if before is None or before.print != seen(document).print:
                known = before is not None
                self._tell(missed(self._collection, key, document, known=known))

    def _tell(self, change: Change) -> None:
        self._remember(change)
        for listener in self.listeners:
            self._call(listener, change)

    def _remember(self, change: Change) -> None:
        if not self.snapshot_listeners:
            return
        if change.kind == "delete":
            self._seen.pop(change.key, None)
        elif change.kind == "update":
            known = self._seen.get(change.key)
            rev = change.rev if change.rev is not None or known is None else known.rev
            self._seen[change.key] = Seen(rev, None)
        else:
            self._seen[change.key] = seen(change.fields)

    def _call(self, listener: Callable[..., None], *news: Any) -> None:
        """Call one listener; what it raises is its own bug and stops nobody else."""
        try:
            listener(*news)
        except Exception:
            log.exception("changes.listener_failed", collection=self._collection)
