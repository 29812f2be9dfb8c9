"""A small server that speaks the OpenAI protocol as a test scripts it."""

import asyncio
import json
from typing import Any

from aiohttp import web


class ModelServer:
    """Answers chat completions with scripted chunks; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.answers: list[list[dict[str, Any]]] = []
        self.refusals: list[tuple[int, dict[str, str]]] = []
        """Status and headers of what comes before any answer, in this order."""
        self.status = 200
        self.usage: dict[str, Any] | None = None
        self.end = "stop"
        self.broken = False
        self.cut = False
        self.silent = False
        self.left = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.complete)
        return app

    async def complete(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        if self.refusals:
            status, headers = self.refusals.pop(0)
            told = {"error": {"message": "later"}}
            return web.json_response(told, status=status, headers=headers)
        if self.status != 200:
            return web.json_response({"error": {"message": "no"}}, status=self.status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            for delta in self.answers.pop(0):
                await response.write(_event(delta))
            if self.silent:
                await asyncio.get_running_loop().create_future()
            if self.broken:
                await response.write(b"data: {no json\n\n")
            if self.cut:
                assert request.transport is not None
                request.transport.abort()
                return response
            await response.write(_event({}, finish_reason=self.end))
            if self.usage is not None:
                await response.write(_chunk(choices=[], usage=self.usage))
            await response.write(b"data: [DONE]\n\n")
        finally:
            self.left.set()
        return response


def _event(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return _chunk(choices=[choice])


def _chunk(**content: Any) -> bytes:
    chunk = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "small",
        **content,
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()


def words(*pieces: str) -> list[dict[str, Any]]:
    return [{"content": each} for each in pieces]


def call(tool: str, *arguments: str) -> list[dict[str, Any]]:
    first = {"index": 0, "id": "x", "type": "function", "function": {"name": tool}}
    return [
        {"tool_calls": [first]},
        *(
            {"tool_calls": [{"index": 0, "function": {"arguments": each}}]}
            for each in arguments
        ),
    ]
