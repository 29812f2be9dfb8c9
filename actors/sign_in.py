"""Counts attempts at one door within a sliding window, and says when it is enough."""

from collections.abc import Callable
from typing import assert_never

from msgspec import Struct

from actors.runtime import Actor, Kind
from commerce.errors import TooOften
from messages.sign_in import Forgive, Knock, SignInCommand, TryAccount


class Limits(Struct, frozen=True, kw_only=True):
    """How many failures (or uses, of signup, guest and refresh) a window lets pass.

    What is guessed at, coupon codes and means to pay, has a window of its own.
    """

    window_s: int = 60
    per_account_and_address: int = 5
    per_account: int = 10
    address: int = 20
    signup: int = 20
    guest: int = 60
    refresh: int = 120
    coupon: int = 10
    instrument: int = 10
    guesses_window_s: int = 600


class Attempt(Struct, frozen=True):
    """One attempt that still counts."""

    id: str
    at: float
    address: str = ""


class Door(Struct, frozen=True):
    """The attempts of the last window, the oldest first."""

    attempts: tuple[Attempt, ...] = ()


class SignInActor(Actor[SignInCommand, Door]):
    """Owns one door; key = `<door>/<hash>`."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits

    def initial(self, key: str) -> Door:  # noqa: ARG002 - every door begins empty
        """Return a door nobody knocked at."""
        return Door()

    def receive(self, command: SignInCommand) -> None:
        """Count, or forgive."""
        match command:
            case Knock():
                self._knock(command)
            case TryAccount():
                self._try_account(command)
            case Forgive():
                self._forgive(command)
            case _:
                assert_never(command)

    def _knock(self, command: Knock) -> None:
        recent = self._recent()
        self._refuse_beyond(getattr(self.limits, self._door), recent, self._door)
        self._count(recent, Attempt(command.attempt_id, self.clock.monotonic()))

    def _try_account(self, command: TryAccount) -> None:
        recent = self._recent()
        here = tuple(each for each in recent if each.address == command.address)
        self._refuse_beyond(self.limits.per_account_and_address, here, "account")
        if not command.known:
            self._refuse_beyond(self.limits.per_account, recent, "account")
        now = self.clock.monotonic()
        self._count(recent, Attempt(command.attempt_id, now, command.address))

    def _forgive(self, command: Forgive) -> None:
        kept = tuple(
            each for each in self.state.attempts if each.id != command.attempt_id
        )
        self.become(Door(kept))

    def _count(self, recent: tuple[Attempt, ...], attempt: Attempt) -> None:
        self.become(Door((*recent, attempt)))

    @property
    def _door(self) -> str:
        return self.key.partition("/")[0]

    @property
    def _window_s(self) -> int:
        is_guessed = self._door in {"coupon", "instrument"}
        return self.limits.guesses_window_s if is_guessed else self.limits.window_s

    def _recent(self) -> tuple[Attempt, ...]:
        since = self.clock.monotonic() - self._window_s
        return tuple(each for each in self.state.attempts if each.at > since)

    def _refuse_beyond(
        self, limit: int, counted: tuple[Attempt, ...], policy: str
    ) -> None:
        if len(counted) < limit:
            return
        # The window lets one more pass when the oldest that is in the way leaves it.
        leaves = counted[-limit].at + self._window_s
        raise TooOften(
            f"too many attempts: {limit} in {self._window_s} s",
            policy=policy,
            limit=limit,
            window_s=self._window_s,
            retry_after_s=leaves - self.clock.monotonic(),
        )


def sign_in_kind(limits: Limits) -> Kind:
    """Return what the runtime must know of doors: volatile, bounded, forgotten idle."""
    make: Callable[[], SignInActor] = lambda: SignInActor(limits)  # noqa: E731
    return Kind(
        name="sign_in",
        actor=make,
        state=Door,
        commands=SignInCommand,
        durable=False,
        idle_s=2 * max(limits.window_s, limits.guesses_window_s),
        # A flood of addresses costs memory up to here, then the oldest are forgotten.
        keep=50_000,
    )
