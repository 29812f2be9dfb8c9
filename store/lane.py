"""Gathers calls into shared round trips.

One flush is in flight; the next takes what came meanwhile. So a lone call goes at
once, and under load batches grow by themselves: no timer, no tuning.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import structlog
from msgspec import Struct

from messages.clock import Clock
from store.port import Away, StorageError

log = structlog.get_logger(__name__)

# 500 updates take the server 36-39 ms: more would only make everybody wait longer.
MOST_ITEMS = 500
MOST_BYTES = 4 * 1024 * 1024
# What a whole batch would do next, it would do as a whole: we idle while the database
# works, then it while we do. Told in parts, the first are there again meanwhile.
TOLD_AT_ONCE = 32

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Flush(Struct, frozen=True, kw_only=True):
    """One round trip that happened, for whoever keeps figures."""

    lane: str
    """What is done to which collection, such as `commit carts`."""
    items: int
    waited_s: float
    """How long the first of the items waited for its turn."""
    took_s: float


class _Waiting(Struct, Generic[Item, Answer], frozen=True, eq=False):
    item: Item
    size: int
    since: float
    answer: "asyncio.Future[Answer]"


class Lane(Generic[Item, Answer]):
    """One queue with one flush in flight.

    `flush` answers each item in order, with a value or the StorageError it ends in.
    `observe` is told of each round trip, timed by `clock`.
    """

    def __init__(
        self,
        name: str,
        flush: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | StorageError]]],
        *,
        clock: Clock | None = None,
        observe: Callable[[Flush], None] | None = None,
    ) -> None:
        self._name = name
        self._flush = flush
        self._now = clock.monotonic if clock is not None else _untimed
        self._observe = observe
        self._queue: deque[_Waiting[Item, Answer]] = deque()
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._queue)

    async def put(self, item: Item, size: int = 0) -> Answer:
        """Return what became of `item`; cancelled, it is flushed none the less."""
        if self._closed:
            raise Away("the store is closing")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        since = self._now()
        self._queue.append(_Waiting(item, size, since, answer))
        if self._running is None:
            # Not a job: it lives for one burst, and `close` waits for it.
            self._running = loop.create_task(self._run())
        return await answer

    async def close(self) -> None:
        """Return when everything that was put is answered; refuse what comes later."""
        self._closed = True
        if self._running is not None:
            await asyncio.shield(self._running)

    async def _run(self) -> None:
        try:
            while self._queue:
                await self._flush_once(self._take())
        finally:
            self._running = None

    def _take(self) -> Sequence[_Waiting[Item, Answer]]:
        batch = [self._queue.popleft()]
        size = batch[0].size
        while self._queue and len(batch) < MOST_ITEMS:
            size += self._queue[0].size
            if size > MOST_BYTES:
                break
            batch.append(self._queue.popleft())
        return batch

    async def _flush_once(self, batch: Sequence[_Waiting[Item, Answer]]) -> None:
        began = self._now()
        try:
            answers = await self._answers(batch)
            self._tell(batch, began)
            for at in range(0, len(batch), TOLD_AT_ONCE):
                if at:
                    await asyncio.sleep(0)  # noqa: TID251 - no time: a turn of the loop
                part = slice(at, at + TOLD_AT_ONCE)
                for waiting, answer in zip(batch[part], answers[part], strict=True):
                    _settle(waiting.answer, answer)
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.answer.cancel()
            raise

    async def _answers(
        self, batch: Sequence[_Waiting[Item, Answer]]
    ) -> "Sequence[Answer | StorageError | _Bug]":
        try:
            return await self._flush([waiting.item for waiting in batch])
        except Exception as bug:  # noqa: BLE001 - each waiter raises it as its own
            return [_Bug(bug)] * len(batch)

    def _tell(self, batch: Sequence[_Waiting[Item, Answer]], began: float) -> None:
        if self._observe is None:
            return
        flush = Flush(
            lane=self._name,
            items=len(batch),
            waited_s=began - batch[0].since,
            took_s=self._now() - began,
        )
        try:
            self._observe(flush)
        except Exception:
            # Whoever keeps figures must not stop the commits.
            log.exception("lane.observer_failed", lane=self._name)


def _untimed() -> float:
    return 0.0


class _Bug(Struct, frozen=True):
    """Stands for the answers of a flush that raised what it should not."""

    error: Exception


def _settle(waiting: "asyncio.Future[Answer]", answer: Any) -> None:
    if waiting.done():
        return
    if isinstance(answer, _Bug):
        # One for each waiter: they must not share a traceback.
        error = RuntimeError(f"a flush failed: {answer.error!r}")
        error.__cause__ = answer.error
        waiting.set_exception(error)
    elif isinstance(answer, StorageError):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)
