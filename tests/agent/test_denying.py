"""What a message rules out, and in how many looks it wants one thing."""

import pytest

from agent.rules.prices import limits
from agent.rules.reading import read
from agent.rules.shares import Share, shares


@pytest.mark.parametrize(
    ("said", "without"),
    [
        ("wallets but not leather ones", ("leather",)),
        ("running shoes, anything but black", ("black",)),
        ("jackets without a hood", ("hood",)),
        ("headphones other than wireless ones", ("wireless",)),
        ("leather wallets", ()),
        ("not now", ()),
    ],
)
def test_what_is_ruled_out_is_heard(said: str, without: tuple[str, ...]) -> None:
    assert read(said).without == without


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("two minis, one coral one sky", (Share(1, "coral"), Share(1, "sky"))),
        ("2 in black and 1 in white", (Share(2, "black"), Share(1, "white"))),
        ("one each in red and blue", (Share(1, "red"), Share(1, "blue"))),
        ("the tee, one M one L", (Share(1, "m"), Share(1, "l"))),
        ("a black one", ()),
        ("the white and green one", ()),
    ],
)
def test_looks_are_counted_apart(said: str, wanted: tuple[Share, ...]) -> None:
    assert shares(read(said)) == wanted


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("do not recommend anything over 25", None, 2500),
        ("nothing above 40 please", None, 4000),
        ("nothing under 20", 2000, None),
    ],
)
def test_a_denied_limit_is_the_other_one(
    text: str, least: int | None, most: int | None
) -> None:
    found = limits(text)

    assert (found.least, found.most) == (least, most)
