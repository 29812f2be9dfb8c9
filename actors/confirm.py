"""The shopper's own word on a quote: recorded once, then done by a turn of its own.

It comes by the shopper's frame or request alone; nothing that is typed, and nothing
that a model says, gets here. It never interrupts a reply: it waits for its end.
"""

from msgspec.structs import replace

from actors import conversation as rules
from actors import quotes
from actors.conversation import turn_of
from actors.quotes import Decided
from actors.record import said
from actors.texting import Texting
from messages.base import Busy
from messages.frames import User
from messages.session import Confirm, Said

TOLD = {"approve": "Confirmed.", "decline": "Declined."}
"""What stands in the conversation for a tap."""


class Confirming(Texting):
    """Takes confirmations in."""

    def confirm(self, confirm: Confirm) -> Said:
        """Record the decision; the same one again gets the first answer.

        Raises QuoteNotFound, QuoteExpired, QuoteSpent, Busy.
        """
        known, state = self.state.quotes, self.state
        before = quotes.earlier(known, confirm.quote_id, confirm.decision)
        if before is not None:
            return Said(before.seq, before.turn_id)
        quotes.decidable(known, confirm.quote_id, self.clock.now())
        if len(state.waiting) >= rules.MAX_WAITING:
            raise Busy(f"{rules.MAX_WAITING} messages wait for an answer")
        frame = self.record(
            User,
            turn_of(self.key, state.last_seq + 1),
            content=TOLD[confirm.decision],
            quote_id=confirm.quote_id,
            decision=confirm.decision,
        )
        decided = Decided(
            quote_id=confirm.quote_id,
            decision=confirm.decision,
            seq=frame.seq,
            turn_id=frame.turn_id,
        )
        running = () if state.run is None else (state.run.asked,)
        to_come = {*state.waiting, *running}
        known = quotes.decided(known, decided, to_come=to_come)
        self.become(replace(self.state, quotes=known))
        self.take_up(frame)
        return said(frame)
