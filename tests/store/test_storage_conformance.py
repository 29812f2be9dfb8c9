"""What every store promises the runtime; the one in memory is held to it as well."""

import asyncio
from datetime import timedelta

import pytest

from store.port import Found, Lost, Unwritable
from tests.store.shelf import NOON, THINGS, Shelf, stored, write_to

# Claiming


async def test_claiming_what_is_not_there_creates_nothing(shelf: Shelf) -> None:
    found = await shelf.storage.claim(THINGS, "lamp")

    assert found == Found(key="lamp")
    assert await shelf.document("lamp") is None


async def test_claiming_gives_back_what_was_committed(shelf: Shelf) -> None:
    await stored(shelf.storage, "lamp", set_fields={"units": 3}, push=["hello"])

    found = await shelf.storage.claim(THINGS, "lamp")

    assert (found.rev, found.writer) == (1, "a:1")
    assert found.fields == {"units": 3}
    assert list(found.tail) == ["hello"]


async def test_claiming_what_is_owned_already_keeps_the_epoch(shelf: Shelf) -> None:
    before = await stored(shelf.storage, "lamp")

    after = await shelf.storage.claim(THINGS, "lamp")

    assert after.epoch == before.epoch


async def test_claiming_from_another_owner_raises_the_epoch(shelf: Shelf) -> None:
    before = await stored(shelf.storage, "lamp")

    after = await shelf.beside("b").claim(THINGS, "lamp")

    assert after.epoch == before.epoch + 1
    assert after.rev == before.rev


async def test_what_a_hand_inserted_without_rev_can_be_claimed(shelf: Shelf) -> None:
    await shelf.edit("lamp", {"units": 7})

    found = await shelf.storage.claim(THINGS, "lamp")
    await shelf.storage.commit(write_to(found, set_fields={"units": 8}))

    assert (found.rev, found.fields) == (0, {"units": 7})
    assert (await shelf.storage.claim(THINGS, "lamp")).fields == {"units": 8}


async def test_a_thousand_claims_at_once_each_find_their_own(shelf: Shelf) -> None:
    keys = [f"lamp{number}" for number in range(1_000)]
    async with asyncio.TaskGroup() as group:
        for key in keys[::2]:
            group.create_task(stored(shelf.storage, key, set_fields={"name": key}))

    heir = shelf.beside("b")
    found = await asyncio.gather(*(heir.claim(THINGS, key) for key in keys))

    assert [each.key for each in found] == keys
    assert [each.fields.get("name") for each in found[::2]] == keys[::2]
    assert {(each.rev, each.epoch) for each in found[::2]} == {(1, 1)}
    assert {(each.rev, each.epoch) for each in found[1::2]} == {(0, 0)}


# Committing


async def test_the_first_commit_creates_the_document(shelf: Shelf) -> None:
    found = await shelf.storage.claim(THINGS, "lamp")

    await shelf.storage.commit(write_to(found, set_fields={"units": 3}))

    document = await shelf.document("lamp")
    assert document is not None
    assert document["units"] == 3
    assert (document["rev"], document["owner"], document["writer"]) == (1, "a", "a:1")
    assert "born" in document


async def test_of_two_first_commits_one_is_lost(shelf: Shelf) -> None:
    other = shelf.beside("b")
    mine = await shelf.storage.claim(THINGS, "lamp")
    theirs = await other.claim(THINGS, "lamp")

    await shelf.storage.commit(write_to(mine, set_fields={"by": "a"}))
    with pytest.raises(Lost):
        await other.commit(write_to(theirs, set_fields={"by": "b"}))

    document = await shelf.document("lamp")
    assert document is not None
    assert document["by"] == "a"


async def test_a_commit_to_an_older_rev_is_lost(shelf: Shelf) -> None:
    found = await stored(shelf.storage, "lamp", set_fields={"units": 1})
    await shelf.storage.commit(write_to(found, set_fields={"units": 2}))

    with pytest.raises(Lost):
        await shelf.storage.commit(write_to(found, set_fields={"units": 3}))

    assert (await shelf.storage.claim(THINGS, "lamp")).fields == {"units": 2}


async def test_among_many_commits_only_the_loser_loses(shelf: Shelf) -> None:
    keys = [f"lamp{number}" for number in range(100)]
    found = {key: await stored(shelf.storage, key) for key in keys}
    losers = {"lamp7", "lamp70"}
    for key in losers:
        await shelf.storage.commit(write_to(found[key]))

    outcomes = await asyncio.gather(
        *(shelf.storage.commit(write_to(found[key])) for key in keys),
        return_exceptions=True,
    )

    lost = {key for key, each in zip(keys, outcomes, strict=True) if each is not None}
    assert lost == losers
    assert all(isinstance(each, Lost) for each in outcomes if each is not None)


async def test_an_owner_who_was_replaced_loses(shelf: Shelf) -> None:
    mine = await stored(shelf.storage, "lamp", set_fields={"units": 1})
    await shelf.beside("b").claim(THINGS, "lamp")

    with pytest.raises(Lost):
        await shelf.storage.commit(write_to(mine, set_fields={"units": 2}))

    assert (await shelf.storage.claim(THINGS, "lamp")).fields == {"units": 1}


async def test_what_cannot_be_stored_fails_alone(shelf: Shelf) -> None:
    odd = write_to(Found(key="odd"), set_fields={"units": 2**63})
    plain = write_to(Found(key="plain"))

    outcomes = await asyncio.gather(
        shelf.storage.commit(odd),
        shelf.storage.commit(plain),
        return_exceptions=True,
    )

    assert isinstance(outcomes[0], Unwritable)
    assert outcomes[1] is None
    assert await shelf.document("odd") is None


async def test_a_path_through_a_plain_value_is_unwritable(shelf: Shelf) -> None:
    found = await stored(shelf.storage, "lamp", set_fields={"units": 3})

    with pytest.raises(Unwritable):
        await shelf.storage.commit(write_to(found, set_fields={"units.left": 1}))

    assert (await shelf.storage.claim(THINGS, "lamp")).rev == 1


async def test_maps_are_written_key_by_key(shelf: Shelf) -> None:
    holds = {"h1": {"units": 1}, "h2": {"units": 2}}
    found = await stored(shelf.storage, "lamp", set_fields={"holds": holds})

    change = write_to(
        found, set_fields={"holds.h3": {"units": 3}}, unset_fields=["holds.h1"]
    )
    await shelf.storage.commit(change)

    left = (await shelf.storage.claim(THINGS, "lamp")).fields["holds"]
    assert left == {"h2": {"units": 2}, "h3": {"units": 3}}


async def test_times_and_nested_values_come_back_as_they_were(shelf: Shelf) -> None:
    fields = {
        "at": NOON,
        "lines": [{"sku": "lamp", "cents": 12_999}, {"sku": "rug", "cents": 2**40}],
        "nothing": None,
        "flags": {"open": True, "ratio": 0.5, "names": ["ü", "猫", ""]},
    }

    found = await stored(shelf.storage, "lamp", set_fields=fields)

    assert found.fields == fields
    assert found.fields["at"].utcoffset() == timedelta(0)
    assert found.fields["flags"]["open"] is True


# Reclaiming


async def test_reclaiming_raises_the_epoch_even_of_its_own(shelf: Shelf) -> None:
    before = await stored(shelf.storage, "lamp")

    after = await shelf.storage.reclaim(THINGS, "lamp")

    assert (after.epoch, after.rev) == (before.epoch + 1, before.rev)
    assert after.writer == before.writer
    assert after.fields == before.fields


async def test_reclaiming_fences_a_write_that_is_still_under_way(shelf: Shelf) -> None:
    found = await stored(shelf.storage, "lamp", set_fields={"units": 1})
    late = write_to(found, set_fields={"units": 2})

    await shelf.storage.reclaim(THINGS, "lamp")
    with pytest.raises(Lost):
        await shelf.storage.commit(late)

    assert (await shelf.storage.claim(THINGS, "lamp")).fields == {"units": 1}


async def test_reclaiming_fences_even_a_first_write_under_way(shelf: Shelf) -> None:
    late = write_to(await shelf.storage.claim(THINGS, "lamp"))

    found = await shelf.storage.reclaim(THINGS, "lamp")
    with pytest.raises(Lost):
        await shelf.storage.commit(late)

    assert (found.rev, found.fields, list(found.tail)) == (0, {}, [])
    assert found.epoch > late.epoch


async def test_what_was_reclaimed_can_be_written(shelf: Shelf) -> None:
    found = await shelf.storage.reclaim(THINGS, "lamp")

    await shelf.storage.commit(write_to(found, set_fields={"units": 1}))

    again = await shelf.storage.claim(THINGS, "lamp")
    assert (again.rev, again.fields) == (1, {"units": 1})
    assert again.epoch == found.epoch


async def test_of_two_owners_who_reclaim_the_last_one_may_write(shelf: Shelf) -> None:
    other = shelf.beside("b")
    mine = await shelf.storage.reclaim(THINGS, "lamp")
    theirs = await other.reclaim(THINGS, "lamp")

    with pytest.raises(Lost):
        await shelf.storage.commit(write_to(mine))
    await other.commit(write_to(theirs, writer="b:1"))

    document = await shelf.document("lamp")
    assert document is not None
    assert (document["owner"], document["writer"]) == ("b", "b:1")


# Committing to many that something is over

OVER = ("promises", "due")
OWED = {"promises": {"gift": {"to": "cart"}}, "due": NOON, "units": 3}


async def owing(shelf: Shelf, *keys: str) -> dict[str, str]:
    """Store things that promised something; return who wrote each."""
    for key in keys:
        await stored(
            shelf.storage, key, set_fields=dict(OWED), writer=f"a:first of {key}"
        )
    return {key: f"a:first of {key}" for key in keys}


async def test_what_is_kept_is_written_to_all_at_once(shelf: Shelf) -> None:
    last = await owing(shelf, "lamp", "rug")

    await shelf.storage.commit_without(THINGS, OVER, last, "a:9")

    for key in last:
        found = await shelf.storage.claim(THINGS, key)
        assert (found.rev, found.writer, found.fields) == (2, "a:9", {"units": 3})
        await shelf.storage.commit(write_to(found, set_fields={"units": 4}))


async def test_what_another_wrote_meanwhile_keeps_its_promises(shelf: Shelf) -> None:
    last = await owing(shelf, "lamp", "rug")
    found = await shelf.storage.claim(THINGS, "rug")
    await shelf.storage.commit(write_to(found, set_fields={"units": 4}))

    with pytest.raises(Lost):
        await shelf.storage.commit_without(THINGS, OVER, last, "a:9")

    document = await shelf.document("rug")
    assert document is not None
    assert (document["writer"], document["promises"]) == ("a:2", OWED["promises"])


async def test_what_another_owns_meanwhile_keeps_its_promises(shelf: Shelf) -> None:
    last = await owing(shelf, "lamp")
    await shelf.beside("b").claim(THINGS, "lamp")

    with pytest.raises(Lost):
        await shelf.storage.commit_without(THINGS, OVER, last, "a:9")

    document = await shelf.document("lamp")
    assert document is not None
    assert (document["rev"], document["promises"]) == (1, OWED["promises"])


async def test_what_is_gone_cannot_have_kept_anything(shelf: Shelf) -> None:
    last = await owing(shelf, "lamp", "rug")
    await shelf.delete("rug")

    with pytest.raises(Lost):
        await shelf.storage.commit_without(THINGS, OVER, last, "a:9")

    assert await shelf.document("rug") is None
