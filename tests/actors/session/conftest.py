"""A stage with the curtain up."""

from collections.abc import AsyncIterator

import pytest

from tests.stage import Stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    await stage.start()
    yield stage
    await stage.node.system.kill()


@pytest.fixture
async def open_stage(stage: Stage) -> Stage:
    await stage.open()
    return stage
