"""Where stock stands."""

from msgspec import Struct


class Warehouse(Struct, frozen=True, kw_only=True):
    """One place that ships; among equals the lower `priority` goes first."""

    id: str
    name: str
    city: str
    state: str
    country: str
    priority: int = 0
