"""How far it is from one state of the US to another: far enough to choose a warehouse.

Middles of the states, in degrees rounded to 0.1 (within some 8 km), after the table
`states.csv` of Google's canonical concepts (Dataset Publishing Language).
"""

from collections.abc import Mapping
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

from msgspec import Struct

EARTH_RADIUS_KM = 6371

US = frozenset({"us", "usa", "united states", "united states of america"})


class State(Struct, frozen=True):
    """One state's name and its middle: degrees north, degrees east."""

    name: str
    latitude: float
    longitude: float


STATES: Mapping[str, State] = {
    "AK": State("Alaska", 63.6, -154.5),
    "AL": State("Alabama", 32.3, -86.9),
    "AR": State("Arkansas", 35.2, -91.8),
    "AZ": State("Arizona", 34.0, -111.1),
    "CA": State("California", 36.8, -119.4),
    "CO": State("Colorado", 39.6, -105.8),
    "CT": State("Connecticut", 41.6, -73.1),
    "DC": State("District of Columbia", 38.9, -77.0),
    "DE": State("Delaware", 38.9, -75.5),
    "FL": State("Florida", 27.7, -81.5),
    "GA": State("Georgia", 32.2, -82.9),
    "HI": State("Hawaii", 19.9, -155.7),
    "IA": State("Iowa", 41.9, -93.1),
    "ID": State("Idaho", 44.1, -114.7),
    "IL": State("Illinois", 40.6, -89.4),
    "IN": State("Indiana", 40.6, -85.6),
    "KS": State("Kansas", 39.0, -98.5),
    "KY": State("Kentucky", 37.8, -84.3),
    "LA": State("Louisiana", 31.2, -92.1),
    "MA": State("Massachusetts", 42.4, -71.4),
    "MD": State("Maryland", 39.0, -76.6),
    "ME": State("Maine", 45.3, -69.4),
    "MI": State("Michigan", 44.3, -85.6),
    "MN": State("Minnesota", 46.7, -94.7),
    "MO": State("Missouri", 38.0, -91.8),
    "MS": State("Mississippi", 32.4, -89.4),
    "MT": State("Montana", 46.9, -110.4),
    "NC": State("North Carolina", 35.8, -79.0),
    "ND": State("North Dakota", 47.6, -101.0),
    "NE": State("Nebraska", 41.5, -99.9),
    "NH": State("New Hampshire", 43.2, -71.6),
    "NJ": State("New Jersey", 40.1, -74.4),
    "NM": State("New Mexico", 35.0, -105.0),
    "NV": State("Nevada", 38.8, -116.4),
    "NY": State("New York", 43.3, -74.2),
    "OH": State("Ohio", 40.4, -82.9),
    "OK": State("Oklahoma", 35.0, -97.1),
    "OR": State("Oregon", 43.8, -120.6),
    "PA": State("Pennsylvania", 41.2, -77.2),
    "PR": State("Puerto Rico", 18.2, -66.6),
    "RI": State("Rhode Island", 41.6, -71.5),
    "SC": State("South Carolina", 33.8, -81.2),
    "SD": State("South Dakota", 44.0, -99.9),
    "TN": State("Tennessee", 35.5, -86.6),
    "TX": State("Texas", 32.0, -99.9),
    "UT": State("Utah", 39.3, -111.1),
    "VA": State("Virginia", 37.4, -78.7),
    "VT": State("Vermont", 44.6, -72.6),
    "WA": State("Washington", 47.8, -120.7),
    "WI": State("Wisconsin", 43.8, -88.8),
    "WV": State("West Virginia", 38.6, -80.5),
    "WY": State("Wyoming", 43.1, -107.3),
}

_BY_NAME = {each.name.casefold(): each for each in STATES.values()}


def is_us(country: str) -> bool:
    """Tell whether `country` names the United States."""
    return country.strip().casefold() in US


def same_country(one: str, other: str) -> bool:
    """Tell whether two addresses name the same country."""
    both_us = is_us(one) and is_us(other)
    return both_us or one.strip().casefold() == other.strip().casefold()


@lru_cache(maxsize=4096)
def distance_km(one: str, other: str) -> int | None:
    """Return how far two states, by code or name, are apart; None: one is unknown.

    Along a great circle between their middles, in whole km.
    """
    here, there = _state(one), _state(other)
    if here is None or there is None:
        return None
    # The haversine formula.
    north = radians(there.latitude - here.latitude)
    east = radians(there.longitude - here.longitude)
    flat = cos(radians(here.latitude)) * cos(radians(there.latitude))
    half_chord = sin(north / 2) ** 2 + flat * sin(east / 2) ** 2
    return round(2 * EARTH_RADIUS_KM * asin(sqrt(half_chord)))


def _state(told: str) -> State | None:
    told = told.strip()
    return STATES.get(told.upper()) or _BY_NAME.get(told.casefold())
