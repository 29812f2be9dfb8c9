"""What operators do with mail that could not be delivered: look, retry, throw away."""

import msgspec
import structlog
from aiohttp import web

from actors.runtime import forget, redeliver
from commerce.errors import Conflict
from handlers.errors import query, rendered
from handlers.keys import LETTERS, SYSTEM
from handlers.openapi import documented
from handlers.page import PageQuery, Words, page_headers, path_id
from handlers.security import identity, operator
from store.port import DeadLetter

routes = web.RouteTableDef()
log = structlog.get_logger()


class LettersQuery(PageQuery):
    """To which kind of actor."""

    kind: Words | None = None


@routes.get("/api/admin/dead-letters")
@documented(answer=list[DeadLetter], query=LettersQuery)
@operator
async def list_letters(request: web.Request) -> web.Response:
    """List the mail that was given up, the newest first."""
    asked = query(request, LettersQuery)
    letters, total = await request.app[LETTERS].page(
        kind=asked.kind, limit=asked.limit, offset=asked.offset
    )
    return rendered(letters, headers=page_headers(request, asked, total))


@routes.post("/api/admin/dead-letters/{id}/retry")
@documented(answer=DeadLetter, statuses=(400, 409))
@operator
async def retry_letter(request: web.Request) -> web.Response:
    """Deliver it now, once however often; refused, it stays and the answer says why."""
    letter = await request.app[LETTERS].get(path_id(request))
    await _deliver(request, letter)
    return await _removed(request, letter, "letter.delivered")


@routes.delete("/api/admin/dead-letters/{id}")
@documented(answer=DeadLetter)
@operator
async def delete_letter(request: web.Request) -> web.Response:
    """Throw it away: what it asked for is not done."""
    letter = await request.app[LETTERS].get(path_id(request))
    return await _removed(request, letter, "letter.deleted")


async def _deliver(request: web.Request, letter: DeadLetter) -> None:
    try:
        await redeliver(request.app[SYSTEM], letter)
    except (msgspec.ValidationError, LookupError):
        # It lay there while the shop was changed.
        raise Conflict("nobody understands this letter any more") from None


async def _removed(
    request: web.Request, letter: DeadLetter, event: str
) -> web.Response:
    await request.app[LETTERS].remove(letter.id)
    forget(request.app[SYSTEM], letter)
    actor = f"{letter.kind}/{letter.key}"
    log.info(event, letter=letter.id, actor=actor, by=identity(request).user_id)
    return rendered(letter)
