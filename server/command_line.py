"""The command line: what may be said, and who does it. Without a verb it serves.

Every verb but `serve` needs the database only, and borrows it where a server of ours
runs on it.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, get_args

from commerce.user import AccountRole
from server import logging
from server.catalogue import export_catalogue, import_catalogue
from server.config import DEFAULTS, BadConfig, Config, load
from server.doctor import check, examine
from server.job_verbs import list_jobs, run_job
from server.people import change_user, create_user
from server.reporting import reporter
from server.run import CannotStart, demo, serve
from store.child import NoDatabase
from store.client import BadUrl
from store.port import StorageError

OK, FAILED, MISUSED = 0, 1, 2

Verb = Callable[[Config, argparse.Namespace], Coroutine[Any, Any, int]]

VERBS: Mapping[str, Verb] = {
    "serve": lambda config, _: serve(config),
    "check": lambda config, _: check(config),
    "doctor": lambda config, _: examine(config),
    "seed": lambda config, _: demo(config),
    "user create": create_user,
    "user role": change_user,
    "jobs": list_jobs,
    "jobs run": run_job,
    "export": export_catalogue,
    "import": import_catalogue,
}


def main(arguments: list[str] | None = None) -> int:
    """Do as the command line says and return the process's exit status."""
    asked = parser().parse_args(arguments)
    options = {"server": {"port": asked.port}} if asked.port is not None else {}
    try:
        config = load(os.environ, path=asked.config, options=options)
        report = reporter(config) if asked.verb == "serve" else None
        logging.configure(config.log.format, config.log.level, report=report)
        status = _run(VERBS[asked.verb](config, asked))
    except (BadConfig, BadUrl) as wrong:
        print(f"Souk cannot start like this:\n{wrong}", file=sys.stderr)  # noqa: T201
        return MISUSED
    except (CannotStart, NoDatabase, StorageError) as trouble:
        print(f"Souk cannot start: {trouble}", file=sys.stderr)  # noqa: T201
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    if report is not None:
        report.close()
    return status


def _run(work: Coroutine[Any, Any, int]) -> int:
    try:
        # Twice as fast; it does not exist everywhere.
        import uvloop

        loop_factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    except ImportError:
        loop_factory = asyncio.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(work)


def parser() -> argparse.ArgumentParser:
    """Return who understands the command line; `verb` is a key of VERBS."""
    whole = argparse.ArgumentParser(
        prog="python -m server", description="Souk, a realtime shop server."
    )
    whole.set_defaults(verb="serve")
    _add_options(whole, config=DEFAULTS, port=None)
    verbs = whole.add_subparsers(metavar="verb")
    _add(verbs, "serve", "serve the shop (the default)")
    _add(verbs, "check", "say whether it could start, and what production refuses")
    _add(verbs, "doctor", "look at everything around it, and say what to do")
    _add(verbs, "seed", "put the demo shop in the database")
    _add_users(verbs.add_parser("user", help="make or change an account"))
    jobs = _add(verbs, "jobs", "say how the jobs are")
    run = _add(jobs.add_subparsers(metavar="verb"), "run", "run one now", "jobs")
    run.add_argument("name")
    export = _add(verbs, "export", "write the catalogue as JSON lines")
    export.add_argument("file", nargs="?", type=Path, help="else standard output")
    bring = _add(verbs, "import", "read a catalogue of JSON lines; again does no harm")
    bring.add_argument("file", type=Path)
    return whole


def _add_users(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(metavar="verb", required=True)
    roles = get_args(AccountRole)
    create = _add(verbs, "create", "make one, such as the first operator", "user")
    create.add_argument("--email", required=True)
    create.add_argument("--username", required=True)
    create.add_argument("--role", choices=roles, default="customer")
    create.add_argument(
        "--password", help="else it is asked for, or read from standard input"
    )
    role = _add(verbs, "role", "make one a customer or an operator", "user")
    role.add_argument("--email", required=True)
    role.add_argument("--role", choices=roles, required=True)


def _add(verbs: Any, name: str, said: str, under: str = "") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=said)
    parser.set_defaults(verb=f"{under} {name}".strip())
    # Not given behind the verb, an option must not undo the one before it.
    _add_options(parser, config=argparse.SUPPRESS, port=argparse.SUPPRESS)
    return parser


def _add_options(parser: argparse.ArgumentParser, *, config: Any, port: Any) -> None:
    parser.add_argument(
        "--config",
        type=Path,
        default=config,
        help="a file like config.toml; it need only say what is different",
    )
    parser.add_argument(
        "--port", type=int, default=port, help="the port to listen on (8000)"
    )
