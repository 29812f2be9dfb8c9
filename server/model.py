"""Which model the agent speaks with, as the configuration says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agent.budget import Budget, Limits
from agent.model import Model
from agent.patience import Patience
from agent.rules_model import RulesModel
from agent.understudy import Understudied
from messages.clock import Clock
from server.config import BadConfig, Config
from server.sections import Agent

LANGCHAIN = "langchain:"


def budget_of(config: Config, clock: Clock) -> Budget:
    """Return what models may cost, with nothing spent yet."""
    agent = config.agent
    limits = Limits(
        run_s=agent.run_s,
        run_calls=agent.run_calls,
        run_writes=agent.run_writes,
        run_tokens=agent.run_tokens,
        session_tokens=agent.session_tokens,
        daily_tokens=agent.daily_tokens,
        daily_cost_cents=agent.daily_cost_cents,
        input_price_cents=agent.input_price_cents,
        output_price_cents=agent.output_price_cents,
    )
    return Budget(limits, clock)


@asynccontextmanager
async def configured_model(
    agent: Agent, budget: Budget, clock: Clock
) -> AsyncIterator[Model]:
    """Give the built-in model, or another one with it as understudy.

    Raises BadConfig where the package for that is not installed.
    """
    rules = RulesModel()
    if agent.model == rules.name:
        yield rules
        return
    async with _star(agent) as star:
        patient = Patience(
            star, clock, first_s=agent.first_token_s, next_s=agent.between_tokens_s
        )
        yield Understudied(patient, rules, budget, clock)


@asynccontextmanager
async def _star(agent: Agent) -> AsyncIterator[Model]:
    if agent.model.startswith(LANGCHAIN):
        # LangChain takes its time to import, and the built-in model needs none of it.
        from agent.langchain_model import NoSuchModel, named_model

        try:
            yield named_model(agent.model)
        except NoSuchModel as wrong:
            raise BadConfig(f"agent.model: {wrong}") from None
        return
    try:
        # It brings the `openai` package, which the built-in model does not need.
        from agent.openai_model import OpenAIModel
    except ImportError:
        raise BadConfig("agent.model: pip install 'souk[openai]'") from None
    model = OpenAIModel(
        model=agent.model,
        api_key=agent.openai_api_key,
        base_url=agent.openai_base_url,
    )
    try:
        yield model
    finally:
        await model.close()
