"""Which model the configuration means."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from actors.runtime.testing import ManualClock
from agent.rules_model import RulesModel
from agent.understudy import Understudied
from server.config import BadConfig, load
from server.model import budget_of, configured_model

NOWHERE = Path("no-such.env")


async def name_and_kind(settings: Mapping[str, str]) -> tuple[str, type]:
    config, clock = load(settings, dotenv=NOWHERE), ManualClock()
    budget = budget_of(config, clock)
    async with configured_model(config.agent, budget, clock) as model:
        return model.name, type(model)


async def test_without_a_word_it_is_the_built_in_one() -> None:
    assert await name_and_kind({}) == ("rules", RulesModel)


async def test_any_other_name_is_a_model_with_an_understudy() -> None:
    found = await name_and_kind({"SOUK__AGENT__MODEL": "small"})

    assert found == ("small", Understudied)


async def test_a_class_of_langchains_is_a_model_with_an_understudy() -> None:
    spec = "langchain:tests.agent.test_langchain_model:Parrot:grey"

    assert await name_and_kind({"SOUK__AGENT__MODEL": spec}) == ("grey", Understudied)


async def test_a_class_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(BadConfig, match=r"agent\.model.*no_such_package"):
        await name_and_kind({"SOUK__AGENT__MODEL": "langchain:no_such_package:Chat"})
