"""What one change event says, and whose doing it was."""

from collections.abc import Mapping
from typing import Any

from store.change import Change, Seen, told
from store.watch import Watch
from tests.store.shelf import THINGS


def test_what_the_snapshot_held_already_is_not_told_again() -> None:
    heard: list[Change] = []
    watch = Watch({THINGS: None}, THINGS, "a")
    watch.listeners.append(heard.append)
    watch.snapshot_listeners.append(lambda _documents: None)
    watch._seen["lamp"] = Seen(5, 0)

    for rev in (4, 5, 6):
        watch.hear(updated({"rev": rev, "writer": "b:1", "units": rev}))

    assert [change.rev for change in heard] == [6]


def test_a_claim_is_no_edit() -> None:
    change = told(updated({"epoch": 2, "owner": "b"}), THINGS, "a")

    assert change is not None
    assert (change.by_us, change.foreign) == (False, False)


def test_a_dotted_edit_is_an_edit() -> None:
    change = told(updated({"on_hand.east": 2}), THINGS, "a")

    assert change is not None
    assert change.foreign


def test_an_owner_whose_name_begins_like_ours_is_not_us() -> None:
    change = told(updated({"rev": 2, "writer": "ab:1"}), THINGS, "a")

    assert change is not None
    assert not change.by_us


def test_news_of_the_collection_itself_is_no_change() -> None:
    assert told({"operationType": "create"}, THINGS, "a") is None


def updated(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "operationType": "update",
        "documentKey": {"_id": "lamp"},
        "updateDescription": {"updatedFields": fields, "removedFields": []},
    }
