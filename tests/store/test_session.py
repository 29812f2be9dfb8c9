"""Conversations on a real mongod: found by their owner, paged, purged, conformed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

import store.session
from actors.runtime import LoopClock, System
from actors.session import session_kind
from commerce.errors import CommerceError, SessionNotFound
from messages.session import (
    DeleteSession,
    GetHistory,
    OpenSession,
    ResumeSession,
    Say,
    TakeChat,
)
from messages.turn import Answered, Called, HandedOff, Returned, Words
from store.client import Database
from store.commit import MongoStorage
from store.session import SessionRepository
from tests.scripted import ScriptedEngine
from tests.stage import ANNA, BERT

LATER = datetime(2100, 1, 1, tzinfo=UTC)


class Node:
    """A node whose conversations are stored in a real database."""

    def __init__(self, database: Database, owner: str = "first") -> None:
        self.clock = LoopClock()
        self.engine = ScriptedEngine()
        self.storage = MongoStorage(database, clock=self.clock, owner=owner)
        self.system = System(
            [session_kind(self.engine)],
            self.storage,
            self.clock,
            refusals=CommerceError,
            random=Random(1),
        )

    async def talk(self, key: str, user_id: str, text: str, calls: int = 0) -> None:
        """Live through one turn."""
        await self.system.ask(key, OpenSession(user_id))
        await self.system.ask(key, Say(user_id, text))
        script = await self.engine.next()
        for each in range(calls):
            await script.tell(
                Called(f"c{each}", "search", {"query": "x" * 500}),
                Returned(f"c{each}", {"found": "y" * 500}),
            )
        await script.tell(Words("I see"), Answered([{"sku": "LAMP", "price": 999}]))
        await self.system.quiet()

    async def stop(self) -> None:
        """End it."""
        await self.system.stop()
        await self.storage.close()


@pytest.fixture
async def sessions(database: Database) -> SessionRepository:
    repository = SessionRepository(database)
    await repository.prepare()
    # A second start finds everything made.
    await repository.prepare()
    return repository


@pytest.fixture
async def node(database: Database, sessions: SessionRepository) -> AsyncIterator[Node]:
    node = Node(database)
    await node.system.start()
    yield node
    await node.stop()


async def test_one_s_conversations_are_found_the_last_spoken_in_first(
    node: Node, sessions: SessionRepository
) -> None:
    await node.talk("s1", ANNA, "a red lamp")
    await node.talk("s2", ANNA, "a blue lamp")
    await node.talk("s3", BERT, "a desk")
    await node.talk("s1", ANNA, "make it two")

    found, total = await sessions.of_user(ANNA, limit=10)

    assert [(each.session_id, each.title) for each in found] == [
        ("s1", "a red lamp"),
        ("s2", "a blue lamp"),
    ]
    assert total == 2
    assert [each.last_seq for each in found] == [6, 3]
    assert found[0].created_at <= found[1].created_at <= found[0].updated_at


async def test_what_is_handed_off_is_found_who_waits_longest_first(
    node: Node, sessions: SessionRepository
) -> None:
    for key in ("s1", "s2", "s3"):
        await node.talk(key, ANNA, f"a person for {key}")
    for key in ("s2", "s1"):
        await node.system.ask(key, Say(ANNA, "a person"))
        script = await node.engine.next()
        await script.tell(HandedOff(f"{key} wants a person"), Answered())
    await node.system.ask("s2", TakeChat("opal"))
    await node.system.quiet()

    every, total = await sessions.handed_off(limit=10)
    waiting, one = await sessions.handed_off(mode="waiting", limit=10)

    assert [(each.session_id, each.mode, each.operator_id) for each in every] == [
        ("s2", "human", "opal"),
        ("s1", "waiting", ""),
    ]
    assert (total, one) == (2, 1)
    assert await sessions.count_waiting() == 1
    assert waiting[0].summary == "s1 wants a person"
    assert waiting[0].user_id == ANNA


async def test_a_list_comes_in_pages(node: Node, sessions: SessionRepository) -> None:
    for each in range(5):
        await node.talk(f"s{each}", ANNA, "hello")

    first, total = await sessions.of_user(ANNA, limit=2)
    second, _ = await sessions.of_user(ANNA, limit=2, offset=2)
    beyond, _ = await sessions.of_user(ANNA, limit=2, offset=9)

    assert total == 5
    assert [each.session_id for each in (*first, *second)] == ["s4", "s3", "s2", "s1"]
    assert beyond == []


async def test_the_ids_of_a_guest_s_conversations_are_found(
    node: Node, sessions: SessionRepository
) -> None:
    await node.talk("s1", ANNA, "hello")
    await node.system.ask("s2", OpenSession(ANNA))

    assert sorted(await sessions.ids_of_user(ANNA)) == ["s1", "s2"]


async def test_a_deleted_conversation_is_listed_no_more(
    node: Node, sessions: SessionRepository
) -> None:
    await node.talk("s1", ANNA, "hello")

    await node.system.ask("s1", DeleteSession(ANNA))

    assert await sessions.of_user(ANNA, limit=10) == ([], 0)


async def test_what_was_deleted_long_ago_is_purged_with_its_chunks(
    node: Node, sessions: SessionRepository, database: Database
) -> None:
    for key in ("kept", "gone"):
        for _ in range(3):
            await node.talk(key, ANNA, "hello", calls=20)
    await node.system.ask("gone", DeleteSession(ANNA))

    early = await sessions.purge(node.clock.now() - timedelta(days=7))
    late = await sessions.purge(LATER)

    assert (early, late) == (0, 1)
    assert await database["sessions"].distinct("_id") == ["kept"]
    assert await database["sessions_log"].distinct("key") == ["kept"]


async def test_more_is_purged_than_one_command_can_name(
    sessions: SessionRepository, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long names instead of many: all of them are more than the 16 MB of a command.
    monkeypatch.setattr(store.session, "_AT_ONCE", 50, raising=False)
    old = LATER - timedelta(days=1)
    await database["sessions"].insert_many(
        [
            {"_id": f"{each}".zfill(100_000), "born": old, "deleted_at": old}
            for each in range(200)
        ]
    )

    assert await sessions.purge(LATER) == 200


async def test_a_purged_session_may_begin_anew(
    node: Node, sessions: SessionRepository, database: Database
) -> None:
    await node.talk("s1", ANNA, "hello")
    first = await node.system.ask("s1", OpenSession(ANNA))
    await node.system.ask("s1", DeleteSession(ANNA))
    await sessions.purge(LATER)

    after = Node(database, owner="second")
    await after.system.start()
    opened = await after.system.ask("s1", OpenSession(BERT))

    assert opened.last_seq == 0
    assert opened.epoch != first.epoch
    await after.stop()


async def test_a_long_conversation_is_the_same_after_a_restart(
    node: Node, database: Database
) -> None:
    for each in range(4):
        await node.talk("s1", ANNA, f"question {each} 💡", calls=20)
    opened = await node.system.ask("s1", OpenSession(ANNA, history=100))
    assert await database["sessions_log"].count_documents({"key": "s1"})
    before = await node.system.ask("s1", GetHistory(ANNA, None, 1000))

    after = Node(database, owner="second")
    await after.system.start()
    again = await after.system.ask("s1", OpenSession(ANNA, history=100))
    resumed = await after.system.ask(
        "s1", ResumeSession(ANNA, epoch=opened.epoch, last_seq=0)
    )
    with pytest.raises(SessionNotFound):
        await after.system.ask("s1", OpenSession(BERT))

    assert again == opened
    assert list(resumed.frames) == list(before.frames)
    assert [each.seq for each in before.frames] == list(range(1, 4 * 43 + 1))
    await after.stop()
