"""Marks by folder, so that no test has to say where it stands; a plain log, no time."""

from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

# What needs a mongod, a socket or a process of its own.
INTEGRATION = {"store", "handlers", "scheduler", "whole", "server", "web"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        floor = Path(item.path).relative_to(Path(__file__).parent).parts[0]
        mark = "integration" if floor in INTEGRATION else "unit"
        item.add_marker(getattr(pytest.mark, mark))


# A bug that a test wants is logged; drawn with colours and locals, each costs 0.2 s.
plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])

# How long an example takes says something of the machine, and nothing of ours.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")
