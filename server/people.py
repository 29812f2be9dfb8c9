"""Making accounts from the command line; the first operator has no other way in."""

import argparse
import getpass
import sys

from actors.runtime.clock import LoopClock
from commerce.errors import CommerceError
from handlers.accounts import Newcomer, Register
from handlers.auth import normalised
from handlers.passwords import Passwords
from server.config import Config
from server.database import borrowed
from server.doors import common_passwords
from server.run import CannotStart
from store.child import NoDatabase
from store.port import StorageError
from store.user import UserRepository


async def create_user(config: Config, asked: argparse.Namespace) -> int:
    """Make the account that `asked` describes and say so; 0 if it was made.

    Needs the database only, and where a server of ours runs on it, borrows it.
    """
    clock = LoopClock()
    try:
        newcomer = Newcomer(
            email=normalised(asked.email),
            username=asked.username,
            password=_password(asked.password),
        )
        async with borrowed(config, clock) as db:
            users = UserRepository(db)
            await users.prepare()
            passwords = Passwords(config.accounts.bcrypt_cost)
            register = Register(users, passwords, common_passwords(), clock)
            user = await register.make(newcomer, role=asked.role)
            passwords.close()
    except (CommerceError, ValueError) as refusal:
        sys.stderr.write(f"No account was made: {refusal}\n")
        return 1
    except (NoDatabase, StorageError) as trouble:
        raise CannotStart(str(trouble)) from trouble
    sys.stdout.write(
        f"Made {user.role} {user.username} <{user.email}>, id {user.id}.\n"
    )
    return 0


def _password(given: str | None) -> str:
    if given is not None:
        return given
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
