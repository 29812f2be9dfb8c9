"""A server that dies at a moment of one's choice, for `bench/faults.py`.

`[faults] stop_at` names a journal commit of an order: "after paying 8" ends the process
as kill -9 does, once the eighth commit in which an order comes to the phase `paying`
stands. Production never does.
"""

import os
import signal

from store.commit import MongoStorage
from store.port import Write

ORDERS = "orders"


class Mortal(MongoStorage):
    """The storage of a server that ends at one of its commits."""

    when = ""
    phase = ""
    left = 0

    def dies(self, stop_at: str) -> None:
        """End the process at `stop_at`, as the configuration names it."""
        self.when, self.phase, number = stop_at.split()
        self.left = int(number)

    async def commit(self, write: Write) -> None:
        """Commit as always, unless this is the one."""
        is_last = self._is_last(write)
        if not (is_last and self.when == "before"):
            await super().commit(write)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _is_last(self, write: Write) -> bool:
        if write.collection != ORDERS or write.set_fields.get("phase") != self.phase:
            return False
        self.left -= 1
        return not self.left
