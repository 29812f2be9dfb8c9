"""The cart as a run last saw it: whether somebody else's hand changed it since.

Hand edits and the agent's go through one mailbox, so the versions tell. A write of the
agent's names the version that it was decided by, if the run has looked; what changed
otherwise is told in the next result that shows the cart.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from agent.cards import Data, basket
from agent.shop import Catalogue
from commerce.cart import Cart


class CartSeen:
    """Remembers the newest cart among a conversation's results."""

    __slots__ = ("_is_fresh", "_lines", "_version")

    def __init__(self, results: Iterable[Any] = ()) -> None:
        self._version: int | None = None
        self._lines: Mapping[str, int] = {}
        self._is_fresh = False
        for each in results:
            if isinstance(each, Mapping) and isinstance(each.get("cart"), Mapping):
                self._version = each["cart"]["version"]
                self._lines = _units(each["cart"]["lines"])

    @property
    def version(self) -> int | None:
        """The version that a write is decided by; None: this run saw none."""
        return self._version if self._is_fresh else None

    @property
    def skus(self) -> frozenset[str]:
        """The skus that it held."""
        return frozenset(self._lines)

    def told(
        self, cart: Cart, catalogue: Catalogue, *, wrote: Iterable[str] | None = None
    ) -> Data:
        """Return `cart` as a result tells it, with what somebody else changed.

        `wrote` names the skus that the agent itself has just changed; None: it looked.
        """
        shown = basket(cart, catalogue)
        news = self._news(shown, wrote)
        self._version, self._lines = cart.version, _units(shown["lines"])
        self._is_fresh = True
        return {"cart": shown, "cart_changed": news} if news else {"cart": shown}

    def _news(self, shown: Data, wrote: Iterable[str] | None) -> Data | None:
        before, now = self._version, shown["version"]
        expected = (before or 0) + (wrote is not None)
        if before is None or now <= expected:
            return None
        own, units = frozenset(wrote or ()), _units(shown["lines"])
        skus = dict.fromkeys((*self._lines, *units))
        changed = [
            {"sku": sku, "was": self._lines.get(sku, 0), "is": units.get(sku, 0)}
            for sku in skus
            if sku not in own and self._lines.get(sku, 0) != units.get(sku, 0)
        ]
        return {"from_version": before, "to_version": now, "lines": changed}


def _units(lines: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return {each["sku"]: each["quantity"] for each in lines}
