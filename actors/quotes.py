"""What of a conversation waits for the shopper's confirmation, and what has it.

Pure: the rules by which a quote is opened, decided once, and granted to the one run
that its approval starts. Only one quote is open at a time; the next takes its place.
"""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from commerce.quote import (
    QUOTED_FOR,
    Decision,
    Quote,
    QuoteNotFound,
    QuoteSpent,
    check_lives,
)
from messages.frames import User

# A second tap on another device comes within seconds; ten decisions are an age.
REMEMBERED = 10


class Decided(Struct, frozen=True, kw_only=True):
    """A quote that the shopper decided on, by the frame `seq`."""

    quote_id: str
    decision: Decision
    seq: int
    turn_id: str


class Granted(Struct, frozen=True):
    """What the turn that answers frame `seq` is to do."""

    seq: int
    quote: Quote


class Quotes(Struct, frozen=True, kw_only=True):
    """The quotes of one conversation."""

    open: Quote | None = None
    granted: tuple[Granted, ...] = ()
    decided: tuple[Decided, ...] = ()


def opened(quotes: Quotes, quote: Quote) -> Quotes:
    """Return `quotes` with `quote` to be decided, and no other."""
    return replace(quotes, open=quote)


def withdrawn(quotes: Quotes, quote_ids: Collection[str]) -> Quotes:
    """Return `quotes` without the open one, if it is among these.

    What the shopper has decided already stays decided.
    """
    is_open = quotes.open is not None and quotes.open.id in quote_ids
    return replace(quotes, open=None) if is_open else quotes


def earlier(quotes: Quotes, quote_id: str, decision: Decision) -> Decided | None:
    """Return the same decision about the same quote, if it was taken before.

    Raises QuoteSpent where it was decided otherwise.
    """
    for each in quotes.decided:
        if each.quote_id == quote_id:
            if each.decision != decision:
                raise QuoteSpent(f"quote {quote_id} was decided before")
            return each
    return None


def decidable(quotes: Quotes, quote_id: str, now: datetime) -> Quote:
    """Return the quote that may be decided now. Raises QuoteNotFound, QuoteExpired."""
    if quotes.open is None or quotes.open.id != quote_id:
        raise QuoteNotFound(f"no quote {quote_id} waits here", quote_id=quote_id)
    check_lives(quotes.open, now)
    return quotes.open


def decided(quotes: Quotes, decision: Decided, *, to_come: Collection[int]) -> Quotes:
    """Return `quotes` with the open one decided, and granted if it was approved.

    `to_come` are the seqs of frames whose turn is under way or waits: what was granted
    to others is over.
    """
    granted = tuple(each for each in quotes.granted if each.seq in to_come)
    if decision.decision == "approve" and quotes.open is not None:
        granted = (*granted, Granted(decision.seq, quotes.open))
    return Quotes(granted=granted, decided=(*quotes.decided, decision)[-REMEMBERED:])


def is_granted(quotes: Quotes, seq: int) -> bool:
    """Return whether the frame `seq` was an approval."""
    return any(each.seq == seq for each in quotes.granted)


def grant(quotes: Quotes, asked: User, now: datetime) -> Quote | None:
    """Return what the turn that answers `asked` is to do, if anything.

    An approval may wait for its turn as long as a quote lives: after a night in which
    the shop was away nobody expects to buy.
    """
    if now - asked.timestamp > QUOTED_FOR:
        return None
    return next((each.quote for each in quotes.granted if each.seq == asked.seq), None)
