"""Who may open a socket: by which token, from which page, and not while we stop.

Refusals are told by accepting and closing with a code, so that browsers, which see
nothing of a refused upgrade, can tell them apart.
"""

from aiohttp import web

from handlers.errors import NotSignedIn
from handlers.frames import MAX_FRAME_BYTES
from handlers.headers import may_call
from handlers.keys import TICKETS, Identity
from handlers.security import admitted
from handlers.sockets import SOCKETS
from messages.frames import Close

# A frame above 16 KiB is read to its end, so that the peer gets to see why it is
# closed; far above, aiohttp hangs up while the rest is still on its way.
_READ_AT_MOST = 4 * MAX_FRAME_BYTES + 1


class Refused(Exception):
    """This socket may not be; it is closed with `code`."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def accepted(request: web.Request) -> web.WebSocketResponse:
    """Return the socket for `request`, still to be prepared."""
    # decode_text=False: a frame that is no UTF-8 is a bad frame, not the end.
    return web.WebSocketResponse(
        autoclose=False,
        autoping=False,
        compress=False,
        decode_text=False,
        max_msg_size=_READ_AT_MOST,
        # The first on offer is taken: a browser gives up where none is, and aiohttp
        # would write them all into its log, a token among them.
        protocols=_offered(request),
    )


async def admission(request: web.Request) -> Identity:
    """Return who opens this socket. Raises Refused and NotSignedIn."""
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
    if origin is None or may_call(request, origin):
        return
    # An origin is a scheme, a host and a port, and nothing that needs parsing.
    if origin.lower().partition("://")[2] != request.host.lower():
        raise Refused(Close.ORIGIN, "this page may not connect here")
