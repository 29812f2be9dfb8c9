"""How sockets end: tokens, silence, closing, breaking."""

import asyncio
import gc
import weakref

import pytest
from aiohttp import WSMsgType

from handlers import obey
from handlers.heartbeat import PING_EVERY_S
from handlers.socket import Socket
from messages.frames import Close
from messages.session import AdoptSession
from tests.handlers.lobby import Lobby, Spent, bearer, gone, live, talk
from tests.stage import ANNA, BERT


async def test_signing_out_closes_the_sockets_of_that_sign_in(lobby: Lobby) -> None:
    phone = await lobby.connect(query={"token": lobby.token(sid="phone")})
    laptop = await lobby.connect(query={"token": lobby.token(sid="laptop")})
    await phone.until("presence")
    await laptop.until("system")

    lobby.gate.end("phone")

    assert await phone.closed() == Close.NOT_AUTHORISED
    await laptop.say(type="history")
    await laptop.until("history")


async def test_who_signs_out_while_their_ticket_is_taken_gets_no_socket(
    lobby: Lobby, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def spend(_: Spent, jti: str, expires_at: object) -> bool:
        lobby.gate.end(f"sid-{ANNA}")
        return True

    monkeypatch.setattr(Spent, "spend_ticket", spend)

    browser = await lobby.connect(query={"ticket": lobby.ticket()})

    assert await browser.closed() == Close.NOT_AUTHORISED


async def test_who_signs_out_while_their_new_token_is_looked_at_is_let_go(
    lobby: Lobby, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await lobby.browser(ANNA)
    await lobby.stage.ask(AdoptSession(ANNA, BERT))
    look = obey._must_be_theirs

    async def slowly(socket: Socket, user_id: str) -> None:
        await look(socket, user_id)
        lobby.gate.end(f"sid-{BERT}")

    monkeypatch.setattr(obey, "_must_be_theirs", slowly)
    await browser.say(type="auth", access_token=lobby.token(BERT))

    assert (await browser.until("error"))["code"] == "not_signed_in"


async def test_a_socket_that_is_gone_takes_no_collector_to_be_forgotten(
    lobby: Lobby, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone_from_memory = asyncio.Event()
    leave = Socket.leave

    def watched(socket: Socket) -> None:
        leave(socket)
        weakref.finalize(socket, gone_from_memory.set)

    monkeypatch.setattr(Socket, "leave", watched)
    browser = await lobby.browser(ANNA)
    gc.collect()
    gc.disable()
    try:
        await browser.socket.close()
        await gone(lobby)
        # The wheel lets go of it when it would have looked at it.
        lobby.clock.advance(PING_EVERY_S + 1)
        async with asyncio.timeout(10):
            await gone_from_memory.wait()
    finally:
        gc.enable()


async def test_only_what_we_close_is_counted_by_its_code(lobby: Lobby) -> None:
    told, ours = await lobby.browser(ANNA), await lobby.browser(ANNA)
    await told.socket.close(code=4999)
    await told.closed()

    lobby.sockets.close_all(Close.GOING_AWAY, "the server is going away")

    assert await ours.closed() == Close.GOING_AWAY
    assert +lobby.sockets.closed == {Close.GOING_AWAY: 1}


async def test_a_token_is_renewed_on_the_socket(lobby: Lobby) -> None:
    browser = await lobby.connect(query={"token": lobby.token(for_s=100)})
    await browser.next()
    await live(lobby, browser, 50)
    await browser.say(type="auth", access_token=lobby.token(for_s=200))

    await live(lobby, browser, 190)

    codes = [each.get("code") for each in browser.frames]
    assert codes.count("token_expiring") == 2
    lobby.clock.advance(11)
    assert await browser.closed() == Close.NOT_AUTHORISED


async def test_a_bad_token_changes_nothing(lobby: Lobby) -> None:
    browser = await lobby.browser()

    await browser.say(type="auth", access_token="x.y.z")
    await browser.until("error")
    await browser.say(type="auth", access_token=lobby.token(BERT))
    fault = await browser.until("error")

    assert fault["code"] == "not_authorised"
    await talk(lobby, browser, "still me", "yes")


async def test_a_guest_who_signed_up_goes_on_with_a_new_token(lobby: Lobby) -> None:
    browser = await lobby.browser(ANNA)
    await lobby.stage.ask(AdoptSession(ANNA, BERT))

    await browser.say(type="auth", access_token=lobby.token(BERT))
    await talk(lobby, browser, "still here", "yes")

    lobby.gate.end(f"sid-{ANNA}")
    await talk(lobby, browser, "and the old token is out", "yes")
    lobby.gate.end(f"sid-{BERT}")
    assert await browser.closed() == Close.NOT_AUTHORISED


async def test_silence_over_two_pings_closes(lobby: Lobby) -> None:
    browser = await lobby.connect(autoping=False)
    await browser.next()

    lobby.clock.advance(80)

    assert await browser.closed() == Close.TIMED_OUT
    assert [each["type"] for each in browser.frames].count("ping") == 2


async def test_a_client_that_never_answers_a_json_ping_lives_on_pongs(
    lobby: Lobby,
) -> None:
    browser = await lobby.connect(autoping=True)
    await browser.next()

    for _ in range(20):
        lobby.clock.advance(25.5)
        await browser.until("ping")
        # The answer to this shows that our stack's pong before it was read.
        await browser.say(type="history")
        await browser.until("history")

    assert browser.socket.close_code is None


async def test_pongs_alone_are_heard(lobby: Lobby) -> None:
    browser = await lobby.connect(autoping=False)
    await browser.next()

    for _ in range(8):
        lobby.clock.advance(25.5)
        await browser.until("ping")
        assert (await browser.socket.receive()).type is WSMsgType.PING
        await browser.socket.pong()
        await browser.socket.ping(b"read by now?")
        assert (await browser.socket.receive()).type is WSMsgType.PONG

    assert browser.socket.close_code is None


async def test_who_says_nothing_for_half_an_hour_is_let_go(lobby: Lobby) -> None:
    browser = await lobby.connect(query={"token": lobby.token(for_s=7200)})
    await browser.next()

    await live(lobby, browser, 30 * 60 - 1)
    lobby.clock.advance(11)
    assert await browser.closed() == Close.TIMED_OUT


async def test_going_away_closes_every_socket_and_the_door(lobby: Lobby) -> None:
    from handlers.chat import close_all

    browsers = [await lobby.browser() for _ in range(3)]
    closing = asyncio.ensure_future(close_all(lobby.app))
    codes = [await browser.closed() for browser in browsers]
    await closing

    late = await lobby.connect()
    assert codes == 3 * [Close.GOING_AWAY]
    assert await late.closed() == Close.GOING_AWAY
    await close_all(lobby.app)


async def test_a_client_s_own_close_is_answered_and_forgotten(lobby: Lobby) -> None:
    browser = await lobby.browser()

    await browser.socket.close(code=4000)
    await gone(lobby)

    assert browser.socket.close_code == 4000
    assert lobby.sockets.audience.count("session/s1") == 0
    assert lobby.sockets.audience.count(f"user/{ANNA}") == 0


async def test_a_connection_that_breaks_is_forgotten(lobby: Lobby) -> None:
    browser = await lobby.browser()
    response = browser.socket._response
    assert response.connection is not None
    assert response.connection.transport is not None

    response.connection.transport.abort()
    await gone(lobby)

    assert lobby.sockets.news._all == {}


async def test_a_deleted_conversation_closes_its_sockets(lobby: Lobby) -> None:
    browser = await lobby.browser()

    answer = await lobby.client.delete("/api/chat/s1", headers=bearer(lobby))

    assert answer.status == 200
    assert await browser.closed() == Close.NO_SUCH_SESSION
