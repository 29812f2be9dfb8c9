"""An operator's socket in somebody's conversation, and what lets them in."""

from typing import Any

from messages.frames import Close
from messages.session import OpenSession, TakeChat
from messages.turn import Answered, HandedOff, Words
from tests.handlers.lobby import Browser, Lobby, talk
from tests.stage import BERT

OPAL, OTTO = "opal", "otto"


async def as_operator(lobby: Lobby, name: str = OPAL) -> Browser:
    """Return the socket of an operator in `s1`, whatever it will be told."""
    return await lobby.connect(query={"token": lobby.token(name, role="operator")})


async def in_session(lobby: Lobby, name: str = OPAL) -> Browser:
    """Return the socket of an operator who was let in."""
    socket = await as_operator(lobby, name)
    await socket.until("system")
    lobby.clock.advance(1)
    return socket


async def post(lobby: Lobby, what: str, name: str = OPAL) -> Any:
    headers = {"Authorization": f"Bearer {lobby.token(name, role='operator')}"}
    path = f"/api/admin/chats/s1/{what}"
    answer = await lobby.client.post(path, headers=headers)
    return answer.status, await answer.json()


async def wanting_a_person(lobby: Lobby) -> Browser:
    anna = await lobby.browser()
    await anna.say(message="a person, please")
    script = await lobby.stage.engine.next()
    await script.tell(HandedOff("wants a person"), Words("I asked."), Answered())
    await anna.until("run_finished")
    return anna


async def test_an_operator_sees_the_conversation_and_writes_in_it(
    lobby: Lobby,
) -> None:
    anna = await wanting_a_person(lobby)
    assert (await post(lobby, "take"))[0] == 200
    opal = await in_session(lobby)
    welcome = opal.frames[0]

    await opal.say(message="Opal here.", id="m1")
    heard = await anna.until("assistant", author="operator")
    ack = await opal.until("ack", id="m1")
    await anna.say(message="At last!")
    await opal.until("user", content="At last!")

    assert [each["type"] for each in welcome["history"]] == [
        *("user", "system", "assistant", "run_finished", "system"),
    ]
    assert welcome["mode"] == "human"
    assert (heard["content"], heard["seq"]) == ("Opal here.", ack["seq"])


async def test_both_sides_see_who_types_reads_and_is_there(lobby: Lobby) -> None:
    anna = await wanting_a_person(lobby)
    await post(lobby, "take")
    opal = await in_session(lobby)

    assert (await anna.until("presence"))["operators"] == 1
    await opal.say(type="typing")
    await anna.until("typing", who="operator")
    await anna.say(type="typing")
    await opal.until("typing", who="user")
    await opal.say(type="read", seq=3)
    await anna.until("read", who="operator", seq=3)
    await opal.socket.close()
    gone = await anna.until("presence")

    assert (gone["sockets"], gone["operators"]) == (1, 0)


async def test_an_operator_who_gives_it_back_is_shown_out(lobby: Lobby) -> None:
    anna = await wanting_a_person(lobby)
    await post(lobby, "take")
    opal = await in_session(lobby)

    assert (await post(lobby, "return"))[0] == 200

    assert await opal.closed() == Close.NO_SUCH_SESSION
    assert opal.frames[-1]["mode"] == "bot"
    await anna.until("system", mode="bot")
    await talk(lobby, anna, "hello again", "hello")


async def test_who_only_looked_is_shown_out_when_another_takes_it(
    lobby: Lobby,
) -> None:
    await wanting_a_person(lobby)
    otto, opal = await in_session(lobby, OTTO), await in_session(lobby, OPAL)

    await post(lobby, "take", OPAL)

    assert await otto.closed() == Close.NO_SUCH_SESSION
    await opal.until("system", mode="human")
    await opal.say(message="Opal here.")
    await opal.until("assistant", author="operator")


class Overtaken:
    """A way to the actors on which somebody's opening is overtaken by a take."""

    def __init__(self, port: Any) -> None:
        self.port = port

    async def ask(self, key: str, command: Any, **more: Any) -> Any:
        answer = await self.port.ask(key, command, **more)
        if isinstance(command, OpenSession) and command.user_id == OTTO:
            await self.port.ask(key, TakeChat(OPAL))
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.port, name)


async def test_so_is_who_was_let_in_as_another_took_it(lobby: Lobby) -> None:
    await wanting_a_person(lobby)
    lobby.sockets.port = Overtaken(lobby.sockets.port)

    otto = await as_operator(lobby, OTTO)

    assert await otto.closed() == Close.NO_SUCH_SESSION
    assert otto.frames == []


async def test_an_operator_who_would_cancel_or_confirm_is_told_and_stays(
    lobby: Lobby,
) -> None:
    await wanting_a_person(lobby)
    opal = await in_session(lobby)

    await opal.say(type="cancel")
    await opal.until("error", code="forbidden")
    await opal.say(type="confirm", quote_id="q1", decision="approve")
    await opal.until("error", code="forbidden")


async def test_an_operator_is_refused_where_no_person_was_asked_for(
    lobby: Lobby,
) -> None:
    anna = await lobby.browser()
    await talk(lobby, anna, "hello", "hi")

    assert await (await as_operator(lobby)).closed() == Close.NO_SUCH_SESSION
    status, problem = await post(lobby, "take")
    assert (status, problem["code"]) == (409, "chat_not_waiting")


async def test_only_one_operator_has_it(lobby: Lobby) -> None:
    await wanting_a_person(lobby)
    await post(lobby, "take", OPAL)

    assert await (await as_operator(lobby, OTTO)).closed() == Close.NO_SUCH_SESSION
    status, problem = await post(lobby, "take", OTTO)
    assert (status, problem["code"]) == (409, "chat_taken")


async def test_other_shoppers_stay_out_of_what_waits(lobby: Lobby) -> None:
    await wanting_a_person(lobby)

    stranger = await lobby.connect(query={"token": lobby.token(BERT)})

    assert await stranger.closed() == Close.NO_SUCH_SESSION


async def test_an_operator_reads_the_history_over_http(lobby: Lobby) -> None:
    await wanting_a_person(lobby)
    headers = {"Authorization": f"Bearer {lobby.token(OPAL, role='operator')}"}
    path = "/api/chat/s1/messages"

    waits = await lobby.client.get(path, headers=headers)
    await post(lobby, "return")
    over = await lobby.client.get(path, headers=headers)

    assert (waits.status, over.status) == (200, 404)


async def test_an_operator_s_own_conversation_is_a_shopper_s(lobby: Lobby) -> None:
    opal = await lobby.connect(
        "opals", query={"token": lobby.token(OPAL, role="operator")}
    )
    await opal.until("system")
    lobby.clock.advance(1)

    await talk(lobby, opal, "a lamp for myself", "here")

    assert opal.recorded[0]["type"] == "user"


async def test_shoppers_cannot_take_a_conversation(lobby: Lobby) -> None:
    await wanting_a_person(lobby)
    headers = {"Authorization": f"Bearer {lobby.token()}"}

    for method, path in (
        ("POST", "/api/admin/chats/s1/take"),
        ("POST", "/api/admin/chats/s1/return"),
        ("GET", "/api/admin/chats"),
    ):
        answer = await lobby.client.request(method, path, headers=headers)
        assert answer.status == 403
