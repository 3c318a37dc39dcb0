"""Uploads to a bucket: in one request or, for a large file, in parts that are not sent again after a crash."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from crawler.archive.documents import parsed
from crawler.archive.storage.base import Options
from crawler.archive.storage.s3_client import CHECKSUM_CODES, GONE, code_of, status_of
from crawler.archive.storage.s3_features import IF_NEW, NOTHING, WHOLE, Arguments, Digests, Features, crc64_of, md5_of
from crawler.system.files import sync_path
from crawler.system.processes import in_background

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class StoreNotes:
    """Small JSON files in a folder, named by the digest of their subject; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def read(self, *about: str) -> dict[str, Any]:
        """Return a note, {} if it is missing or damaged. Raises OSError."""
        if self._folder is None:
            return {}
        try:
            facts = parsed(self._path(self._folder, about).read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    def write(self, facts: dict[str, Any], *about: str) -> None:
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(self._folder, about)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_text(json.dumps(facts, ensure_ascii=False))
        sync_path(partial)
        partial.replace(path)
        sync_path(self._folder)

    def remove(self, *about: str) -> None:
        if self._folder is not None:
            self._path(self._folder, about).unlink(missing_ok=True)

    def _path(self, folder: Path, about: tuple[str, ...]) -> Path:
        name = hashlib.sha256("\n".join(about).encode()).hexdigest()[:32]
        return folder / f"{name}.json"


class SendingPace:
    """A limit of bytes a second for all threads of a process."""

    def __init__(self, bytes_per_second: float) -> None:
        self._rate = bytes_per_second
        self._free = time.monotonic()
        self._lock = threading.Lock()

    def wait(self, count: int) -> None:
        with self._lock:
            now = time.monotonic()
            self._free = max(self._free, now) + count / self._rate
            seconds = self._free - now
        time.sleep(seconds)


class PacedBody(BytesIO):
    """A request's body that is read at the pace while it is sent, but at once to be signed."""

    def __init__(self, data: bytes, pace: SendingPace) -> None:
        super().__init__(data)
        self.is_sent = False
        self._pace = pace

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if self.is_sent and data:
            self._pace.wait(len(data))
        return data


def begin_sending(request: Any, **_: Any) -> None:
    """Start the pacing of a request's body: a handler of botocore's event `before-send.s3`."""
    if isinstance(request.body, PacedBody):
        request.body.is_sent = True


# How often a part is sent if its checksum is wrong on arrival.
SENDINGS = 3

# The answers of a store that can't list parts.
UNKNOWN_STATUS = {405, 501}

# The keys in the note of an upload.
NOTED = {"upload", "part_size", "sha256"}
# Offset and length of a part, by its number.
Spans = dict[int, tuple[int, int]]

# A part in a store's answer, or in the request that completes the upload.
Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file and the object that it becomes; `sent` is called with the bytes of each arrived part."""

    local: Path
    place: Arguments
    keeping: Arguments
    digests: Digests
    sent: Callable[[int], object]

    @property
    def described(self) -> Arguments:
        return {**self.place, "Metadata": {"sha256": self.digests.sha256}, **self.keeping}

    def read(self, span: tuple[int, int]) -> bytes:
        with self.local.open("rb") as stream:
            return os.pread(stream.fileno(), span[1], span[0])


class UploadGone(Exception):
    """The upload is unknown to the store: completed before, dropped, or never begun; only HEAD can show which."""


class Sender:
    """Sends files and never overwrites; every method raises botocore's errors, OSError and UploadGone."""

    def __init__(self, client: S3Client, features: Features, options: Options, notes: StoreNotes) -> None:
        self._client = client
        self._features = features
        self._options = options
        self._notes = notes
        self._pace = SendingPace(options.bytes_per_second) if options.bytes_per_second else None
        client.meta.events.register("before-send.s3", begin_sending)

    def send(self, file: Outgoing) -> None:
        if file.digests.size <= self._options.part_size:
            self._send_whole(file)
        else:
            self._send_in_parts(file)

    def _send_whole(self, file: Outgoing) -> None:
        arguments = file.described | (IF_NEW if self._features.conditions else NOTHING)
        try:
            self._transfer(file, lambda **body: self._client.put_object(**arguments, **body), (0, file.digests.size))
        except ClientError as error:
            if status_of(error) != 412:
                raise

    def _send_in_parts(self, file: Outgoing) -> None:
        upload, part_size, arrived = self._resumed(file) or self._begun(file)
        size = file.digests.size
        starts = enumerate(range(0, size, part_size), 1)
        spans = {number: (start, min(part_size, size - start)) for number, start in starts}
        parts = {
            number: _named(number, part)
            for number, part in arrived.items()
            if number in spans and _is_same(file.read(spans[number]), part)
        }
        file.sent(sum(spans[number][1] for number in parts))
        missing = {number: span for number, span in spans.items() if number not in parts}
        parts |= self._sent(file, upload, missing)
        self._complete(file, upload, [parts[number] for number in sorted(parts)])

    def _resumed(self, file: Outgoing) -> tuple[str, int, dict[int, Any]] | None:
        note = self._notes.read(*about(file.place))
        if note.keys() != NOTED:
            return None
        pages = self._client.get_paginator("list_parts").paginate(**file.place, UploadId=note["upload"])
        try:
            parts = {part["PartNumber"]: part for page in pages for part in page.get("Parts", [])}
        except ClientError as error:
            if code_of(error) != GONE and status_of(error) not in UNKNOWN_STATUS:
                raise
            return None
        if note["sha256"] != file.digests.sha256:
            self._abort(file, note["upload"])  # the file has been mended since
            return None
        return note["upload"], note["part_size"], parts

    def _begun(self, file: Outgoing) -> tuple[str, int, dict[int, Any]]:
        arguments = file.described | (WHOLE if self._features.multipart_checksums else NOTHING)
        upload = self._client.create_multipart_upload(**arguments).get("UploadId")
        if upload is None:
            raise UploadGone  # the answer is not a store's
        part_size = self._options.part_size_of(file.digests.size)
        note = {"upload": upload, "part_size": part_size, "sha256": file.digests.sha256}
        self._notes.write(note, *about(file.place))
        return upload, part_size, {}

    def _sent(self, file: Outgoing, upload: str, spans: Spans) -> Iterator[tuple[int, Part]]:
        waiting = (partial(self._send_part, file, upload, number, span) for number, span in spans.items())
        on_their_way = {_begin(send) for send in islice(waiting, self._options.parts_at_once)}
        while on_their_way:
            arrived, on_their_way = wait(on_their_way, return_when=FIRST_COMPLETED)
            yield from [one.result() for one in arrived]
            on_their_way |= {_begin(send) for send in islice(waiting, len(arrived))}

    def _send_part(self, file: Outgoing, upload: str, number: int, span: tuple[int, int]) -> tuple[int, Part]:
        place: Arguments = {**file.place, "UploadId": upload, "PartNumber": number}
        try:
            part = self._transfer(file, lambda **body: self._client.upload_part(**place, **body), span)
        except ClientError as error:
            if code_of(error) == GONE:
                raise UploadGone from error
            raise
        return number, _named(number, part)

    def _transfer(self, file: Outgoing, request: Callable[..., Any], span: tuple[int, int]) -> Any:
        data = file.read(span)
        checksum = {"ChecksumCRC64NVME": crc64_of(data)} if self._features.checksums else {"ContentMD5": md5_of(data)}
        for again in reversed(range(SENDINGS)):
            try:
                answer = request(Body=PacedBody(data, self._pace) if self._pace else data, **checksum)
            except ClientError as error:
                if code_of(error) not in CHECKSUM_CODES or not again:
                    raise
            else:
                if "ETag" not in answer:
                    raise UploadGone  # the answer is not a store's
                file.sent(span[1])
                return answer
        raise AssertionError("sent or refused")

    def _complete(self, file: Outgoing, upload: str, parts: list[Part]) -> None:
        arguments: Arguments = {**file.place, "UploadId": upload, "MultipartUpload": {"Parts": parts}}
        arguments |= IF_NEW if self._features.multipart_conditions else NOTHING
        if self._features.multipart_checksums:
            arguments |= {"ChecksumCRC64NVME": file.digests.crc64, "ChecksumType": "FULL_OBJECT"}
        try:
            self._client.complete_multipart_upload(**arguments)
        except ClientError as error:
            if code_of(error) in CHECKSUM_CODES:
                # The parts do not make up the file: the next upload sends all of them.
                self._abort(file, upload)
                self._notes.remove(*about(file.place))
                raise
            if status_of(error) == 412:
                self._abort(file, upload)
            elif code_of(error) == GONE:
                raise UploadGone from error
            else:
                raise

    def _abort(self, file: Outgoing, upload: str) -> None:
        try:
            self._client.abort_multipart_upload(**file.place, UploadId=upload)
        except ClientError as error:
            if code_of(error) != GONE:
                raise


def _begin(send: Callable[[], tuple[int, Part]]) -> Future[tuple[int, Part]]:
    # In a daemon thread: a silent store must not keep the process from ending. The next run resumes.
    return in_background("khobor-upload", send)


def about(place: Arguments) -> tuple[str, str, str]:
    return "upload", str(place["Bucket"]), str(place["Key"])


def _named(number: int, part: Any) -> Part:
    return {"PartNumber": number} | {name: part[name] for name in ("ETag", "ChecksumCRC64NVME") if part.get(name)}


def _is_same(data: bytes, part: Part) -> bool:
    """Return whether an arrived part has these bytes; False if the store's ETag is not their MD5."""
    if len(data) != part["Size"]:
        return False
    if checksum := part.get("ChecksumCRC64NVME"):
        return bool(checksum == crc64_of(data))
    return bool(part["ETag"].strip('"') == base64.b64decode(md5_of(data)).hex())
