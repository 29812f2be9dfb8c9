"""Requests that may be sent twice and are done once.

RULES.md section 10. The same key with the same body gets the same answer; while the
first is under way, 409 with `Retry-After: 1`. Kept is what came of it once work began:
not what was refused before, and not trouble of ours, after which a repeat goes on.
"""

import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import blake2b

from aiohttp import web
from msgspec import Struct

from commerce.checkout import CheckoutInProgress
from commerce.errors import CommerceError
from handlers.errors import Fault, Refusal, malformed
from handlers.keys import CLOCK, IDEMPOTENCY
from handlers.security import identity
from store.idempotency import Answered, Claim, record_name

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
# A node that died leaves its work to others after so long; the slowest bank of the
# demo takes 6 s, and a request gets 25.
LEASE = timedelta(seconds=30)

Work = Callable[[str], Awaitable[web.Response]]
"""Does it, under the id of what it begins."""


class Once(Struct, frozen=True, kw_only=True):
    """What makes two requests the same: the key, and the body it came with.

    `is_given`: the client chose the key. `begins` is the id of what would be begun.
    `refusal` speaks against beginning it now, and matters only if it was not begun.
    """

    key: str
    body: bytes
    begins: str
    is_given: bool = True
    refusal: CommerceError | None = None


class InFlight(Refusal):
    """409: the first request with this key is still being worked on."""

    def __init__(self) -> None:
        super().__init__(
            409,
            "request_in_flight",
            "The same request is being worked on; ask again for its answer.",
            headers={"Retry-After": "1"},
        )


def given_key(request: web.Request) -> str | None:
    """Return the `Idempotency-Key`, if there is one. Raises Refusal 422."""
    given = request.headers.getall(HEADER, [])
    if not given:
        return None
    if len(given) > 1 or not 1 <= len(given[0]) <= LONGEST_KEY:
        told = f"Give one of 1 to {LONGEST_KEY} characters"
        malformed([Fault(("header", HEADER), told)])
    return given[0]


async def once(request: web.Request, asked: Once, work: Work) -> web.Response:
    """Return what `work` answers, or what it answered the first time."""
    records, clock = request.app[IDEMPOTENCY], request.app[CLOCK]
    body = blake2b(asked.body, digest_size=24).hexdigest()
    wanted = Claim(
        name=record_name(
            identity(request).user_id, request.method, request.path, asked.key
        ),
        body=body,
        begun=asked.begins,
        by=secrets.token_hex(12),
    )
    if asked.refusal is not None and not await records.is_known(wanted.name):
        raise asked.refusal
    claim = await records.claim(wanted, clock.now(), LEASE)
    if claim.body != body and asked.is_given:
        raise Refusal(
            422,
            "idempotency_key_reused",
            f"This {HEADER} came with another body before.",
        )
    if claim.answered is not None and claim.body == body:
        return _replayed(claim.answered)
    if claim.body != body:
        raise CheckoutInProgress(
            "an order of this cart is on its way", order_id=claim.begun
        )
    if not claim.mine:
        raise InFlight
    try:
        answer = await work(claim.begun)
    except (CommerceError, Refusal):
        await records.forget(claim)
        raise
    except BaseException:
        await records.let_go(claim, clock.now())
        raise
    assert isinstance(answer.body, bytes)
    kept = Answered(answer.status, answer.body, answer.content_type)
    await records.answer(claim, kept)
    return answer


def _replayed(kept: Answered) -> web.Response:
    return web.Response(
        body=kept.body,
        status=kept.status,
        content_type=kept.content_type,
        headers={"Idempotent-Replayed": "true"},
    )
