"""Conversations over HTTP: which there are, what was said, and forgetting one."""

import re
from collections.abc import Sequence
from typing import Annotated

from aiohttp import web
from msgspec import Struct
from pydantic import Field, StringConstraints

from commerce.quote import Decision
from handlers.errors import Body, Fault, Query, body, malformed, query, rendered
from handlers.keys import PORT, SESSIONS
from handlers.openapi import documented
from handlers.page import Digits, PageQuery, page_headers
from handlers.security import identity
from messages.frames import RecordedFrame
from messages.session import Confirm, DeleteSession, GetHistory
from messages.session_view import SessionView

routes = web.RouteTableDef()

SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class HistoryQuery(Query):
    """Which page: up to `limit` frames before `before_seq`, else the newest."""

    before_seq: Digits | None = None
    limit: Annotated[Digits, Field(ge=1, le=100)] = 50


class HistoryAnswer(Struct, frozen=True):
    """One page of recorded frames, the oldest first; `more` says there are older."""

    session_id: str
    messages: Sequence[RecordedFrame]
    more: bool


class ConfirmBody(Body):
    """The quote that a `confirm_request` showed, and what is decided about it."""

    quote_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    decision: Decision


class Confirmed(Struct, frozen=True):
    """The decision is recorded as frame `seq`; the turn `turn_id` carries it out."""

    quote_id: str
    decision: Decision
    seq: int
    turn_id: str


class Forgotten(Struct, frozen=True):
    """What was done."""

    message: str
    session_id: str


@routes.get("/api/chat/sessions")
@documented(answer=list[SessionView], query=PageQuery)
async def list_conversations(request: web.Request) -> web.Response:
    """List one's conversations, the one spoken in last first."""
    page = query(request, PageQuery)
    found, total = await request.app[SESSIONS].of_user(
        identity(request).user_id, limit=page.limit, offset=page.offset
    )
    return rendered(found, headers=page_headers(request, page, total))


@routes.get("/api/chat/{session_id}/messages")
@documented(answer=HistoryAnswer, query=HistoryQuery)
async def list_messages(request: web.Request) -> web.Response:
    """Show one page of what was said, in order."""
    session_id = session_id_of(request)
    asked = query(request, HistoryQuery)
    who = identity(request)
    operator = who.role == "operator"
    page = await request.app[PORT].ask(
        session_id,
        GetHistory(who.user_id, asked.before_seq, asked.limit, operator),
        sender=who.user_id,
    )
    return rendered(HistoryAnswer(session_id, page.frames, page.more))


@routes.post("/api/chat/{session_id}/confirm")
@documented(answer=Confirmed, body=ConfirmBody, statuses=(404, 409))
async def confirm_quote(request: web.Request) -> web.Response:
    """Approve or decline a quote of the agent's; a typed yes cannot."""
    session_id = session_id_of(request)
    told = await body(request, ConfirmBody)
    user_id = identity(request).user_id
    command = Confirm(user_id, told.quote_id, told.decision)
    said = await request.app[PORT].ask(session_id, command, sender=user_id)
    return rendered(Confirmed(told.quote_id, told.decision, said.seq, said.turn_id))


@routes.delete("/api/chat/{session_id}")
@documented(answer=Forgotten, statuses=(404, 409))
async def forget_conversation(request: web.Request) -> web.Response:
    """Delete a conversation; its sockets close with 4404."""
    session_id = session_id_of(request)
    user_id = identity(request).user_id
    await request.app[PORT].ask(session_id, DeleteSession(user_id), sender=user_id)
    return rendered(Forgotten("Conversation deleted.", session_id))


def session_id_of(request: web.Request) -> str:
    """Return the session named in the path. Raises Refusal (422)."""
    given = request.match_info["session_id"]
    if not SESSION_ID.fullmatch(given):
        malformed([Fault(("path", "session_id"), "1 to 64 of A-Z a-z 0-9 _ -")])
    return given
