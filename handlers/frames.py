"""What a client may say on its socket, and what is wrong with what it said.

Every frame is a JSON object in UTF-8. One without `type` is a message, so that the
simplest client needs one line. Nothing here touches the shop: a frame is either one of
these values or a `BadFrame` that says, in words for whoever writes the client, why not.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from commerce.quote import Decision

MAX_FRAME_BYTES = 16 * 1024
MAX_TEXT = 4000
MAX_SKUS = 200

Seq = Annotated[int, Meta(ge=0, le=2**53)]
ClientId = Annotated[str, Meta(min_length=1, max_length=64)]
Sku = Annotated[str, Meta(min_length=1, max_length=64)]
Skus = Annotated[tuple[Sku, ...], Meta(min_length=1, max_length=MAX_SKUS)]


class BadFrame(Exception):
    """The frame means nothing; `id` is the client's own name for it, if it had one."""

    def __init__(self, code: str, content: str, id: str | None = None) -> None:
        super().__init__(content)
        self.code = code
        self.content = content
        self.id = id


class Message(Struct, frozen=True):
    """Say something; with an `id`, a resend is harmless."""

    message: str
    id: ClientId | None = None


class Confirm(Struct, frozen=True):
    """Decide on the quote that a `confirm_request` showed."""

    quote_id: Annotated[str, Meta(min_length=1, max_length=64)]
    decision: Decision


class Cancel(Struct, frozen=True):
    """Stop the running reply."""


class Resume(Struct, frozen=True):
    """Give what was missed after `last_seq`, and of `turn_id` after `offset`."""

    epoch: Annotated[str, Meta(max_length=64)]
    last_seq: Seq
    turn_id: Annotated[str, Meta(max_length=128)] | None = None
    offset: Seq = 0


class History(Struct, frozen=True):
    """Give up to `limit` recorded frames before `before_seq`."""

    before_seq: Seq | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class Auth(Struct, frozen=True):
    """Go on with another access token."""

    access_token: Annotated[str, Meta(min_length=1, max_length=4096)]


class Typing(Struct, frozen=True):
    """Somebody types."""


class Read(Struct, frozen=True):
    """Everything up to `seq` was seen."""

    seq: Seq


class Subscribe(Struct, frozen=True):
    """Hear the stock of these SKUs, of all with "*"."""

    skus: Skus | Literal["*"]


class Unsubscribe(Struct, frozen=True):
    """Hear no more of these SKUs; of none at all with "*" or without `skus`."""

    skus: Skus | Literal["*"] = "*"


class Pong(Struct, frozen=True):
    """Here I am."""


ClientFrame = (
    Message
    | Confirm
    | Cancel
    | Resume
    | History
    | Auth
    | Typing
    | Read
    | Subscribe
    | Unsubscribe
    | Pong
)

_FRAMES: dict[str, type[ClientFrame]] = {
    "message": Message,
    "confirm": Confirm,
    "cancel": Cancel,
    "resume": Resume,
    "history": History,
    "auth": Auth,
    "typing": Typing,
    "read": Read,
    "subscribe": Subscribe,
    "unsubscribe": Unsubscribe,
    "pong": Pong,
}

_decode = msgspec.json.Decoder().decode


def decoded(raw: bytes) -> ClientFrame:
    """Return what the client said. Raises BadFrame."""
    said = _object(raw)
    given = said.get("id")
    name = given if isinstance(given, str) and len(given) <= 64 else None
    kind = said.get("type", "message")
    frame = _FRAMES.get(kind) if isinstance(kind, str) else None
    if frame is None:
        known = ", ".join(_FRAMES)
        raise BadFrame("unknown_type", f"`type` must be one of: {known}", name)
    try:
        value = msgspec.convert(said, frame)
    except msgspec.ValidationError as wrong:
        raise BadFrame("malformed", str(wrong), name) from None
    return _trimmed(value) if isinstance(value, Message) else value


def _object(raw: bytes) -> dict[str, Any]:
    try:
        said = _decode(raw)
    except UnicodeDecodeError:
        raise BadFrame("malformed", "the frame is not UTF-8") from None
    except msgspec.DecodeError as wrong:
        raise BadFrame("malformed", f"the frame is not JSON: {wrong}") from None
    except RecursionError:
        raise BadFrame("malformed", "the frame is nested too deeply") from None
    if not isinstance(said, dict):
        raise BadFrame("malformed", "a frame is a JSON object")
    return said


def _trimmed(said: Message) -> Message:
    text = said.message.strip()
    if not text:
        raise BadFrame("malformed", "`message` must not be empty", said.id)
    if len(text) > MAX_TEXT:
        told = f"`message` may have {MAX_TEXT} characters, this has {len(text)}"
        raise BadFrame("malformed", told, said.id)
    return Message(text, said.id)
