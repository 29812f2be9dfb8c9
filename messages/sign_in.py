"""What may be said to the doors that count sign-in attempts, and what ends one.

A door is a volatile actor: it forgets at will, for it only slows guessing down. Its key
is `<door>/<hash>`: `account/` of a mail address, and of a network address `address/`
(sign-ins), `signup/`, `guest/` and `refresh/`; `coupon/` and `instrument/` of a user id
count codes, cards and the like that were refused.
"""

from typing import ClassVar, Generic

from messages.base import Command, Event, R


class ToSignIn(Command[R], Generic[R], frozen=True):
    """To one door; key = `<door>/<hash>`."""

    to: ClassVar[str] = "sign_in"


class Knock(ToSignIn[None], frozen=True, tag=True):
    """Count one use of this door. Raises TooOften, and then counts nothing."""

    attempt_id: str


class TryAccount(ToSignIn[None], frozen=True, tag=True):
    """Count one try at this account; it is a failure until it is forgiven.

    `known` says that somebody signed in to it from `address` before: such an address is
    let in although others exhausted the account's limit. Raises TooOften.
    """

    attempt_id: str
    address: str
    known: bool


class Forgive(ToSignIn[None], frozen=True, tag=True):
    """The attempt was no failure: it does not count. A second time does nothing."""

    attempt_id: str


SignInCommand = Knock | TryAccount | Forgive


class SignedOut(Event, frozen=True, tag="signed_out"):
    """The sign-in session `sid` is over: its sockets close; to `sign_in/<sid>`."""

    sid: str


def sign_in_topic(sid: str) -> str:
    """Return the topic on which the end of `sid` is told."""
    return f"sign_in/{sid}"
