"""A connection whose peer reads only when a test lets it."""

from handlers.outbox import HIGH_WATER_BYTES, Outbox


class Pipe:
    """A transport and its protocol, whose peer reads only when told to."""

    def __init__(self) -> None:
        self.taken = b""
        self.buffer = b""
        self.reads = True
        self.closing = False
        self.aborted = False
        self.writes = 0

    @property
    def writing_paused(self) -> bool:
        return len(self.buffer) > HIGH_WATER_BYTES

    def write(self, data: bytes) -> None:
        self.writes += 1
        self.buffer += data
        if self.reads:
            self.read(len(self.buffer))

    def read(self, size: int) -> None:
        self.taken += self.buffer[:size]
        self.buffer = self.buffer[size:]

    def get_write_buffer_size(self) -> int:
        return len(self.buffer)

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = self.aborted = True


def stop_reading(pipe: Pipe, outbox: Outbox) -> None:
    """Fill what the transport takes, so that the next frame must wait."""
    pipe.reads = False
    outbox.talk(b"x" * (HIGH_WATER_BYTES + 1))


def read_on(pipe: Pipe) -> None:
    pipe.read(len(pipe.buffer))
    pipe.taken = b""
    pipe.reads = True
