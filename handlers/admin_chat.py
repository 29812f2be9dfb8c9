"""What operators do with conversations: see who waits, take one, give it back.

What is said in one that they took is said on the chat's own socket.
"""

from typing import Literal

from aiohttp import web
from msgspec import Struct

from handlers.chat_http import session_id_of
from handlers.errors import query, rendered
from handlers.keys import PORT, SESSIONS
from handlers.openapi import documented
from handlers.page import PageQuery, page_headers
from handlers.security import identity, operator
from messages.session import GiveBackChat, TakeChat
from messages.session_view import HandoffView

routes = web.RouteTableDef()


class ChatsQuery(PageQuery):
    """Which conversations: all that want a person or have one, or some of them."""

    mode: Literal["waiting", "human"] | None = None


class ChatMoved(Struct, frozen=True):
    """What was done."""

    message: str
    session_id: str


@routes.get("/api/admin/chats")
@documented(answer=list[HandoffView], query=ChatsQuery)
@operator
async def list_chats(request: web.Request) -> web.Response:
    """List the conversations that wait for a person or have one, the longest first."""
    asked = query(request, ChatsQuery)
    found, total = await request.app[SESSIONS].handed_off(
        mode=asked.mode, limit=asked.limit, offset=asked.offset
    )
    return rendered(found, headers=page_headers(request, asked, total))


@routes.post("/api/admin/chats/{session_id}/take")
@documented(answer=ChatMoved, statuses=(404, 409))
@operator
async def take_chat(request: web.Request) -> web.Response:
    """Answer a conversation that waits; the agent is silent until it is given back."""
    session_id, who = session_id_of(request), identity(request).user_id
    await request.app[PORT].ask(session_id, TakeChat(who), sender=who)
    return rendered(ChatMoved("This conversation is yours.", session_id))


@routes.post("/api/admin/chats/{session_id}/return")
@documented(answer=ChatMoved, statuses=(404, 409))
@operator
async def return_chat(request: web.Request) -> web.Response:
    """Give a conversation back to the agent, one's own or one that still waits."""
    session_id, who = session_id_of(request), identity(request).user_id
    await request.app[PORT].ask(session_id, GiveBackChat(who), sender=who)
    return rendered(ChatMoved("The assistant is back.", session_id))
