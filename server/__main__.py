"""The command line: serve (unless told otherwise), seed, user create."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from server import logging
from server.config import DEFAULTS, BadConfig, Config, load
from server.people import create_user
from server.run import CannotStart, demo, serve

OK, FAILED, MISUSED = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Do as the command line says and return the process's exit status."""
    asked = _parser().parse_args(arguments)
    options = {"server": {"port": asked.port}} if asked.port is not None else {}
    try:
        config = load(os.environ, path=asked.config, options=options)
        logging.configure(config.log.format, config.log.level)
        return _run(_work(asked, config))
    except BadConfig as wrong:
        print(f"Souk cannot start like this:\n{wrong}", file=sys.stderr)  # noqa: T201
        return MISUSED
    except CannotStart as trouble:
        print(f"Souk cannot start: {trouble}", file=sys.stderr)  # noqa: T201
        return FAILED
    except KeyboardInterrupt:
        return FAILED


def _work(asked: argparse.Namespace, config: Config) -> Coroutine[Any, Any, int]:
    if asked.verb == "seed":
        return demo(config)
    if asked.verb == "user":
        return create_user(config, asked)
    return serve(config)


def _run(work: Coroutine[Any, Any, int]) -> int:
    try:
        # Twice as fast; it does not exist everywhere.
        import uvloop

        loop_factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    except ImportError:
        loop_factory = asyncio.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server", description="Souk, a realtime shop server."
    )
    _add_options(parser, config=DEFAULTS, port=None)
    verbs = parser.add_subparsers(dest="verb", metavar="verb")
    serving = verbs.add_parser("serve", help="serve the shop (the default)")
    seeding = verbs.add_parser("seed", help="put the demo shop in the database")
    user = verbs.add_parser("user", help="make an account").add_subparsers(
        dest="user_verb", metavar="verb", required=True
    )
    create = user.add_parser("create", help="make one, such as the first operator")
    create.add_argument("--email", required=True)
    create.add_argument("--username", required=True)
    create.add_argument("--role", choices=("customer", "operator"), default="customer")
    create.add_argument(
        "--password", help="else it is asked for, or read from standard input"
    )
    for verb in (serving, seeding, create):
        # Not given behind the verb, an option must not undo the one before it.
        _add_options(verb, config=argparse.SUPPRESS, port=argparse.SUPPRESS)
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


if __name__ == "__main__":
    sys.exit(main())
