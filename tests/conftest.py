"""Marks by folder, so that no test has to say where it stands."""

from pathlib import Path

import pytest

# What needs a mongod, a socket or a process of its own.
INTEGRATION = {"store", "handlers", "scheduler", "whole", "server", "web"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        floor = Path(item.path).relative_to(Path(__file__).parent).parts[0]
        mark = "integration" if floor in INTEGRATION else "unit"
        item.add_marker(getattr(pytest.mark, mark))
