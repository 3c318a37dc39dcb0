"""The digests of a file, and the features of a store: a trial finds those that it supports."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from awscrt.checksums import crc64nvme
from botocore.exceptions import ClientError

from crawler.archive.storage.base import MARK, MARK_LINE
from crawler.archive.storage.s3_client import CHECKSUM_CODES, MEANINGS, code_of, status_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Digests:
    """Size in bytes, SHA-256 in hexadecimal, and CRC64NVME in base64, which S3 keeps of whole objects."""

    size: int
    sha256: str
    crc64: str


def digests_of(path: Path) -> Digests:
    """Return the digests of a file, which is read once. Raises OSError."""
    size, hasher, checksum = 0, hashlib.sha256(), 0
    with path.open("rb") as stream:
        while piece := stream.read(READ_BYTES):
            size += len(piece)
            hasher.update(piece)
            checksum = crc64nvme(piece, checksum)
    return Digests(size, hasher.hexdigest(), _encoded(checksum))


def crc64_of(data: bytes) -> str:
    return _encoded(crc64nvme(data))


def md5_of(data: bytes) -> str:
    """Return the MD5 in base64, for stores that check no CRC64NVME."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def _encoded(checksum: int) -> str:
    return base64.b64encode(checksum.to_bytes(8)).decode()


Arguments = dict[str, Any]
NOTHING: Arguments = {}
IF_NEW: Arguments = {"IfNoneMatch": "*"}
WHOLE: Arguments = {"ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "FULL_OBJECT"}


@dataclass(frozen=True, slots=True)
class Features:
    """Whether a store supports conditional writes and CRC64NVME, and both for multipart uploads."""

    conditions: bool = True
    checksums: bool = True
    multipart_conditions: bool = True
    multipart_checksums: bool = True

    def lacking(self) -> str:
        """Return the missing features and their replacements as one line, "" if the store has all."""
        lacks = []
        if not (self.conditions and self.multipart_conditions):
            lacks.append("no conditional writes (a HEAD request before each instead)")
        if not (self.checksums and self.multipart_checksums):
            lacks.append("no CRC64NVME (MD5, and a comparison of sizes instead)")
        return " and ".join(lacks)


class Trial:
    def __init__(self, client: S3Client, bucket: str, prefix: str, keeping: Arguments, marker: bytes) -> None:
        """Take the marker's content: some stores put it again, whatever the condition."""
        self._client = client
        self._place: Arguments = {"Bucket": bucket, "Key": prefix + MARK}
        self._keeping = keeping
        self.content = marker if marker.startswith(MARK_LINE) else MARK_LINE
        self._right: Arguments = {"ChecksumCRC64NVME": crc64_of(self.content)}
        self._wrong: Arguments = {"ChecksumCRC64NVME": crc64_of(self.content + b"x")}
        self._md5: Arguments = {"ContentMD5": md5_of(self.content)}

    def run(self) -> Features:
        conditions, checksums = self._accepted()
        # A store may have ignored an unknown header; now that the object is there, it must refuse.
        conditions = conditions and self._status(**IF_NEW, **self._md5, **self._keeping) == 412
        checksums = checksums and self._status(**self._wrong, **self._keeping) != 200
        whole = checksums and self._begins(**WHOLE)
        return Features(conditions, checksums, conditions and self._completes_if_new(), whole)

    def repeat(self, features: Features) -> None:
        """Put the object again in the way in which a store with these features gets files."""
        condition = IF_NEW if features.conditions else NOTHING
        try:
            self._put(**condition, **(self._right if features.checksums else self._md5), **self._keeping)
        except ClientError as error:
            if status_of(error) != 412:  # it is there
                raise

    def _accepted(self) -> tuple[bool, bool]:
        for condition, checksum in ((IF_NEW, self._right), (IF_NEW, self._md5), (NOTHING, self._right)):
            if self._status(**condition, **checksum, **self._keeping) in (200, 412):
                return bool(condition), checksum is self._right
        self._put(**self._md5, **self._keeping)
        return False, False

    def _status(self, **arguments: Any) -> int:
        """Return the HTTP status of putting the object. Raises errors that are not about the arguments."""
        try:
            self._put(**arguments)
        except ClientError as error:
            is_expected = code_of(error) in CHECKSUM_CODES and self._wrong.items() <= arguments.items()
            if not is_expected and not _is_about_arguments(error):
                raise
            return status_of(error)
        return 200

    def _put(self, **arguments: Any) -> None:
        self._client.put_object(**self._place, Body=self.content, **arguments)

    def _begins(self, **arguments: Any) -> bool:
        try:
            self._abort(self._client.create_multipart_upload(**self._place, **arguments)["UploadId"])
        except ClientError as error:
            if not _is_about_arguments(error):
                raise
            return False
        return True

    def _completes_if_new(self) -> bool:
        upload = self._client.create_multipart_upload(**self._place, **self._keeping)["UploadId"]
        try:
            part = self._client.upload_part(**self._place, UploadId=upload, PartNumber=1, Body=self.content)
            parts: Any = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
            self._client.complete_multipart_upload(**self._place, UploadId=upload, MultipartUpload=parts, **IF_NEW)
        except ClientError as error:
            self._abort(upload)
            if not _is_about_arguments(error):
                raise
            return status_of(error) == 412
        return False

    def _abort(self, upload: str) -> None:
        self._client.abort_multipart_upload(**self._place, UploadId=upload)


def _is_about_arguments(error: ClientError) -> bool:
    # Some stores answer an unknown header with a 400 without a code.
    return status_of(error) in (400, 412, 501) and (code_of(error) == "400" or code_of(error) not in MEANINGS)
