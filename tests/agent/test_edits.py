"""What a sentence wraps up: this for that, how many in all, several at once."""

import pytest

from agent.rules.edits import goes_on, parted, says_how_many, swap
from agent.rules.reading import read


@pytest.mark.parametrize(
    ("said", "old", "new"),
    [
        ("swap the black for the coral", "black", "coral"),
        ("switch the black one to a coral one please", "black", "coral"),
        ("i'd rather have the coral one instead of the black one", "black", "coral"),
        ("black wale ki jagah coral wala kar do", "black", "coral"),
        ("black wala ko coral me badal do", "black", "coral"),
        ("i changed my mind, give me coral instead of black", "black", "coral"),
    ],
)
def test_what_goes_and_what_comes_is_told_apart(said: str, old: str, new: str) -> None:
    halves = swap(read(said))

    assert halves is not None
    assert (halves[0].colour, halves[1].colour) == (old, new)


@pytest.mark.parametrize(
    "said",
    [
        "change the bottle to 3",
        "exchange the shoes of my last order for a bigger size",
        "replace the shoes with bigger ones, they pinch",
        "change my address to the office",
        "show me black shoes instead of red ones",
        "swap",
    ],
)
def test_what_is_no_swap_of_the_cart_is_none(said: str) -> None:
    assert swap(read(said)) is None


@pytest.mark.parametrize(
    ("said", "many"),
    [
        ("i only want one speaker not two", 1),
        ("that's too many, keep just one", 1),
        ("i need five packs of sticky notes not two", 5),
        ("cut the bottles down to one", 1),
    ],
)
def test_how_many_in_all_is_told_from_how_many_more(said: str, many: int) -> None:
    reading = read(said)

    assert says_how_many(reading)
    assert reading.quantity == many


@pytest.mark.parametrize(
    "said", ["add two speakers", "one more speaker", "just looking"]
)
def test_more_of_it_is_not_how_many_in_all(said: str) -> None:
    assert not says_how_many(read(said))


def test_a_message_is_parted_where_it_goes_on() -> None:
    first, second = parted("lose the lunch box, and then add a bottle")

    assert first.has("remove")
    assert second.rest == ("bottle",)


@pytest.mark.parametrize("said", ["add a bottle", "a, b, c and d", ""])
def test_one_wish_or_a_story_is_not_parted(said: str) -> None:
    assert parted(said) == ()


@pytest.mark.parametrize(
    ("said", "goes"),
    [
        ("and a pack of the black socks", True),
        ("and is it waterproof?", False),
        ("and show me socks", False),
        ("socks", False),
    ],
)
def test_naming_more_is_told_from_asking_more(said: str, goes: bool) -> None:  # noqa: FBT001 - an expectation
    assert goes_on(read(said)) is goes
