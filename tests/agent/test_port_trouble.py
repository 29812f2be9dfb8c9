"""The cart out of reach: said as it is, never as done."""

from typing import Any

import pytest

from messages.base import Busy, Command, Expired, R, Unavailable
from store.catalogue import Catalogue
from tests.agent.visitor import Till, Visitor


class Broken(Till):
    """Gives every cart the same trouble."""

    def __init__(self, catalogue: Catalogue, trouble: Exception) -> None:
        super().__init__(catalogue)
        self.trouble = trouble

    async def ask(self, key: str, command: Command[R], **_: Any) -> R:
        raise self.trouble


@pytest.mark.parametrize(
    ("trouble", "code", "said"),
    [
        (Busy("full"), "unavailable", "too busy"),
        (Unavailable("away"), "unavailable", "too busy"),
        (Expired("late"), "unknown_outcome", "can't tell whether it was done"),
    ],
)
async def test_trouble_with_the_cart_is_said(
    catalogue: Catalogue, trouble: Exception, code: str, said: str
) -> None:
    anna = Visitor(catalogue, till=Broken(catalogue, trouble))

    heard = await anna.say("add AUD-009-BLA")

    assert heard.results[-1]["error"] == code
    assert said in heard.text
    assert "Added" not in heard.text


@pytest.mark.parametrize(
    "text", ["what's in my cart?", "remove it", "empty my cart", "clear everything"]
)
async def test_no_cart_is_told_where_none_was_seen(
    catalogue: Catalogue, text: str
) -> None:
    anna = Visitor(catalogue, till=Broken(catalogue, Busy("full")))

    heard = await anna.say(text)

    assert heard.text == "The shop is too busy just now. Please try again in a moment."
