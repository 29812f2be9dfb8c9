"""A whole shop for a test: the real process, its own mongod, real sockets."""

import asyncio
import json
import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from tests.nursery import Process, bear

# Many times what it takes: a busy machine is no failure, a server that hangs is one.
READY_WITHIN_S = 180


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Shop:
    """A server on a folder that outlives it, so that it can be killed."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment
        self.said: list[str] = []
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return once the server has printed its address."""
        self._process = await bear(
            *("--port", str(self.port)),
            environment={
                "SOUK__STORE__PATH": str(self.folder),
                "SOUK__ACCOUNTS__BCRYPT_COST": "4",
                **self.environment,
            },
        )
        ready = asyncio.Event()
        self._reading = asyncio.get_running_loop().create_task(self._read(ready))
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await ready.wait()
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"never ready: {''.join(self.said)}") from None
        assert self._process.returncode is None, "".join(self.said)

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to stop, as an operator would, and return its exit status."""
        return await self._end(signal.SIGTERM)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        assert self._reading is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
        status = await self._process.wait()
        await self._reading
        return status

    async def _read(self, ready: asyncio.Event) -> None:
        assert self._process is not None
        async for line in self._process.stdout:
            self.said.append(line.decode())
            if re.search(rf"http://127\.0\.0\.1:{self.port}", self.said[-1]):
                ready.set()
        ready.set()


class Visitor:
    """A browser as the shop sees it: requests with a token, and sockets."""

    def __init__(self, http: aiohttp.ClientSession, shop: Shop) -> None:
        self.http = http
        self.shop = shop
        self.tokens: dict[str, Any] = {}

    async def request(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """Return the status and the JSON of the answer."""
        if self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        async with self.http.request(
            method, self.shop.url + path, json=body, headers=headers
        ) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None

    async def enter(self, path: str, body: Any = None) -> None:
        """Sign up, in or as a guest, and keep the tokens."""
        status, answer = await self.request("POST", path, body)
        assert status in {200, 201}, answer
        self.tokens = answer

    async def socket(self, session_id: str) -> "Socket":
        """Open the chat; the first frame has been read."""
        token = self.tokens["access_token"]
        url = f"{self.shop.url}/ws/chat/{session_id}?token={token}"
        opened = Socket(await self.http.ws_connect(url))
        opened.welcome = await opened.until(lambda frame: "history" in frame)
        return opened


class Socket:
    """One tab's socket: what it says, and everything it heard in order."""

    def __init__(self, raw: aiohttp.ClientWebSocketResponse) -> None:
        self.raw = raw
        self.heard: list[dict[str, Any]] = []
        self.welcome: dict[str, Any] = {}

    async def say(self, text: str, **more: Any) -> None:
        await self.raw.send_json({"message": text, **more})

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the next frame that is `wanted`; the others are kept in `heard`."""
        async with asyncio.timeout(60):
            while True:
                frame: dict[str, Any] = await self.raw.receive_json()
                self.heard.append(frame)
                if wanted(frame):
                    return frame

    async def type(self, name: str) -> dict[str, Any]:
        """Return the next frame of that type."""
        return await self.until(lambda frame: frame["type"] == name)

    async def closed(self) -> int | None:
        """Listen until the server closes; return its code."""
        async for message in self.raw:
            self.heard.append(message.json())
        return self.raw.close_code

    def recorded(self) -> list[dict[str, Any]]:
        """Return the numbered frames heard so far."""
        return [frame for frame in self.heard if "seq" in frame and "turn_id" in frame]


async def make_operator(operator: Visitor) -> None:
    """Make an operator by the command line, beside the running server; sign in."""
    secret = "a long enough secret"
    making = await bear(
        *("user", "create", "--email", "op@example.com"),
        *("--username", "operator", "--role", "operator", "--password", secret),
        environment={
            "SOUK__STORE__PATH": str(operator.shop.folder),
            "SOUK__ACCOUNTS__BCRYPT_COST": "4",
        },
    )
    said, _ = await making.communicate()
    assert making.returncode == 0, said.decode()
    await operator.enter(
        "/api/auth/signin", {"email": "op@example.com", "password": secret}
    )
