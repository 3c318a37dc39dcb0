"""Reading an object of a bucket in growing spans."""

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

# The bytes of the first span, the growth to the next, and the limit.
FIRST_BYTES, GROWTH, MOST_BYTES = 256 << 10, 4, 64 << 20


class ObjectStream(io.RawIOBase):
    """An object's bytes, fetched in growing spans. Opening raises botocore's errors, reading StorageError."""

    def __init__(self, client: S3Client, url: str, place: dict[str, Any], offset: int) -> None:
        super().__init__()
        self._client, self._url, self._place = client, url, place
        self._offset = self._end = offset
        self._span, self._total = FIRST_BYTES, 0
        self._tag: str | None = None
        self._body: StreamingBody | None = None
        self._request_span()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        with translated(self._url):
            data = self._read(len(view))
        view[: len(data)] = data
        self._offset += len(data)
        return len(data)

    def close(self) -> None:
        """Close the stream; the rest of a short span is read first, so that the connection can be reused."""
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
                    self._request_span()
                return self._body.read(size) if self._body is not None else b""
            except BotoCoreError:
                if not again:
                    raise
                self._request_span()
        raise AssertionError("read or failed")

    def _request_span(self) -> None:
        end = self._offset + self._span
        try:
            answer = self._get(str((min(end, self._total) if self._total else end) - 1))
        except ClientError as error:
            if code_of(error) in ("InvalidRange", "416") and self._tag is None:
                self._body = None
                return
            # Some stores reject a range beyond the end.
            if code_of(error) != "InvalidArgument":
                raise
            answer = self._get("")
        try:
            self._total = self._size_in(answer)
        except StorageError:
            answer["Body"].close()
            raise
        self._body, self._tag = answer["Body"], answer["ETag"]
        self._end = self._offset + answer["ContentLength"]

    def _size_in(self, answer: GetObjectOutputTypeDef) -> int:
        check_object(self._url, answer)
        # Some stores, and portals, ignore the condition.
        if self._tag not in (None, answer["ETag"]):
            raise StorageError(f"{self._url}: {self._place['Key']} has changed while it was read")
        # A store without ranges sends the whole object, and no ContentRange.
        stated = RANGE.fullmatch(answer.get("ContentRange", f"bytes 0-/{answer['ContentLength']}"))
        if stated is None or int(stated[1]) != self._offset:
            raise StoreUnreachable(f"{self._url}: {NO_STORE}: it has another range than the requested one")
        return int(stated[2])

    def _get(self, last: str) -> GetObjectOutputTypeDef:
        # All spans must be of one object.
        unchanged: dict[str, Any] = {"IfMatch": self._tag} if self._tag else {}
        return self._client.get_object(**self._place, Range=f"bytes={self._offset}-{last}", **unchanged)
