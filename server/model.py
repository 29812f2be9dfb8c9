"""Which model the agent speaks with, as the configuration says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agent.model import Model
from agent.rules_model import RulesModel
from server.config import BadConfig, Config


@asynccontextmanager
async def configured_model(config: Config) -> AsyncIterator[Model]:
    """Give the built-in model, or one behind any server that speaks OpenAI's way.

    Raises BadConfig where the package for that is not installed.
    """
    if config.agent.model == "rules":
        yield RulesModel()
        return
    try:
        # It brings the `openai` package, which the built-in model does not need.
        from agent.openai_model import OpenAIModel
    except ImportError:
        raise BadConfig("agent.model: pip install 'souk[openai]'") from None
    model = OpenAIModel(
        model=config.agent.model,
        api_key=config.agent.openai_api_key,
        base_url=config.agent.openai_base_url,
    )
    try:
        yield model
    finally:
        await model.close()
