"""Means to pay on a real database: tokens, and nobody else's."""

import pytest

from commerce.belongings import PaymentMethod, PaymentMethodNotFound
from store.client import Database
from store.instrument import InstrumentRepository

VISA = PaymentMethod(
    id="pm_1",
    token="tok_visa",
    type="card",
    brand="visa",
    last_four="4242",
    exp_month=12,
    exp_year=2040,
)


@pytest.fixture
def instruments(database: Database) -> InstrumentRepository:
    return InstrumentRepository(database)


async def test_a_means_to_pay_is_found_with_its_token(
    instruments: InstrumentRepository,
) -> None:
    await instruments.add("ann", VISA)

    found = await instruments.get("ann", "pm_1")

    assert (found.token, found.brand, found.is_default) == ("tok_visa", "visa", True)


async def test_somebody_elses_is_not_there(instruments: InstrumentRepository) -> None:
    await instruments.add("bob", VISA)

    with pytest.raises(PaymentMethodNotFound):
        await instruments.get("ann", "pm_1")
    with pytest.raises(PaymentMethodNotFound):
        await instruments.remove("ann", "pm_1")


async def test_the_same_again_is_one(instruments: InstrumentRepository) -> None:
    await instruments.add("ann", VISA)

    again = await instruments.add("ann", VISA)

    assert again.is_default
    assert list(await instruments.of_user("ann")) == [again]
