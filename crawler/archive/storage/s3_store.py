"""An archive in an S3 bucket: no object is overwritten, and each is verified after its upload."""

from __future__ import annotations

import hashlib
import io
import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from botocore.exceptions import BotoCoreError, ClientError

from crawler.archive.storage.base import MARK, MARK_BYTES, Options, StorageError, StoreUnreachable, unwatched
from crawler.archive.storage.directory import check_unchanged
from crawler.archive.storage.s3_client import NO_STORE, check_listing, check_object, client_for, code_of, translated
from crawler.archive.storage.s3_features import READ_BYTES, Digests, Features, Trial, digests_of, md5_of
from crawler.archive.storage.s3_upload import Outgoing, Sender, StoreNotes, UploadGone, about
from crawler.system.processes import in_background

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, HeadObjectOutputTypeDef

logger = logging.getLogger(__name__)

# S3's own limit (RequestTimeTooSkewed); other stores allow more, but records need the right time too.
CLOCK_LIMIT = timedelta(minutes=15)

# Connections kept for objects that are read at once, besides those for sending.
READERS = 20

# The time that a crawl waits for its store.
CHECK_SECONDS = 20.0
KNOWN = {field.name for field in fields(Features)}


class S3Storage:
    """Objects below `s3://bucket/prefix`, at AWS or where AWS_ENDPOINT_URL points; safe to use from several threads."""

    def __init__(self, url: str, options: Options | None = None) -> None:
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        if not bucket or "@" in bucket or ":" in bucket:
            raise StorageError("ARCHIVE_URL must be s3://bucket/prefix, without credentials")
        self.url = url
        self.bucket = bucket
        self.prefix = prefix.strip("/") + "/" if prefix.strip("/") else ""
        self._options = options or Options()
        self._notes = StoreNotes(self._options.folder)
        self._client = client_for(url, self._options.parts_at_once + READERS)
        self._known: Sender | None = None

    def check(self) -> None:
        """List, compare clocks, and try a write; a store that is silent for CHECK_SECONDS counts as unreachable."""
        answer = in_background("khobor-check", self._check)
        if not wait([answer], CHECK_SECONDS).done:
            raise StoreUnreachable(f"{self.url} gives no answer within {CHECK_SECONDS:.0f} seconds")
        answer.result()

    def _check(self) -> None:
        with translated(self.url):
            answer = self._client.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix, MaxKeys=1)
        check_listing(self.url, answer)
        self._check_clock(answer["ResponseMetadata"]["HTTPHeaders"].get("date", ""))
        with translated(self.url):
            if features := self._noted():
                # The features last, but the right to write may not.
                self._trial().repeat(features)
            else:
                self._sender()

    def put(self, local: Path, key: str, sent: Callable[[int], object] = unwatched, sha256: str = "") -> None:
        """Send a file, a large one in parts, unless the object is there; then verify the object."""
        digests = digests_of(local)
        if sha256:
            check_unchanged(local, digests.sha256, sha256)
        with translated(self.url):
            if not self._is_there(key, digests):
                self._send(Outgoing(local, self._place(key), self._options.keeping(key), digests, sent), key)
                if not self._is_there(key, digests):
                    raise StorageError(f"{key} is not in {self.url} after it was put there")
        # Only now: the process may be killed between the upload's end and here.
        self._notes.remove(*about(self._place(key)))

    def remove(self, key: str) -> None:
        """Delete the object; a bucket with versions keeps it as an older one."""
        with translated(self.url):
            self._client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def list(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix + prefix)
        with translated(self.url):
            for page in pages:
                check_listing(self.url, page)
                for entry in page.get("Contents", []):
                    key = entry["Key"].removeprefix(self.prefix)
                    if key != MARK:
                        yield key, entry["Size"]
                if page.get("IsTruncated") and not page.get("NextContinuationToken"):
                    raise StorageError(f"{self.url}: the store cuts a listing off without a token to continue it")

    def head(self, key: str) -> int:
        with translated(self.url):
            head = self._head(key)
        if head is None:
            raise FileNotFoundError(key)
        return head["ContentLength"]

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        try:
            with translated(self.url):
                stream = ObjectStream(self._client, self.url, self._place(key), offset)
        except StorageError as error:
            is_away = isinstance(error, StoreUnreachable)
            if not is_away and code_of(error.__cause__) in ("NoSuchKey", "404"):
                raise FileNotFoundError(key) from error
            raise
        return cast(BinaryIO, io.BufferedReader(stream, READ_BYTES // 16))

    def marker(self) -> bytes:
        try:
            with self.open(MARK) as stream:
                return stream.read(MARK_BYTES)
        except FileNotFoundError:
            return b""
        except StorageError as error:
            if code_of(error.__cause__) == "InvalidObjectState":
                return b""  # the trial has put it with an S3_STORAGE_CLASS that can't be read; what marks it has none
            raise

    def mark(self, content: bytes) -> None:
        """Put the object; where versions are kept, or locked, the one before stays as an older one."""
        with translated(self.url):
            self._client.put_object(
                **self._place(MARK), Body=content, ContentMD5=md5_of(content), **self._options.keeping(MARK)
            )

    def _place(self, key: str) -> dict[str, Any]:
        return {"Bucket": self.bucket, "Key": self.prefix + key}

    def _head(self, key: str) -> HeadObjectOutputTypeDef | None:
        try:
            head = self._client.head_object(**self._place(key), ChecksumMode="ENABLED")
        except ClientError as error:
            if code_of(error) in ("NoSuchKey", "404"):
                return None
            raise
        check_object(self.url, head)
        return head

    def _is_there(self, key: str, digests: Digests) -> bool:
        head = self._head(key)
        if head is not None and self._differs(key, head, digests):
            raise StorageError(f"{key} is in the archive already, with other content")
        return head is not None

    def _send(self, file: Outgoing, key: str) -> None:
        try:
            self._sender().send(file)
        except UploadGone as error:
            if not self._is_there(key, file.digests):
                raise StoreUnreachable(f"{self.url} has dropped the upload of {key}; it will be sent again") from error

    def _differs(self, key: str, head: HeadObjectOutputTypeDef, digests: Digests) -> bool:
        crc64 = head.get("ChecksumCRC64NVME") if head.get("ChecksumType") != "COMPOSITE" else None
        sha256 = head["Metadata"].get("sha256")
        if head["ContentLength"] != digests.size:
            return True
        if crc64 or sha256:
            return crc64 not in (None, digests.crc64) or sha256 not in (None, digests.sha256)
        return self._sha256_of(key) != digests.sha256

    def _sha256_of(self, key: str) -> str:
        # Another program has put the object.
        with self.open(key) as stream:
            return hashlib.file_digest(cast(io.BufferedReader, stream), "sha256").hexdigest()

    def _sender(self) -> Sender:
        """Return the sender for the store's features, which are tried once and noted."""
        if self._known is None:
            self._known = Sender(self._client, self._noted() or self._tried(), self._options, self._notes)
        return self._known

    def _noted(self) -> Features | None:
        noted = self._notes.read(*self._about_features)
        # Another version of khobor may have noted fewer features, or more.
        return Features(**noted) if noted.keys() == KNOWN else None

    def _tried(self) -> Features:
        trial = self._trial()
        try:
            features = trial.run()
        except ClientError as error:
            if self._options.lock and code_of(error) == "InvalidRequest":
                raise StorageError(f"{self.url}: the bucket has no object locks (S3_OBJECT_LOCK)") from error
            raise
        if lacking := features.lacking():
            if self.marker() != trial.content:
                raise StoreUnreachable(f"{self.url}: {NO_STORE}: it has not kept an object")
            logger.warning("%s: the store has %s", self.url, lacking)
        self._notes.write(asdict(features), *self._about_features)
        return features

    def _trial(self) -> Trial:
        return Trial(self._client, self.bucket, self.prefix, self._options.keeping("warc/"), self.marker())

    @property
    def _about_features(self) -> tuple[str, ...]:
        return ("features", self._client.meta.endpoint_url, self.url, *self._options.kept)

    def _check_clock(self, date: str) -> None:
        try:
            moment = parsedate_to_datetime(date)
        except ValueError:
            return  # an answer without a date
        # With `-0000`, an unknown zone, the moment has none; it is in UTC.
        difference = abs(datetime.now(UTC) - (moment if moment.tzinfo else moment.replace(tzinfo=UTC)))
        if difference > CLOCK_LIMIT:
            minutes = round(difference.total_seconds() / 60)
            raise StorageError(
                f"{self.url}: this machine's clock differs from the store's by {minutes} minutes: set it"
            )


READINGS = 3
RANGE = re.compile(r"bytes (\d+)-\d*/(\d+)")

# The bytes of the first span, the growth to the next, and the limit.
FIRST_BYTES, GROWTH, MOST_BYTES = 256 << 10, 4, 64 << 20


class ObjectStream(io.RawIOBase):
    """An object's bytes, fetched in growing spans. Opening raises botocore's errors, reading StorageError."""

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
