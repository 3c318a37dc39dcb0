"""An archive in an S3 bucket: `put` overwrites no object and verifies each; `replace` alone overwrites one."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from botocore.exceptions import ClientError

from crawler.archive.storage.base import MARK, MARK_BYTES, Options, StorageError, StoreUnreachable, unwatched
from crawler.archive.storage.directory import check_unchanged
from crawler.archive.storage.s3_client import check_listing, check_object, client_for, code_of, translated
from crawler.archive.storage.s3_reading import ObjectStream
from crawler.archive.storage.s3_upload import READ_BYTES, Digests, Sender, digests_of
from crawler.system import clock
from crawler.system.processes import in_background

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef, ListObjectsV2OutputTypeDef

# S3's own limit (RequestTimeTooSkewed); other stores allow more, but records need the right time too.
CLOCK_LIMIT = timedelta(minutes=15)

# Connections kept for objects that are read at once, besides those for sending.
READERS = 20

# The time that a crawl waits for its store.
CHECK_SECONDS = 20.0


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
        self._client = client_for(url, self._options.parts_at_once + READERS)
        self._sender = Sender(self._client, url, bucket, self._options)

    def check(self) -> None:
        """List, compare clocks, and try an upload; a store that is silent for CHECK_SECONDS counts as unreachable."""
        answer = in_background("khobor-check", self._check)
        if not wait([answer], CHECK_SECONDS).done:
            raise StoreUnreachable(f"{self.url} gives no answer within {CHECK_SECONDS:.0f} seconds")
        answer.result()

    def _check(self) -> None:
        with translated(self.url):
            answer = self._client.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix, MaxKeys=1)
        check_listing(self.url, answer)
        self._check_clock(answer["ResponseMetadata"]["HTTPHeaders"].get("date", ""))
        keeping = self._options.keeping("warc/")
        # The same content does no harm to a store that ignores the condition.
        if there := self.marker():
            self._send_marker(there, keeping)
        else:
            self._try_upload(keeping)

    def put(self, local: Path, key: str, sent: Callable[[int], object] = unwatched, sha256: str = "") -> None:
        """Send a file, a large one in parts, unless the object is there; then verify the object."""
        with local.open("rb") as stream:
            digests = digests_of(stream)
        if sha256:
            check_unchanged(local, digests.sha256, sha256)
        with translated(self.url):
            if self._is_there(key, digests):
                return
            self._sender.send(local, self.prefix + key, digests, self._options.keeping(key), sent)
            if not self._is_there(key, digests):
                raise StoreUnreachable(f"{key} is not in {self.url} after its upload; it will be sent again")

    def replace(self, local: Path, key: str, sha256: str) -> None:
        """Send a file without the condition; a bucket with versions keeps the damaged object as an older one."""
        with local.open("rb") as stream:
            digests = digests_of(stream)
        check_unchanged(local, digests.sha256, sha256)
        with translated(self.url), self._sender.replacing(self.prefix + key):
            self._sender.send(local, self.prefix + key, digests, self._options.keeping(key), unwatched)

    def remove(self, key: str) -> None:
        """Delete the object; a bucket with versions keeps it as an older one."""
        with translated(self.url):
            self._client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def list(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        for page in self._pages(prefix):
            for entry in page.get("Contents", []):
                key = entry["Key"].removeprefix(self.prefix)
                if key != MARK:
                    yield key, entry["Size"]

    def folders(self, prefix: str) -> Iterator[str]:
        for page in self._pages(prefix, "/"):
            for entry in page.get("CommonPrefixes", []):
                yield entry["Prefix"].removeprefix(self.prefix + prefix).rstrip("/")

    def _pages(self, prefix: str, delimiter: str = "") -> Iterator[ListObjectsV2OutputTypeDef]:
        listing = self._client.get_paginator("list_objects_v2")
        with translated(self.url):
            for page in listing.paginate(Bucket=self.bucket, Prefix=self.prefix + prefix, Delimiter=delimiter):
                check_listing(self.url, page)
                yield page
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

    def mark(self, content: bytes, is_replaced: bool = False) -> None:
        if is_replaced:
            with self._sender.replacing(self.prefix + MARK):
                self._send_marker(content, self._options.keeping(MARK))
        elif not self.marker():
            self._send_marker(content, self._options.keeping(MARK))

    def _send_marker(self, content: bytes, keeping: dict[str, Any]) -> None:
        with self._naming_locks():
            digests = digests_of(io.BytesIO(content))
            self._sender.send(content, self.prefix + MARK, digests, keeping, unwatched)

    def _try_upload(self, keeping: dict[str, Any]) -> None:
        """Begin an upload in parts and abort it: that takes the same rights, and leaves no object behind."""
        with self._naming_locks():
            upload = self._client.create_multipart_upload(**self._place(MARK), **keeping)
            self._client.abort_multipart_upload(**self._place(MARK), UploadId=upload["UploadId"])

    @contextmanager
    def _naming_locks(self) -> Iterator[None]:
        try:
            with translated(self.url):
                yield
        except StorageError as error:
            if self._options.lock and code_of(error.__cause__) == "InvalidRequest":
                raise StorageError(f"{self.url}: the bucket has no object locks (S3_OBJECT_LOCK)") from error
            raise

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

    def _differs(self, key: str, head: HeadObjectOutputTypeDef, digests: Digests) -> bool:
        crc64 = head.get("ChecksumCRC64NVME") if head.get("ChecksumType") != "COMPOSITE" else None
        sha256 = head["Metadata"].get("sha256")
        if head["ContentLength"] != digests.size:
            return True
        if crc64 or sha256:
            return crc64 not in (None, digests.crc64) or sha256 not in (None, digests.sha256)
        # Another program has put the object.
        with self.open(key) as stream:
            return digests_of(stream) != digests

    def _check_clock(self, date: str) -> None:
        # An answer may lack the date; its zone is always UTC.
        if moment := parsedate(date):
            difference = abs(clock.machine_now() - datetime(*moment[:6], tzinfo=UTC))
            if difference > CLOCK_LIMIT:
                minutes = round(difference.total_seconds() / 60)
                raise StorageError(
                    f"{self.url}: this machine's clock differs from the store's by {minutes} minutes: set it"
                )
