"""With what customers pay: `instruments`, one document a customer.

Kept are the gateway's tokens, brands and last digits; a full number never comes here.
"""

from commerce.belongings import PaymentMethod, PaymentMethodNotFound
from store.belongings import Belongings
from store.client import Database


class InstrumentRepository(Belongings[PaymentMethod]):
    """Keeps means to pay; somebody else's is not found."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "instruments", PaymentMethod, _missing)


def _missing(method_id: str) -> PaymentMethodNotFound:
    return PaymentMethodNotFound(
        f"there is no payment method {method_id}", id=method_id
    )
