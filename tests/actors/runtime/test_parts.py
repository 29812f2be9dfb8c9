"""The small parts: names in paths, answers by type, topics, clocks, numbers."""

from collections.abc import Mapping
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, field

from actors.runtime import Kind, Log, LoopClock, Topics
from actors.runtime.codec import (
    answer_from,
    answer_type,
    builtins,
    command_from,
    escaped,
    unescaped,
)
from actors.runtime.layout import Layout
from actors.runtime.metrics import Histogram
from actors.runtime.testing import ManualClock, actor_system, steps
from tests.actors.runtime.ledgers import (
    Account,
    AccountCommand,
    Changed,
    Deposit,
    Entry,
    Get,
    Say,
    account_kind,
)


@given(st.text())
def test_any_key_is_one_segment_of_a_path(key: str) -> None:
    segment = escaped(key)

    assert unescaped(segment) == key
    assert segment
    assert not {".", "$", "\0"} & set(segment)


def test_messages_and_answers_survive_encoding() -> None:
    account = Account(id="ada", balance=5, holds={"h": 1}, entries=(Entry("x"),))

    assert command_from(AccountCommand, builtins(Deposit(5))) == Deposit(5)
    assert answer_from(Get(), builtins(account)) == account
    assert answer_type(Say) is type(None)


def test_a_state_may_not_use_the_runtime_s_own_fields() -> None:
    class Owned(Struct, frozen=True):
        owner: str = ""

    with pytest.raises(TypeError, match="owner"):
        Layout(Kind(name="x", actor=object, state=Owned, commands=Get))


def test_a_state_has_one_log_at_most() -> None:
    class Twice(Struct, frozen=True):
        one: Log[int] = ()
        two: Log[int] = ()

    with pytest.raises(TypeError, match="more than one log"):
        Layout(Kind(name="x", actor=object, state=Twice, commands=Get))


@given(
    st.dictionaries(st.text(max_size=3), st.integers(0, 3)),
    st.dictionaries(st.text(max_size=3), st.integers(0, 3)),
)
def test_the_difference_makes_one_map_of_the_other(
    before: dict[str, int], after: dict[str, int]
) -> None:
    class Held(Struct, frozen=True):
        holds: Mapping[str, int] = field(default_factory=dict)

    layout = Layout(Kind(name="x", actor=object, state=Held, commands=Get))
    changes = layout.changes(Held(before), Held(after))

    patched: dict[str, Any] = {escaped(key): each for key, each in before.items()}
    for path, value in changes.set_fields.items():
        patched[path.removeprefix("holds.")] = value
    for path in changes.unset_fields:
        del patched[path.removeprefix("holds.")]
    assert {unescaped(key): each for key, each in patched.items()} == after


def test_listeners_hear_what_they_follow_until_they_stop() -> None:
    topics = Topics()
    heard: list[Any] = []
    stop = topics.follow("account/ada", heard.append)
    topics.follow("account/bob", lambda _event: heard.append(None))

    topics.publish("account/ada", Changed("ada", 1, 1))
    stop()
    stop()
    topics.publish("account/ada", Changed("ada", 2, 2))

    assert heard == [Changed("ada", 1, 1)]


def test_a_listener_that_fails_fails_alone() -> None:
    topics = Topics()
    heard: list[Any] = []

    def broken(_event: object) -> None:
        raise ZeroDivisionError

    topics.follow("t", broken)
    topics.follow("t", heard.append)

    with structlog.testing.capture_logs() as logs:
        topics.publish("t", Changed("ada", 1, 1))

    assert heard == [Changed("ada", 1, 1)]
    assert [each["event"] for each in logs] == ["topic.listener_failed"]


def test_a_histogram_counts_by_powers_of_two() -> None:
    histogram = Histogram()
    for value in (0, 1, 2, 3, 900):
        histogram.add(value)

    assert histogram.bounds() == {0: 1, 1: 2, 3: 4, 1023: 5}
    assert (histogram.count, histogram.sum) == (5, 906)


def test_a_manual_clock_fires_in_order_and_on_time() -> None:
    clock, fired = ManualClock(), []
    clock.call_later(2, lambda: fired.append(("late", clock.monotonic())))
    clock.call_later(1, lambda: fired.append(("early", clock.monotonic())))
    clock.call_later(1, lambda: fired.append(("never", 0.0))).cancel()

    clock.advance(5)

    assert fired == [("early", 1.0), ("late", 2.0)]
    assert clock.monotonic() == 5


async def test_the_real_clock_runs() -> None:
    clock, fired = LoopClock(), []
    before = clock.monotonic()
    clock.call_later(0, lambda: fired.append("now"))

    await clock.sleep(0)
    await steps()

    assert fired == ["now"]
    assert clock.monotonic() >= before
    assert clock.now().tzinfo is not None


async def test_the_runtime_counts_what_it_does() -> None:
    async with actor_system(account_kind()) as node:
        await node.ask("ada", Deposit(5))
        await node.ask("ada", Get())

        kind = node.system.metrics.kinds["account"]
        [ada] = node.system.actors("account")
        assert (kind.messages, kind.commits, kind.activations) == (2, 1, 1)
        assert kind.batch.count == 2
        assert (ada.kind, ada.key, ada.rev, ada.version) == ("account", "ada", 1, 1)
        assert (ada.mailbox, ada.status) == (0, "resting")


async def test_a_request_s_id_goes_with_its_messages() -> None:
    seen = []

    async def asks(actor: Any) -> None:
        await actor.ask("bob", Say("seen"))

    async def notes(_actor: Any) -> None:
        seen.append(structlog.contextvars.get_contextvars())

    async with actor_system(account_kind({"asks": asks, "seen": notes})) as node:
        with structlog.contextvars.bound_contextvars(request_id="r-1"):
            await node.ask("ada", Say("asks"))

    assert seen == [{"actor": "account/bob", "request_id": "r-1"}]
