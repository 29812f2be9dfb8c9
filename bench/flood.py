"""One actor flooded by many: who is refused, who waits, and how others fare.

An order is being paid at a bank that thinks for some seconds. Its customer has lost all
patience: from fifteen hundred windows comes the wish to cancel it. The order's mailbox
takes what it can hold, refuses the rest at once, and the carts of others do not notice.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.buyers import Buyer, stock_up, together
from bench.figure import Figure, at_least, at_most, p99
from bench.line import Line, Reply, opened, post
from bench.stage import CLOCK, SKU, Stage

WINDOWS = 1500
# Longer than the flood lasts, so that nobody is heard before its end.
BANK_THINKS_MS = 5000
# 500 a second: what one core answers beside its other work, so that it is the mailbox
# that is flooded and not the machine.
AT_ONCE = 10
EVERY_S = 0.02
OTHERS = 12
BETWEEN_EDITS_S = 0.02
BEFORE_S = 4.0


def run() -> list[Figure]:
    """Flood one order of a real server."""
    with TemporaryDirectory(prefix="souk-bench-") as folder:
        return asyncio.run(_flooded(Path(folder)))


async def _flooded(folder: Path) -> list[Figure]:
    late_ms = str(BANK_THINKS_MS)
    async with Stage(folder / "shop", SOUK__PAYMENTS__LATENCY_MS=late_ms) as stage:
        loud, *others = stage.crowd[: OTHERS + 1]
        await stock_up(stage.by, SKU, len(stage.crowd) * 3)
        await together(each.fill(SKU) for each in stage.crowd)
        before = await _edits(others, asyncio.ensure_future(CLOCK.sleep(BEFORE_S)))
        memory = _memory_mb(stage.shop.pid)
        windows = await opened(stage.shop.url, WINDOWS)
        flood = asyncio.ensure_future(_cancels(loud, windows))
        during = await _edits(others, flood)
        grown = _memory_mb(stage.shop.pid) - memory
        answers = await flood
        for each in windows:
            each.close()
    return _figures(answers, before, during, grown)


def _figures(
    answers: Sequence[Reply],
    before: Sequence[float],
    during: Sequence[float],
    grown: float,
) -> list[Figure]:
    refused = [each for each in answers if each.status in {429, 503}]
    when = [each for each in refused if b"Retry-After" in each.head]
    odd = {each.status for each in answers} - {200, 404, 409, 429, 503}
    rest = len(answers) - len(refused)
    return [
        at_least(
            f"of {len(answers)} at one mailbox refused",
            len(refused),
            "",
            goal=1,
            beside=f"{rest} were heard; their statuses "
            f"{sorted({each.status for each in answers})}",
        ),
        at_most(
            "refused without saying when to come again",
            len(refused) - len(when),
            "",
            goal=0,
            beside="503 with Retry-After",
        ),
        at_most("answered otherwise", len(odd), "", goal=0, beside=str(odd or "")),
        at_most(
            "a refusal comes after, median",
            median(each.after_s for each in refused) * 1000 if refused else 0,
            "ms",
            goal=500,
            beside="nobody waits for a mailbox that is full",
        ),
        at_most(
            f"carts of {OTHERS} others, p99 over that before",
            p99(during) / p99(before),
            "x",
            goal=2,
            beside=f"{p99(before) * 1000:.0f} -> {p99(during) * 1000:.0f} ms, median "
            f"{median(before) * 1000:.0f} -> {median(during) * 1000:.0f} ms",
        ),
        at_most("memory more afterwards", grown, "MB", goal=64, beside=""),
    ]


async def _cancels(loud: Buyer, windows: Sequence[Line]) -> list[Reply]:
    """Pay for an order, and ask from every window to cancel it meanwhile."""
    order_id = (await loud.sure("POST", "/api/cart/checkout", {}))["session_id"]
    path = f"/api/orders/{order_id}/cancel"
    cancel = post(loud.url, path, {"Authorization": f"Bearer {loud.token}"}, {})
    paying = asyncio.ensure_future(loud.order())
    await CLOCK.sleep(EVERY_S)
    asked = []
    for first in range(0, WINDOWS, AT_ONCE):
        some = windows[first : first + AT_ONCE]
        asked += [asyncio.ensure_future(each.ask(cancel)) for each in some]
        await CLOCK.sleep(EVERY_S)
    replies = await asyncio.gather(*asked)
    await paying
    return replies


async def _edits(
    crowd: Sequence[Buyer], until: "asyncio.Future[Any]"
) -> Sequence[float]:
    """Let `crowd` change their carts `until` then; return how long each edit took."""
    took: list[float] = []

    async def edit(buyer: Buyer) -> None:
        quantity = 1
        while not until.done():
            quantity = 3 - quantity
            begun = time.perf_counter()
            await buyer.sure("PUT", f"/api/cart/items/{SKU}", {"quantity": quantity})
            took.append(time.perf_counter() - begun)
            await CLOCK.sleep(BETWEEN_EDITS_S)

    await asyncio.gather(*(edit(each) for each in crowd))
    return took


def _memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
