"""The socket's door, over real connections: who may come in."""

from types import SimpleNamespace
from typing import cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from actors.runtime.testing import Fault
from handlers.admission import Refused, admission
from handlers.errors import NotSignedIn
from handlers.keys import ORIGINS
from handlers.sockets import SOCKETS, Sockets
from messages.frames import Close
from messages.turn import Answered, Words
from tests.handlers.lobby import Lobby, gone, talk
from tests.stage import ANNA, BERT


async def test_a_few_lines_of_javascript_just_work(lobby: Lobby) -> None:
    browser = await lobby.connect(autoping=True)
    welcome = await browser.next()
    await browser.socket.send_str('{"message": "waterproof speakers under 50"}')
    script = await lobby.stage.engine.next()
    await script.tell(Words("The Splash costs 34.99."), Answered())
    await browser.until("run_finished")

    assert (welcome["type"], welcome["content"]) == ("system", "Connected to chat")
    said = {each["type"]: each.get("content") for each in browser.frames}
    assert said["user"] == "waterproof speakers under 50"
    assert said["assistant"] == "The Splash costs 34.99."


async def test_the_welcome_tells_where_the_conversation_stands(lobby: Lobby) -> None:
    first = await lobby.browser()
    await talk(lobby, first, "hello", "hi")

    second = await lobby.connect()
    welcome = await second.next()

    assert welcome["session_id"] == "s1"
    assert welcome["last_seq"] == 3
    assert [each["type"] for each in welcome["history"]] == [
        "user",
        "assistant",
        "run_finished",
    ]
    assert welcome["epoch"] == first.frames[0]["epoch"]
    assert welcome["server_now"] == welcome["timestamp"]
    assert "seq" not in welcome


async def test_a_message_is_acked_by_its_client_s_name_and_a_resend_is_too(
    lobby: Lobby,
) -> None:
    browser = await lobby.browser()

    await browser.say(message="hello", id="m1")
    first = await browser.until("ack")
    await browser.say(type="message", message="hello", id="m1")
    again = await browser.until("ack")

    assert (first["id"], first["seq"]) == (again["id"], again["seq"]) == ("m1", 1)
    assert [each["type"] for each in browser.recorded] == ["user"]


async def test_a_token_a_ticket_and_a_subprotocol_open_a_socket(lobby: Lobby) -> None:
    for query, protocols in (
        ({"token": lobby.token()}, ()),
        ({"ticket": lobby.ticket()}, ()),
        ({}, ("bearer", lobby.token())),
        ({}, ("Bearer", lobby.token())),
    ):
        browser = await lobby.connect(query=query, protocols=protocols)

        assert (await browser.next())["content"] == "Connected to chat"
        assert browser.socket.protocol == (protocols[0] if protocols else None)


async def test_a_ticket_opens_one_socket(lobby: Lobby) -> None:
    ticket = lobby.ticket()
    await (await lobby.connect(query={"ticket": ticket})).next()

    again = await lobby.connect(query={"ticket": ticket})

    assert await again.closed() == Close.NOT_AUTHORISED


@pytest.mark.parametrize(
    ("query", "protocols"),
    [
        ({}, ()),
        ({"token": ""}, ()),
        ({"token": "x.y.z"}, ()),
        ({"token": "\x00"}, ()),
        ({"ticket": "nonsense"}, ()),
        ({}, ("bearer",)),
        ({}, ("bearer", "x.y.z")),
        ({}, ("bearer", "x", "y")),
        ({}, ("soap", "x")),
        ({"token": "x" * 5000}, ()),
    ],
)
async def test_without_a_good_token_there_is_no_socket(
    lobby: Lobby, query: dict[str, str], protocols: tuple[str, ...]
) -> None:
    browser = await lobby.connect(query=query, protocols=protocols)

    assert await browser.closed() == Close.NOT_AUTHORISED
    assert browser.frames == []


async def test_an_expired_token_opens_nothing(lobby: Lobby) -> None:
    token = lobby.token(for_s=60)
    lobby.clock.advance(61)

    browser = await lobby.connect(query={"token": token})

    assert await browser.closed() == Close.NOT_AUTHORISED


async def test_a_ticket_is_no_token_and_a_token_no_ticket(lobby: Lobby) -> None:
    for query in ({"token": lobby.ticket()}, {"ticket": lobby.token()}):
        browser = await lobby.connect(query=query)

        assert await browser.closed() == Close.NOT_AUTHORISED


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "https://shop.example.evil.example",
        "https://[",
    ],
)
async def test_other_sites_may_not_connect(lobby: Lobby, origin: str) -> None:
    browser = await lobby.connect(headers={"Origin": origin})

    assert await browser.closed() == Close.ORIGIN


async def test_our_own_page_and_listed_origins_may(lobby: Lobby) -> None:
    own = f"http://{lobby.client.host}:{lobby.client.port}"
    for origin in (own, "https://shop.example"):
        browser = await lobby.connect(headers={"Origin": origin})

        assert (await browser.next())["type"] == "system"


@pytest.mark.parametrize(
    ("listed", "outcome"), [("*", NotSignedIn), ("https://shop.example", Refused)]
)
async def test_every_site_may_where_every_site_is_listed(
    listed: str, outcome: type[Exception]
) -> None:
    app = web.Application()
    app[ORIGINS] = frozenset({listed})
    app[SOCKETS] = cast("Sockets", SimpleNamespace(closing=None))
    headers = {"Origin": "https://any.example", "Host": "shop.example"}

    with pytest.raises(outcome):
        await admission(make_mocked_request("GET", "/ws/chat/s", headers, app=app))


@pytest.mark.parametrize("session_id", ["x" * 65, "a.b", "a%20b", "%C3%A4", "a%0A"])
async def test_a_session_id_has_64_plain_characters(
    lobby: Lobby, session_id: str
) -> None:
    browser = await lobby.connect(session_id)

    assert await browser.closed() == Close.NO_SUCH_SESSION


async def test_a_session_belongs_to_the_first_who_opens_it(lobby: Lobby) -> None:
    await lobby.browser(ANNA)

    other = await lobby.connect(query={"token": lobby.token(BERT)})

    assert await other.closed() == Close.NO_SUCH_SESSION
    assert other.frames == []


async def test_no_upgrade_is_a_plain_400(lobby: Lobby) -> None:
    answer = await lobby.client.get("/ws/chat/s1", params={"token": lobby.token()})

    assert answer.status == 400
    assert answer.content_type == "application/problem+json"


async def test_no_token_is_written_to_the_log(
    lobby: Lobby, caplog: pytest.LogCaptureFixture
) -> None:
    token = lobby.token()
    for query, protocols in (
        ({"token": token}, ()),
        ({}, ("bearer", token)),
        ({}, ("token", token)),
        ({}, (token,)),
    ):
        browser = await lobby.connect(query=query, protocols=protocols)
        await browser.socket.receive()

    assert token not in caplog.text


async def test_one_who_is_refused_was_never_here(lobby: Lobby) -> None:
    first = await lobby.browser(ANNA)
    other = await lobby.connect(query={"token": lobby.token(BERT)})
    await other.closed()
    await other.socket.close()

    await talk(lobby, first, "hello", "hi")

    assert "presence" not in {each["type"] for each in first.frames}


async def test_while_the_store_is_away_one_is_told_to_come_back(
    lobby: Lobby,
) -> None:
    lobby.stage.storage.fault = lambda _write: Fault.AWAY

    browser = await lobby.connect()

    assert await browser.closed() == Close.GOING_AWAY


async def test_one_who_goes_before_the_welcome_is_forgotten(lobby: Lobby) -> None:
    lobby.stage.storage.hold()
    browser = await lobby.connect(query={"token": lobby.token(sid="phone")})
    while not lobby.sockets.audience.count("session/s1"):
        await lobby.client.get("/nothing-here")

    lobby.gate.end("phone")
    code = await browser.closed()
    lobby.stage.storage.release()
    await browser.socket.close()
    await gone(lobby)

    assert code == Close.NOT_AUTHORISED
    assert lobby.sockets.news._all == {}
