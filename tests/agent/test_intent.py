"""What people say when a talk begins, and what they want: `intents.json`."""

import json
from pathlib import Path

import pytest

from agent.rules.intent import intended
from agent.rules.reading import read
from agent.rules.recall import Memory

SAID = json.loads((Path(__file__).parent / "intents.json").read_text())


@pytest.mark.parametrize(
    ("said", "wanted"),
    [(said, wanted) for wanted, all_said in SAID.items() for said in all_said],
)
def test_what_is_wanted_is_understood(said: str, wanted: str) -> None:
    assert intended(read(said), Memory()) == wanted
