"""One conversation over a real socket, turn by turn, as its frames tell it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

WITHIN_S = 40.0


@dataclass
class Heard:
    """What one turn brought."""

    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)
    reply: str = ""
    quote: Mapping[str, Any] | None = None
    error: str = ""


class Talk:
    """A shopper's socket on one session."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, within_s: float = WITHIN_S
    ) -> None:
        self._socket = socket
        self._within_s = within_s
        self.quote_id = ""
        self._said = 0

    async def say(self, text: str) -> Heard:
        """Say it and return all that its turn brought."""
        self._said += 1
        name = f"m{self._said}"
        await self._socket.send_json({"type": "message", "message": text, "id": name})
        return await self._turn(name)

    async def decide(self, decision: str) -> Heard:
        """Send the shopper's own word on the quote that was shown last."""
        told = {"type": "confirm", "quote_id": self.quote_id, "decision": decision}
        await self._socket.send_json(told)
        return await self._turn(self.quote_id)

    async def _turn(self, name: str) -> Heard:
        heard, seq, turn_id = Heard(), None, None
        early: list[Mapping[str, Any]] = []
        async with asyncio.timeout(self._within_s):
            while True:
                frame = await self._socket.receive_json()
                if frame["type"] == "error" and "seq" not in frame:
                    heard.error = f"{frame['code']}: {frame['content']}"
                    return heard
                if frame["type"] == "ack" and frame["id"] == name:
                    seq = frame["seq"]
                early.append(frame)
                if turn_id is None and seq is not None:
                    turn_id = _turn_of(early, seq)
                if turn_id is None:
                    continue
                while early:
                    one = early.pop(0)
                    if one.get("turn_id") == turn_id and self._take(one, heard):
                        return heard

    def _take(self, frame: Mapping[str, Any], heard: Heard) -> bool:
        match frame["type"]:
            case "tool_call":
                heard.calls.append((frame["tool"], frame["arguments"]))
            case "tool_result":
                heard.results.append(frame["content"])
            case "assistant":
                heard.reply += frame["content"]
            case "error":
                heard.error = f"{frame['code']}: {frame['content']}"
            case "confirm_request":
                heard.quote = frame["quote"]
                self.quote_id = frame["quote_id"]
        return bool(frame["type"] == "run_finished")


def _turn_of(frames: list[Mapping[str, Any]], seq: int) -> str | None:
    """Return the turn of the frame that was acknowledged as `seq`, once it is here."""
    return next((each["turn_id"] for each in frames if each.get("seq") == seq), None)
