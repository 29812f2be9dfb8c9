"""Inputs that are almost right: seeds of the real thing, bent at random.

Seeded, so that whatever breaks can be broken again.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

# What parsers, databases, logs and pages have stumbled over before.
ODD = (
    *(b"{", b"}", b"[", b"]", b'"', b"\\", b"\\u0000", b"\\ud800", b"\x00", b"\xff"),
    *(b"\r\n", b"\r\n\r\n", b"%00", b"%2e%2e/", b"$gt", b"$where", b"__proto__"),
    *(b"NaN", b"1e999", b"-0", b"9" * 40, b"1.5", b"null", b"true", b"[[[[[[[["),
    *(b"\xe2\x80\xae", b"<script>", b"${jndi:x}", b"{{7*7}}", b"' OR 1=1", b"%s%n"),
)


def bent(seeds: Sequence[bytes], dice: random.Random) -> bytes:
    """Return one of `seeds`, changed in one to four places."""
    text = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 4)):
        _bend(text, seeds, dice)
    return bytes(text)


def _bend(text: bytearray, seeds: Sequence[bytes], dice: random.Random) -> None:
    at = dice.randrange(len(text) + 1)
    end = min(len(text), at + dice.randint(1, 12))
    match dice.randrange(6):
        case 0:
            text[at:at] = dice.choice(ODD)
        case 1:
            text[at:end] = dice.choice(ODD)
        case 2:
            del text[at:end]
        case 3:
            text[at:at] = text[at:end] * dice.randint(1, 50)
        case 4:
            other = dice.choice(seeds)
            start = dice.randrange(len(other) + 1)
            text[at:end] = other[start : start + dice.randint(1, 40)]
        case _:
            text[at:end] = dice.randbytes(end - at)


def example(model: type[BaseModel]) -> Any:
    """Return a body of about the shape that `model` takes."""
    schema = model.model_json_schema()
    return _shaped(schema, schema.get("$defs", {}))


# One of each kind; deeper than any body there is, nothing is nested.
PLAIN: Mapping[str, Any] = {
    "integer": 1,
    "number": 9.99,
    "boolean": True,
    "string": "AUD-009-COR",
}


def _shaped(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return _shaped(known[schema["$ref"].rpartition("/")[2]], known)
    choices = schema.get("anyOf", schema.get("oneOf", ()))
    if choices:
        return _shaped(choices[0], known)
    if schema.get("format") == "email":
        return "ada@example.com"
    values = [schema["const"]] if "const" in schema else schema.get("enum", ())
    if values:
        return values[0]
    if schema.get("type") == "array":
        return [_shaped(schema.get("items", {}), known)]
    fields = schema.get("properties", {})
    return PLAIN.get(
        schema.get("type", ""),
        {name: _shaped(each, known) for name, each in fields.items()},
    )
