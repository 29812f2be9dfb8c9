import pytest

from store.catalogue import Catalogue
from tests.fakes_product import demo_catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The demo shop; nobody in these tests changes it."""
    return demo_catalogue()
