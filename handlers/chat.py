"""The socket's door: who may come in, and the loop that reads what they say.

Refusals are told by accepting and closing with a code, so that browsers, which see
nothing of a refused upgrade, can tell them apart.
"""

import asyncio

import structlog
from aiohttp import WSMsgType, web

from actors.runtime import Bug
from commerce.errors import CommerceError, SessionNotFound
from handlers import obey, wire
from handlers.allowance import Allowance
from handlers.chat_http import SESSION_ID
from handlers.errors import NotSignedIn
from handlers.frames import MAX_FRAME_BYTES
from handlers.keys import IDENTITY, ORIGINS, TICKETS, Identity
from handlers.openapi import documented
from handlers.security import admitted, public
from handlers.socket import Socket
from handlers.sockets import SOCKETS
from messages.base import Unavailable
from messages.frames import Close
from store.port import StorageError

routes = web.RouteTableDef()

# A frame above 16 KiB is read to its end, so that the peer gets to see why it is
# closed; far above, aiohttp hangs up while the rest is still on its way.
_READ_AT_MOST = 4 * MAX_FRAME_BYTES + 1

_OVER = {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}


class Refused(Exception):
    """This socket may not be; it is closed with `code`."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@routes.get("/ws/chat/{session_id}")
@documented(status=101, statuses=(400,))
@public
async def chat(request: web.Request) -> web.WebSocketResponse:
    """Serve one socket from its opening to its end."""
    # decode_text=False: a frame that is no UTF-8 is a bad frame, not the end.
    response = web.WebSocketResponse(
        autoclose=False,
        autoping=False,
        compress=False,
        decode_text=False,
        max_msg_size=_READ_AT_MOST,
        # The first on offer is taken: a browser gives up where none is, and aiohttp
        # would write them all into its log, a token among them.
        protocols=_offered(request),
    )
    await response.prepare(request)
    socket = Socket(request)
    try:
        await _open(request, socket)
        await _read(request.app, socket, response)
    finally:
        socket.leave()
    return response


async def close_all(app: web.Application, code: Close = Close.GOING_AWAY) -> None:
    """Close every socket and return when all are gone, a few seconds at most."""
    gone = asyncio.Event()
    app[SOCKETS].close_all(code, "the server is going away")
    app[SOCKETS].when_empty(gone.set)
    await gone.wait()


async def _open(request: web.Request, socket: Socket) -> None:
    try:
        # The line that is logged at the end of the request names who it was.
        identity = request[IDENTITY] = await _admission(request)
        session_id = _session_id(request)
        structlog.contextvars.bind_contextvars(
            session_id=session_id, user_id=identity.user_id
        )
        await socket.open(session_id, identity)
    except Refused as refused:
        socket.end(refused.code, refused.reason)
    except NotSignedIn:
        socket.end(Close.NOT_AUTHORISED, "sign in first")
    except SessionNotFound:
        socket.end(Close.NO_SUCH_SESSION, "no such conversation for you")
    except (Unavailable, StorageError, CommerceError, Bug):
        socket.end(Close.GOING_AWAY, "not now: reconnect in a moment")


async def _admission(request: web.Request) -> Identity:
    _refuse_other_origins(request)
    closing = request.app[SOCKETS].closing
    if closing is not None:
        raise Refused(closing, "the server is going away")
    if "ticket" in request.query:
        return await request.app[TICKETS].redeem(request.query["ticket"])
    if "token" in request.query:
        return admitted(request.app, request.query["token"])
    offered = _offered(request)
    if len(offered) != 2 or offered[0].lower() != "bearer":
        raise NotSignedIn
    return admitted(request.app, offered[1])


def _offered(request: web.Request) -> list[str]:
    """Return the subprotocols on offer: `bearer` and a token, or none of ours."""
    told = ",".join(request.headers.getall("Sec-WebSocket-Protocol", []))
    return [each.strip() for each in told.split(",")] if told else []


def _refuse_other_origins(request: web.Request) -> None:
    # Only browsers send one, and only they carry a shopper who might be misled.
    origin = request.headers.get("Origin")
    if origin is None or origin in request.app[ORIGINS]:
        return
    # An origin is a scheme, a host and a port, and nothing that needs parsing.
    if origin.lower().partition("://")[2] != request.host.lower():
        raise Refused(Close.ORIGIN, "this page may not connect here")


def _session_id(request: web.Request) -> str:
    session_id = request.match_info["session_id"]
    if SESSION_ID.fullmatch(session_id) is None:
        raise Refused(Close.NO_SUCH_SESSION, "a session id is 1 to 64 of A-Za-z0-9_-")
    return session_id


async def _read(
    app: web.Application, socket: Socket, response: web.WebSocketResponse
) -> None:
    """Obey the client until the connection ends; after a close, only wait for that."""
    allowance = Allowance(socket.clock)
    while True:
        message = await response.receive()
        if message.type in _OVER:
            # The answer to the peer's close; after a close of ours it does nothing.
            told = message.type is WSMsgType.CLOSE and message.data
            socket.end(told or wire.NORMAL, "")
            return
        if socket.outbox.closed:
            continue
        socket.heard()
        if not allowance.take():
            _too_fast(socket, spent=allowance.spent)
        elif message.type is WSMsgType.TEXT:
            await _take(app, socket, message.data)
        elif message.type is WSMsgType.BINARY:
            obey.fault(socket, "malformed", "frames are text, this one is binary")
        elif message.type is WSMsgType.PING:
            socket.outbox.control(wire.pong(message.data))


async def _take(app: web.Application, socket: Socket, raw: bytes) -> None:
    if len(raw) > MAX_FRAME_BYTES:
        socket.end(Close.TOO_LARGE, f"a frame holds at most {MAX_FRAME_BYTES} bytes")
    else:
        await obey.take(app, socket, raw)


def _too_fast(socket: Socket, *, spent: bool) -> None:
    if spent:
        socket.end(Close.TOO_FAST, "far more than 20 frames a second")
    else:
        obey.fault(socket, "too_fast", "20 frames a second, this one was not read")
