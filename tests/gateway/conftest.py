import pytest

from tests.gateway.bank import Bank


@pytest.fixture
def bank() -> Bank:
    """A provider whose ledger is empty and whose line is perfect."""
    return Bank()
