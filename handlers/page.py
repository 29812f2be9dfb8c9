"""What a query may hold: whole numbers, prices, pages; and ids in paths."""

import re
from typing import Annotated

from aiohttp import web
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from handlers.errors import Fault, Query, malformed

_DIGITS = re.compile(r"[0-9]{1,15}")
_PRICE = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _digits(value: str) -> str:
    # int() also takes "+1", " 1", "1_0" and the digits of every script.
    if not _DIGITS.fullmatch(value):
        raise ValueError("Write a whole number in digits")
    return value


def _cents(value: str) -> int:
    told = _PRICE.fullmatch(value)
    if told is None:
        raise ValueError("Write a price such as 49.99")
    return int(told[1]) * 100 + int((told[2] or "").ljust(2, "0"))


DIGITS = BeforeValidator(_digits)
"""Keeps a whole number in a query to plain digits; stands behind its bounds."""

Price = Annotated[
    int,
    BeforeValidator(_cents),
    WithJsonSchema({"type": "string", "pattern": rf"^{_PRICE.pattern}$"}),
]
"""A price in a query, in major units with at most two places; becomes cents."""

Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]

Id = Annotated[str, StringConstraints(pattern=rf"^{_ID.pattern}$")]
"""A sku or product id in a body."""


Digits = Annotated[int, Field(ge=0), DIGITS]
"""A whole number >= 0 in a query."""

Limit = Annotated[int, Field(ge=1, le=100), DIGITS]


class PageQuery(Query):
    """Which page of a list."""

    limit: Limit = 20
    offset: Digits = 0


def page_headers(request: web.Request, page: PageQuery, total: int) -> dict[str, str]:
    """Return how many there are, and where the next and the previous page are."""
    links = []
    if page.offset + page.limit < total:
        links.append(_link(request, page, page.offset + page.limit, "next"))
    if page.offset > 0:
        before = max(0, min(page.offset, total) - page.limit)
        links.append(_link(request, page, before, "prev"))
    headers = {"X-Total-Count": str(total)}
    return {**headers, "Link": ", ".join(links)} if links else headers


def path_id(request: web.Request, name: str = "id", *, ending: str = "") -> str:
    """Return the id in the path, without the `ending` that follows it.

    Raises Refusal 422 for what can be none.
    """
    given = request.match_info[name].removesuffix(ending)
    if not _ID.fullmatch(given):
        told = "1 to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or a digit"
        malformed([Fault(("path", name), told)])
    return given


def _link(request: web.Request, page: PageQuery, offset: int, rel: str) -> str:
    url = request.rel_url.update_query(limit=page.limit, offset=offset)
    return f'<{url}>; rel="{rel}"'
