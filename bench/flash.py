"""A flash sale: 500 buyers, 64 at a time, 50 units; and what an order costs.

The server runs on one core, its database on the other (and so do the buyers). Carts
are filled beforehand: the order step alone is measured.
"""

import asyncio
import gc
import os
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

import aiohttp
import uvloop
from msgspec import Struct

from bench.buyers import (
    AT_ONCE,
    CROWD,
    Buyer,
    Visitor,
    buyers,
    listed,
    mongod_of,
    operator,
    stock_up,
    together,
)
from bench.figure import Figure, at_least, at_most, p99
from bench.line import Reply, asked
from bench.server import Served, cpu_s, free_port, pin, serving

BUYERS = 500
UNITS = 50
# One item for each sale: nobody ships here what was sold in the one before. The last
# of them is the flash sale's.
SKUS = ("AUD-009-COR", "AUD-001-MID", "AUD-002-CHA", "AUD-004-SAG")


class Sale(Struct, frozen=True):
    """One round: every buyer orders once."""

    answers: Sequence[Reply]
    took_s: float
    server_s: float
    mongod_s: float


def run() -> list[Figure]:
    """Start a server with a database of its own and sell."""
    with serving("-m", "server", "--port", str(free_port()), **CROWD) as shop:
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) > 1:
            pin(shop.pid, cores[0])
            pin(mongod_of(shop.pid), cores[1])
            pin(os.getpid(), cores[1])
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_measure(shop))


async def _measure(shop: Served) -> list[Figure]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        by = await operator(http, shop.url, shop.environment)
        crowd = await buyers(http, shop.url, BUYERS)
        ample = [await _sale(shop, by, crowd, sku, BUYERS) for sku in SKUS[:-1]]
        before = await _books(by)
        flash = await _sale(shop, by, crowd, SKUS[-1], UNITS)
        after = await _books(by)
        late = await _asked(shop, _empty_handed(crowd, flash))
    return [*_speed(ample), *_fairness(flash, before, after), _refusal(flash, late)]


async def _sale(
    shop: Served, by: Visitor, crowd: Sequence[Buyer], sku: str, units: int
) -> Sale:
    await stock_up(by, sku, len(crowd))
    await together(each.fill(sku) for each in crowd)
    await stock_up(by, sku, units)
    return await _asked(shop, crowd)


async def _asked(shop: Served, crowd: Sequence[Buyer]) -> Sale:
    """Let everybody order what is in the cart."""
    mongod, orders = mongod_of(shop.pid), [each.order_bytes() for each in crowd]
    # What was read before is much: to look through it here would count as waiting.
    gc.collect()
    gc.freeze()
    begun, server_s, mongod_s = time.perf_counter(), shop.cpu_s(), cpu_s(mongod)
    answers = await asked(shop.url, orders, AT_ONCE)
    return Sale(
        answers,
        time.perf_counter() - begun,
        shop.cpu_s() - server_s,
        cpu_s(mongod) - mongod_s,
    )


def _empty_handed(crowd: Sequence[Buyer], sale: Sale) -> list[Buyer]:
    """Return who got nothing: they try again; who bought would hear of their order."""
    ended = zip(crowd, sale.answers, strict=True)
    return [buyer for buyer, answer in ended if answer.status != 201]


def _speed(sales: Sequence[Sale]) -> list[Figure]:
    for sale in sales:
        refused = [each for each in sale.answers if each.status != 201]
        if refused:
            raise RuntimeError(f"{len(refused)} orders failed: {refused[0].body}")
    rate = median(len(each.answers) / each.took_s for each in sales)
    server_ms = median(each.server_s / len(each.answers) for each in sales) * 1000
    mongod_ms = median(each.mongod_s / len(each.answers) for each in sales) * 1000
    taken = [each.after_s for sale in sales for each in sale.answers]
    return [
        at_least(
            f"orders, {AT_ONCE} at a time, stock suffices",
            rate,
            "/s",
            goal=300,
            beside=f"CPU per order: server {server_ms:.2f} ms, mongod {mongod_ms:.2f};"
            f" p99 {p99(taken) * 1000:.0f} ms",
        )
    ]


def _fairness(
    sale: Sale, before: dict[str, Any], after: dict[str, Any]
) -> list[Figure]:
    bought = {each.body["id"] for each in sale.answers if each.status == 201}
    refused = [each for each in sale.answers if each.status != 201]
    sold_out = [each for each in refused if _is_sold_out(each)]
    new = {key: each for key, each in after.items() if key not in before}
    charged = {each["order_id"] for each in new.values() if each["captured"]}
    return [
        _exactly(f"orders of {BUYERS} buyers for {UNITS} units", len(bought), UNITS),
        _exactly("charged without an order", len(charged - bought), 0),
        _exactly("orders without a charge", len(bought - charged), 0),
        _exactly("refusals that say sold out", len(sold_out), BUYERS - UNITS),
    ]


def _refusal(rush: Sale, late: Sale) -> Figure:
    """Return what "sold out" takes once it is; in the rush it waits behind orders."""
    refused = [each.after_s * 1000 for each in late.answers if _is_sold_out(each)]
    rushed = [each.after_s * 1000 for each in rush.answers if _is_sold_out(each)]
    return at_most(
        f"sold-out refusal, {AT_ONCE} at a time, p99",
        p99(refused),
        "ms",
        goal=50,
        beside=f"median {median(refused):.1f} ms; behind the last orders"
        f" {median(rushed):.1f} ms, p99 {p99(rushed):.1f}",
    )


def _exactly(name: str, value: int, goal: int) -> Figure:
    return Figure(name, value, "", "", f"= {goal}", value == goal)


def _is_sold_out(answer: Reply) -> bool:
    return answer.status == 400 and answer.body.get("code") == "insufficient_stock"


async def _books(by: Visitor) -> dict[str, Any]:
    """Return every payment that the shop knows of, by id."""
    return {each["id"]: each for each in await listed(by, "/api/admin/payments")}
