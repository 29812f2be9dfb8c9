"""Every ask ends: a table of those outstanding, swept while there are any.

A timer per ask would cost as much as the ask. Asks with the usual patience stand in
the order of their deadlines, so a sweep stops at the first that still has time.
"""

from actors.runtime.mail import Mail, command_name
from actors.runtime.metrics import Metrics
from messages.base import Expired
from messages.clock import Clock

SWEEP_EVERY_S = 0.05
"""How late an ask may learn that its time is over."""


class Deadlines:
    """The asks that nobody has answered yet."""

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self._clock = clock
        self._metrics = metrics
        # Whoever asks puts its mail in and takes it out: a call for each would be felt.
        self.usual: dict[Mail, None] = {}
        """Those with the usual patience, so in the order of their deadlines."""
        self.odd: dict[Mail, None] = {}
        self.armed = False

    def __len__(self) -> int:
        return len(self.usual) + len(self.odd)

    def arm(self) -> None:
        """Sweep from now on until nothing is outstanding; call when not `armed`."""
        self.armed = True
        self._clock.call_later(SWEEP_EVERY_S, self._sweep)

    def _sweep(self) -> None:
        self.armed = False
        now = self._clock.monotonic()
        over = [mail for mail in self.odd if mail.deadline <= now]
        for mail in self.usual:
            if mail.deadline > now:
                break
            over.append(mail)
        for mail in over:
            self._expire(mail)
        if self.usual or self.odd:
            self.arm()

    def _expire(self, mail: Mail) -> None:
        self.usual.pop(mail, None)
        self.odd.pop(mail, None)
        if mail.reply is not None and not mail.reply.done():
            self._metrics.asks_expired += 1
            mail.reply.set_exception(
                Expired(f"no answer to {command_name(mail.command)} in time")
            )

    def fail_all(self, error: Exception) -> None:
        """Answer everything outstanding with `error`."""
        for mail in (*self.usual, *self.odd):
            if mail.reply is not None and not mail.reply.done():
                mail.reply.set_exception(error)
