"""What models may cost, what they did cost, and how often they were away.

Counted in memory, per process and day (UTC): a restart begins the day anew.
"""

from collections import Counter
from datetime import date

from msgspec import Struct

from agent.limits import CALLS, RUN_S, WRITES
from agent.model import Spent
from messages.clock import Clock

MILLION = 1_000_000


class Limits(Struct, frozen=True, kw_only=True):
    """How much may be spent: of tokens and money 0 is no limit.

    Prices are cents for a million tokens.
    """

    run_s: float = RUN_S
    run_calls: int = CALLS
    run_writes: int = WRITES
    run_tokens: int = 0
    session_tokens: int = 0
    daily_tokens: int = 0
    daily_cost_cents: int = 0
    input_price_cents: int = 0
    output_price_cents: int = 0


class Used(Struct):
    """What one model was good for since the process began."""

    answers: int = 0
    failures: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


class Budget:
    """Counts what is spent, and says when it is enough for today."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self.models: dict[str, Used] = {}
        self.reasons: Counter[str] = Counter()
        """How often somebody else had to answer, by why."""
        self._clock = clock
        self._day: date | None = None
        self._tokens = 0
        self._millionths = 0
        """Of a cent, so that no token is rounded away."""

    def of(self, model: str) -> Used:
        """Return what is counted of a model."""
        return self.models.setdefault(model, Used())

    def spend(self, model: str, spent: Spent) -> None:
        """Count the tokens of one answer."""
        self._turn_the_page()
        used = self.of(model)
        used.input_tokens += spent.input_tokens
        used.output_tokens += spent.output_tokens
        self._tokens += spent.input_tokens + spent.output_tokens
        self._millionths += (
            spent.input_tokens * self.limits.input_price_cents
            + spent.output_tokens * self.limits.output_price_cents
        )

    def cents_today(self) -> int:
        """Return what today cost so far, rounded down."""
        self._turn_the_page()
        return self._millionths // MILLION

    def is_spent(self) -> bool:
        """Return whether today's limit is reached."""
        self._turn_the_page()
        tokens, cents = self.limits.daily_tokens, self.limits.daily_cost_cents
        return (0 < tokens <= self._tokens) or (0 < cents * MILLION <= self._millionths)

    def _turn_the_page(self) -> None:
        today = self._clock.now().date()
        if today != self._day:
            self._day, self._tokens, self._millionths = today, 0, 0
