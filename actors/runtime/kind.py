"""What the runtime must know of a kind of actor, and how a state says it has a log."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from msgspec import Struct, field

T = TypeVar("T")


class AppendOnly:
    """Marks the field of a state that only grows at its end; see `Log`."""


Log = Annotated[tuple[T, ...], AppendOnly()]
"""A state's append-only log, at most one field: what is added is pushed to `tail`.

The actor sees the newest entries only: those above 32 KB are sealed into chunks, and
`log_start` says how many. A state may not change or drop what its log holds, except
for all of it at once: `()` forgets what is not sealed.
"""


def _never(_command: Any) -> bool:
    return False


class Kind(Struct, frozen=True, kw_only=True):
    """One kind of actor; the fields of its state stand beside the store's own."""

    name: str
    actor: Callable[[], Any]
    """Makes a fresh `Actor`; called once per activation."""
    state: type[Any]
    commands: Any
    """The union of the commands it understands."""
    collection: str = ""
    founds: Callable[[Any], bool] = _never
    """Whether a command comes to a key that was made up for it: nothing is stored."""
    durable: bool = True
    """False: nothing is stored, and idle actors may be forgotten at will."""
    mailbox: int = 1024
    idle_s: float = 300
    guards: tuple[str, ...] = ()
    """Fields of `state` that people edit in the database: compared at each commit."""
    unreadable: Mapping[str, Any] = field(default_factory=dict)
    """What a field (an entry, if it is a map) becomes when a hand broke it; without it
    the field is as in `initial` and the entry is not there."""
    schema: int = 1
    upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = field(
        default_factory=dict
    )
    """From schema n to n + 1, over a document's fields as builtins."""
    reminds: bool = False
    """Whether its actors use `remind` or `promise`: then `due` is polled."""
    keep: int = 0
    """How many of a volatile kind are kept (0: only idleness ends them)."""
