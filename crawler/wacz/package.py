"""The ZIP around a slice: written front to back, members stored as they are and hashed on the way."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from crawler.wacz.signing import signed

WACZ_VERSION = "1.1.1"
DATAPACKAGE = "datapackage.json"


class _Forward:
    """A stream that takes bytes and can't go back in them."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream: IO[bytes] | None = stream

    def write(self, data: bytes) -> int:
        return len(data) if self._stream is None else self._stream.write(data)

    def flush(self) -> None:
        if self._stream is not None:
            self._stream.flush()

    def cut(self) -> None:
        self._stream = None


class Member:
    """One file in the making inside the ZIP."""

    def __init__(self, handle: IO[bytes]) -> None:
        self.size = 0
        self._handle = handle
        self._digest = hashlib.sha256()

    @property
    def digest(self) -> str:
        """SHA-256 of what was written, as `sha256:…`."""
        return f"sha256:{self._digest.hexdigest()}"

    def write(self, pieces: Iterable[bytes]) -> None:
        """Append to the file."""
        for piece in pieces:
            self._handle.write(piece)
            self._digest.update(piece)
            self.size += len(piece)


class Package:
    """A WACZ that grows on a stream; `finish` makes it one, `cut` leaves what no reader takes for one."""

    def __init__(self, stream: IO[bytes], created: datetime) -> None:
        self.created = created
        self._forward = _Forward(stream)
        self._zip = ZipFile(cast(IO[bytes], self._forward), "w", ZIP_STORED)
        self._resources: list[dict[str, Any]] = []

    @contextmanager
    def member(self, path: str) -> Iterator[Member]:
        """Open the next file; it is listed in datapackage.json once closed."""
        with self._zip.open(self._info(path), "w", force_zip64=True) as handle:
            member = Member(handle)
            yield member
        name = path.rpartition("/")[2]
        self._resources.append({"name": name, "path": path, "hash": member.digest, "bytes": member.size})

    def finish(self, facts: Mapping[str, str], key: EllipticCurvePrivateKey) -> None:
        """Write datapackage.json from the facts and the files listed, its signed digest, and the ZIP's directory."""
        created = f"{self.created:%Y-%m-%dT%H:%M:%SZ}"
        described = {
            "profile": "data-package",
            "wacz_version": WACZ_VERSION,
            "created": created,
            **facts,
            "resources": self._resources,
        }
        text = _json(described)
        digest = f"sha256:{hashlib.sha256(text).hexdigest()}"
        signature = signed(digest, created, facts["software"], key)
        self._zip.writestr(self._info(DATAPACKAGE), text)
        told = {"path": DATAPACKAGE, "hash": digest, "signedData": signature}
        self._zip.writestr(self._info("datapackage-digest.json"), _json(told))
        self._zip.close()

    def cut(self) -> None:
        """Stop for good: nothing more is written, the ZIP's directory above all."""
        self._forward.cut()
        self._zip.close()

    def _info(self, path: str) -> ZipInfo:
        info = ZipInfo(path, self.created.timetuple()[:6])
        info.external_attr = 0o644 << 16
        # The moment as Info-ZIP writes it. Without an extra field in the directory ReplayWeb.page takes it that the
        # file's own header has none either, and reads the sizes there (ZIP64) as content.
        info.extra = struct.pack("<HHBL", 0x5455, 5, 1, int(self.created.timestamp()) & 0xFFFFFFFF)
        return info


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()
