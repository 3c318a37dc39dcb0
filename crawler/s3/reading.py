"""Reading an object from an offset on: what breaks off is asked for again from where it broke."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from crawler.s3.errors import code_of, translated

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

READINGS = 3


class ObjectStream(io.RawIOBase):
    """An object's bytes; opening raises botocore's errors, reading StorageError."""

    def __init__(self, client: S3Client, url: str, place: dict[str, Any], offset: int) -> None:
        super().__init__()
        self._client = client
        self._url = url
        self._place = place
        self._offset = offset
        self._body: StreamingBody | None = self._opened()

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
        """Let go of the connection: what was not read is not fetched."""
        if self._body is not None:
            self._body.close()
            self._body = None
        super().close()

    def _read(self, size: int) -> bytes:
        for again in reversed(range(READINGS)):
            try:
                if self._body is None:
                    return b""
                return self._body.read(size)
            except BotoCoreError:
                if not again:
                    raise
                self._body = self._opened()
        raise AssertionError("read or failed")

    def _opened(self) -> StreamingBody | None:
        try:
            answer = self._client.get_object(**self._place, Range=f"bytes={self._offset}-", **self._unchanged())
        except ClientError as error:
            if code_of(error) in ("InvalidRange", "416"):
                return None  # there is nothing from here on
            raise
        self._tag = answer["ETag"]
        return answer["Body"]

    def _unchanged(self) -> dict[str, Any]:
        # Two halves must be of one object.
        return {"IfMatch": self._tag} if hasattr(self, "_tag") else {}
