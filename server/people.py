"""Accounts from the command line; the first operator has no other way in."""

import argparse
import getpass
import sys

from actors.runtime.clock import LoopClock
from commerce.errors import CommerceError
from commerce.user import UserNotFound
from handlers.accounts import Newcomer, Register
from handlers.auth import normalised, tried
from handlers.passwords import Passwords
from server.config import Config
from server.database import borrowed
from server.doors import common_passwords
from store.token import TokenRepository
from store.user import UserRepository


async def create_user(config: Config, asked: argparse.Namespace) -> int:
    """Make the account that `asked` describes and say so; 0 if it was made."""
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
    sys.stdout.write(
        f"Made {user.role} {user.username} <{user.email}>, id {user.id}.\n"
    )
    return 0


async def change_user(config: Config, asked: argparse.Namespace) -> int:
    """Give the account another role; it must sign in again. 0 if it has it now.

    A server that runs hears of the sign-ins that ended by its change stream.
    """
    clock = LoopClock()
    async with borrowed(config, clock) as db:
        users, tokens = UserRepository(db), TokenRepository(db)
        try:
            found = await users.of_email(tried(asked.email))
            if found is None:
                raise UserNotFound(f"no account has the mail address {asked.email}")
            user = await users.give_role(found.id, asked.role)
        except CommerceError as refusal:
            sys.stderr.write(f"Nothing was changed: {refusal}\n")
            return 1
        await tokens.revoke_all_of(user.id, clock.now())
    sys.stdout.write(f"{user.username} <{user.email}> is {user.role} now.\n")
    return 0


def _password(given: str | None) -> str:
    if given is not None:
        return given
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")
