"""What a shopper says, also while a reply is under way, and taking it back.

What a message does to a running reply is the shop's choice (`DoubleTexting`), but for
one thing: a purchase that was confirmed and is being made is never interrupted. Then
every message waits, and to cancel the reply or delete the conversation is refused.
"""

from msgspec.structs import replace

from actors import conversation as rules
from actors import quotes
from actors.conversation import turn_of
from actors.engine import TAKEN_BACK
from actors.record import said
from actors.run import Answering
from commerce.errors import PurchaseUnderway, ReplyUnderway
from messages.base import Busy
from messages.frames import ConfirmRequest, System, User
from messages.session import Said, Say, TakeChat


class Texting(Answering):
    """Takes messages in and lets them be answered."""

    def say(self, say: Say) -> Said:
        """Record a message; when it is answered, `DoubleTexting` says.

        Raises ReplyUnderway, or Busy where too many wait.
        """
        if (known := self.known("user", say.id)) is not None:
            return known
        self._make_way()
        seq = self.state.last_seq + 1
        frame = self.record(User, turn_of(self.key, seq), content=say.text, id=say.id)
        if self.state.mode != "bot":
            self.await_person()
        else:
            self.take_up(frame)
        return said(frame)

    def take_up(self, frame: User) -> None:
        """Answer what was recorded: now, or after what waits already."""
        if self.state.run is None:
            self.begin(frame)
        else:
            self.asked[frame.seq] = frame
            waiting = (*self.state.waiting, frame.seq)
            self.become(replace(self.state, waiting=waiting))

    def cancel(self) -> bool:
        """Stop the running reply, or stop waiting for a person.

        What was released of the reply stays. Raises PurchaseUnderway.
        """
        if self.reply is None:
            return self.stop_waiting()
        self.check_interruptible()
        self.stop()
        self.finish("cancelled")
        return True

    def check_interruptible(self) -> None:
        """Raise PurchaseUnderway while what the shopper confirmed is being done."""
        if self.reply is not None and self.reply.is_binding:
            raise PurchaseUnderway("this is being done now; undo it when it is done")

    def yield_to_operator(self, taken: TakeChat) -> None:
        """Fall silent: a person answers from now on."""
        self.take_over(taken)
        if self.reply is not None and not self.reply.is_binding:
            self.stop()
            self.finish("cancelled", reason="interrupted")

    def _make_way(self) -> None:
        """Do to the reply under way what the next message does to it."""
        texting = self.manners.double_texting
        if texting == "reject" and self.state.run is not None:
            raise ReplyUnderway("a reply is under way: wait for its end, or cancel it")
        # The end of one begins the next that waits, if any had to.
        while self.reply is not None and not self.reply.is_binding:
            match texting:
                case "interrupt":
                    self.stop()
                    self.finish("cancelled", reason="interrupted")
                case "rollback":
                    self.stop()
                    self._take_back()
                case _:
                    break
        if len(self.state.waiting) >= rules.MAX_WAITING:
            raise Busy(f"{rules.MAX_WAITING} messages wait for an answer")

    def _take_back(self) -> None:
        """End the reply as if it had said nothing; what its tools did stays done.

        What it asked to be confirmed can be confirmed no more.
        """
        assert self.reply is not None, "a reply is taken back while it runs"
        turn_id = self.reply.run.turn_id
        asked = {
            each.quote_id
            for each in self.recent
            if isinstance(each, ConfirmRequest) and each.turn_id == turn_id
        }
        known = quotes.withdrawn(self.state.quotes, asked)
        self.become(replace(self.state, quotes=known))
        self.record(System, turn_id, content=TAKEN_BACK)
        self.close("failed", reason="rolled_back")
