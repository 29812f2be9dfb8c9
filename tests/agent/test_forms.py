"""Errands over several messages: what a form remembers, and what ends it."""

from typing import Any

import pytest

from agent.conversation import Asked, Decided, Message, Told, Used
from agent.rules.decide import decide

QUOTE = {"asked": {}, "confirm": "confirm_purchase", "quote_id": "q1"}
ADDRESS = {"address_id": "a1", "street": "1 Elm", "city": "Austin", "state": "TX"}
CARD = {"payment_method_id": "p1", "type": "card", "brand": "visa", "last4": "4242"}


def quoted() -> list[Message]:
    """A talk in which a quote of the cart waits for the shopper's tap."""
    kept: list[tuple[str, dict[str, Any]]] = [
        ("list_addresses", {"addresses": [{**ADDRESS, "is_default": True}]}),
        ("list_payment_methods", {"payment_methods": [{**CARD, "is_default": True}]}),
        ("quote_checkout", QUOTE),
    ]
    return [
        Asked("checkout with express shipping"),
        *(Used(f"c{at}", tool, {}, told) for at, (tool, told) in enumerate(kept)),
        Told("Please look it over and confirm it with the button."),
    ]


def after_lists(said: str) -> list[Message]:
    """The next message, with what its first two calls bring."""
    return [Asked(said), *quoted()[1:3]]


def test_a_typed_yes_asks_for_the_same_confirmation_again() -> None:
    (use,) = decide([*quoted(), *after_lists("yes")]).uses

    assert use.tool == "quote_checkout"
    assert use.arguments["shipping_method"] == "express"


def test_a_newer_answer_counts_more_than_an_older_one() -> None:
    (use,) = decide([*quoted(), *after_lists("no, standard shipping")]).uses

    assert use.arguments["shipping_method"] == "standard"


def test_no_leaves_everything_as_it_is() -> None:
    decision = decide([*quoted(), Asked("no, leave it")])

    assert not decision.uses
    assert "nothing was done" in decision.reply


@pytest.mark.parametrize("approved", [True, False])
def test_a_tap_ends_the_form(approved: bool) -> None:  # noqa: FBT001 - pytest's
    decided = [*quoted(), Decided("q1", approved), Told("All right.")]

    assert not decide([*decided, Asked("yes")]).uses
