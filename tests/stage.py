"""Conversations on a stage: real actors, a store in memory, a clock a test turns."""

from datetime import datetime
from random import Random
from typing import Any

from actors.conversation import USUAL, Manners
from actors.engine import Engine
from actors.runtime.testing import Harness, ManualClock, MemoryStorage
from actors.session import session_kind
from commerce.errors import CommerceError
from commerce.quote import QUOTED_FOR, Quote, QuotedLine
from messages.base import Command, Event, R
from messages.frames import AssistantDelta, HeardFrame, Recorded
from messages.session import Framed, OpenSession, Say, session_topic
from tests.scripted import Script, ScriptedEngine

ANNA, BERT = "anna", "bert"


class Stage:
    """One node with sessions, and everything that `s1` was heard to say."""

    def __init__(
        self,
        clock: ManualClock | None = None,
        engine: Engine | None = None,
        manners: Manners = USUAL,
        storage: MemoryStorage | None = None,
    ) -> None:
        self.engine = ScriptedEngine()
        self.node = Harness(
            (session_kind(engine or self.engine, manners),),
            storage or MemoryStorage(),
            clock or ManualClock(),
            refusals=CommerceError,
            random=Random(1),
        )
        self.clock = self.node.clock
        self.heard: list[Event] = []

    async def start(self) -> None:
        """Begin."""
        await self.node.system.start()
        self._listen()

    async def again(self) -> None:
        """Kill the node and start it again on the same disk; what was heard is over."""
        await self.node.restart()
        self._listen()

    def _listen(self) -> None:
        self.heard = []
        self.node.system.follow(session_topic("s1"), self.heard.append)

    @property
    def storage(self) -> MemoryStorage:
        """The store of the node that runs now."""
        return self.node.storage

    async def quiet(self) -> None:
        """Return when nothing is under way."""
        await self.node.quiet()

    async def ask(self, command: Command[R], key: str = "s1") -> R:
        """Return the session's answer."""
        return await self.node.ask(key, command)

    async def open(self) -> Any:
        """Open `s1` as Anna."""
        return await self.ask(OpenSession(ANNA))

    async def say(self, text: str, id: str | None = None) -> Script:
        """Let Anna say something; return the turn that begins to answer it."""
        await self.ask(Say(ANNA, text, id))
        return await self.engine.next()

    @property
    def frames(self) -> list[HeardFrame]:
        """Every frame heard so far, in order."""
        return [each.frame for each in self.heard if isinstance(each, Framed)]

    @property
    def recorded(self) -> list[Recorded]:
        """The recorded ones of them, each once, as a socket tells them apart."""
        found: dict[int, Recorded] = {}
        for each in self.frames:
            if isinstance(each, Recorded):
                assert found.setdefault(each.seq, each) == each
        return list(found.values())

    @property
    def kinds(self) -> list[str]:
        """What the recorded ones of them are, by name."""
        return [type(each).__name__ for each in self.recorded]

    @property
    def previews(self) -> list[AssistantDelta]:
        """The previews of replies heard so far."""
        return [each for each in self.frames if isinstance(each, AssistantDelta)]


def quote(now: datetime, id: str = "q1") -> Quote:
    """Return two lamps to be bought with a card, asked about `now`."""
    lamp = QuotedLine(
        id="lamp", sku="lamp", product_id="lamp", name="Lamp", quantity=2, price=1999
    )
    return Quote(
        id=id,
        kind="confirm_purchase",
        expires_at=now + QUOTED_FOR,
        lines=(lamp,),
        total=4318,
        currency="USD",
        payment_last_four="4242",
    )


def joined(previews: list[AssistantDelta]) -> str:
    """Join previews by offset as a client does."""
    text = ""
    for each in previews:
        assert each.offset <= len(text), "previews leave no gap"
        text = text[: each.offset] + each.content
    return text
