"""The jobs from the command line: how they are, and running one now.

Nothing runs here. A job that is asked for is run by a server that is up, as when an
operator asks over HTTP, because the schedule is in the database.
"""

import argparse
import getpass
import os
import sys

from actors.runtime.clock import LoopClock
from commerce.errors import CommerceError
from commerce.job import JobState
from server.config import Config
from server.database import borrowed
from store.job import JobRepository


async def list_jobs(config: Config, _asked: argparse.Namespace) -> int:
    """Say of each job when it runs next and how it went last; 1 if one fails."""
    async with borrowed(config, LoopClock()) as db:
        every = await JobRepository(db).all()
    for each in every:
        sys.stdout.write(f"{_told(each)}\n")
    if not every:
        sys.stdout.write("No server has made its jobs known here yet.\n")
    return 1 if any(each.failures for each in every) else 0


async def run_job(config: Config, asked: argparse.Namespace) -> int:
    """Have a job run as soon as a server looks; 0 if it will."""
    clock = LoopClock()
    by = f"{_name()} at the command line"
    async with borrowed(config, clock) as db:
        try:
            job = await JobRepository(db).ask(asked.name, by, clock.now())
        except CommerceError as refusal:
            sys.stderr.write(f"Nothing was asked: {refusal}\n")
            return 1
    sys.stdout.write(f"{job.name} is next; a server that is up runs it.\n")
    return 0


def _name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # In a container a user may have no name.
        return f"user {os.getuid()}"


def _told(job: JobState) -> str:
    last = "never ran" if job.last_run is None else f"{job.last_outcome}"
    if job.last_run is not None:
        last += f" {job.last_run:%Y-%m-%d %H:%M:%S}, {job.last_took_ms} ms"
    if job.last_error:
        last += f": {job.last_error}"
    now = "running" if job.runner else f"next {job.next_run:%Y-%m-%d %H:%M:%S}"
    return f"{job.name:<20}{job.schedule:<18}{now:<26}{last}"
