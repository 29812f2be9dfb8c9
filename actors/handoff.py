"""Who answers a conversation: the agent, nobody yet, or a person.

    bot ── the agent hands it off ──> waiting ── an operator takes it ──> human
     ^── nobody came, or cancelled ──────┘ ^── the operator fell silent ────┤
     ^──────────────────── the operator gives it back ──────────────────────┘

While it waits or is with a person the agent is silent. Nobody is left waiting: after
`handoff_wait_s` without an operator the agent is back, and one who leaves a question
unanswered for so long loses the conversation to whoever takes it next.
"""

from datetime import timedelta

from msgspec.structs import replace

from actors import conversation as rules
from actors.conversation import Handoff, Manners, is_of, turn_of, whole_ms
from actors.preview import Showing
from actors.record import said
from commerce.errors import ChatNotTaken, ChatNotWaiting, ChatTaken, SessionNotFound
from messages.frames import Assistant, SessionMode, System
from messages.session import (
    ChatPassedOn,
    GiveBackChat,
    ModeChanged,
    Said,
    Say,
    TakeChat,
    session_topic,
)
from messages.stock import OPERATORS

WAITING = "A person will join you here. Until then I keep silent."
TAKEN = "A person has joined you and reads what you write."
LEFT = "The person who was here had to leave. Another one will join you."
BACK = "The assistant is back with you."
NOBODY = "Nobody is free just now, so I am back with you. How can I help?"


class Handing(Showing):
    """Hands the conversation to people and back."""

    def __init__(self, manners: Manners) -> None:
        super().__init__()
        self.manners = manners

    def attends(self, operator_id: str) -> bool:
        """Return whether this operator may see it: it waits, or is theirs."""
        state = self.state
        if state.handoff is None or state.deleted_at is not None:
            return False
        return state.mode == "waiting" or state.handoff.operator_id == operator_id

    def hand_off(self, summary: str, turn_id: str) -> None:
        """Let the conversation wait for a person; a second time does nothing."""
        if self.state.mode == "bot":
            now = whole_ms(self.clock.now())
            waits = Handoff(since=now, until=self._in_time(), summary=summary)
            self._switch("waiting", waits, WAITING, turn_id)
            self.log.info("chat.waiting", turn_id=turn_id)

    def take_over(self, taken: TakeChat) -> None:
        """Give the conversation to an operator; whoever else attends is out.

        Raises ChatNotWaiting or ChatTaken; taking one's own again does nothing.
        """
        waits = self.state.handoff
        if waits is None:
            raise ChatNotWaiting(f"{self.key} is with the assistant")
        if self.state.mode == "human":
            self._check_operator(taken.operator_id)
            return
        theirs = replace(waits, operator_id=taken.operator_id, until=self._in_time())
        self._switch("human", theirs, TAKEN)
        self.log.info("chat.taken", operator=taken.operator_id)

    def give_back(self, given: GiveBackChat) -> None:
        """Give a conversation that waits, or one's own, back to the assistant.

        Raises ChatTaken; what is with the assistant stays there.
        """
        if self.state.mode == "human":
            self._check_operator(given.operator_id)
        if self.state.handoff is not None:
            self._switch("bot", None, BACK)
            self.log.info("chat.given_back", operator=given.operator_id)

    def speak(self, say: Say) -> Said:
        """Record what the operator says. Raises ChatNotTaken."""
        if (known := self.known("operator", say.id)) is not None:
            return known
        theirs = self.state.handoff
        if theirs is None or theirs.operator_id != say.user_id:
            raise ChatNotTaken("take the chat before you write in it")
        turn_id = turn_of(self.key, self.state.last_seq + 1)
        frame: Assistant = self.record(
            Assistant, turn_id, content=say.text, author="operator", id=say.id
        )
        self._wait_until(None)
        return said(frame)

    def await_person(self) -> None:
        """The shopper said something: it must not stay unanswered for long."""
        theirs = self.state.handoff
        if theirs is not None and theirs.until is None:
            self._wait_until(self._in_time())

    def stop_waiting(self) -> bool:
        """Go on with the assistant, if nobody has come yet."""
        if self.state.mode != "waiting":
            return False
        self._switch("bot", None, BACK)
        return True

    def wait_over(self) -> None:
        """Go on where nobody has come, or answered, in time."""
        waits = self.state.handoff
        if waits is None or waits.until is None or waits.until > self.clock.now():
            return
        if self.state.mode == "human":
            again = replace(waits, operator_id="", until=self._in_time())
            self._switch("waiting", again, LEFT)
        else:
            self._switch("bot", None, NOBODY)
        self.log.info("chat.unattended", mode=self.state.mode)

    def remind_next(self) -> None:
        """Be woken when the next thing that is waited for is over."""
        state = self.state
        ends = [] if state.run is None else [state.run.deadline]
        if state.handoff is not None and state.handoff.until is not None:
            ends.append(state.handoff.until)
        self.remind(min(ends, default=None))

    def _switch(
        self,
        mode: SessionMode,
        handoff: Handoff | None,
        content: str,
        turn_id: str | None = None,
    ) -> None:
        self.become(replace(self.state, mode=mode, handoff=handoff))
        self.record(System, turn_id, content=content, mode=mode)
        operator_id = "" if handoff is None else handoff.operator_id
        # After the frame: who may attend no longer should know why.
        self.publish(session_topic(self.key), ModeChanged(mode, operator_id))
        self.tell_operators()
        self.remind_next()

    def tell_operators(self) -> None:
        """Let all operators know who answers this conversation now."""
        state = self.state
        handoff = state.handoff or Handoff(since=self.clock.now())
        told = ChatPassedOn(self.key, state.mode, handoff.operator_id, handoff.summary)
        self.publish(OPERATORS, told)

    def _wait_until(self, until: rules.Moment) -> None:
        assert self.state.handoff is not None, "somebody was asked to come"
        waits = replace(self.state.handoff, until=until)
        self.become(replace(self.state, handoff=waits))
        self.remind_next()

    def _in_time(self) -> rules.Moment:
        wait = timedelta(seconds=self.manners.handoff_wait_s)
        return whole_ms(self.clock.now() + wait)

    def _check_operator(self, operator_id: str) -> None:
        theirs = self.state.handoff
        if theirs is not None and theirs.operator_id != operator_id:
            raise ChatTaken(f"{self.key} is with another operator")

    def check_attends(self, user_id: str, *, operator: bool) -> None:
        """Raise SessionNotFound unless `user_id` owns it, or attends as operator."""
        if is_of(self.state, user_id) or (operator and self.attends(user_id)):
            return
        raise SessionNotFound(f"no conversation {self.key} of yours")
