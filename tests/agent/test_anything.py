"""Whatever is said, in whatever order: the built-in model answers and never guesses."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.graph import NOTHING, UNSURE
from agent.rules.shelf_words import CUES
from agent.rules.words import COLOURS, ORDINALS, SIZES
from messages.turn import Answered
from store.catalogue import Catalogue
from tests.agent.visitor import Visitor

PHRASES = [phrase for phrases in CUES.values() for phrase in phrases.split("|")]
OTHERS = [*COLOURS, *SIZES, *ORDINALS, "it", "that", "under", "$20", "2", "10", "-1"]
GOODS = ["boulder mini", "yoga mat", "running shoes", "laptop", "AUD-009-BLA", "ocean"]

sentences = st.lists(
    st.sampled_from(PHRASES) | st.sampled_from(OTHERS) | st.sampled_from(GOODS),
    min_size=1,
    max_size=5,
).map(" ".join)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(sentences | st.text(max_size=40), min_size=1, max_size=4))
async def test_every_turn_is_answered_with_facts_only(
    catalogue: Catalogue, talk: list[str]
) -> None:
    anna = Visitor(catalogue)

    for said in talk:
        heard = await anna.say(said)

        assert isinstance(heard.steps[-1], Answered)
        assert heard.text.strip()
        assert NOTHING not in heard.text
        assert UNSURE not in heard.text


@pytest.mark.parametrize("text", ["a" * 4000, "speaker " * 500, "\u0000", "🙂", "ड्रेस"])
async def test_odd_texts_are_answered(catalogue: Catalogue, text: str) -> None:
    heard = await Visitor(catalogue).say(text)

    assert isinstance(heard.steps[-1], Answered)
    assert len(heard.text) < 1000
