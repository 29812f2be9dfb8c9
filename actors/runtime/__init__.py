"""Virtual actors behind an output gate; knows no shop and could be its own library.

Send to an address (kind, key) and the actor is there. It handles one message at a time,
and nobody outside ever sees what is not durable. Start reading with `actor.py` (what
an actor may do), then `turn.py` and `gate.py` (what the runtime makes of it).
"""

from actors.runtime.actor import Actor
from actors.runtime.address import Address
from actors.runtime.clock import LoopClock
from actors.runtime.errors import Bug, Cycle
from actors.runtime.jobs import Job
from actors.runtime.kind import Kind, Log
from actors.runtime.metrics import ActorInfo, Metrics
from actors.runtime.redelivery import forget, redeliver
from actors.runtime.system import System
from actors.runtime.topics import Topics

__all__ = [
    "Actor",
    "ActorInfo",
    "Address",
    "Bug",
    "Cycle",
    "Job",
    "Kind",
    "Log",
    "LoopClock",
    "Metrics",
    "System",
    "Topics",
    "forget",
    "redeliver",
]
