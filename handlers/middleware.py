"""What happens around every handler, from the outside in.

    served     request id, the one log line
    answered   exceptions become problem documents
    sized      413 before a byte of a large body is read; too slow a body is cut off
    resolved   404 and 405, before anybody is asked to sign in
    masked     what aiohttp-jwt says becomes our 401, its reasons kept from the client
    verified   the token: by aiohttp-jwt once, then by being known
    allowed    the role a route takes

Headers are set by a signal, which sockets send too. Cancellation passes through all.
"""

import logging
import random
import re
import warnings
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from aiohttp_jwt import JWTMiddleware

from actors.runtime.errors import Bug
from commerce.errors import CommerceError
from handlers import problems
from handlers.draining import UNDER_WAY, UnderWay, counted
from handlers.errors import MAX_BODY_BYTES, NotAllowed, NotSignedIn, Refusal
from handlers.headers import X_REQUEST_ID, decorate, preflight
from handlers.keys import CLOCK, IDENTITY, REQUEST_ID, REQUEST_TIMES
from handlers.security import OPERATOR, PUBLIC, Gate, access_of
from handlers.tokens import ALGORITHM, AUDIENCE, ISSUER, Mint, check_header
from messages.base import Unavailable
from store.port import StorageError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger()

GIVEN_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}\Z")
# 64 KiB take a second on the slowest of lines; who needs longer means us no good.
BODY_WITHIN_S = 20.0
BROKEN_BODY = Refusal(400, "broken_body", "The body ended too early.")
# Nobody's fault: the client went away before its answer.
CLIENT_GONE = 499
# A socket: its time is how long it was open, which says nothing of the server.
SWITCHED = 101


@web.middleware
async def served(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Name the request and, at its end, write its one line."""
    given = request.headers.get(X_REQUEST_ID, "")
    request_id = given if GIVEN_REQUEST_ID.match(given) else _fresh_id()
    request[REQUEST_ID] = request_id
    # Not undone: a connection's next request has a name of its own.
    structlog.contextvars.bind_contextvars(request_id=request_id)
    clock = request.app[CLOCK]
    began = clock.monotonic()
    status, size = CLIENT_GONE, 0
    try:
        response = await handler(request)
        status, size = response.status, _size(response)
        return response
    finally:
        identity = request.get(IDENTITY)
        route, took_s = _template(request), clock.monotonic() - began
        if status != SWITCHED:
            times = request.app[REQUEST_TIMES]
            times.labels(request.method, route, status).observe(took_s)
        log.info(
            "request.served",
            method=request.method,
            route=route,
            status=status,
            took_ms=round(took_s * 1000, 2),
            user_id=identity.user_id if identity else None,
            bytes=size,
        )


@web.middleware
async def answered(  # noqa: PLR0911 - the table of last resort
    request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Give every exception its answer; only a bug leaves a traceback."""
    request_id = request[REQUEST_ID]
    try:
        return await handler(request)
    except Refusal as refusal:
        return problems.problem(request_id, refusal)
    except CommerceError as refusal:
        return problems.from_commerce(refusal, request_id)
    except (Unavailable, StorageError) as trouble:
        log.warning(
            "request.unavailable", why=str(trouble), cause=type(trouble).__name__
        )
        return problems.from_trouble(trouble, request_id)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return problems.from_http(error, request_id)
    except web.RequestPayloadError:
        return problems.problem(request_id, BROKEN_BODY)
    except Bug:
        # The runtime wrote the traceback when it happened.
        return problems.bug(request_id)
    except Exception:
        log.exception("request.broke", method=request.method, route=_template(request))
        return problems.bug(request_id)


@web.middleware
async def sized(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse by its length what would be refused while reading, and wait for no body
    that comes a byte at a time.
    """
    length = request.content_length or 0
    if length > MAX_BODY_BYTES:
        raise web.HTTPRequestEntityTooLarge(MAX_BODY_BYTES, length)
    if request.content.is_eof():
        return await handler(request)
    late = request.app[CLOCK].call_later(BODY_WITHIN_S, partial(_hang_up, request))
    try:
        return await handler(request)
    except ConnectionResetError:
        # Gone in the midst of its body: no fault of ours, and nobody to tell.
        raise BROKEN_BODY from None
    finally:
        late.cancel()


def _hang_up(request: web.Request) -> None:
    """End a connection whose body still has not come; a slow handler is no reason."""
    if not request.content.is_eof() and request.transport is not None:
        log.warning("request.too_slow", method=request.method, route=_template(request))
        request.transport.abort()


@web.middleware
async def resolved(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say 404 and 405 to everybody; what exists is in the OpenAPI document anyway."""
    origin = request.headers.get("Origin")
    asked_for = request.headers.get("Access-Control-Request-Method")
    if request.method == "OPTIONS" and origin and asked_for:
        return preflight(request, origin)
    missing = request.match_info.http_exception
    if missing is not None:
        raise missing
    return await handler(request)


@web.middleware
async def masked(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what aiohttp-jwt raises into our 401; its reasons stay inside."""
    try:
        return await handler(request)
    except (web.HTTPUnauthorized, web.HTTPForbidden):
        # Ours are Refusals, so this can only be the middleware below us.
        raise NotSignedIn from None


@web.middleware
async def allowed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep operators' routes for operators."""
    wanted = access_of(request.match_info.handler)
    if wanted == OPERATOR and request[IDENTITY].role != "operator":
        raise NotAllowed
    return await handler(request)


def bearer_token(request: web.Request) -> str | None:
    """Return the Bearer token of the request, or None. Raises NotSignedIn.

    Anything that is not exactly one well-formed header with a token like ours is
    refused before aiohttp-jwt and PyJWT see it.
    """
    given = request.headers.getall("Authorization", [])
    if not given:
        return None
    scheme, _, token = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer" or not token.isascii():
        raise NotSignedIn
    check_header(token, "access")
    return token


def protect(app: web.Application, mint: Mint, gate: Gate) -> None:
    """Put everything above around the routes that `app` has by now.

    Protected is what does not say otherwise; aiohttp-jwt is told exactly what it may
    accept.
    """
    # It writes a traceback for every bad token that a stranger sends.
    logging.getLogger("aiohttp_jwt.middleware").disabled = True
    # It keeps the claims under a plain string; nobody but this module knows.
    warnings.filterwarnings(
        "ignore", category=web.NotAppKeyWarning, module=r"aiohttp_jwt\."
    )
    jwt_middleware = JWTMiddleware(
        mint.key,
        token_getter=bearer_token,
        is_revoked=gate.policy,
        # One pattern instead of many: it is matched for every request.
        whitelist=[re.compile("|".join(public_patterns(app)))],
        algorithms=[ALGORITHM],
        audience=AUDIENCE,
        issuer=ISSUER,
    )
    verified = _verified(gate, jwt_middleware)
    app.middlewares.extend(
        [counted, served, answered, sized, resolved, masked, verified, allowed]
    )
    app[UNDER_WAY] = UnderWay()
    app.on_response_prepare.append(decorate)


def _verified(gate: Gate, jwt_middleware: Middleware) -> Middleware:
    """Return aiohttp-jwt's middleware, spared what it has verified before."""

    @web.middleware
    async def verified(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.getall("Authorization", ())
        if len(given) == 1 and access_of(request.match_info.handler) != PUBLIC:
            identity = gate.recognise(given[0])
            if identity is not None:
                request[IDENTITY] = identity
                return await handler(request)
        return await jwt_middleware(request, handler)

    return verified


def public_patterns(app: web.Application) -> list[str]:
    """Return patterns of exactly the paths that @public routes answer.

    A path is open or protected as a whole, whatever the method: raises ValueError for
    one that is both, since the middleware looks at paths alone.
    """
    access: dict[str, set[bool]] = {}
    for route in app.router.routes():
        if route.resource is not None:
            is_open = access_of(route.handler) == PUBLIC
            access.setdefault(_pattern(route.resource), set()).add(is_open)
    mixed = [pattern for pattern, kinds in access.items() if len(kinds) > 1]
    if mixed:
        raise ValueError(f"both public and protected: {mixed}")
    return [pattern for pattern, kinds in access.items() if True in kinds]


def _pattern(resource: web.AbstractResource) -> str:
    info = resource.get_info()
    if "pattern" in info:
        # Two routes may name their parts alike; one pattern may not.
        unnamed = re.sub(r"\(\?P<\w+>", "(?:", info["pattern"].pattern)
        return f"{unnamed}\\Z"
    if "path" in info:
        return f"{re.escape(info['path'])}\\Z"
    return f"{re.escape(str(info['prefix']))}/.*\\Z"


def _fresh_id() -> str:
    # It names a request and guards nothing: no need for the kernel's randomness.
    return f"{random.getrandbits(64):016x}"


def _template(request: web.Request) -> str:
    # The template, never the path: ids in it are somebody's, and too many to count.
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unmatched"


def _size(response: web.StreamResponse) -> int:
    if isinstance(response, web.Response):
        return response.content_length or 0
    return response.body_length if response.prepared else 0
