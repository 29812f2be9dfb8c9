"""Requests that may be sent twice and are done once.

RULES.md section 10 and docs/adr/0005. The same key with the same body gets the same
answer; whoever comes while the first is under way waits for its answer. Kept is what
came of it once work began: not what was refused before, and not trouble of ours, after
which a repeat goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from hashlib import blake2b

from aiohttp import web
from msgspec import Struct

from commerce.errors import CommerceError
from handlers.errors import Fault, Refusal, malformed
from handlers.keys import CLOCK, FLIGHTS, IDEMPOTENCY
from handlers.security import identity
from store.idempotency import Answered, Claim, record_name
from store.port import StorageError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LONGEST_KEY = 255
# A node that nobody knows to be dead leaves its work to others after so long; the
# slowest bank of the demo takes 6 s, and a request gets 25.
LEASE = timedelta(seconds=30)
# So long a repeat waits for the first: what a request gets.
PATIENCE_S = 25.0

Work = Callable[[str], Awaitable[web.Response]]
"""Does it, under the id of what it begins."""
First = Callable[[], Awaitable[web.Response]]
"""Does it, whatever it begins."""


class Once(Struct, frozen=True, kw_only=True):
    """What makes two requests the same: the key, and the body it came with.

    `begins` is the id of what would be begun. `refusal` speaks against beginning it
    now, and matters only if it was not begun.
    """

    key: str
    body: bytes
    begins: str
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
    user_id, path = identity(request).user_id, request.path
    wanted = Claim(
        name=record_name(user_id, request.method, path, asked.key),
        body=digest(asked.body),
        begun=asked.begins,
    )
    # Another body is another flight: it has its record's word, and waits for nobody.
    name = f"{wanted.name} {wanted.body}"
    return await shared(request, name, lambda: _first(request, asked, wanted, work))


async def shared(request: web.Request, name: str, first: First) -> web.Response:
    """Return what `first` answers; who comes with `name` meanwhile hears the same."""
    flights = request.app[FLIGHTS]
    while (earlier := flights.get(name)) is not None:
        kept = await _landed(earlier)
        if kept is not None:
            return replayed(kept)
    flight = flights[name] = asyncio.get_running_loop().create_future()
    try:
        answer = await first()
        flight.set_result(_kept(answer))
    except Exception as no:
        # Trouble or a refusal: who waits hears the same, and nobody has to.
        flight.set_exception(no)
        flight.exception()
        raise
    finally:
        del flights[name]
        if not flight.done():
            # Its client went away in the midst of it: the next one goes on.
            flight.set_result(None)
    return answer


async def _landed(earlier: "asyncio.Future[Answered | None]") -> Answered | None:
    """Return its answer; None: it gave up. Raises what it did, and InFlight."""
    done, _ = await asyncio.wait([earlier], timeout=PATIENCE_S)
    if not done:
        raise InFlight
    return earlier.result()


async def _first(
    request: web.Request, asked: Once, wanted: Claim, work: Work
) -> web.Response:
    """Do the work, unless another process or an earlier time did or does."""
    records, clock = request.app[IDEMPOTENCY], request.app[CLOCK]
    if asked.refusal is not None and not await records.is_known(wanted.name):
        raise asked.refusal
    claim = await records.claim(wanted, clock.now(), LEASE)
    if claim.body != wanted.body:
        told = f"This {HEADER} came with another body before."
        raise Refusal(422, "idempotency_key_reused", told)
    if claim.answered is not None:
        return replayed(claim.answered)
    if not claim.mine:
        raise InFlight
    try:
        answer = await work(claim.begun)
        await records.answer(claim, _kept(answer))
    except (CommerceError, Refusal):
        await records.forget(claim)
        raise
    except BaseException:
        with suppress(StorageError):
            await records.let_go(claim, clock.now())
        raise
    return answer


def digest(body: bytes) -> str:
    """Return what stands for a body where two are compared."""
    return blake2b(body, digest_size=24).hexdigest()


def _kept(answer: web.Response) -> Answered:
    assert isinstance(answer.body, bytes)
    location = answer.headers.get("Location", "")
    return Answered(answer.status, answer.body, answer.content_type, location)


def replayed(kept: Answered) -> web.Response:
    """Return an answer that was given before."""
    headers = {REPLAYED: "true"}
    if kept.location:
        headers["Location"] = kept.location
    return web.Response(
        body=kept.body,
        status=kept.status,
        content_type=kept.content_type,
        headers=headers,
    )
