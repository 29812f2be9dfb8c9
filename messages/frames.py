"""What a browser may hear on its socket, and why a socket is closed.

Three sorts. **Recorded** frames carry `seq` (per session, from 1, no gaps) and are
durable before they are sent. **Previews** run ahead of one recorded `assistant` frame,
may be lost and are joined by `offset` (code points). **Passing** frames are never
stored. `docs/protocol.md` lists every one of them; a test compares.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from commerce.quote import Decision
from messages.cart import Hand
from messages.cart_view import CartView
from messages.order_view import OrderView
from messages.quote_view import QuoteView

RunStatus = Literal["done", "cancelled", "failed"]
RunEnd = Literal["interrupted", "rolled_back", "cut_short"]
"""Why a run ended, where its status says too little."""
SessionMode = Literal["bot", "waiting", "human"]
"""Who answers: the agent, nobody yet, or an operator."""
Side = Literal["user", "operator"]


class Frame(Struct, frozen=True, kw_only=True, tag_field="type"):
    """Anything a server says on a socket."""

    timestamp: datetime


class Recorded(Frame, frozen=True, kw_only=True, weakref=True):
    """A frame of the conversation: durable, numbered, the same for every socket."""

    seq: int
    session_id: str
    turn_id: str | None = None


class User(Recorded, frozen=True, kw_only=True, tag="user"):
    """What the shopper said; `id` is the client's own name for it.

    With `quote_id` it is the decision about that quote, by the shopper's own frame or
    request; words alone never are one.
    """

    content: str
    id: str | None = None
    quote_id: str | UnsetType = UNSET
    decision: Decision | UnsetType = UNSET


class Thinking(Recorded, frozen=True, kw_only=True, tag="thinking"):
    """What the agent thought before it acted."""

    content: str


class ToolCall(Recorded, frozen=True, kw_only=True, tag="tool_call"):
    """The agent uses a tool."""

    tool: str
    arguments: Mapping[str, Any]
    call_id: str


class ToolResult(Recorded, frozen=True, kw_only=True, tag="tool_result"):
    """What the tool gave: JSON data, money in cents under names that say so."""

    call_id: str
    content: Any


class ConfirmRequest(Recorded, frozen=True, kw_only=True, tag="confirm_request"):
    """The agent stops: only the shopper's own `confirm` lets this happen."""

    quote_id: str
    quote: QuoteView
    expires_at: datetime


class Assistant(Recorded, frozen=True, kw_only=True, tag="assistant"):
    """The whole reply; the previews of a finished run join to exactly `content`.

    What an operator says is one, too, under the `id` that their client gave it.
    """

    content: str
    status: RunStatus = "done"
    products: Sequence[Mapping[str, Any]] = ()
    author: Literal["agent", "operator"] = "agent"
    id: str | None = None


class RunFinished(Recorded, frozen=True, kw_only=True, tag="run_finished"):
    """The turn is over; nothing more of it will come."""

    status: RunStatus
    reason: RunEnd | None = None


class System(Recorded, frozen=True, kw_only=True, tag="system"):
    """A note of the shop's in the conversation; with it `mode` may have changed."""

    content: str
    mode: SessionMode | None = None


class Error(Recorded, frozen=True, kw_only=True, tag="error"):
    """A turn went wrong, as the conversation remembers it."""

    code: str
    content: str


RecordedFrame = (
    User
    | Thinking
    | ToolCall
    | ToolResult
    | ConfirmRequest
    | Assistant
    | RunFinished
    | System
    | Error
)


class AssistantDelta(Frame, frozen=True, kw_only=True, tag="assistant_delta"):
    """The reply's text from code point `offset` on."""

    turn_id: str
    offset: int
    content: str


class ThinkingDelta(Frame, frozen=True, kw_only=True, tag="thinking_delta"):
    """The growing thought's text from code point `offset` on."""

    turn_id: str
    offset: int
    content: str


class Typing(Frame, frozen=True, kw_only=True, tag="typing"):
    """Somebody in this session types."""

    who: Side


class Read(Frame, frozen=True, kw_only=True, tag="read"):
    """That side has seen everything up to `seq`."""

    who: Side
    seq: int


class Presence(Frame, frozen=True, kw_only=True, tag="presence"):
    """So many sockets follow this session on this node, so many are operators'."""

    sockets: int
    operators: int = 0


HeardFrame = RecordedFrame | AssistantDelta | ThinkingDelta | Typing | Read | Presence
"""What every socket of a conversation hears alike."""


class Welcome(Frame, frozen=True, kw_only=True, tag="system"):
    """The first frame on a socket; `read` says how far each side has read."""

    content: str
    session_id: str
    epoch: str
    last_seq: int
    mode: SessionMode
    read: Mapping[Side, int]
    history: Sequence[RecordedFrame]
    server_now: datetime


class Notice(Frame, frozen=True, kw_only=True, tag="system"):
    """A passing note to one socket, such as that its token ends in a minute."""

    content: str
    code: str


class Fault(Frame, frozen=True, kw_only=True, tag="error"):
    """A frame of this socket's was wrong; the socket stays."""

    code: str
    content: str
    id: str | UnsetType = UNSET


class History(Frame, frozen=True, kw_only=True, tag="history"):
    """One page of recorded frames before `before_seq`, the oldest first."""

    before_seq: int
    frames: Sequence[RecordedFrame]
    more: bool


class Ack(Frame, frozen=True, kw_only=True, tag="ack"):
    """The message `id` is durable, as recorded frame `seq`."""

    id: str | None
    seq: int


class Ping(Frame, frozen=True, kw_only=True, tag="ping"):
    """Are you there? Any frame answers; none is needed where pongs are sent."""


class CartUpdate(Frame, frozen=True, kw_only=True, tag="cart_update"):
    """The shopper's cart changed by somebody's hand."""

    version: int
    actor: Hand
    cart: CartView


class Hold(Frame, frozen=True, kw_only=True, tag="hold"):
    """So many are kept for this shopper until `expires_at`, told at `server_now`."""

    sku: str
    quantity: int
    expires_at: datetime
    server_now: datetime


class HoldExpiring(Frame, frozen=True, kw_only=True, tag="hold_expiring"):
    """They are kept for two minutes more at most; it may be told twice."""

    sku: str
    quantity: int
    expires_at: datetime
    server_now: datetime


class HoldExpired(Frame, frozen=True, kw_only=True, tag="hold_expired"):
    """They are kept no longer."""

    sku: str
    quantity: int


class OrderUpdate(Frame, frozen=True, kw_only=True, tag="order_update"):
    """One of the shopper's orders moved on; `order.version` tells the newest."""

    order: OrderView


class BackInStock(Frame, frozen=True, kw_only=True, tag="back_in_stock"):
    """What this customer waited for can be bought again; nothing is set aside."""

    product_id: str
    sku: str
    available: int


class InventoryUpdate(Frame, frozen=True, kw_only=True, tag="inventory_update"):
    """How many of one variant can be bought now."""

    product_id: str
    sku: str
    new_quantity: int
    stock_status: str
    location: str
    version: int


class Resync(Frame, frozen=True, kw_only=True, tag="resync"):
    """Too much was missed to send it all: begin again from this."""

    snapshot: Mapping[str, Any]


class Close(IntEnum):
    """Why a socket is closed; docs/protocol.md says what a client should do."""

    GOING_AWAY = 1001
    TOO_LARGE = 1009
    NOT_AUTHORISED = 4401
    ORIGIN = 4403
    NO_SUCH_SESSION = 4404
    TIMED_OUT = 4408
    TOO_FAST = 4429
    TOO_SLOW = 4503
