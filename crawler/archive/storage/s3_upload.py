"""Uploads to a bucket through boto3's transfer: a large file in parts, an interrupted one from its first byte."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import math
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, BinaryIO

from awscrt.checksums import crc64nvme
from botocore.exceptions import ClientError
from s3transfer.futures import BaseExecutor
from s3transfer.manager import TransferConfig, TransferManager
from s3transfer.subscribers import BaseSubscriber

from crawler.archive.storage.base import Options, StoreUnreachable
from crawler.archive.storage.s3_client import CHECKSUM_CODES, GONE, KNOWN_CODES, NO_STORE, code_of, status_of
from crawler.system.processes import in_background

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

READ_BYTES = 1 << 20

# How often a file is sent if its checksum is wrong on arrival.
SENDINGS = 3

# The time that a cancelled upload has to be aborted.
ABORT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Digests:
    """Size in bytes, SHA-256 in hexadecimal, and CRC64NVME in base64, which S3 keeps of whole objects."""

    size: int
    sha256: str
    crc64: str


def digests_of(stream: BinaryIO) -> Digests:
    """Return the digests of what is left of a stream. Raises OSError."""
    size, hasher, checksum = 0, hashlib.sha256(), 0
    while piece := stream.read(READ_BYTES):
        size += len(piece)
        hasher.update(piece)
        checksum = crc64nvme(piece, checksum)
    return Digests(size, hasher.hexdigest(), _encoded(checksum))


def _encoded(checksum: int) -> str:
    return base64.b64encode(checksum.to_bytes(8)).decode()


# What a store may lack, with the replacement.
CONDITION = "conditional writes (a HEAD request before each instead)"
CHECKSUM = "CRC64NVME (SHA-256 of each request, and a comparison of sizes instead)"
# What a write is sent without, in the order in which they are tried.
FORMS: tuple[tuple[str, ...], ...] = ((), (CHECKSUM,), (CONDITION,), (CONDITION, CHECKSUM))


class Sender:
    """Sends files; aborts an upload that fails. Raises botocore's errors, OSError, StorageError.

    The condition that nothing is overwritten is in all writes of the client, but for objects in `replacing`.
    """

    def __init__(self, client: S3Client, url: str, bucket: str, options: Options) -> None:
        self._url = url
        self._bucket = bucket
        self._lacking = FORMS[0]
        self._replaced: set[str] = set()
        config = TransferConfig(
            multipart_threshold=options.part_size,
            multipart_chunksize=options.part_size,
            # Requests on their way count, and nothing else limits them: a task has a thread of its own.
            max_request_queue_size=options.parts_at_once,
            max_bandwidth=math.ceil(options.bytes_per_second) or None,
        )
        self._manager = TransferManager(client, config, executor_cls=DaemonExecutor)
        # The transfer knows no condition, and over TLS it would send the checksums of parts as trailers, which some
        # stores write into the object.
        for operation in ("PutObject", "CompleteMultipartUpload"):
            client.meta.events.register(f"provide-client-params.s3.{operation}", self._add_condition)
        client.meta.events.register("provide-client-params.s3.UploadPart", _add_checksum)

    def send(
        self, source: Path | bytes, key: str, digests: Digests, keeping: dict[str, Any], sent: Callable[[int], object]
    ) -> None:
        """Send a file, or bytes, in the best form that the store takes; only HEAD shows which object is there then.

        `keeping` are further arguments for the object.
        """
        arguments = {**keeping, "Metadata": {"sha256": digests.sha256}}
        transfer = partial(self._transfer, source, key, arguments, digests.crc64, sent)
        known = best = self._lacking
        try:
            while not self._is_taken(transfer):
                self._lacking = FORMS[FORMS.index(self._lacking) + 1]
            best = self._lacking
        finally:
            self._lacking = best
        if best != known:
            logger.warning("%s: the store has no %s", self._url, " and no ".join(best))

    @contextmanager
    def replacing(self, key: str) -> Iterator[None]:
        """Let an object be overwritten meanwhile."""
        self._replaced.add(key)
        try:
            yield
        finally:
            self._replaced.discard(key)

    def _is_taken(self, transfer: Callable[[], None]) -> bool:
        """Send a file; return False if the store refuses the form and there is another one."""
        for again in reversed(range(SENDINGS)):
            try:
                transfer()
                break
            except ClientError as error:
                # An object is there, or a repeated request has completed the upload, or the store has dropped it.
                if status_of(error) == 412 or code_of(error) == GONE:
                    break
                if _is_about_form(error) and self._lacking != FORMS[-1]:
                    return False
                if code_of(error) not in CHECKSUM_CODES or not again:
                    raise
        return True

    def _transfer(
        self, source: Path | bytes, key: str, arguments: dict[str, Any], crc64: str, sent: Callable[[int], object]
    ) -> None:
        if CHECKSUM not in self._lacking:
            arguments = {**arguments, "ChecksumCRC64NVME": crc64}
        stream = io.BytesIO(source) if isinstance(source, bytes) else str(source)
        progress = Progress()
        upload = self._manager.upload(stream, self._bucket, key, arguments, [progress])
        try:
            while (count := progress.counts.get()) is not None:
                sent(count)
        except BaseException:
            upload.cancel()
            wait([in_background("khobor-abort", upload.result)], ABORT_SECONDS)
            raise
        try:
            upload.result()
        except KeyError as error:
            raise StoreUnreachable(f"{self._url}: {NO_STORE}: it lacks {error.args[0]}") from error

    def _add_condition(self, params: dict[str, Any], **_: Any) -> None:
        if CONDITION not in self._lacking and params["Key"] not in self._replaced:
            params["IfNoneMatch"] = "*"


class Progress(BaseSubscriber):
    """Hands the numbers of sent bytes, and None at the end, to the thread that waits for an upload."""

    def __init__(self) -> None:
        self.counts: SimpleQueue[int | None] = SimpleQueue()

    def on_progress(self, future: Any, bytes_transferred: int, **_: Any) -> None:
        self.counts.put(bytes_transferred)

    def on_done(self, future: Any, **_: Any) -> None:
        self.counts.put(None)


class DaemonExecutor(BaseExecutor):
    """Runs each task in a daemon thread: with the threads of an ordinary pool, a silent store keeps a process alive."""

    def submit(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        return in_background("khobor-upload", partial(fn, *args, **kwargs))


def _add_checksum(params: dict[str, Any], **_: Any) -> None:
    """Replace the algorithm for a part's checksum by the checksum."""
    if params.pop("ChecksumAlgorithm", None):
        checksum, body = 0, params["Body"]
        while piece := body.read(READ_BYTES):
            checksum = crc64nvme(piece, checksum)
        body.seek(0)
        params["ChecksumCRC64NVME"] = _encoded(checksum)


def _is_about_form(error: ClientError) -> bool:
    # Some stores answer an unknown header with a 400 without a code.
    return status_of(error) in (400, 501) and (code_of(error) == "400" or code_of(error) not in KNOWN_CODES)
