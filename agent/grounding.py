"""Nothing is said that no tool result tells: the check ahead of the stream.

Every amount, number, date, time and code of a reply must occur in a tool result of the
session (which echoes its arguments). The check runs sentence by sentence before a word
leaves, so that nothing ever has to be taken back.

Amounts are believed only where the shop itself states one, under a name ending in
`_cents`: a price that somebody wrote into a product's description is no price.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from agent.conversation import Used
from agent.facts import Fact, cents, facts, measured, plain_number

_END = re.compile(r"[.!?…]+[\"')\]]*(?=\s)|\n")
_MARKER = re.compile(r"(?:^|\n)\s*\d{1,2}\.$")


class Evidence:
    """What the tool results of a session tell; each is read when it is needed."""

    def __init__(self, earlier: Iterable[Used] = ()) -> None:
        # The newest first: replies mostly speak of what was just seen.
        self._unread: list[Any] = [
            told for each in earlier for told in (each.arguments, each.content)
        ]
        self._amounts: set[str] = set()
        self._known: set[tuple[str, str]] = set()

    def add(self, content: Any) -> None:
        """Believe a tool result."""
        self._unread.append(content)

    def tells(self, fact: Fact) -> bool:
        """Tell whether `fact` occurs in any result."""
        while not self._holds(fact):
            if not self._unread:
                return False
            self._absorb("", self._unread.pop())
        return True

    def _holds(self, fact: Fact) -> bool:
        if fact.kind == "amount":
            return fact.key in self._amounts
        if (fact.kind, fact.key) in self._known:
            return True
        if fact.kind == "number":
            return str(cents(fact.key)) in self._amounts
        bare = measured(fact.key) if fact.kind == "code" else None
        return bare is not None and ("number", bare) in self._known

    def _know(self, fact: Fact) -> None:
        self._known.add((fact.kind, fact.key))
        if fact.kind == "date":
            self._known.add(("date", fact.key[-5:]))  # said without its year
        if fact.kind == "code" and (bare := measured(fact.key)):
            self._known.add(("number", bare))

    def _absorb(self, key: str, value: Any) -> None:
        if isinstance(value, str):
            # Amounts in texts are hearsay; the figures beside them state them again.
            for each in facts(value):
                if each.kind != "amount":
                    self._know(each)
        elif isinstance(value, Mapping):
            for name, each in value.items():
                self._absorb(name, each)
        elif isinstance(value, (list, tuple)):
            for each in value:
                self._absorb(key, each)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            if key.endswith("_cents"):
                self._amounts.add(str(value))
            else:
                self._known.add(("number", plain_number(str(value))))


class Gate:
    """Lets words out, a checked sentence at a time."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.orphan: str | None = None
        self._released: list[str] = []
        self._held = ""

    @property
    def released(self) -> str:
        """Everything that was let out."""
        return "".join(self._released)

    def feed(self, text: str) -> str:
        """Take more of the reply and return what may be said now, often nothing."""
        if self.orphan is not None:
            return ""
        self._held += text
        end = self._last_end()
        return self._release(self._held[:end]) if end else ""

    def finish(self) -> str:
        """The reply is whole: return the rest of it, if it may be said."""
        return "" if self.orphan is not None else self._release(self._held)

    def restart(self) -> None:
        """Forget the orphan and everything after it."""
        self.orphan, self._held = None, ""

    def _last_end(self) -> int:
        ends = [each.end() for each in self._ends()]
        return ends[-1] if ends else 0

    def _ends(self) -> Iterable[re.Match[str]]:
        return (
            each
            for each in _END.finditer(self._held)
            if not _MARKER.search(self._held, 0, each.end())
        )

    def _release(self, whole: str) -> str:
        starts = [0, *(each.end() for each in self._ends() if each.end() < len(whole))]
        sound = 0
        for start, end in zip(starts, [*starts[1:], len(whole)], strict=True):
            self.orphan = self._orphan(whole[start:end])
            if self.orphan is not None:
                break
            sound = end
        released, self._held = whole[:sound], self._held[sound:]
        if released:
            self._released.append(released)
        return released

    def _orphan(self, sentence: str) -> str | None:
        for fact in facts(sentence):
            if not self.evidence.tells(fact):
                return fact.said
        return None
