"""A shopper talks with a model behind a real connection, in the whole server."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from pytest_aiohttp.plugin import AiohttpClient

from agent.graph import UNDERSTUDY
from server.app import build
from server.config import Config
from tests.agent.model_server import ModelServer, call, words
from tests.server.conftest import Client


@pytest.fixture
async def model_server(
    opened: Config, aiohttp_client: AiohttpClient
) -> AsyncIterator[tuple[ModelServer, Client]]:
    theirs = ModelServer()
    loopback = TestServer(theirs.app(), host="127.0.0.1")
    await loopback.start_server()
    agent = opened.agent.model_copy(
        update={"model": "small", "openai_base_url": str(loopback.make_url("/v1"))}
    )
    shop = await aiohttp_client(build(opened.model_copy(update={"agent": agent})))
    yield theirs, shop
    await shop.close()
    await loopback.close()


async def frames(shop: Client, *messages: str) -> list[dict[str, Any]]:
    """Say each thing once the reply to the one before it is over."""
    guest = await (await shop.post("/api/auth/guest")).json()
    heard: list[dict[str, Any]] = []
    async with shop.ws_connect(f"/ws/chat/a?token={guest['access_token']}") as socket:
        for each in messages:
            await socket.send_json({"message": each})
            while not heard or heard[-1]["type"] != "run_finished":
                heard.append(await socket.receive_json())
            heard[-1]["type"] = "over"
    return heard


def of(heard: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [each for each in heard if each["type"] == kind]


async def test_a_model_uses_tools_and_its_words_stream(
    model_server: tuple[ModelServer, Client],
) -> None:
    theirs, shop = model_server
    theirs.usage = {"prompt_tokens": 70, "completion_tokens": 7, "total_tokens": 77}
    theirs.answers = [
        call("get_product", '{"product', '_id": "AUD-009"}'),
        [{"reasoning_content": "A fact."}, *words("The Boulder Mini ", "is $34.99.")],
    ]

    heard = await frames(shop, "how much is the mini?")

    (reply,) = of(heard, "assistant")
    assert reply["content"] == "The Boulder Mini is $34.99."
    assert [each["content"] for each in of(heard, "thinking")] == ["A fact."]
    joined = "".join(each["content"] for each in of(heard, "assistant_delta"))
    assert joined == reply["content"]
    metrics = await (await shop.get("/metrics")).text()
    assert 'souk_model_input_tokens_total{model="small"} 140.0' in metrics
    assert 'souk_model_answers_total{model="small"} 2.0' in metrics


async def test_without_its_model_the_shop_goes_on_and_says_so_once(
    model_server: tuple[ModelServer, Client],
) -> None:
    theirs, shop = model_server
    theirs.status = 401

    heard = await frames(shop, "waterproof speakers under $50", "the first one")

    replies = [each["content"] for each in of(heard, "assistant")]
    assert len(replies) == 2
    assert "Sonvarra Boulder Mini" in replies[0]
    notices = [each for each in of(heard, "system") if each["content"] == UNDERSTUDY]
    assert len(notices) == 1
    assert notices[0]["seq"] > 0
    metrics = await (await shop.get("/metrics")).text()
    assert 'souk_model_handovers_total{reason="away"} 2.0' in metrics
