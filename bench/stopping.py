"""Told to stop in the midst of it: what was acknowledged must be there afterwards."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp
from msgspec import Struct

from bench.buyers import Buyer, stock_up, together
from bench.figure import Figure, at_most
from bench.stage import SKU, Stage
from bench.standing import Standing, UnderHoncho

ROUNDS = 2
GOING_AWAY = 1001
TALKERS = 6
EDITORS = 6
MOST_OF_ONE = 3


class Stopped(Struct, frozen=True):
    """How a server ended under load, and what it had acknowledged by then."""

    status: int
    took_s: float
    acknowledged: int
    wrong: Sequence[str]


class Talk(Struct):
    """One customer's chat: what was acknowledged, and how it was closed."""

    buyer: Buyer
    session: str
    acknowledged: list[str]
    code: int | None = None

    async def go_on(self) -> None:
        """Say one thing after the other until the server hangs up."""
        socket = await self.buyer.socket(self.session)
        told = ""
        with_id: dict[str, str] = {}
        while not socket.closed:
            told = f"line {len(with_id)}"
            name = secrets.token_hex(4)
            with_id[name] = told
            try:
                await socket.send_json({"message": told, "id": name})
            except aiohttp.ClientError:
                break
            await self._heard(socket, with_id)
        self.code = socket.close_code

    async def _heard(
        self, socket: aiohttp.ClientWebSocketResponse, with_id: dict[str, str]
    ) -> None:
        async for message in socket:
            frame = message.json()
            if frame["type"] == "ack":
                self.acknowledged.append(with_id[frame["id"]])
            if frame["type"] == "run_finished":
                return


class Edits(Struct):
    """One customer who changes a line of the cart over and over."""

    buyer: Buyer
    quantity: int = 1
    acknowledged: int = 0

    async def go_on(self) -> None:
        """Ask for another quantity until the server is gone."""
        while True:
            try:
                answer = await self.buyer.ask(
                    "PUT", f"/api/cart/items/{SKU}", {"quantity": self._next}
                )
            except aiohttp.ClientError:
                return
            if answer.status != 200:
                return
            self.quantity = self._next
            self.acknowledged += 1

    async def forgotten(self) -> Sequence[str]:
        """Return what is wrong with the cart that is there afterwards."""
        (line,) = (await self.buyer.sure("GET", "/api/cart"))["items"]
        # The last edit may have been saved without its answer getting through.
        if line["quantity"] in {self.quantity, self._next}:
            return ()
        return [f"{self.quantity} were acknowledged, {line['quantity']} are there"]

    @property
    def _next(self) -> int:
        return self.quantity % MOST_OF_ONE + 1


def run() -> list[Figure]:
    """Stop a server that runs by itself, and one that honcho runs, twice each."""
    figures = []
    for name, by in (("by itself", Standing), ("under honcho", UnderHoncho)):
        with tempfile.TemporaryDirectory(prefix="souk-bench-") as folder:
            figures += asyncio.run(_rounds(name, by, Path(folder)))
    return figures


async def _rounds(name: str, by: type[Standing], folder: Path) -> list[Figure]:
    figures = []
    async with Stage(folder / "shop", by) as stage:
        for _ in range(ROUNDS):
            seen = await stopped(stage)
            figures += [
                Figure(
                    f"{name}, {seen.acknowledged} acknowledged",
                    len(seen.wrong),
                    "faults",
                    "; ".join(seen.wrong[:3]),
                    "= 0 faults",
                    not seen.wrong,
                ),
                at_most(name, seen.took_s, "s", goal=5, beside="from SIGTERM to exit"),
            ]
    return figures


async def stopped(stage: Stage) -> Stopped:
    """Stop the shop while most order, some edit and some talk; start it and look."""
    await stock_up(stage.by, SKU, len(stage.crowd) * MOST_OF_ONE)
    await together(each.fill(SKU) for each in stage.crowd)
    talks = [Talk(each, secrets.token_hex(8), []) for each in stage.crowd[:TALKERS]]
    talking = [asyncio.ensure_future(each.go_on()) for each in talks]
    edits = [Edits(each) for each in stage.crowd[-EDITORS:]]
    editing = [asyncio.ensure_future(each.go_on()) for each in edits]
    buying = [asyncio.ensure_future(_ordered(each)) for each in stage.crowd[:-EDITORS]]
    await asyncio.wait(buying, return_when=asyncio.FIRST_COMPLETED)
    begun = time.monotonic()
    status = await stage.shop.stop()
    took_s = time.monotonic() - begun
    await asyncio.gather(*talking, *editing)
    ids = {each for each in await asyncio.gather(*buying) if each}
    await stage.shop.start()
    confirmed = (await stage.settled()).confirmed
    wrong = [f"order {each} is lost" for each in ids - confirmed.keys()]
    for each in talks:
        if each.code != GOING_AWAY:
            wrong.append(f"a socket was closed with {each.code}")
        wrong += await _forgotten(each)
    for edit in edits:
        wrong += await edit.forgotten()
    if status:
        wrong.append(f"it ended with {status}")
    said = sum(len(each.acknowledged) for each in talks)
    edited = sum(each.acknowledged for each in edits)
    return Stopped(status, took_s, len(ids) + said + edited, wrong)


async def _ordered(buyer: Buyer) -> str:
    """Return the id of the order that was acknowledged, if one was."""
    try:
        answer = await buyer.order()
    except aiohttp.ClientError:
        return ""
    return str(answer.body["id"]) if answer.status == 201 else ""


async def _forgotten(talk: Talk) -> list[str]:
    path = f"/api/chat/{talk.session}/messages?limit=100"
    there, page = set(), path
    while frames := (await talk.buyer.sure("GET", page))["messages"]:
        there |= {each["content"] for each in frames if each["type"] == "user"}
        page = f"{path}&before_seq={frames[0]['seq']}"
    return [f"{each!r} is lost" for each in talk.acknowledged if each not in there]
