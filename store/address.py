"""Where customers have things sent: `addresses`, one document a customer."""

from commerce.belongings import AddressNotFound, KnownAddress
from store.belongings import Belongings
from store.client import Database


class AddressRepository(Belongings[KnownAddress]):
    """Keeps addresses; somebody else's is not found."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "addresses", KnownAddress, _missing)


def _missing(address_id: str) -> AddressNotFound:
    return AddressNotFound(f"there is no address {address_id}", id=address_id)
