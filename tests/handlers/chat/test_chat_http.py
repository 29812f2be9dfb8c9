"""Conversations over HTTP."""

import pytest

from tests.handlers.lobby import Lobby, bearer, get, talk
from tests.stage import ANNA, BERT


async def test_messages_are_paged_over_http(lobby: Lobby) -> None:
    browser = await lobby.browser()
    await talk(lobby, browser, "hello", "hi")

    newest = await get(lobby, "/api/chat/s1/messages?limit=2")
    older = await get(lobby, "/api/chat/s1/messages?before_seq=2")

    assert [each["type"] for each in newest["messages"]] == [
        "assistant",
        "run_finished",
    ]
    assert newest["more"]
    assert [each["content"] for each in older["messages"]] == ["hello"]
    assert not older["more"]


async def test_one_s_conversations_are_listed(lobby: Lobby) -> None:
    browser = await lobby.browser()
    await talk(lobby, browser, "hello", "hi")

    mine = await get(lobby, "/api/chat/sessions")
    theirs = await get(lobby, "/api/chat/sessions", user_id=BERT)

    assert [(each["session_id"], each["title"]) for each in mine] == [("s1", "hello")]
    assert theirs == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/chat/nobody-opened-this/messages", 404),
        ("DELETE", "/api/chat/nobody-opened-this", 404),
        ("GET", "/api/chat/a.b/messages", 422),
        ("DELETE", "/api/chat/a%00b", 422),
        ("GET", "/api/chat/s1/messages?limit=0", 422),
        ("GET", "/api/chat/s1/messages?limit=101", 422),
        ("GET", "/api/chat/s1/messages?before_seq=x", 422),
        ("GET", "/api/chat/s1/messages?nonsense=1", 422),
        ("GET", "/api/chat/sessions?offset=-1", 422),
    ],
)
async def test_a_wrong_request_is_named(
    lobby: Lobby, method: str, path: str, status: int
) -> None:
    answer = await lobby.client.request(method, path, headers=bearer(lobby))

    assert answer.status == status
    assert (await answer.json())["code"]


async def test_another_s_conversation_is_not_there(lobby: Lobby) -> None:
    await lobby.browser(ANNA)

    for method, path in (("GET", "/api/chat/s1/messages"), ("DELETE", "/api/chat/s1")):
        answer = await lobby.client.request(method, path, headers=bearer(lobby, BERT))
        assert answer.status == 404
