"""Who follows which topic: followed once, encoded once for all who listen."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from actors.runtime.testing import ManualClock
from actors.runtime.topics import Topics
from commerce.cart import Cart
from handlers.broadcast import Audience, Shown
from messages.base import Event
from messages.cart import CartUpdated
from messages.frames import Frame, Typing
from messages.session import Framed, SessionDeleted
from messages.stock import HoldExpired, HoldExpiring, HoldPlaced
from tests.handlers.lobby import cart_view


class Room:
    """An audience over real topics that counts how often it encodes."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.topics = Topics()
        self.shown: list[Event] = []
        self.audience = Audience(self.topics.follow, self.show)

    def show(self, event: Event) -> Frame | None:
        self.shown.append(event)
        return Shown(self.clock, cart_view)(event)


@pytest.fixture
def room() -> Room:
    return Room()


def test_an_event_is_encoded_once_for_all_who_follow(room: Room) -> None:
    heard: list[bytes] = []
    for _ in range(100):
        room.audience.join("session/s", lambda _event, encoded: heard.append(encoded))

    frame = Typing(timestamp=room.clock.now(), who="user")
    room.topics.publish("session/s", Framed(frame))

    assert len(room.shown) == 1
    assert len(heard) == 100
    assert len({id(each) for each in heard}) == 1


def test_a_cart_is_shown_as_the_shopper_sees_it(room: Room) -> None:
    heard: list[bytes] = []
    room.audience.join("user/anna", lambda _event, encoded: heard.append(encoded))

    cart = Cart(id="anna", version=3)
    room.topics.publish("user/anna", CartUpdated(cart, "agent"))

    [frame] = [msgspec.json.decode(each[4:]) for each in heard]
    assert frame["type"] == "cart_update"
    assert (frame["version"], frame["actor"]) == (3, "agent")
    assert frame["cart"]["total"] == 0.0


def test_news_that_no_browser_sees_still_reach_the_socket(room: Room) -> None:
    heard: list[tuple[Event, bytes]] = []
    room.audience.join("session/s", lambda *news: heard.append(news))

    room.topics.publish("session/s", SessionDeleted())

    assert heard == [(SessionDeleted(), b"")]


def test_a_topic_is_followed_while_somebody_listens(room: Room) -> None:
    leave = [room.audience.join("session/s", lambda *_: None) for _ in range(2)]
    assert room.audience.count("session/s") == 2

    leave[0]()
    leave[0]()
    room.topics.publish("session/s", SessionDeleted())
    leave[1]()
    room.topics.publish("session/s", SessionDeleted())

    assert len(room.shown) == 1
    assert room.audience.count("session/s") == 0


def test_what_is_told_here_stays_on_this_node(room: Room) -> None:
    heard: list[Event] = []
    elsewhere: list[Event] = []
    room.topics.follow("session/s", elsewhere.append)
    room.audience.join("session/s", lambda event, _: heard.append(event))

    room.audience.tell("session/s", SessionDeleted())
    room.audience.tell("session/nobody", SessionDeleted())

    assert (heard, elsewhere) == ([SessionDeleted()], [])


def test_one_may_leave_while_it_is_told(room: Room) -> None:
    heard: list[str] = []
    leaving: list[Callable[[], None]] = []
    leaving.append(room.audience.join("session/s", lambda *_: leaving[0]()))
    room.audience.join("session/s", lambda *_: heard.append("second"))

    room.topics.publish("session/s", SessionDeleted())

    assert heard == ["second"]


def test_a_shopper_is_shown_what_is_held_and_when_that_ends(room: Room) -> None:
    heard: list[bytes] = []
    room.audience.join("user/anna", lambda _event, encoded: heard.append(encoded))
    until = room.clock.now() + timedelta(seconds=900)

    for event in (
        HoldPlaced("LAMP", 2, until),
        HoldExpiring("LAMP", 2, until),
        HoldExpired("LAMP", 2),
    ):
        room.topics.publish("user/anna", event)

    frames = [msgspec.json.decode(each[each.index(b"{") :]) for each in heard]
    start, end = "2026-01-01T12:00:00Z", "2026-01-01T12:15:00Z"
    held = {"timestamp": start, "sku": "LAMP", "quantity": 2}
    counted = {**held, "expires_at": end, "server_now": start}
    assert frames == [
        {"type": "hold", **counted},
        {"type": "hold_expiring", **counted},
        {"type": "hold_expired", **held},
    ]
