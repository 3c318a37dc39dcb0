"""What a file is known by: its bytes, SHA-256, and the CRC64NVME that S3 keeps of whole objects."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from awscrt.checksums import crc64nvme

READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Digests:
    """Size in bytes, SHA-256 in hexadecimal, CRC64NVME in base64."""

    size: int
    sha256: str
    crc64: str


def digests_of(path: Path) -> Digests:
    """Read a file once. Raises OSError."""
    size, hasher, checksum = 0, hashlib.sha256(), 0
    with path.open("rb") as stream:
        while piece := stream.read(READ_BYTES):
            size += len(piece)
            hasher.update(piece)
            checksum = crc64nvme(piece, checksum)
    return Digests(size, hasher.hexdigest(), _encoded(checksum))


def crc64_of(data: bytes) -> str:
    """Return the CRC64NVME of bytes, in base64 as S3 has it."""
    return _encoded(crc64nvme(data))


def md5_of(data: bytes) -> str:
    """Return the MD5 of bytes, in base64: what stores check that know no other."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def _encoded(checksum: int) -> str:
    return base64.b64encode(checksum.to_bytes(8)).decode()
