"""What operators see of the jobs, and how they have one run now."""

from aiohttp import web

from commerce.job import JobState
from handlers.errors import rendered
from handlers.keys import CLOCK, JOBS
from handlers.openapi import documented
from handlers.page import path_id
from handlers.security import identity, operator

routes = web.RouteTableDef()


@routes.get("/api/admin/jobs")
@documented(answer=list[JobState])
@operator
async def list_jobs(request: web.Request) -> web.Response:
    """List the jobs: when each runs next, how it went last, and what it found."""
    return rendered(await request.app[JOBS].all())


@routes.post("/api/admin/jobs/{name}/run")
@documented(answer=JobState, status=202, statuses=(404, 409))
@operator
async def run_job(request: web.Request) -> web.Response:
    """Have a job run now, on whichever node is free; its end is seen in the list."""
    asker = identity(request).user_id
    now = request.app[CLOCK].now()
    job = await request.app[JOBS].ask(path_id(request, "name"), asker, now)
    return rendered(job, status=202)
