"""One measured figure and how it is shown."""

from collections.abc import Callable, Sequence
from statistics import median, quantiles

from msgspec import Struct


class Figure(Struct, frozen=True):
    """A figure, what it is held against, and whether the goal is met."""

    name: str
    value: float
    unit: str
    beside: str
    goal: str
    met: bool

    def row(self) -> str:
        """Return the figure as one line of the table."""
        mark = "ok  " if self.met else "MISS"
        shown = f"{self.value:,.2f} {self.unit}"
        return f"{mark} {self.name:<44} {shown:>16}  {self.goal:<14} {self.beside}"


def at_least(name: str, value: float, unit: str, *, goal: float, beside: str) -> Figure:
    """Return a figure that should reach `goal`."""
    return Figure(name, value, unit, beside, f">= {goal:g} {unit}", value >= goal)


def at_most(name: str, value: float, unit: str, *, goal: float, beside: str) -> Figure:
    """Return a figure that should stay at or below `goal`."""
    return Figure(name, value, unit, beside, f"<= {goal:g} {unit}", value <= goal)


def p99(samples: Sequence[float]) -> float:
    """Return the 99th percentile of `samples`."""
    return quantiles(samples, n=100)[98]


def interleaved(rounds: int, *measures: Callable[[], float]) -> tuple[list[float], ...]:
    """Run the measures in turn, A B A B ..., and return what each gave."""
    got: tuple[list[float], ...] = tuple([] for _ in measures)
    for _ in range(rounds):
        for each, samples in zip(measures, got, strict=True):
            samples.append(each())
    return got


def ratio(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the median of `first[i] / second[i]`, round by round."""
    return median(a / b for a, b in zip(first, second, strict=True))
