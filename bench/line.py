"""Requests as cheap as they get for whoever sends them: the server is what is measured.

Bytes are made beforehand, connections are kept, an answer is read no further than its
status and length.
"""

import asyncio
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct


class Reply(Struct, frozen=True):
    """What came back, unread, and after how many seconds."""

    status: int
    raw: bytes
    after_s: float
    head: bytes = b""

    @property
    def body(self) -> Any:
        """What it says; reading costs more than asking."""
        return json.loads(self.raw)


class Line(asyncio.Protocol):
    """One connection that asks one thing after the other."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._answer: asyncio.Future[tuple[bytes, bytes]] | None = None
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be able to ask."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer whoever asked, once all of it is there."""
        self._heard += data
        head = self._heard.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._heard.lower().index(b"content-length:") + len("content-length:")
        ends = head + 4 + int(self._heard[at : self._heard.index(b"\r\n", at)])
        if len(self._heard) < ends or self._answer is None:
            return
        told = bytes(self._heard[:head]), bytes(self._heard[head + 4 : ends])
        self._heard.clear()
        self._answer.set_result(told)

    def connection_lost(self, error: Exception | None) -> None:
        """Let nobody wait for what will not come."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("hung up"))

    async def ask(self, request: bytes) -> Reply:
        """Return the answer to `request`."""
        begun = time.perf_counter()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        head, body = await self._answer
        return Reply(int(head[9:12]), body, time.perf_counter() - begun, head)

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


def post(url: str, path: str, headers: Mapping[str, str], body: object) -> bytes:
    """Return the bytes of a POST of `body` as JSON."""
    told = json.dumps(body).encode()
    said = {
        "Host": urlsplit(url).netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(told)),
        **headers,
    }
    lines = [f"{name}: {value}" for name, value in said.items()]
    head = "\r\n".join((f"POST {path} HTTP/1.1", *lines, "", ""))
    return head.encode() + told


async def opened(url: str, many: int) -> list[Line]:
    """Return `many` connections."""
    address, loop = urlsplit(url), asyncio.get_running_loop()
    where = address.hostname or "", address.port or 80
    return [(await loop.create_connection(Line, *where))[1] for _ in range(many)]


async def asked(url: str, requests: Iterable[bytes], at_once: int) -> list[Reply]:
    """Return the answers to `requests`, in order, `at_once` of them under way."""
    waiting = enumerate(requests)
    replies: dict[int, Reply] = {}

    async def lane(line: Line) -> None:
        for number, request in waiting:
            replies[number] = await line.ask(request)

    lines = await opened(url, at_once)
    try:
        await asyncio.gather(*(lane(each) for each in lines))
    finally:
        for each in lines:
            each.close()
    return [replies[number] for number in sorted(replies)]
