"""What one turn remembers stays its own, and goes with it."""

import gc
from copy import copy

from agent.conversation import Asked, Message, Told, Used
from agent.rules import remember as rules
from agent.rules.remember import remember

MATS = Used("t1.1", "search_products", {"query": "mat"}, {"asked": {"query": "mat"}})


def test_every_step_of_a_turn_has_the_same_past() -> None:
    before: list[Message] = [
        Asked("yoga mats"),
        MATS,
        Told("Here is a mat."),
        Asked("hello"),
    ]

    first, _ = remember(before)
    second, now = remember([*before, Told("Hello!")])

    assert second is first
    assert now.said == "Hello!"


def test_two_talks_with_the_same_question_have_pasts_of_their_own() -> None:
    mine: list[Message] = [
        Asked("yoga mats"),
        MATS,
        Told("Here is a mat."),
        Asked("hello"),
    ]
    yours: list[Message] = [Asked("hello")]

    assert remember(mine)[0].search == {"query": "mat"}
    assert remember(yours)[0].search is None


def test_the_past_of_the_next_turn_goes_on_from_that_of_the_turn_before() -> None:
    talk: list[Message] = [
        Asked("yoga mats"),
        MATS,
        Told("Here is a mat."),
        Asked("hello"),
        Told("Hello!"),
        Asked("thanks"),
        Told("You are welcome."),
        Asked("bye"),
    ]

    grown = [remember(talk[:end])[0] for end in (1, 4, 6, 8)]
    whole, _ = remember([copy(each) for each in talk])

    assert grown[3] is grown[2] is grown[1]
    assert whole is not grown[3]
    assert whole == grown[3]
    assert grown[3].told == "You are welcome."


def test_a_past_that_begins_elsewhere_is_another_one() -> None:
    talk: list[Message] = [
        Asked("yoga mats"),
        MATS,
        Told("Here is a mat."),
        Asked("hello"),
        Told("Hello!"),
        Asked("thanks"),
    ]
    remember(talk)

    memory, _ = remember(talk[3:])

    assert memory.search is None


def test_a_past_is_forgotten_with_its_turn() -> None:
    gc.collect()
    kept = len(rules._pasts)
    talk: list[Message] = [Asked("hello"), Told("Hello!"), Asked("hello")]
    remember(talk)
    assert len(rules._pasts) == kept + 1

    del talk
    gc.collect()

    assert len(rules._pasts) == kept
