"""State machines as tables: from each state, the states it may become."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from commerce.errors import IllegalTransition

S = TypeVar("S", bound=str)

Machine = Mapping[S, tuple[S, ...]]


def check(what: str, machine: Machine[S], now: S, to: S) -> None:
    """Raise IllegalTransition unless `machine` leads from `now` to `to`.

    `what` names the thing in the message.
    """
    check_allowed(what, now, to, machine[now])


def check_allowed(what: str, now: str, to: str, allowed: Collection[str]) -> None:
    """Raise IllegalTransition unless `to` is among what is `allowed` from `now`."""
    if to not in allowed:
        raise IllegalTransition(
            f"{what} is {now} and cannot become {to}",
            **{"from": now, "to": to, "allowed": sorted(allowed)},
        )
