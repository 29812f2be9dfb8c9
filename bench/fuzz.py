"""A million inputs that are almost right: no 5xx, no leak, no crash.

Frames and bodies are read in this process by the same functions that the server reads
them with; requests go over raw connections to a real server, heads and all. Every
failure is printed with the seed and the input, so that it can be had again.
"""

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
from pydantic import BaseModel

from bench.buyers import CROWD, PASSWORD, operator
from bench.figure import Figure
from bench.mutation import bent, example
from bench.server import Served, free_port, serving
from handlers import errors, frames
from handlers.openapi import operations
from messages.base import encode_json
from server.app import build
from server.config import load

SEED = 20261128
FRAMES = 550_000
BODIES = 400_000
REQUESTS = 50_000
AT_ONCE = 64
# No answer by then: the server still waits for the rest of what was bent away.
WAITS_FOR_MORE_S = 2.0
KEY = "the key of this very bench, more than 32 bytes of it"
# What no answer may ever hold.
SECRETS = (KEY.encode(), PASSWORD.encode(), b"Traceback", b"$2b$", b'File "/')

Input = tuple[bytes, Callable[[bytes], object]]
"""What comes in, and what reads it."""

QUERIES = (b"limit=20&offset=0", b"q=lamp&limit=5", b"status=paid&user_id=x", b"top=3")
FRAME_SEEDS = tuple(
    json.dumps(each).encode()
    for each in (
        {"message": "waterproof speakers under 50", "id": "m1"},
        {"type": "message", "message": "haan, do chahiye \u0939\u093e\u0901"},
        {"type": "cancel"},
        {
            "type": "resume",
            "epoch": "18c",
            "last_seq": 7,
            "turn_id": "a.1",
            "offset": 3,
        },
        {"type": "history", "before_seq": 12, "limit": 50},
        {"type": "auth", "access_token": "a.b.c"},
        {"type": "typing"},
        {"type": "read", "seq": 4},
        {"type": "subscribe", "skus": ["AUD-009-COR", "AUD-001-MID"]},
        {"type": "unsubscribe", "skus": "*"},
        {"type": "confirm", "quote_id": "q_1", "decision": "approve"},
        {"type": "pong"},
    )
)


def run() -> list[Figure]:
    """Bend everything that comes in from outside."""
    app = build(load({}))
    every = [*operations(app)]
    models = {each.said.body for each in every if each.said.body is not None}
    found = [_frames(), _bodies(sorted(models, key=lambda each: each.__name__))]
    with serving(
        *("-m", "server", "--port", str(free_port())),
        JWT_SECRET_KEY=KEY,
        SOUK__LOG__LEVEL="error",
        **CROWD,
    ) as shop:
        found += asyncio.run(
            _requests(shop, [(e.method, e.path, e.said) for e in every])
        )
    return found


def _frames() -> Figure:
    inputs = ((bent(FRAME_SEEDS, dice), frames.decoded) for dice in _throws(FRAMES))
    return _tried("frames", FRAMES, inputs, frames.BadFrame)


def _bodies(models: Sequence[type[BaseModel]]) -> Figure:
    known = [
        ([encode_json(example(each))], partial(errors.read, model=each))
        for each in models
    ]

    def inputs() -> Iterator[Input]:
        for dice in _throws(BODIES):
            seeds, read = dice.choice(known)
            yield bent(seeds, dice), read

    return _tried("bodies", BODIES, inputs(), errors.Refusal)


def _throws(count: int) -> Iterator[random.Random]:
    return repeat(random.Random(SEED), count)


def _tried(
    name: str, count: int, inputs: Iterable[Input], refusal: type[Exception]
) -> Figure:
    crashes, taken = [], 0
    for raw, read in inputs:
        try:
            read(raw)
            taken += 1
        except refusal:
            continue
        except Exception as crash:  # noqa: BLE001 - whatever else comes is the finding
            crashes.append(f"{raw!r}: {crash!r}")
    return _figure(name, count, crashes, f"{taken:,} of them were good ones")


def _figure(name: str, count: int, wrong: Sequence[str], beside: str) -> Figure:
    for each in wrong[:5]:
        print(f"  {name}: {each[:400]}")
    title = f"{count:,} {name}, seed {SEED}"
    return Figure(title, len(wrong), "faults", beside, "= 0 faults", not wrong)


async def _requests(
    shop: Served, every: Sequence[tuple[str, str, Any]]
) -> list[Figure]:
    async with aiohttp.ClientSession() as http:
        by = await operator(http, shop.url, shop.environment)
        bearer = by.token
    seeds = [_sound(*each) for each in every if "/auth/logout" not in each[1]]
    statuses: Counter[str] = Counter()
    wrong: list[str] = []
    asked = [_bent_request(seeds, bearer, dice) for dice in _throws(REQUESTS)]
    await asyncio.gather(
        *(_ask(shop, asked[at::AT_ONCE], statuses, wrong) for at in range(AT_ONCE))
    )
    wrong += await _still_there(shop)
    wrong += [each for each in shop.said if "Traceback" in each]
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(statuses.items()))
    return [_figure("requests", REQUESTS, wrong, kinds)]


def _sound(method: str, path: str, said: Any) -> tuple[str, bytes, bytes]:
    """Return a method, an address and a body that go together."""
    content = b"" if said.body is None else encode_json(example(said.body))
    filled = re.sub(r"\{[a-z_]+\}", "AUD-009-COR", path)
    return method.upper(), filled.encode(), content


def _bent_request(
    seeds: Sequence[tuple[str, bytes, bytes]], bearer: str, dice: random.Random
) -> bytes:
    """Return a request with a bent body, or a bent address, or bent anywhere."""
    method, path, content = dice.choice(seeds)
    where = dice.randrange(3)
    if where == 0:
        content = bent([content], dice)
    if where == 1:
        path += b"?" + quote(bent(QUERIES, dice), safe="=&").encode()
    head = [
        f"{method} {path.decode()} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {bearer}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        "Connection: close",
    ]
    raw = "\r\n".join(head).encode() + b"\r\n\r\n" + content
    return bent([raw], dice) if where == 2 else raw


async def _ask(
    shop: Served, asked: Sequence[bytes], statuses: Counter[str], wrong: list[str]
) -> None:
    for raw in asked:
        answer = await _answer(shop, raw)
        status = answer[9:12].decode("ascii", "replace") or "waits"
        statuses[status] += 1
        if status.startswith("5"):
            wrong.append(f"{raw!r}: {answer[:200]!r}")
        wrong += [f"{raw!r} tells {each!r}" for each in SECRETS if each in answer]


async def _answer(shop: Served, raw: bytes) -> bytes:
    where = urlsplit(shop.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        writer.write(raw)
        async with asyncio.timeout(WAITS_FOR_MORE_S):
            return await reader.read(1 << 20)
    except (ConnectionError, TimeoutError):
        return b""
    finally:
        writer.close()


async def _still_there(shop: Served) -> list[str]:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{shop.url}/health/ready") as answer,
    ):
        return [] if answer.status == 200 else [f"afterwards it is {answer.status}"]
