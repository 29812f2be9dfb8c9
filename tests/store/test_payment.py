"""The mock provider's ledger: one suite for MongoDB and for the fake in memory."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec
import pytest

from gateway.entry import Entry, Step, Timer, armed, turned
from gateway.errors import Declined
from gateway.gift_cards import GiftCard, Tab
from gateway.ledger import Ledger
from gateway.opening import begun, blank
from gateway.payment import Charge
from messages.base import Unavailable
from store.client import Database, close, connect, open_client
from store.payment import PaymentRepository
from tests.gateway.bank import AMEX, BOOK, THREE_DS, Bank, card
from tests.gateway.memory_ledger import MemoryLedger

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
GIFT = GiftCard(
    id="gift_1",
    last_four="AAAA",
    balance=5000,
    expires_at=NOON,
    tabs={"p": Tab(step=1)},
)


_numbers = count()


async def repository(database: Database) -> PaymentRepository[Entry, GiftCard]:
    made = PaymentRepository(database, Entry, GiftCard)
    await made.prepare()
    return made


@pytest.fixture(params=["mongod", "secantusdb", "memory"])
async def ledger(request: pytest.FixtureRequest) -> AsyncIterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger()
        return
    fixture = "mongod_url" if request.param == "mongod" else "secantus_url"
    url = request.getfixturevalue(fixture)
    database = await connect(url, f"ledger{next(_numbers)}")
    yield await repository(database)
    await database.client.drop_database(database.name)
    close(database)


def page(number: int = 1, *, order_id: str = "ord_1", **changes: Any) -> Entry:
    token = f"tok_visa_{THREE_DS[-4:]}_203012"
    charge = Charge(
        amount=1000, currency="USD", token=token, order_id=order_id, user_id="ada"
    )
    at = NOON + timedelta(seconds=number)
    entry = blank(f"pay_{number}", f"key-{number}", charge, BOOK.case(token), at)
    return turned(begun(entry, charge, "souk@mock", at), **changes)


async def test_a_page_comes_back_as_it_was(ledger: Ledger) -> None:
    written = page(
        open=Step(key="take", name="capture", amount=5),
        timers=(Timer(at=NOON, what="failed"),),
    )

    assert await ledger.save(written, seen=0)

    assert await ledger.of_id("pay_1") == written
    assert await ledger.of_key("key-1") == written


async def test_what_was_never_written_is_not_there(ledger: Ledger) -> None:
    assert await ledger.of_id("pay_1") is None
    assert await ledger.of_key("key-1") is None
    assert await ledger.gift_card("gift_1") is None


async def test_a_key_makes_one_page(ledger: Ledger) -> None:
    first = page()
    second = turned(page(2), steps=first.steps)

    assert await ledger.save(first, seen=0)
    assert not await ledger.save(second, seen=0)

    assert await ledger.of_id("pay_2") is None


async def test_of_many_at_once_with_one_key_one_makes_the_page(ledger: Ledger) -> None:
    same = page().steps
    pages = [turned(page(number), steps=same) for number in range(20)]

    done = await asyncio.gather(*(ledger.save(each, seen=0) for each in pages))

    assert sum(done) == 1


async def test_a_page_is_replaced_by_who_saw_its_newest_state(ledger: Ledger) -> None:
    first = page()
    await ledger.save(first, seen=0)
    second = turned(first, answered="failed")

    assert await ledger.save(second, seen=first.rev)
    assert not await ledger.save(turned(first, answered="x"), seen=first.rev)

    assert await ledger.of_id("pay_1") == second


async def test_of_many_changes_at_once_one_is_saved(ledger: Ledger) -> None:
    first = page()
    await ledger.save(first, seen=0)
    changes = [turned(first, answered=str(number)) for number in range(20)]

    done = await asyncio.gather(
        *(ledger.save(each, seen=first.rev) for each in changes)
    )

    assert sum(done) == 1


async def test_a_page_that_somebody_removed_is_written_anew(ledger: Ledger) -> None:
    assert await ledger.save(page(), seen=1)

    assert await ledger.of_id("pay_1") == page()


async def test_a_step_cannot_have_a_key_of_another_page(ledger: Ledger) -> None:
    first, second = page(1), page(2)
    await ledger.save(first, seen=0)
    await ledger.save(second, seen=0)
    stolen = turned(second, steps=(*second.steps, Step(key="key-1", name="void")))

    assert not await ledger.save(stolen, seen=second.rev)

    assert await ledger.of_id("pay_2") == second


async def test_a_page_is_found_by_the_key_of_any_step(ledger: Ledger) -> None:
    first = page()
    await ledger.save(first, seen=0)
    voided = turned(first, steps=(*first.steps, Step(key="void", name="void")))
    await ledger.save(voided, seen=first.rev)

    assert await ledger.of_key("void") == voided


async def test_what_is_due_comes_oldest_first(ledger: Ledger) -> None:
    for number, seconds in ((1, 30), (2, 10), (3, 20), (4, 99)):
        blank_page = turned(page(number), timers=())
        timer = Timer(at=NOON + timedelta(seconds=seconds), what="expired")
        await ledger.save(armed(blank_page, timer), seen=0)
    await ledger.save(turned(page(5), timers=()), seen=0)

    due = await ledger.due(NOON + timedelta(seconds=30), 10)
    first = await ledger.due(NOON + timedelta(seconds=30), 1)

    assert [each.id for each in due] == ["pay_2", "pay_3", "pay_1"]
    assert [each.id for each in first] == ["pay_2"]


async def test_pages_are_listed_newest_first(ledger: Ledger) -> None:
    for number in range(1, 5):
        await ledger.save(page(number, order_id="a" if number % 2 else "b"), seen=0)

    every, total = await ledger.newest(None, 2, 1)
    of_order, its_total = await ledger.newest("a", 10, 0)

    assert ([each.id for each in every], total) == (["pay_3", "pay_2"], 4)
    assert ([each.id for each in of_order], its_total) == (["pay_3", "pay_1"], 2)


async def test_a_gift_card_is_kept_and_replaced_like_a_page(ledger: Ledger) -> None:
    assert await ledger.save_gift_card(GIFT, seen=0)
    assert not await ledger.save_gift_card(GIFT, seen=0)
    spent = msgspec.structs.replace(GIFT, rev=2, balance=0)

    assert await ledger.gift_card("gift_1") == GIFT
    assert await ledger.save_gift_card(spent, seen=1)
    assert not await ledger.save_gift_card(spent, seen=1)
    assert await ledger.gift_card("gift_1") == spent


async def test_preparing_again_changes_nothing(database: Database) -> None:
    books = await repository(database)
    await books.save(page(), seen=0)

    await books.prepare()

    assert await books.of_id("pay_1") == page()


async def test_money_is_stored_as_int64(database: Database) -> None:
    books = await repository(database)
    await books.save(page(), seen=0)

    long = {"payment.amount": {"$type": "long"}}
    assert await database["payments"].count_documents(long) == 1


@pytest.mark.usefixtures("impatient")
async def test_a_ledger_that_is_away_says_so() -> None:
    gone = open_client("mongodb://127.0.0.1:1/")
    books = PaymentRepository(gone["souk"], Entry, GiftCard)

    for asked in (books.of_id("pay_1"), books.save(page(), seen=0), books.due(NOON, 1)):
        with pytest.raises(Unavailable):
            await asked
    gone.close()


async def test_a_payment_lives_through_a_restart(database: Database) -> None:
    bank = Bank(await repository(database))
    paid = await bank.pay("success@mock")

    bank.start()
    await bank.later(2)

    assert bank.kinds == ["payment.captured"]
    assert (await bank.gateway.payment(paid.id)).captured == 1000
    assert await database["payments"].count_documents({"due": {"$exists": True}}) == 0


async def test_two_orders_race_for_one_gift_card(database: Database) -> None:
    bank = Bank(await repository(database))
    code = "GIFT-RACE-0001"

    ends = await asyncio.gather(
        *(bank.pay(code, f"key-{each}", amount=3000) for each in range(8)),
        return_exceptions=True,
    )

    assert sum(isinstance(end, Declined) for end in ends) == 7
    balance = await bank.gateway.balance(await bank.token(code))
    assert (balance.available, balance.held) == (0, 3000)


async def test_nothing_secret_is_in_the_database(database: Database) -> None:
    bank = Bank(await repository(database))
    await bank.captured(card(AMEX, cvc="9873"))
    await bank.captured("GIFT-5000-AAAA", "gift")

    everything = ""
    for name in ("payments", "gift_cards"):
        everything += str(await database[name].find().to_list(None))
    assert "0005" in everything
    for secret in (AMEX, AMEX[:-4], "9873", "GIFT-5000", "5000-AAAA"):
        assert secret not in everything
