"""Answers that carry a tag, and requests that expect one (RFC 9110, 8.8.3 and 13)."""

import re
from collections.abc import Mapping
from hashlib import blake2b

from aiohttp import ETag, web

from handlers.errors import JSON, Fault, malformed

_VERSION = re.compile(r'"(0|[1-9][0-9]{0,14})"')

# Everybody may keep a catalogue read, but must ask whether it is still true.
_SHARED = "public, no-cache"


def tagged(
    request: web.Request,
    encoded: bytes,
    tag: str | None = None,
    headers: Mapping[str, str] | None = None,
    content_type: str = JSON,
) -> web.Response:
    """Return `encoded` under its tag, or 304 if the client has just that.

    Without `tag` the tag is made of the content.
    """
    tag = tag or blake2b(encoded, digest_size=16).hexdigest()
    told = {"Cache-Control": _SHARED, **(headers or {}), "ETag": f'"{tag}"'}
    if _has(request.if_none_match, tag):
        return web.Response(status=304, headers=told)
    response = web.Response(body=encoded, headers=told)
    response.headers["Content-Type"] = _typed(content_type)
    return response


def expected_version(request: web.Request) -> int | None:
    """Return the version that `If-Match` names; None: it is absent or `*`.

    Raises Refusal 422 for anything but one quoted number: a tag of ours looks so, and
    a guess at what was meant could overwrite.
    """
    given = request.headers.getall("If-Match", [])
    if given in ([], ["*"]):
        return None
    told = _VERSION.fullmatch(given[0].strip())
    if told is None or len(given) > 1:
        malformed([Fault(("header", "If-Match"), 'Write a version such as "3"')])
    return int(told[1])


def version_tag(version: int) -> dict[str, str]:
    """Return the header that tells the version to name in the next `If-Match`."""
    return {"ETag": f'"{version}"'}


def _typed(content_type: str) -> str:
    is_text = content_type.startswith("text/")
    return f"{content_type}; charset=utf-8" if is_text else content_type


def _has(known: tuple[ETag, ...] | None, tag: str) -> bool:
    return any(each.value in {"*", tag} for each in known or ())
