"""What must hold in every world, over many seeds, and that its guards are needed."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from actors.runtime import gate
from actors.runtime.draft import Batch, Decided
from actors.runtime.memory_document import without
from actors.runtime.stored import Stored
from actors.runtime.testing import Fault, MemoryStorage, simulate
from messages.base import Event
from store.port import Write
from tests.actors.runtime.ledgers import AccountActor, account_kind
from tests.actors.runtime.worlds import Broken, Plan, live

SEEDS = 150

PLANS = {
    "one node": Plan(),
    "two nodes": Plan(nodes=2),
    "hands in the database": Plan(hand_edits=3),
    "two nodes and hands": Plan(nodes=2, hand_edits=3),
    "many clients": Plan(clients=9, steps=12),
    "a world without faults": Plan(faults=False, nodes=2),
}


@pytest.fixture(autouse=True)
def _silent_logs() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


@pytest.mark.parametrize("name", PLANS)
def test_every_promise_of_the_runtime_holds_in(name: str) -> None:
    for seed in range(SEEDS):
        simulate(seed, live(PLANS[name]))


@pytest.mark.parametrize("commit", range(1, 21))
def test_a_crash_at_any_commit_loses_and_doubles_nothing(commit: int) -> None:
    for seed in range(15):
        simulate(seed, live(Plan(crash_after=commit, hand_edits=1)))


def test_a_seed_is_always_the_same_world() -> None:
    lives = [simulate(7, traced), simulate(7, traced)]

    assert lives[0] == lives[1]


async def traced(loop: Any) -> tuple[int, float]:
    await live(Plan(nodes=2))(loop)
    return loop.steps, loop.time()


# A guard that could be left out without any of this failing would guard nothing.


def is_noticed(plan: Plan, seeds: int = 500) -> bool:
    for seed in range(seeds):
        try:
            simulate(seed, live(plan))
        except Broken:
            return True
    return False


class WithoutEpoch(MemoryStorage):
    """Compares rev alone."""

    @staticmethod
    def _matches(document: dict[str, Any], write: Write) -> bool:
        return MemoryStorage._matches({**document, "epoch": write.epoch}, write)


def test_without_the_epoch_a_late_write_lands() -> None:
    assert is_noticed(Plan(storage=WithoutEpoch))


def test_without_the_gate_news_of_nothing_goes_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commit = gate.commit

    async def ungated(cell: Any) -> Exception | None:
        out, kept = Batch(), cell.batch
        for each in kept.decided:
            out.decided.append(Decided(each.mail, each.answer, each.error, each.draft))
            each.draft = None
        gate.release(cell, out)
        cell.batch = kept
        return await commit(cell)

    monkeypatch.setattr(gate, "commit", ungated)

    assert is_noticed(Plan())


class Talkative(AccountActor):
    """Shows its state by a preview."""

    def publish(self, topic: str, event: Event) -> None:
        self.preview(topic, event)


def test_a_preview_of_state_is_noticed() -> None:
    plan = Plan(kind=lambda: account_kind(actor=lambda: Talkative({})))

    assert is_noticed(plan)


def test_without_outcomes_an_effect_is_done_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Stored, "outcome", lambda _stored, _effect: None)

    assert is_noticed(Plan())


def test_without_guards_a_hand_edit_is_overwritten() -> None:
    assert is_noticed(Plan(hand_edits=3, kind=lambda: account_kind(guards=())))


def test_without_asking_what_landed_a_write_counts_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def guessed(cell: Any, *_: Any) -> Exception:
        return gate._drop(cell)

    monkeypatch.setattr(gate, "_unknown", guessed)

    assert is_noticed(Plan())


def test_without_looking_who_wrote_last_a_promise_is_forgotten_unkept() -> None:
    class Careless(MemoryStorage):
        def _land_without(
            self, collection: str, fields: Any, last: Any, writer: str
        ) -> None:
            documents = self.disk.of(collection)
            for document in [documents[key] for key in last if key in documents]:
                self._land(without(collection, fields, document, writer))

    assert is_noticed(Plan(nodes=2, storage=Careless))


def test_a_fault_of_each_sort_happens() -> None:
    seen = set()

    class Watched(MemoryStorage):
        async def _commit(self, land: Callable[[], None], fault: Fault | None) -> None:
            seen.add(fault)
            await super()._commit(land, fault)

    for seed in range(20):
        simulate(seed, live(Plan(storage=Watched)))

    assert seen == {None, *Fault}


def test_a_world_in_which_nothing_can_happen_says_so() -> None:
    async def waits_for_ever(_loop: Any) -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="nothing will ever happen"):
        simulate(0, waits_for_ever)
