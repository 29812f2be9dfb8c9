from datetime import UTC, datetime
from typing import Any

import pytest

from agent.card_numbers import masked
from agent.clean import plain
from agent.colours import closest
from agent.conversation import Asked, Told, Used, conversation
from agent.fit import name_head
from agent.showcase import showcase
from messages.frames import (
    Assistant,
    Error,
    RecordedFrame,
    RunFinished,
    ToolCall,
    ToolResult,
    User,
)
from messages.turn import Turn
from store.catalogue import Catalogue
from tests.agent.visitor import Visitor


def frame(kind: type[Any], turn_id: str, **content: Any) -> RecordedFrame:
    made: RecordedFrame = kind(
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        seq=1,
        session_id="s",
        turn_id=turn_id,
        **content,
    )
    return made


def turn(*history: RecordedFrame, text: str = "now") -> Turn:
    return Turn(
        session_id="s", user_id="anna", turn_id="t9", text=text, history=history
    )


def test_a_turn_that_is_over_is_read_once() -> None:
    over = [frame(User, "t1", content="hi"), frame(Assistant, "t1", content="Hello.")]
    more = [frame(User, "t2", content="thanks")]

    first = conversation(turn(*over, *more))
    second = conversation(turn(*over, *more, frame(RunFinished, "t2", status="done")))

    assert second == first
    assert [each is other for each, other in zip(first, second, strict=True)] == [
        True,
        True,
        False,
        False,
    ]


def test_a_turn_of_which_more_is_known_is_read_again() -> None:
    asked = frame(User, "t1", content="hi")
    told = frame(Assistant, "t1", content="Hello.")
    conversation(turn(told))

    assert conversation(turn(asked, told))[:2] == [Asked("hi"), Told("Hello.")]


def test_a_reply_that_was_cut_before_its_first_word_is_no_message() -> None:
    cut = frame(Assistant, "t1", content="", status="cancelled")

    assert conversation(turn(frame(User, "t1", content="hi"), cut)) == [
        Asked("hi"),
        Asked("now"),
    ]


def test_frames_become_messages_with_whole_calls() -> None:
    told = conversation(
        turn(
            frame(User, "t1", content="hi"),
            frame(ToolCall, "t1", tool="get_cart", arguments={}, call_id="c1"),
            frame(ToolResult, "t1", call_id="c1", content={"cart": {}}),
            frame(ToolCall, "t1", tool="get_cart", arguments={}, call_id="c2"),
            frame(Assistant, "t1", content="Empty."),
            frame(RunFinished, "t1", status="done"),
            frame(Error, "t2", code="timeout", content="late"),
        )
    )

    assert told == [
        Asked("hi"),
        Used("c1", "get_cart", {}, {"cart": {}}),
        Told("Empty."),
        Asked("now"),
    ]


def test_a_message_that_waited_stands_with_its_own_answer() -> None:
    told = conversation(
        turn(
            frame(User, "t1", content="one"),
            frame(User, "t2", content="two"),
            frame(Assistant, "t1", content="first"),
            frame(Assistant, "t2", content="second"),
        )
    )

    assert told[:4] == [Asked("one"), Told("first"), Asked("two"), Told("second")]


def test_the_turns_own_frame_is_not_told_twice() -> None:
    told = conversation(turn(frame(User, "t9", content="now")))

    assert told == [Asked("now")]


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("4242 4242 4242 4242", "[card ending 4242]"),
        ("pay 4242-4242-4242-4242!", "pay [card ending 4242]!"),
        ("378282246310005", "[card ending 0005]"),
        ("4242 4242 4242 4243", "4242 4242 4242 4243"),
        ("call 555 1234", "call 555 1234"),
    ],
)
def test_card_numbers_are_masked(said: str, heard: str) -> None:
    assert masked(said) == heard


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("A <!-- hidden --> lamp", "A lamp"),
        ("A <!-- never closed", "A"),
        ("A\u200b\u202elamp\u0000", "Alamp"),
        ("x" * 700, "x" * 600),
        ("two\n\nlines", "two lines"),
    ],
)
def test_product_texts_are_shown_without_what_nobody_sees(
    written: str, shown: str
) -> None:
    assert plain(written) == shown


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("red", ("Brick Red",)),
        ("tidal blue", ("Tidal Blue",)),
        ("pink", ("Coral",)),
        ("purple", ()),
        ("", ()),
    ],
)
def test_colours_by_name_by_word_or_by_shade(
    wanted: str, found: tuple[str, ...]
) -> None:
    assert closest(wanted, ["Black", "Brick Red", "Coral", "Tidal Blue"]) == found


def test_the_noun_of_a_name(catalogue: Catalogue) -> None:
    nouns = {
        each: name_head(catalogue.product(each).name)
        for each in ("CMP-001", "SPT-001", "TOY-009", "AUD-010", "HOM-007")
    }

    assert nouns == {
        "CMP-001": "laptop",
        "SPT-001": "mat",
        "TOY-009": "studio",
        "AUD-010": "speaker",
        "HOM-007": "skillet",
    }


async def test_cards_follow_the_order_of_the_text(catalogue: Catalogue) -> None:
    heard = await Visitor(catalogue).say("compare boulder mini and boulder portable")
    used = [Used("c", "x", {}, each) for each in heard.results]

    swapped = showcase(
        "The Sonvarra Boulder Portable Speaker beats the Sonvarra Boulder Mini.", used
    )

    assert [each["id"] for each in swapped] == ["AUD-008", "AUD-009"]
    assert swapped[0] == {
        "id": "AUD-008",
        "sku": "AUD-008",
        "name": "Sonvarra Boulder Portable Speaker",
        "price_cents": 7999,
        "price": "$79.99",
        "currency": "USD",
        "image": "/static/products/AUD-008.svg",
        "stock_status": "in_stock",
    }
