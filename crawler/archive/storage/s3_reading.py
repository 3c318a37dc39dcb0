"""Reading an object from an offset on, in spans that grow: what is asked for is what is read, or little more.

What breaks off is asked for again from where it broke.
"""

from __future__ import annotations

import io
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from crawler.archive.storage.base import StorageError, StoreUnreachable
from crawler.archive.storage.s3_client import NO_STORE, check_object, code_of, translated

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

READINGS = 3
RANGE = re.compile(r"bytes (\d+)-\d*/(\d+)")

# The bytes of the first span, how many times more the next has, and how many one has at most.
FIRST_BYTES, GROWTH, MOST_BYTES = 256 << 10, 4, 64 << 20


class ObjectStream(io.RawIOBase):
    """An object's bytes; opening raises botocore's errors and StoreUnreachable, reading StorageError."""

    def __init__(self, client: S3Client, url: str, place: dict[str, Any], offset: int) -> None:
        super().__init__()
        self._client = client
        self._url = url
        self._place = place
        self._offset = self._end = offset
        self._span = FIRST_BYTES
        self._total = 0
        self._tag: str | None = None
        self._body: StreamingBody | None = None
        self._ask()

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read some bytes; none at the end."""
        view = memoryview(buffer).cast("B")
        with translated(self._url):
            data = self._read(len(view))
        view[: len(data)] = data
        self._offset += len(data)
        return len(data)

    def close(self) -> None:
        """Let go: what is left of a short span is fetched, so that the connection stays; of a longer one it is not."""
        if self._body is not None:
            with suppress(BotoCoreError):
                if self._end - self._offset <= FIRST_BYTES:
                    self._body.read()
            self._body.close()
            self._body = None
        super().close()

    def _read(self, size: int) -> bytes:
        for again in reversed(range(READINGS)):
            try:
                if self._offset == self._end < self._total:
                    self._span = min(self._span * GROWTH, MOST_BYTES)
                    self._ask()
                return self._body.read(size) if self._body is not None else b""
            except BotoCoreError:
                if not again:
                    raise
                self._ask()
        raise AssertionError("read or failed")

    def _ask(self) -> None:
        """Ask for a span from here on; there is no body where the object ends here."""
        end = self._offset + self._span
        try:
            answer = self._answer(str((min(end, self._total) if self._total else end) - 1))
        except ClientError as error:
            if code_of(error) in ("InvalidRange", "416") and self._tag is None:
                self._body = None
                return
            # Some stores take no range that goes beyond the end.
            if code_of(error) != "InvalidArgument":
                raise
            answer = self._answer("")
        try:
            self._total = self._size_in(answer)
        except StorageError:
            answer["Body"].close()
            raise
        self._body, self._tag = answer["Body"], answer["ETag"]
        self._end = self._offset + answer["ContentLength"]

    def _size_in(self, answer: GetObjectOutputTypeDef) -> int:
        """Return the object's bytes. Raises StorageError when the answer is of another object, or not from here on."""
        check_object(self._url, answer)
        # Some stores ignore the condition, and so does who answers in the place of one.
        if self._tag not in (None, answer["ETag"]):
            raise StorageError(f"{self._url}: {self._place['Key']} has changed while it was read")
        # Without ranges all is given, and none is told.
        told = RANGE.fullmatch(answer.get("ContentRange", f"bytes 0-/{answer['ContentLength']}"))
        if told is None or int(told[1]) != self._offset:
            raise StoreUnreachable(f"{self._url}: {NO_STORE}: it gives another range than was asked for")
        return int(told[2])

    def _answer(self, last: str) -> GetObjectOutputTypeDef:
        # All spans must be of one object.
        unchanged: dict[str, Any] = {"IfMatch": self._tag} if self._tag else {}
        return self._client.get_object(**self._place, Range=f"bytes={self._offset}-{last}", **unchanged)
