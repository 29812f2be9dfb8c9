from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules.prices import limits
from agent.rules.reading import read
from agent.spelling import distance, stem


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("speakers under 50", None, 5000),
        ("speakers below $49.99", None, 4999),
        ("less than 1,299 dollars", None, 129900),
        ("up to 2k", None, 200000),
        ("over 100", 10000, None),
        ("at least $20", 2000, None),
        ("between 20 and 40", 2000, 4000),
        ("between 40 and 20", 2000, 4000),
        ("headphones $20-$40", 2000, 4000),
        ("20 to 40 dollars", 2000, 4000),
        ("around $100", 7500, 12500),
        ("130 dollar ke andar", None, 13000),
        ("500 se kam", None, 50000),
        ("100 se upar", 10000, None),
        ("20 se 40 ke beech", 2000, 4000),
        ("my budget is 60", None, 6000),
        ("not more than 60", None, 6000),
        ("3000 ke andar, sorry 100 ke andar", None, 10000),
        ("a $20 pen", None, 2000),
        ("under fifty", None, 5000),
        ("fable 8 max", None, None),
        ("size 10", None, None),
        ("2 black mugs", None, None),
        ("10 me milega", None, None),
    ],
)
def test_price_limits_as_people_say_them(
    text: str, least: int | None, most: int | None
) -> None:
    reading = read(text)

    assert (reading.least, reading.most) == (least, most)


@pytest.mark.parametrize(
    ("text", "part", "value"),
    [
        ("make it two", "quantity", 2),
        ("2 x AUD-009", "quantity", 2),
        ("3x of it", "quantity", 3),
        ("do chahiye", "quantity", 2),
        ("do you have it", "quantity", None),
        ("teen de do", "quantity", 3),
        ("a gift for a teen", "quantity", None),
        ("one more", "quantity", 1),
        ("the red one", "quantity", None),
        ("add 12 kg kettlebell", "quantity", None),
        ("add -1 of it", "quantity", 0),
        ("add 1.5 of it", "quantity", 0),
        ("3 of the second one", "ordinals", (2,)),
        ("first two", "ordinals", (1, 2)),
        ("the last one", "ordinals", (-1,)),
        ("the last heirloom watch", "ordinals", ()),
        ("number 3 please", "ordinals", (3,)),
        ("doosra wala", "ordinals", (2,)),
        ("kala wala", "colour", "black"),
        ("not the red, the blue", "colour", "red"),
        ("men's shoes size 10", "size", "10"),
        ("XL me milega?", "size", "XL"),
        ("in m", "size", "M"),
        ("I'm here", "size", None),
        ("size guide", "size", None),
        ("barsaat wali jacket", "rest", ("rain", "jacket")),
        ("a phone", "rest", ("smartphone",)),
        ("a phone case", "rest", ("phone", "case")),
        ("add AUD-008-BRI", "code", "AUD-008-BRI"),
        ("red shoes, I mean blue", "colour", "blue"),
        ("add 2 mugs, no wait 3", "numbers", ("3",)),
        ("where is order 1002", "order", "ORD-1002"),
        ("what about ord-7h2k9qza", "order", "ORD-7H2K9QZA"),
        ("order 2 mugs", "order", None),
        ("use SUMMER25", "coupon", "SUMMER25"),
        ("the code freeship", "coupon", "FREESHIP"),
        ("which coupon works best", "coupon", None),
        ("SHOW ME LAPTOPS", "coupon", None),
        ("pay with the card ending 0002", "card", "0002"),
        ("it doesnt fit", "rest", ("fit",)),
        ("my card [card ending 4242]", "rest", ("card",)),
    ],
)
def test_the_parts_of_a_message(text: str, part: str, value: Any) -> None:
    assert getattr(read(text), part) == value


@pytest.mark.parametrize(
    ("slipped", "cue"),
    [("ad teh frist", "add"), ("reomve it", "remove"), ("chepest", "cheapest")],
)
def test_slips_in_cues_are_mended(slipped: str, cue: str) -> None:
    assert cue in read(slipped).cues


@pytest.mark.parametrize(
    "goods",
    ["card holder", "cast iron pan", "shoe", "racing shoes", "remote car", "rice",
     "matte lipstick", "plush otters"],
)  # fmt: skip
def test_names_of_goods_are_no_slips(goods: str) -> None:
    assert set(goods.split()) <= set(read(goods).rest)
    assert not read(goods).cues


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    reading = read(text)

    assert all(each.strip() for each in reading.rest)
    assert len(reading.rest) <= 10


@given(st.text(max_size=60))
def test_what_is_left_of_a_text_holds_no_limit_any_more(text: str) -> None:
    found = limits(text)

    if found.least is None and found.most is None:
        assert found.text == text


@given(st.text("abcdef", max_size=9), st.text("abcdef", max_size=9))
def test_slips_count_the_same_from_either_side(left: str, right: str) -> None:
    assert distance(left, right) == distance(right, left)
    assert (distance(left, right) == 0) == (left == right)


@pytest.mark.parametrize(
    ("word", "same"),
    [("boxes", "box"), ("berries", "berry"), ("dress", "dress"), ("mats", "mat")],
)
def test_plurals(word: str, same: str) -> None:
    assert stem(word) == same


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("prise", "price"),  # sounds alike, and paise is as near
        ("tea", "tea"),
        ("star", "star"),
        ("dune", "dune"),
        ("undr", "under"),
    ],
)
def test_a_slip_is_mended_to_what_is_meant_and_a_word_is_left(
    said: str, meant: str
) -> None:
    assert read(said).words == (meant,)


@pytest.mark.parametrize(
    ("said", "quantity"),
    [
        ("mujhe do bottle chahiye", 2),
        ("teen mug cart me daal do", 3),
        ("bottle cart me daal do", None),
        ("do you have bottles", None),
        ("do they come in black", None),
    ],
)
def test_hindi_numbers_count_where_hindi_is_spoken(
    said: str, quantity: int | None
) -> None:
    assert read(said).quantity == quantity


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("the chinos in olive 34", "34"),
        ("not in size 14 then", None),
        ("XL not M", "XL"),
        ("ok medium then", "M"),
        ("black 2 pieces", None),
    ],
)
def test_a_size_is_the_one_that_is_wanted(said: str, size: str | None) -> None:
    assert read(said).size == size


@pytest.mark.parametrize(
    "said", ["take one of the bottles out", "please take the red candle off"]
)
def test_what_is_taken_out_or_off_is_removed(said: str) -> None:
    reading = read(said)

    assert reading.has("remove")
    assert not reading.has("add")


def test_how_many_less_is_a_number_before_whatever_it_counts() -> None:
    assert read("2 bottles less please").quantity == 2
    assert read("less than 50 dollars").quantity is None


def test_up_to_a_number_is_how_many_where_something_is_raised() -> None:
    assert read("bump the sticky notes up to 4").most is None
    assert read("sticky notes up to 4").most == 400
    assert read("raise my budget up to $40").most == 4000
