"""Cancelled is over: one end, and behind it nothing of that reply, on any socket."""

import pytest

from messages.turn import Answered, Called, Returned, Step, Thought, Words
from tests.handlers.lobby import Browser, Lobby

REPLY: tuple[Step, ...] = (
    Thought("They want a lamp."),
    Called("c1", "search_products", {"query": "lamp"}),
    Returned("c1", {"count": 0}),
    Words("I found "),
    Words("nothing. "),
    Called("c2", "add_to_cart", {"sku": "lamp"}),
    Returned("c2", {"added": {}}),
    Words("Added."),
)


def of_turn(browser: Browser, turn_id: str) -> list[str]:
    return [each["type"] for each in browser.frames if each.get("turn_id") == turn_id]


@pytest.mark.parametrize("done", range(len(REPLY) + 1))
async def test_nothing_follows_the_end_of_a_cancelled_reply(
    lobby: Lobby, done: int
) -> None:
    first, second = await lobby.browser(), await lobby.browser()
    await first.say(message="a lamp")
    script = await lobby.stage.engine.next()
    await script.tell(*REPLY[:done])

    # What the model still says is on its way when the cancel comes.
    script.tell_soon(*REPLY[done:], Answered())
    await first.say(type="cancel")
    await script.ended.wait()
    await lobby.stage.quiet()
    for each in (first, second):
        # Whatever was sent before is heard before the answer to this.
        await each.say(type="history", limit=1)
        await each.until("history")

    for each in (first, second):
        told = of_turn(each, script.turn.turn_id)
        assert told.count("run_finished") == 1
        assert told[-1] == "run_finished"
        assert told.count("tool_call") == told.count("tool_result")


async def test_a_cancelled_reply_is_the_words_that_were_shown(lobby: Lobby) -> None:
    browser = await lobby.browser()
    await browser.say(message="a lamp")
    script = await lobby.stage.engine.next()
    await script.tell(Words("I found "), Words("three."))

    await browser.say(type="cancel")
    reply = await browser.until("assistant")
    finished = await browser.until("run_finished")

    assert (reply["content"], reply["status"]) == ("I found three.", "cancelled")
    assert browser.text == reply["content"]
    assert finished["status"] == "cancelled"
    assert script.ended.is_set()


async def test_the_next_message_is_answered_as_if_nothing_had_been(
    lobby: Lobby,
) -> None:
    browser = await lobby.browser()
    await browser.say(message="a lamp")
    script = await lobby.stage.engine.next()
    await script.tell(Words("I fou"))
    await browser.say(type="cancel")
    await browser.until("run_finished", status="cancelled")

    await browser.say(message="a desk")
    script = await lobby.stage.engine.next()
    await script.tell(Words("Here."), Answered())

    assert (await browser.until("assistant"))["content"] == "Here."
    assert (await browser.until("run_finished"))["status"] == "done"
