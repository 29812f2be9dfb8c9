"""What every store promises of logs, reminders and dead letters."""

from datetime import timedelta

import pytest

from store.port import DeadLetter
from tests.store.shelf import NOON, THINGS, Shelf, stored, write_to

# Logs


async def test_what_is_pushed_is_appended(shelf: Shelf) -> None:
    found = await stored(shelf.storage, "talk", push=["one", "two"])

    await shelf.storage.commit(write_to(found, push=["three"]))

    found = await shelf.storage.claim(THINGS, "talk")
    assert list(found.tail) == ["one", "two", "three"]
    assert list(await shelf.storage.log(THINGS, "talk", 1, 2)) == ["two", "three"]


async def test_keep_says_how_much_of_the_old_tail_stays(shelf: Shelf) -> None:
    found = await stored(shelf.storage, "talk", push=["one", "two", "three"])

    await shelf.storage.commit(write_to(found, push=["four"], keep=1))

    found = await shelf.storage.claim(THINGS, "talk")
    assert list(found.tail) == ["three", "four"]


@pytest.mark.parametrize("news", [[], ["three"]])
async def test_keep_nothing_leaves_only_the_news(shelf: Shelf, news: list[str]) -> None:
    found = await stored(shelf.storage, "talk", push=["one", "two"])

    await shelf.storage.commit(write_to(found, push=news, keep=0))

    assert list((await shelf.storage.claim(THINGS, "talk")).tail) == news


async def test_keep_without_news_drops_the_oldest(shelf: Shelf) -> None:
    found = await stored(shelf.storage, "talk", push=["one", "two", "three"])

    await shelf.storage.commit(write_to(found, keep=2))

    found = await shelf.storage.claim(THINGS, "talk")
    assert list(found.tail) == ["two", "three"]


async def test_a_log_reads_across_its_sealed_part_and_its_tail(shelf: Shelf) -> None:
    found = await stored(shelf.storage, "talk", push=["0", "1", "2", "3", "4"])
    await shelf.storage.seal(THINGS, "talk", 0, ["0", "1"])
    moved = write_to(found, set_fields={"sealed_to": 2}, push=["5"], keep=3)
    await shelf.storage.commit(moved)
    found = await shelf.storage.claim(THINGS, "talk")
    await shelf.storage.seal(THINGS, "talk", 2, ["2", "3"])
    await shelf.storage.commit(write_to(found, set_fields={"sealed_to": 4}, keep=2))

    whole = await shelf.storage.log(THINGS, "talk", 0, 99)

    assert list(whole) == ["0", "1", "2", "3", "4", "5"]
    assert list(await shelf.storage.log(THINGS, "talk", 1, 4)) == ["1", "2", "3", "4"]
    assert list(await shelf.storage.log(THINGS, "talk", 3, 3)) == ["3"]


async def test_a_chunk_whose_commit_never_came_is_ignored(shelf: Shelf) -> None:
    found = await stored(shelf.storage, "talk", push=["0", "1"])
    await shelf.storage.seal(THINGS, "talk", 0, ["0", "1"])

    await shelf.storage.commit(write_to(found, push=["2"]))

    assert list(await shelf.storage.log(THINGS, "talk", 0, 9)) == ["0", "1", "2"]


async def test_a_seal_may_be_repeated_with_more(shelf: Shelf) -> None:
    found = await stored(shelf.storage, "talk", push=["0", "1", "2"])
    await shelf.storage.seal(THINGS, "talk", 0, ["0", "1"])
    await shelf.storage.seal(THINGS, "talk", 0, ["0", "1"])
    await shelf.storage.seal(THINGS, "talk", 0, ["0", "1", "2"])

    await shelf.storage.commit(write_to(found, set_fields={"sealed_to": 3}, keep=0))

    assert list(await shelf.storage.log(THINGS, "talk", 0, 9)) == ["0", "1", "2"]


async def test_the_log_of_what_is_not_there_is_empty(shelf: Shelf) -> None:
    assert list(await shelf.storage.log(THINGS, "talk", 0, 9)) == []


# Reminders and dead letters


async def test_what_is_due_comes_the_oldest_first(shelf: Shelf) -> None:
    for minutes, key in ((2, "later"), (0, "now"), (1, "soon"), (9, "far")):
        due = NOON + timedelta(minutes=minutes)
        await stored(shelf.storage, key, set_fields={"due": due})
    await stored(shelf.storage, "never", set_fields={"due": None})
    await stored(shelf.storage, "nor this")

    until = NOON + timedelta(minutes=2)

    assert list(await shelf.storage.due(THINGS, until, 9)) == ["now", "soon", "later"]
    assert list(await shelf.storage.due(THINGS, until, 2)) == ["now", "soon"]


async def test_burying_a_letter_twice_is_once(shelf: Shelf) -> None:
    letter = DeadLetter(
        id="m1", kind="cart", key="u1", command={"type": "x"}, error="no", at=NOON
    )

    await shelf.storage.bury(letter)
    await shelf.storage.bury(letter)
