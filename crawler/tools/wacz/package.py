"""The ZIP around a slice: written front to back, members stored as they are and hashed on the way.

The anonymous signature of wacz-auth 0.1.0: ECDSA over P-384 with SHA-256, as ArchiveWeb.page signs."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from crawler.tools.export.output import ExportFailed

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


VERSION = "0.1.0"


def signing_key(path: str | None) -> ec.EllipticCurvePrivateKey:
    """Return the private key in a PEM file, or a new one that nobody keeps. Raises ExportFailed."""
    if not path:
        return ec.generate_private_key(ec.SECP384R1())
    try:
        key = serialization.load_pem_private_key(Path(path).read_bytes(), password=None)
    except OSError as error:
        raise ExportFailed(f"WACZ_SIGNING_KEY {path} can't be read: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ExportFailed(f"WACZ_SIGNING_KEY {path} is no private key in PEM without a password") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP384R1):
        raise ExportFailed(f"WACZ_SIGNING_KEY {path} is no key on the curve P-384 (openssl ecparam -name secp384r1)")
    return key


def signed(digest: str, created: str, software: str, key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """Return `signedData` for the digest, as `sha256:…`, of a datapackage.json."""
    signature = key.sign(digest.encode(), ec.ECDSA(hashes.SHA256()))
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {
        "hash": digest,
        "created": created,
        "software": software,
        "version": VERSION,
        "signature": base64.b64encode(_raw(signature)).decode("ascii"),
        "publicKey": base64.b64encode(public).decode("ascii"),
    }


def _raw(signature: bytes) -> bytes:
    """Return both numbers of a signature at full width, as the browsers' Web Crypto has them, not as ASN.1."""
    return b"".join(number.to_bytes(48, "big") for number in decode_dss_signature(signature))
