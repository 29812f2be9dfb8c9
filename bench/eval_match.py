"""How an expectation of an evaluation file is held against what happened.

Texts that begin with `~` are regular expressions, searched for without regard to case;
others are plain: in a reply a substring, among arguments the value itself. Of a mapping
only what is named is compared.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.json import encode


def found_in(wanted: str, text: str) -> bool:
    """Tell whether `wanted`, a text or `~` and an expression, occurs in `text`."""
    if wanted.startswith("~"):
        return re.search(wanted[1:], text, re.IGNORECASE) is not None
    return wanted in text


def fits(wanted: Any, given: Any, named: Mapping[str, Any]) -> bool:
    """Tell whether `given` is what is `wanted`; `named` are the values of `$names`."""
    if isinstance(wanted, str):
        if wanted.startswith("$") and wanted[1:] in named:
            return bool(given == named[wanted[1:]])
        if wanted.startswith("~"):
            text = given if isinstance(given, str) else encode(given).decode()
            return found_in(wanted, text)
        return bool(given == wanted)
    if isinstance(wanted, Mapping):
        return isinstance(given, Mapping) and has(wanted, given, named)
    if isinstance(wanted, Sequence):
        return (
            isinstance(given, Sequence)
            and len(given) >= len(wanted)
            and all(any(fits(each, one, named) for one in given) for each in wanted)
        )
    return bool(given == wanted)


def has(
    wanted: Mapping[str, Any], given: Mapping[str, Any], named: Mapping[str, Any]
) -> bool:
    """Tell whether `given` has all that is `wanted`, amounts in cents or in units."""
    return all(fits(each, _value(name, given), named) for name, each in wanted.items())


def _value(name: str, given: Mapping[str, Any]) -> Any:
    if name in given or not name.endswith("_cents"):
        return given.get(name)
    units = given.get(name.removesuffix("_cents"))
    return None if units is None else round(units * 100)
