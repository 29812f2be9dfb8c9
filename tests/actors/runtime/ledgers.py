"""A small world for the tests of the runtime: accounts that hold and send money."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic

from msgspec import Struct, field
from msgspec.structs import replace

from actors.runtime import Actor, Kind, Log
from actors.runtime.testing import Harness, Refusal
from messages.base import Command, Event, R


async def ends(*asks: Awaitable[Any]) -> list[Any]:
    """Return how each ask ended: its answer, or what it raised."""
    return await asyncio.gather(*asks, return_exceptions=True)


class Entry(Struct, frozen=True):
    text: str


class Account(Struct, frozen=True, kw_only=True):
    id: str
    balance: int = 0
    version: int = 0
    opened_at: datetime | None = None
    notes: tuple[str, ...] = ()
    holds: Mapping[str, int] = field(default_factory=dict)
    entries: Log[Entry] = ()


class ToAccount(Command[R], Generic[R], frozen=True):
    to: ClassVar[str] = "account"


class Get(ToAccount[Account], frozen=True, tag=True):
    pass


class Deposit(ToAccount[int], frozen=True, tag=True):
    amount: int


class Withdraw(ToAccount[int], frozen=True, tag=True):
    amount: int


class Hold(ToAccount[None], frozen=True, tag=True):
    name: str
    amount: int


class Release(ToAccount[None], frozen=True, tag=True):
    name: str


class Write(ToAccount[int], frozen=True, tag=True):
    text: str


class Jot(ToAccount[None], frozen=True, tag=True):
    """As Write, but asks `other` first."""

    text: str
    other: str


class Read(ToAccount[tuple[Entry, ...]], frozen=True, tag=True):
    first: int
    last: int


class Transfer(ToAccount[int], frozen=True, tag=True):
    """Promises the money to `to_key`; the same step is never promised twice."""

    to_key: str
    amount: int
    step: str


class Peek(ToAccount[int], frozen=True, tag=True):
    """Asks `other` for its balance, and remembers it as a hold."""

    other: str


class Remind(ToAccount[None], frozen=True, tag=True):
    in_s: float


class Break(ToAccount[None], frozen=True, tag=True):
    """Decides something, then fails as a bug does."""


class Spoil(ToAccount[None], frozen=True, tag=True):
    """Becomes a state that no document can hold."""


class Say(ToAccount[None], frozen=True, tag=True):
    """Runs `done` inside the turn, for tests of one thing."""

    name: str


AccountCommand = (
    Get
    | Deposit
    | Withdraw
    | Hold
    | Release
    | Write
    | Jot
    | Read
    | Transfer
    | Peek
    | Remind
    | Break
    | Spoil
    | Say
)


class Changed(Event, frozen=True):
    key: str
    balance: int
    version: int


class AccountActor(Actor[AccountCommand, Account]):
    """Owns one account. `says` are the tests' own handlers, by name."""

    def __init__(self, says: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__()
        self.says = says

    def initial(self, key: str) -> Account:
        return Account(id=key)

    def opened(self) -> Any:
        return self._said("opened")

    def adopt(self, found: Account) -> Account:
        return replace(found, version=max(found.version, self.state.version) + 1)

    def woke(self) -> Any:
        if "woke" in self.says:
            return self._said("woke")
        return self.change(notes=(*self.state.notes, "woke"))

    def _said(self, name: str) -> Any:
        return self.says[name](self) if name in self.says else None

    def receive(self, command: AccountCommand) -> Any:  # noqa: C901, PLR0911, PLR0912
        match command:
            case Get():
                return self.state
            case Deposit(amount):
                return self.change(balance=self.state.balance + amount)
            case Withdraw(amount):
                return self.withdraw(amount)
            case Hold(name, amount):
                self.change(holds={**self.state.holds, name: amount})
            case Release(name):
                kept = {k: v for k, v in self.state.holds.items() if k != name}
                self.change(holds=kept)
            case Write(text):
                self.change(entries=(*self.state.entries, Entry(text)))
                return self.log_start + len(self.state.entries)
            case Jot(text, other):
                return self.jot(text, other)
            case Read(first, last):
                return self.read_log(first, last)
            case Transfer(to_key, amount, step):
                left = self.withdraw(amount)
                self.promise(step, to_key, Deposit(amount))
                return left
            case Peek(other):
                return self.peek(other)
            case Remind(in_s):
                self.remind(self.clock.now() + timedelta(seconds=in_s))
            case Break():
                self.change(balance=-1_000_000)
                raise ZeroDivisionError("a bug")
            case Spoil():
                self.change(balance=2**70)
            case Say(name):
                return self._said(name)
        return None

    def change(self, **news: Any) -> int:
        self.become(replace(self.state, version=self.state.version + 1, **news))
        account = self.state
        event = Changed(self.key, account.balance, account.version)
        self.publish(f"account/{self.key}", event)
        return account.balance

    def withdraw(self, amount: int) -> int:
        if amount > self.state.balance:
            raise Refusal(f"{self.key}: {amount} asked, {self.state.balance} there")
        return self.change(balance=self.state.balance - amount)

    async def jot(self, text: str, other: str) -> None:
        await self.ask(other, Get())
        self.change(entries=(*self.state.entries, Entry(text)))

    async def peek(self, other: str) -> int:
        seen = (await self.ask(other, Get())).balance
        self.change(holds={**self.state.holds, other: seen})
        return seen


def account_kind(
    says: Mapping[str, Callable[..., Any]] | None = None, **options: Any
) -> Kind:
    settings: dict[str, Any] = {
        "name": "account",
        "actor": lambda: AccountActor(says or {}),
        "state": Account,
        "commands": AccountCommand,
        "collection": "accounts",
        "guards": ("balance",),
        "reminds": True,
    }
    return Kind(**{**settings, **options})


def document(node: Harness, key: str = "ada") -> dict[str, Any]:
    """Return the account as it is stored."""
    return node.storage.documents["accounts"][key]
