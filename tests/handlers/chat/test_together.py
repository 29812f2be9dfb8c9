"""Several sockets in one conversation, and those that come back."""

from messages.turn import Answered, Called, Returned, Words
from tests.handlers.lobby import Lobby, talk
from tests.stage import ANNA


async def test_all_sockets_see_the_same_conversation_in_the_same_order(
    lobby: Lobby,
) -> None:
    first, second = await lobby.browser(), await lobby.browser()

    await first.say(message="hello")
    script = await lobby.stage.engine.next()
    await second.say(message="me too")
    await script.tell(Called("c1", "search", {}), Returned("c1", []), Words("Hi"))
    await script.tell(Answered())
    script = await lobby.stage.engine.next()
    await script.tell(Words("You too"), Answered())
    for each in (first, second):
        await each.until("run_finished")
        await each.until("run_finished")

    assert first.recorded == second.recorded
    assert [each["seq"] for each in first.recorded] == list(range(1, 9))


async def test_typing_is_seen_by_the_others(lobby: Lobby) -> None:
    first, second = await lobby.browser(), await lobby.browser()

    await first.say(type="typing")
    await second.until("typing", who="user")
    await first.say(type="history", limit=1)
    await first.until("history")

    assert "typing" not in {each["type"] for each in first.frames}


async def test_presence_tells_how_many_are_here(lobby: Lobby) -> None:
    first = await lobby.browser()
    second = await lobby.connect()

    assert (await first.until("presence"))["sockets"] == 2
    assert (await second.until("presence"))["sockets"] == 2
    await second.socket.close()
    assert (await first.until("presence"))["sockets"] == 1


async def test_history_pages_backwards(lobby: Lobby) -> None:
    browser = await lobby.browser()
    for each in range(3):
        await talk(lobby, browser, f"question {each}", f"answer {each}")

    await browser.say(type="history", before_seq=8, limit=3)
    page = await browser.until("history")
    await browser.say(type="history", limit=2)
    newest = await browser.until("history")

    assert [each["seq"] for each in page["frames"]] == [5, 6, 7]
    assert (page["before_seq"], page["more"]) == (8, True)
    assert [each["seq"] for each in newest["frames"]] == [8, 9]
    assert newest["before_seq"] == 10


async def test_a_read_mark_is_kept(lobby: Lobby) -> None:
    browser = await lobby.browser()
    await talk(lobby, browser, "hello", "hi")

    await browser.say(type="read", seq=2)
    await browser.say(type="history", limit=1)
    await browser.until("history")

    assert lobby.stage.storage.documents["sessions"]["s1"]["read"] == {ANNA: 2}


async def test_a_reply_goes_on_without_anybody_and_is_caught_up_with(
    lobby: Lobby,
) -> None:
    browser = await lobby.browser()
    await browser.say(message="hello")
    script = await lobby.stage.engine.next()
    await script.tell(Words("The 💡 "))
    await browser.until("assistant_delta")
    seen, known = browser.text, browser.frames[0]["epoch"]
    await browser.socket.close()

    await script.tell(Called("c1", "search", {}), Returned("c1", []), Words("is red."))
    back = await lobby.connect()
    await back.next()
    await back.say(
        type="resume", epoch=known, last_seq=1, turn_id="s1.1", offset=len(seen)
    )
    delta = await back.until("assistant_delta")
    await script.tell(Words(" Yes."), Answered())
    reply = await back.until("assistant")

    assert delta["offset"] == len(seen)
    rest = "".join(
        each["content"] for each in back.frames if each["type"] == "assistant_delta"
    )
    assert seen + rest == reply["content"] == "The 💡 is red. Yes."
    assert [each["seq"] for each in back.recorded] == [2, 3, 4]


async def test_one_who_does_not_resume_is_told_the_running_reply(
    lobby: Lobby,
) -> None:
    first = await lobby.browser()
    await first.say(message="hello")
    script = await lobby.stage.engine.next()
    await script.tell(Words("The lamp "))

    second = await lobby.connect()
    await second.next()
    await script.tell(Words("is red."))
    lobby.clock.advance(1)
    await script.tell(Answered())
    await second.until("run_finished")

    assert second.text == "The lamp is red."


async def test_an_unknown_history_is_begun_again(lobby: Lobby) -> None:
    browser = await lobby.browser()
    await talk(lobby, browser, "hello", "hi")

    await browser.say(type="resume", epoch="another", last_seq=1)
    resync = await browser.until("resync")

    snapshot = resync["snapshot"]
    assert [each["seq"] for each in snapshot["history"]] == [1, 2, 3]
    assert (snapshot["last_seq"], snapshot["epoch"]) == (
        3,
        browser.frames[0]["epoch"],
    )


async def test_resume_comes_before_what_is_new(lobby: Lobby) -> None:
    first = await lobby.browser()
    await talk(lobby, first, "one", "1")
    back = await lobby.connect()
    epoch = (await back.next())["epoch"]

    # Said after the welcome and before the resume arrives.
    await talk(lobby, first, "two", "2")
    await back.say(type="resume", epoch=epoch, last_seq=1)
    await back.until("run_finished", seq=6)

    assert [each["seq"] for each in back.recorded] == [2, 3, 4, 5, 6]


async def test_cancel_is_heard_at_once(lobby: Lobby) -> None:
    browser = await lobby.browser()
    await browser.say(message="hello")
    script = await lobby.stage.engine.next()
    await script.tell(Words("The lamp"))

    await browser.say(type="cancel")
    reply = await browser.until("assistant")

    assert (reply["content"], reply["status"]) == ("The lamp", "cancelled")
    assert (await browser.until("run_finished"))["status"] == "cancelled"
    await script.ended.wait()
