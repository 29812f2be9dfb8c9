"""What a sentence is like, where no rule is sure of it."""

import pytest

from agent.engine import GraphEngine
from agent.rules.decide import PLANS
from agent.rules.fixed import REPLIES
from agent.rules.heard import LINES
from agent.rules.intent import intended
from agent.rules.likeness import learnt, like
from agent.rules.reading import read
from agent.rules.recall import Memory
from agent.rules.thumbs import written_out


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("gold banne me kitna baki hai", "loyalty"),
        ("upi ya card dono chalega kya?", "policy"),
        ("who owns this place", "unsaid"),
        ("any1 there??", "smalltalk"),
        ("Can somebody from your team give me a call about my order?", "person"),
        ("how much would I save with my silver membership?", "loyalty"),
        ("my parcel where", "track"),
    ],
)
def test_a_sentence_no_rule_knows_is_taken_for_what_it_is_like(
    said: str, wanted: str
) -> None:
    assert intended(read(said), Memory()) == wanted


@pytest.mark.parametrize(
    "said", ["kajal", "show me tents", "asdf qwer", "a gift for my nephew", "blue mat"]
)
def test_what_is_like_nothing_in_particular_is_left_to_the_rules(said: str) -> None:
    assert like(read(said)) in {None, "search"}


def test_every_known_sentence_belongs_to_something_we_can_do() -> None:
    assert set(LINES) <= {*PLANS, *REPLIES}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("how mny pts i hv", "how many points i have"),
        ("these r 2 small", "these are too small"),
        ("want 2 return them", "want to return them"),
        ("i need 2 mats", "i need 2 mats"),
        ("a gift 4 my mum", "a gift for my mum"),
        ("size 4 in blk", "size 4 in black"),
        ("y is it late", "why is it late"),
        ("w/o laces", "without laces"),
    ],
)
def test_what_thumbs_shorten_is_written_out(typed: str, meant: str) -> None:
    assert written_out(typed) == meant


def test_the_known_sentences_are_read_before_anybody_talks() -> None:
    learnt.cache_clear()

    GraphEngine.warm()

    assert learnt.cache_info().currsize == 1
