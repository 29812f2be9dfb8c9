"""The shopper's own word on a quote, by a request and by a frame: alike in all."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from commerce.quote import QUOTED_FOR
from messages.turn import Answered, HandedOff, Proposed, Words
from tests.handlers.lobby import Browser, Lobby, bearer, live
from tests.scripted import Script
from tests.stage import BERT, quote

Told = dict[str, Any]
Door = Callable[..., Awaitable[Told]]


async def by_request(
    lobby: Lobby, _: Browser, decision: str = "approve", quote_id: str = "q1"
) -> Told:
    """Decide over HTTP and return the answer."""
    answer = await lobby.client.post(
        "/api/chat/s1/confirm",
        json={"quote_id": quote_id, "decision": decision},
        headers=bearer(lobby),
    )
    told: Told = await answer.json()
    assert told.get("status", 200) == answer.status
    return told


async def by_frame(
    _: Lobby, browser: Browser, decision: str = "approve", quote_id: str = "q1"
) -> Told:
    """Decide over the socket and return the ack, or the fault."""
    await browser.say(type="confirm", quote_id=quote_id, decision=decision)
    while True:
        frame = await browser.next()
        if frame["type"] == "ack" or (frame["type"] == "error" and "seq" not in frame):
            return frame


DOORS = pytest.mark.parametrize("decide", [by_request, by_frame])


async def quoted(lobby: Lobby, quote_id: str = "q1") -> Browser:
    """Return Anna's socket on a conversation that asks her to confirm."""
    browser = await lobby.browser()
    await propose(lobby, browser, quote_id)
    return browser


async def propose(lobby: Lobby, browser: Browser, quote_id: str = "q1") -> None:
    await browser.say(message="checkout")
    script = await lobby.stage.engine.next()
    asked = quote(lobby.clock.now(), quote_id)
    await script.tell(Proposed(asked), Words("Please confirm."), Answered())
    await browser.until("run_finished")


async def next_turn(lobby: Lobby) -> Script:
    return await lobby.stage.engine.next()


@DOORS
async def test_one_s_own_approval_begins_the_turn_that_buys(
    lobby: Lobby, decide: Door
) -> None:
    browser = await quoted(lobby)

    told = await decide(lobby, browser)
    script = await next_turn(lobby)

    assert script.turn.confirmed is not None
    assert script.turn.confirmed.id == "q1"
    assert script.turn.turn_id == f"s1.{told['seq']}"


@DOORS
async def test_a_decline_is_heard_and_buys_nothing(lobby: Lobby, decide: Door) -> None:
    browser = await quoted(lobby)

    await decide(lobby, browser, "decline")
    script = await next_turn(lobby)
    late = await decide(lobby, browser, "approve")

    assert (script.turn.decision, script.turn.confirmed) == ("decline", None)
    assert late["code"] == "quote_spent"


@DOORS
async def test_twice_is_once(lobby: Lobby, decide: Door) -> None:
    browser = await quoted(lobby)

    first = await decide(lobby, browser)
    second = await decide(lobby, browser)
    await lobby.stage.quiet()

    assert first["seq"] == second["seq"]
    assert len(lobby.stage.engine.turns) == 2  # the quote's, and one that buys


async def test_a_tap_on_each_of_two_devices_is_one(lobby: Lobby) -> None:
    browser = await quoted(lobby)

    first = await by_request(lobby, browser)
    second = await by_frame(lobby, browser)

    assert first["seq"] == second["seq"]


@DOORS
async def test_a_quote_that_never_was_is_not_there(lobby: Lobby, decide: Door) -> None:
    browser = await quoted(lobby)

    assert (await decide(lobby, browser, quote_id="q2"))["code"] == "quote_not_found"


@DOORS
async def test_a_quote_that_another_took_the_place_of_is_not_there(
    lobby: Lobby, decide: Door
) -> None:
    browser = await quoted(lobby)
    await propose(lobby, browser, "q2")

    assert (await decide(lobby, browser))["code"] == "quote_not_found"


@DOORS
async def test_after_five_minutes_it_has_lapsed(lobby: Lobby, decide: Door) -> None:
    browser = await quoted(lobby)

    await live(lobby, browser, int(QUOTED_FOR.total_seconds()))

    assert (await decide(lobby, browser))["code"] == "quote_expired"
    assert len(lobby.stage.engine.turns) == 1


async def test_in_another_s_conversation_there_is_nothing_to_confirm(
    lobby: Lobby,
) -> None:
    await quoted(lobby)

    for session_id in ("s1", "nobody-opened-this"):
        answer = await lobby.client.post(
            f"/api/chat/{session_id}/confirm",
            json={"quote_id": "q1", "decision": "approve"},
            headers=bearer(lobby, BERT),
        )
        told = await answer.json()
        assert (answer.status, told["code"]) == (404, "session_not_found")
    await lobby.stage.quiet()
    assert len(lobby.stage.engine.turns) == 1


async def test_an_operator_who_took_the_chat_cannot_confirm_for_the_shopper(
    lobby: Lobby,
) -> None:
    browser = await quoted(lobby)
    await browser.say(message="a person please")
    script = await next_turn(lobby)
    await script.tell(HandedOff("wants a person"), Answered())
    await browser.until("run_finished")
    token = lobby.token("opal", role="operator")
    operator = {"Authorization": f"Bearer {token}"}
    taken = await lobby.client.post("/api/admin/chats/s1/take", headers=operator)
    assert taken.status == 200

    answer = await lobby.client.post(
        "/api/chat/s1/confirm",
        json={"quote_id": "q1", "decision": "approve"},
        headers=operator,
    )

    assert answer.status == 404


async def test_nobody_confirms_without_signing_in(lobby: Lobby) -> None:
    await quoted(lobby)

    answer = await lobby.client.post(
        "/api/chat/s1/confirm", json={"quote_id": "q1", "decision": "approve"}
    )

    assert answer.status == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"quote_id": "q1"},
        {"quote_id": "q1", "decision": "yes"},
        {"quote_id": "", "decision": "approve"},
        {"quote_id": "q" * 65, "decision": "approve"},
        {"quote_id": 1, "decision": "approve"},
    ],
)
async def test_a_decision_that_is_none_is_named(
    lobby: Lobby, body: dict[str, object]
) -> None:
    browser = await quoted(lobby)

    answer = await lobby.client.post(
        "/api/chat/s1/confirm", json=body, headers=bearer(lobby)
    )
    await browser.say(type="confirm", **body)
    fault = await browser.until("error")

    assert (answer.status, (await answer.json())["code"]) == (422, "malformed")
    assert "seq" not in fault
    assert len(lobby.stage.engine.turns) == 1
