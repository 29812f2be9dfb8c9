"""What sockets hear: encoded once, the newest per SKU, only those who want it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from actors.runtime.testing import ManualClock
from commerce.product import Product, Variant
from commerce.stock import Stock
from handlers.broadcast import PER_SKU_EVERY_S, StockNews
from handlers.outbox import Outbox
from handlers.sweep import TICK_S, Sweep
from tests.handlers.pipe import Pipe, read_on, stop_reading

LAMP = Variant("LAMP-RED", color="red")
DESK = Variant("DESK")
PRODUCT = Product(
    id="LAMP",
    name="Lamp",
    description="",
    category="Home",
    brand="Lux",
    price=1000,
    currency="USD",
    variants=(LAMP, DESK),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def stock(units: int, version: int = 1, sku: str = "LAMP-RED") -> Stock:
    return Stock(sku=sku, product_id="LAMP", free=units, version=version)


def told(pipe: Pipe) -> list[dict[str, Any]]:
    """Return the JSON of every text frame the peer took."""
    found, rest = [], pipe.taken
    while rest:
        length, start = rest[1], 2
        if length == 126:
            length, start = int.from_bytes(rest[2:4]), 4
        elif length == 127:
            length, start = int.from_bytes(rest[2:10]), 10
        found.append(msgspec.json.decode(rest[start : start + length]))
        rest = rest[start + length :]
    return found


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def news(clock: ManualClock) -> StockNews:
    return StockNews(clock)


@pytest.fixture
def sweep(clock: ManualClock) -> Sweep:
    return Sweep(clock)


Connect = Callable[[], tuple[Pipe, Outbox]]


@pytest.fixture
def connect(news: StockNews, sweep: Sweep) -> Connect:
    def one() -> tuple[Pipe, Outbox]:
        pipe = Pipe()
        outbox = Outbox(pipe, pipe, sweep)
        news.join(outbox)
        return pipe, outbox

    return one


def test_a_change_reaches_every_socket(
    connect: Connect, news: StockNews, clock: ManualClock
) -> None:
    pipes = [connect()[0] for _ in range(3)]

    news.changed(PRODUCT, LAMP, stock(2, version=9))
    clock.advance(TICK_S)

    assert [told(pipe) for pipe in pipes] == 3 * [
        [
            {
                "type": "inventory_update",
                "timestamp": "2026-01-01T12:00:00Z",
                "product_id": "LAMP",
                "sku": "LAMP-RED",
                "new_quantity": 2,
                "stock_status": "low_stock",
                "location": "warehouse",
                "version": 9,
            }
        ]
    ]


def test_a_flood_is_told_ten_times_a_second_and_ends_with_the_newest(
    connect: Connect, news: StockNews, clock: ManualClock
) -> None:
    pipe, _ = connect()

    for left in range(1000, 0, -1):
        news.changed(PRODUCT, LAMP, stock(left))
        clock.advance(0.001)
    clock.advance(1)

    quantities = [each["new_quantity"] for each in told(pipe)]
    assert 5 <= len(quantities) <= 11
    assert quantities[-1] == 1


def test_two_skus_do_not_hold_each_other_up(
    connect: Connect, news: StockNews, clock: ManualClock
) -> None:
    pipe, _ = connect()
    news.changed(PRODUCT, LAMP, stock(5))
    clock.advance(TICK_S)

    news.changed(PRODUCT, LAMP, stock(4))
    news.changed(PRODUCT, DESK, stock(7, sku="DESK"))
    clock.advance(TICK_S / 2)

    assert [each["sku"] for each in told(pipe)] == ["LAMP-RED", "DESK"]
    clock.advance(PER_SKU_EVERY_S)
    assert [each["new_quantity"] for each in told(pipe)] == [5, 7, 4]


def test_a_slow_socket_gets_the_newest_and_delays_nobody(
    connect: Connect, news: StockNews, clock: ManualClock
) -> None:
    (slow, outbox), (quick, _) = connect(), connect()
    stop_reading(slow, outbox)

    for left in range(20, 0, -1):
        news.changed(PRODUCT, LAMP, stock(left))
        clock.advance(PER_SKU_EVERY_S)
    read_on(slow)
    clock.advance(1)

    assert [each["new_quantity"] for each in told(slow)] == [1]
    assert len(told(quick)) == 20


def test_one_who_subscribed_hears_only_that(
    connect: Connect, news: StockNews, clock: ManualClock
) -> None:
    pipe, outbox = connect()
    news.narrow(outbox, ["DESK", "SOFA"])

    news.changed(PRODUCT, LAMP, stock(5))
    news.changed(PRODUCT, DESK, stock(7, sku="DESK"))
    clock.advance(TICK_S)

    assert [each["sku"] for each in told(pipe)] == ["DESK"]


@pytest.mark.parametrize("skus", [["DESK"], None])
def test_one_who_unsubscribed_hears_no_more(
    connect: Connect, news: StockNews, clock: ManualClock, skus: list[str] | None
) -> None:
    pipe, outbox = connect()
    news.narrow(outbox, ["DESK"])

    news.without(outbox, skus)
    news.changed(PRODUCT, DESK, stock(7, sku="DESK"))
    clock.advance(TICK_S)

    assert told(pipe) == []


def test_one_may_go_back_to_hearing_everything(
    connect: Connect, news: StockNews, clock: ManualClock
) -> None:
    pipe, outbox = connect()
    news.narrow(outbox, ["DESK"])

    news.join(outbox)
    news.changed(PRODUCT, LAMP, stock(5))
    clock.advance(TICK_S)

    assert [each["sku"] for each in told(pipe)] == ["LAMP-RED"]
    assert news.skus(outbox) is None


def test_one_who_left_hears_nothing_and_leaves_nothing(
    connect: Connect, news: StockNews, clock: ManualClock
) -> None:
    pipe, outbox = connect()
    news.narrow(outbox, ["DESK"])

    news.leave(outbox)
    news.leave(outbox)
    news.changed(PRODUCT, DESK, stock(7, sku="DESK"))
    clock.advance(TICK_S)

    assert told(pipe) == []
    assert (news._by_sku, news._narrowed, news._all) == ({}, {}, {})


def test_stopped_news_are_not_told(
    connect: Connect, news: StockNews, clock: ManualClock
) -> None:
    pipe, _ = connect()
    news.changed(PRODUCT, LAMP, stock(5))

    news.stop()
    clock.advance(1)

    assert told(pipe) == []
