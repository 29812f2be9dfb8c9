"""The real process is killed three times in a talk, and the talk goes on."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.agent.model_server import ModelServer, call, words
from tests.whole.shop import Shop, Socket, Visitor

LOOK = call("search_products", '{"query": "lamp"}')


class Stalling(ModelServer):
    """Stalls in the last answer it has."""

    url = ""

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Answer, and stall if nothing is left to say after this."""
        self.silent = len(self.answers) == 1
        return await super().complete(request)


@pytest.fixture
async def model() -> AsyncIterator[Stalling]:
    theirs = Stalling()
    server = TestServer(theirs.app(), host="127.0.0.1", handler_cancellation=True)
    await server.start_server()
    theirs.url = str(server.make_url("/v1"))
    yield theirs
    await server.close()


@pytest.fixture
async def shop(tmp_path: Path, model: Stalling) -> AsyncIterator[Shop]:
    running = Shop(
        tmp_path / "shop",
        SOUK__AGENT__MODEL="small",
        OPENAI_BASE_URL=model.url,
        OPENAI_API_KEY="sesame",
    )
    await running.start()
    yield running
    await running.kill()


async def killed_and_back(shop: Shop, anna: Visitor, tab: Socket) -> Socket:
    """Kill the server, start it again, and resume as the protocol tells."""
    await shop.kill()
    await tab.raw.close()
    await shop.start()
    back = await anna.socket("talk")
    back.heard = tab.heard
    back.welcome = tab.welcome
    deltas = [each for each in tab.heard if each["type"] == "assistant_delta"]
    await back.raw.send_json(
        {
            "type": "resume",
            "epoch": tab.welcome["epoch"],
            "last_seq": max((each["seq"] for each in tab.recorded()), default=0),
            **({"turn_id": deltas[-1]["turn_id"]} if deltas else {}),
        }
    )
    await back.until(lambda each: each.get("reason") == "cut_short")
    return back


def joined(frames: list[dict[str, Any]], turn_id: str) -> str:
    """Join the previews of a turn as a client does."""
    text = ""
    for each in frames:
        if each["type"] == "assistant_delta" and each["turn_id"] == turn_id:
            text = text[: each["offset"]] + each["content"]
    return text


async def test_a_talk_survives_a_server_that_is_killed_three_times(
    shop: Shop, model: Stalling
) -> None:
    async with aiohttp.ClientSession() as http:
        anna = Visitor(http, shop)
        await anna.enter("/api/auth/guest")
        tab = await anna.socket("talk")

        # As soon as the message was acknowledged.
        model.answers = [[]]
        await tab.say("one", id="m1")
        await tab.type("ack")
        tab = await killed_and_back(shop, anna, tab)
        await tab.say("one", id="m1")
        again = await tab.type("ack")
        # After a tool was used.
        model.answers = [LOOK, []]
        await tab.say("two", id="m2")
        await tab.type("tool_result")
        tab = await killed_and_back(shop, anna, tab)
        # In the midst of the words.
        model.answers = [words("Let me see. ", "There ")]
        await tab.say("three", id="m3")
        await tab.type("assistant_delta")
        tab = await killed_and_back(shop, anna, tab)
        # And once it is left in peace.
        model.answers = [words("Gern 💡. ", "What else?"), []]
        await tab.say("four", id="m4")
        done = await tab.until(lambda each: each.get("status") == "done")
        await tab.type("run_finished")
        _, page = await anna.request("GET", "/api/chat/talk/messages?limit=100")

    assert again["seq"] == 1
    assert tab.recorded() == page["messages"]
    assert [each["seq"] for each in tab.recorded()] == list(
        range(1, len(page["messages"]) + 1)
    )
    said = [each["content"] for each in page["messages"] if each["type"] == "user"]
    assert said == ["one", "two", "three", "four"]
    ends = [each["status"] for each in page["messages"] if "run_f" in each["type"]]
    assert ends == ["failed", "failed", "failed", "done"]
    assert (
        joined(tab.heard, done["turn_id"]) == done["content"] == "Gern 💡. What else?"
    )
