"""What every store promises where people write to it by hand."""

import pytest

from store.port import Found, Lost
from tests.store.shelf import THINGS, Shelf, stored, write_to


async def test_an_edit_of_a_guarded_field_makes_the_commit_lose(shelf: Shelf) -> None:
    found = await stored(shelf.storage, "lamp", set_fields={"on_hand": 5, "free": 5})
    await shelf.edit("lamp", {"on_hand": 9})

    change = {"guards": {"on_hand": 5}, "set_fields": {"on_hand": 4, "free": 4}}
    with pytest.raises(Lost):
        await shelf.storage.commit(write_to(found, **change))

    fields = (await shelf.storage.claim(THINGS, "lamp")).fields
    assert fields == {"on_hand": 9, "free": 5}


@pytest.mark.parametrize(
    "edit",
    [{"on_hand.east": 9}, {"on_hand.north": 1}, {"on_hand": {}}, {"on_hand": None}],
)
async def test_any_edit_within_a_guarded_map_makes_the_commit_lose(
    shelf: Shelf, edit: dict[str, object]
) -> None:
    seen = {"east": 5, "west": 6}
    found = await stored(shelf.storage, "lamp", set_fields={"on_hand": seen})
    await shelf.edit("lamp", edit)

    change = {"guards": {"on_hand": seen}, "set_fields": {"on_hand.west": 5}}
    with pytest.raises(Lost):
        await shelf.storage.commit(write_to(found, **change))


async def test_a_guarded_map_may_list_its_keys_in_any_order(shelf: Shelf) -> None:
    seen = {"east": 5, "west": 6}
    found = await stored(shelf.storage, "lamp", set_fields={"on_hand": seen})

    change = {
        "guards": {"on_hand": {"west": 6, "east": 5}},
        "set_fields": {"on_hand.west": 5},
    }
    await shelf.storage.commit(write_to(found, **change))

    fields = (await shelf.storage.claim(THINGS, "lamp")).fields
    assert fields == {"on_hand": {"east": 5, "west": 5}}


async def test_a_guard_of_nothing_holds_while_the_field_is_missing(
    shelf: Shelf,
) -> None:
    found = await stored(shelf.storage, "lamp")

    await shelf.storage.commit(write_to(found, guards={"limit": None}))
    await shelf.edit("lamp", {"limit": 3})
    again = await shelf.storage.claim(THINGS, "lamp")

    with pytest.raises(Lost):
        await shelf.storage.commit(write_to(again, guards={"limit": None}))


async def test_guards_leave_no_trace_in_a_new_document(shelf: Shelf) -> None:
    new = write_to(Found(key="lamp"), guards={"limit": None}, set_fields={"units": 1})

    await shelf.storage.commit(new)

    assert (await shelf.storage.claim(THINGS, "lamp")).fields == {"units": 1}


async def test_an_edit_of_an_unguarded_field_stays_beside_the_commit(
    shelf: Shelf,
) -> None:
    found = await stored(shelf.storage, "lamp", set_fields={"units": 1})
    await shelf.edit("lamp", {"note": "fragile"})

    await shelf.storage.commit(write_to(found, set_fields={"units": 2}))

    fields = (await shelf.storage.claim(THINGS, "lamp")).fields
    assert fields == {"units": 2, "note": "fragile"}


async def test_what_a_hand_deleted_is_not_revived(shelf: Shelf) -> None:
    found = await stored(shelf.storage, "lamp")
    await shelf.delete("lamp")

    with pytest.raises(Lost):
        await shelf.storage.commit(write_to(found))

    assert await shelf.document("lamp") is None


async def test_what_a_hand_deleted_can_begin_again(shelf: Shelf) -> None:
    await stored(shelf.storage, "lamp", set_fields={"units": 1})
    await shelf.delete("lamp")

    found = await stored(shelf.storage, "lamp", set_fields={"units": 2})

    assert (found.rev, found.fields) == (1, {"units": 2})
