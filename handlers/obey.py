"""What is done about each frame of a client's, and what it is told if that fails.

A frame that is wrong, refused, or met by trouble gets a passing `error` that names the
fault; the socket stays, unless its conversation is gone.
"""

from typing import assert_never

from aiohttp import web

from actors.runtime import Bug
from commerce.errors import CommerceError, SessionNotFound
from handlers import frames, wire
from handlers.errors import NotSignedIn
from handlers.frames import BadFrame, ClientFrame
from handlers.security import admitted
from handlers.socket import Socket
from messages.base import Unavailable
from messages.frames import Ack, Close, Fault, History, Resync, Typing
from messages.session import (
    CancelRun,
    Confirm,
    GetHistory,
    MarkRead,
    OpenSession,
    Resumed,
    ResumeSession,
    Say,
)


async def take(app: web.Application, socket: Socket, raw: bytes) -> None:
    """Do what the client said, or tell it why not."""
    named = None
    try:
        frame = frames.decoded(raw)
        named = frame.id if isinstance(frame, frames.Message) else None
        if not isinstance(frame, frames.Resume):
            socket.place.release()
        await _obey(app, socket, frame)
    except BadFrame as bad:
        fault(socket, bad.code, bad.content, bad.id or named)
    except SessionNotFound:
        socket.end(Close.NO_SUCH_SESSION, "no such conversation for you")
    except CommerceError as refusal:
        fault(socket, refusal.code, refusal.message, named)
    except NotSignedIn as refusal:
        fault(socket, refusal.code, refusal.detail, named)
    except Unavailable:
        fault(socket, "unavailable", "Not now: send it again in a moment.", named)
    except Bug:
        fault(socket, "internal_error", "Something went wrong on our side.", named)


def fault(socket: Socket, code: str, content: str, id: str | None = None) -> None:
    """Tell the client what was wrong with its frame, by its own name for it."""
    now = socket.clock.now()
    if id is None:
        socket.say(Fault(timestamp=now, code=code, content=content))
    else:
        socket.say(Fault(timestamp=now, code=code, content=content, id=id))


async def _obey(  # noqa: C901 - a table of contents
    app: web.Application, socket: Socket, frame: ClientFrame
) -> None:
    user_id = socket.identity.user_id
    match frame:
        case frames.Message():
            await _say(socket, frame)
        case frames.Confirm():
            await _confirm(socket, frame)
        case frames.Cancel():
            _only_of_shopper(socket)
            await socket.ask(CancelRun(user_id))
        case frames.Resume():
            await _resume(socket, frame)
        case frames.History():
            await _page(socket, frame)
        case frames.Auth():
            await _renew(app, socket, frame)
        case frames.Read():
            await socket.ask(MarkRead(user_id, frame.seq, socket.is_operators))
        case frames.Typing():
            socket.publish(Typing(timestamp=socket.clock.now(), who=socket.side))
        case frames.Subscribe():
            _subscribe(socket, frame)
        case frames.Unsubscribe():
            _unsubscribe(socket, frame)
        case frames.Pong():
            pass
        case _:
            assert_never(frame)


async def _say(socket: Socket, frame: frames.Message) -> None:
    socket.spoke()
    user_id = socket.identity.user_id
    said = await socket.ask(Say(user_id, frame.message, frame.id, socket.is_operators))
    socket.say(Ack(timestamp=socket.clock.now(), id=frame.id, seq=said.seq))


def _only_of_shopper(socket: Socket) -> None:
    if socket.side == "operator":
        raise BadFrame("forbidden", "only the shopper cancels and confirms")


async def _confirm(socket: Socket, frame: frames.Confirm) -> None:
    _only_of_shopper(socket)
    socket.spoke()
    user_id = socket.identity.user_id
    said = await socket.ask(Confirm(user_id, frame.quote_id, frame.decision))
    socket.say(Ack(timestamp=socket.clock.now(), id=frame.quote_id, seq=said.seq))


async def _resume(socket: Socket, frame: frames.Resume) -> None:
    _not_while_paging(socket)
    socket.place.hold()
    try:
        resumed = await socket.ask(
            ResumeSession(
                socket.identity.user_id,
                epoch=frame.epoch,
                last_seq=frame.last_seq,
                turn_id=frame.turn_id,
                offset=frame.offset,
                operator=socket.is_operators,
            )
        )
    except BaseException:
        # Whatever went wrong, what was held meanwhile is the client's.
        socket.place.release()
        raise
    if resumed.resync:
        resync = Resync(timestamp=socket.clock.now(), snapshot=_snapshot(resumed))
        socket.outbox.page([wire.said(resync)])
        socket.place.resume(resumed, told=())
    else:
        socket.place.resume(resumed, told=resumed.frames)


def _snapshot(resumed: Resumed) -> dict[str, object]:
    return {
        "epoch": resumed.epoch,
        "last_seq": resumed.last_seq,
        "mode": resumed.mode,
        "history": resumed.frames,
    }


async def _page(socket: Socket, frame: frames.History) -> None:
    _not_while_paging(socket)
    asked = GetHistory(
        socket.identity.user_id, frame.before_seq, frame.limit, socket.is_operators
    )
    page = await socket.ask(asked)
    newest = page.frames[-1].seq + 1 if page.frames else 1
    before_seq = newest if frame.before_seq is None else frame.before_seq
    told = History(
        timestamp=socket.clock.now(),
        before_seq=before_seq,
        frames=page.frames,
        more=page.more,
    )
    socket.outbox.page([wire.said(told)])


def _not_while_paging(socket: Socket) -> None:
    if socket.outbox.paging:
        raise BadFrame("too_fast", "take the frames you asked for, then ask for more")


async def _renew(app: web.Application, socket: Socket, frame: frames.Auth) -> None:
    fresh = admitted(app, frame.access_token)
    if fresh.user_id != socket.identity.user_id:
        # A guest who signed up goes on in the same conversation, if it was adopted.
        await _must_be_theirs(socket, fresh.user_id)
        # Nobody listened meanwhile for the end of this sign-in.
        fresh = admitted(app, frame.access_token)
    socket.renew(fresh)


async def _must_be_theirs(socket: Socket, user_id: str) -> None:
    try:
        await socket.ask(OpenSession(user_id, history=0))
    except SessionNotFound:
        raise BadFrame(
            "not_authorised", "this token's owner has no part in this conversation"
        ) from None


def _subscribe(socket: Socket, frame: frames.Subscribe) -> None:
    if frame.skus == "*":
        socket.sockets.news.join(socket.outbox)
    else:
        socket.sockets.news.narrow(socket.outbox, frame.skus)


def _unsubscribe(socket: Socket, frame: frames.Unsubscribe) -> None:
    news = socket.sockets.news
    if frame.skus == "*":
        news.without(socket.outbox, None)
    elif news.skus(socket.outbox) is None:
        raise BadFrame("malformed", "you hear all SKUs: subscribe to some first")
    else:
        news.without(socket.outbox, frame.skus)
