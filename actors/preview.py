"""What is shown of a running reply before it is recorded.

Words are gathered and shown at most every 30 ms; they leave ahead of any commit, which
nothing else may.
"""

from actors.record import Recording
from actors.reply import Reply
from messages.clock import Cancellable
from messages.frames import Thinking
from messages.session import Framed, ShowWords, session_topic


class Showing(Recording):
    """Shows the running reply as it grows."""

    def __init__(self) -> None:
        super().__init__()
        self.reply: Reply | None = None
        self._timer: Cancellable | None = None

    def show_words(self, told: ShowWords) -> None:
        """Show what was gathered of a reply, if it still runs."""
        if self.reply is not None and self.reply.run.turn_id == told.turn_id:
            self.show_now()

    def show_now(self) -> None:
        """Show what was gathered of the running reply, however little."""
        self.stop_showing()
        if self.reply is None:
            return
        now, monotonic = self.clock.now(), self.clock.monotonic()
        for frame in self.reply.previews(now, monotonic):
            self.preview(session_topic(self.key), Framed(frame))

    def show_soon(self, reply: Reply) -> None:
        """Show what is gathered as soon as another preview may go."""
        if self._timer is not None:
            return
        rest_s = reply.rest_s(self.clock.monotonic())
        if rest_s <= 0:
            self.show_now()
        else:
            self._timer = self.after(rest_s, ShowWords(reply.run.turn_id))

    def stop_showing(self) -> None:
        """Disarm the timer; what was gathered stays gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def think_through(self, reply: Reply) -> None:
        """Record the thought that is complete now."""
        thought = reply.thought_through()
        if thought:
            self.record(Thinking, reply.run.turn_id, content=thought)
