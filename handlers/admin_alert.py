"""What operators were to hear of, also while they did not listen."""

from aiohttp import web

from commerce.alert import Alert
from handlers.errors import query, rendered
from handlers.keys import ALERTS
from handlers.openapi import documented
from handlers.page import PageQuery, page_headers
from handlers.security import operator

routes = web.RouteTableDef()


@routes.get("/api/admin/alerts")
@documented(answer=list[Alert], query=PageQuery)
@operator
async def list_alerts(request: web.Request) -> web.Response:
    """List the alerts of the last month, the newest first."""
    page, alerts = query(request, PageQuery), request.app[ALERTS]
    found = await alerts.newest(limit=page.limit, offset=page.offset)
    headers = page_headers(request, page, await alerts.count())
    return rendered(found, headers=headers)
