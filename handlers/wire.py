"""WebSocket frames as bytes, built once and shared by every socket (RFC 6455, 5.2).

A server's frames carry no mask, so one frame is the same bytes for everybody. aiohttp
writes each of its own in one call too, so that frames of both never mix.
"""

from msgspec import Struct

from messages.base import encode_json

_FINAL = 0x80
_TEXT = _FINAL | 0x1
_CLOSE = _FINAL | 0x8
_PING = _FINAL | 0x9
_PONG = _FINAL | 0xA

# A control frame holds at most 125 bytes, two of which are the close code.
_LONGEST_REASON = 123

PING = bytes((_PING, 0))

NORMAL = 1000
"""The code that answers a peer's own close; no reason for anybody to come back."""


def said(frame: Struct) -> bytes:
    """Return a text frame that holds `frame` as JSON."""
    return text(encode_json(frame))


def text(payload: bytes) -> bytes:
    """Return a text frame that holds `payload`, which is UTF-8."""
    return _header(_TEXT, len(payload)) + payload


def close(code: int, reason: str = "") -> bytes:
    """Return a close frame; a reason that is too long is cut."""
    told = reason.encode()[:_LONGEST_REASON].decode(errors="ignore").encode()
    return _header(_CLOSE, 2 + len(told)) + code.to_bytes(2) + told


def pong(payload: bytes) -> bytes:
    """Return the answer to a ping that carried `payload`."""
    return _header(_PONG, len(payload)) + payload


def _header(first: int, length: int) -> bytes:
    if length < 126:
        return bytes((first, length))
    if length < 65_536:
        return bytes((first, 126)) + length.to_bytes(2)
    return bytes((first, 127)) + length.to_bytes(8)
