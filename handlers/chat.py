"""The chat's door: a socket from its opening to its end, and what is read from it."""

import asyncio

import structlog
from aiohttp import WSMsgType, web

from actors.runtime import Bug
from commerce.errors import CommerceError, SessionNotFound
from handlers import obey, wire
from handlers.admission import Refused, accepted, admission
from handlers.allowance import Allowance
from handlers.chat_http import SESSION_ID
from handlers.errors import NotSignedIn
from handlers.frames import MAX_FRAME_BYTES
from handlers.keys import IDENTITY
from handlers.openapi import documented
from handlers.security import public
from handlers.socket import Socket
from handlers.sockets import SOCKETS
from messages.base import Unavailable
from messages.frames import Close
from store.port import StorageError

routes = web.RouteTableDef()

_OVER = {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}


@routes.get("/ws/chat/{session_id}")
@documented(status=101, statuses=(400,))
@public
async def chat(request: web.Request) -> web.WebSocketResponse:
    """Serve one socket from its opening to its end."""
    response = accepted(request)
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
        identity = request[IDENTITY] = await admission(request)
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
            # Not counted: we did not end it, and the code is whatever the peer says.
            told = message.type is WSMsgType.CLOSE and message.data
            socket.outbox.close(told or wire.NORMAL)
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
