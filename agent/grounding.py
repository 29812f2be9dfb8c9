"""Nothing is said that no tool result tells: the check ahead of the stream.

Every amount, number, date, time, code and link of a reply must occur in a tool result
of the session (`evidence`). The check runs sentence by sentence before a word leaves,
so that nothing has to be taken back. What the model was told of its job stays untold.
"""

import re
from collections.abc import Iterable

from agent.evidence import Evidence
from agent.facts import facts
from agent.secrecy import RECITED, TAIL, recites

_END = re.compile(r"[.!?…]+[\"')\]]*(?=\s)|\n")
# The end of a sentence may have begun in what came before: "?!", a quote behind it.
_LOOK_BACK = 8
_MARKER = re.compile(r"(?:^|\n)\s*\d{1,2}\.$")


class Gate:
    """Lets words out, a checked sentence at a time."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.orphan: str | None = None
        self._released: list[str] = []
        self._tail = ""
        self._held = ""

    @property
    def released(self) -> str:
        """Everything that was let out."""
        return "".join(self._released)

    def feed(self, text: str) -> str:
        """Take more of the reply and return what may be said now, often nothing."""
        if self.orphan is not None:
            return ""
        # A long sentence comes in many pieces: each is looked through once.
        known = max(0, len(self._held) - _LOOK_BACK)
        self._held += text
        end = max((each.end() for each in self._ends(known)), default=0)
        return self._release(self._held[:end]) if end else ""

    def finish(self) -> str:
        """The reply is whole: return the rest of it, if it may be said."""
        return "" if self.orphan is not None else self._release(self._held)

    def restart(self) -> None:
        """Forget the orphan and everything after it."""
        self.orphan, self._held = None, ""

    def _ends(self, known: int = 0) -> Iterable[re.Match[str]]:
        return (
            each
            for each in _END.finditer(self._held, known)
            if not _MARKER.search(self._held, 0, each.end())
        )

    def _release(self, whole: str) -> str:
        starts = [0, *(each.end() for each in self._ends() if each.end() < len(whole))]
        sound = 0
        for start, end in zip(starts, [*starts[1:], len(whole)], strict=True):
            sentence = whole[start:end]
            self.orphan = self._orphan(sentence)
            if self.orphan is not None:
                break
            self._tail = (self._tail + sentence)[-TAIL:]
            sound = end
        released, self._held = whole[:sound], self._held[sound:]
        if released:
            self._released.append(released)
        return released

    def _orphan(self, sentence: str) -> str | None:
        if recites(self._tail + sentence):
            return RECITED
        for fact in facts(sentence):
            if not self.evidence.tells(fact):
                return fact.said
        return None
