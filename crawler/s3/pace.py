"""How fast bytes are sent: a bound for all that a process sends at once."""

from __future__ import annotations

import threading
import time
from io import BytesIO
from typing import Any


class Pace:
    """So many bytes a second at most; safe to use from several threads."""

    def __init__(self, bytes_per_second: float) -> None:
        self._rate = bytes_per_second
        self._free = time.monotonic()
        self._lock = threading.Lock()

    def wait(self, count: int) -> None:
        """Wait until so many bytes may go."""
        with self._lock:
            now = time.monotonic()
            self._free = max(self._free, now) + count / self._rate
            seconds = self._free - now
        time.sleep(seconds)

    def body(self, data: bytes) -> PacedBody:
        """Return data as a request's body."""
        return PacedBody(data, self)


class PacedBody(BytesIO):
    """A body that is read slowly while it is sent; to be signed it is read at once."""

    def __init__(self, data: bytes, pace: Pace) -> None:
        super().__init__(data)
        self.is_sent = False
        self._pace = pace

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, in time with all others."""
        data = super().read(size)
        if self.is_sent and data:
            self._pace.wait(len(data))
        return data


def begin_sending(request: Any, **_: Any) -> None:
    """Let a request's body be paced from now on; for botocore's event `before-send.s3`."""
    if isinstance(request.body, PacedBody):
        request.body.is_sent = True
