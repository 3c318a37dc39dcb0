"""The ZIP of a WACZ, written without seeking, and its anonymous signature: ECDSA over P-384 (wacz-auth 0.1.0)."""

import base64
import hashlib
import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from crawler.tools.export.output import ExportFailed, ForwardStream

WACZ_VERSION, SIGNATURE_VERSION = "1.1.1", "0.1.0"
DATAPACKAGE = "datapackage.json"


class Member:
    def __init__(self, handle: IO[bytes]) -> None:
        self.size = 0
        self.digest = hashlib.sha256()
        self._handle = handle

    def write(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self._handle.write(piece)
            self.digest.update(piece)
            self.size += len(piece)


class Package:
    """A WACZ on a stream. Only `finish` completes it; after `cut` no reader accepts it."""

    def __init__(self, stream: IO[bytes], created: datetime) -> None:
        self.created = created
        self._stream = ForwardStream(stream)
        self._zip = ZipFile(cast(IO[bytes], self._stream), "w", ZIP_STORED)
        self._resources: list[dict[str, Any]] = []

    @contextmanager
    def member(self, path: str, *, is_compressed: bool = False) -> Iterator[Member]:
        """Open the next file; it is listed in datapackage.json once closed.

        Readers of a compressed file read all of it. WARC files and indexes are stored: readers want ranges of them.
        """
        info = self._info(path)
        info.compress_type = ZIP_DEFLATED if is_compressed else ZIP_STORED
        with self._zip.open(info, "w", force_zip64=True) as handle:
            member = Member(handle)
            yield member
        name, digest = path.rpartition("/")[2], f"sha256:{member.digest.hexdigest()}"
        self._resources.append({"name": name, "path": path, "hash": digest, "bytes": member.size})

    def finish(self, facts: Mapping[str, str], key: ec.EllipticCurvePrivateKey) -> None:
        """Write datapackage.json with the facts and the list of files, its signed digest, and the ZIP's directory."""
        created = f"{self.created:%Y-%m-%dT%H:%M:%SZ}"
        head = {"profile": "data-package", "wacz_version": WACZ_VERSION, "created": created}
        text = _json({**head, **facts, "resources": self._resources})
        digest = f"sha256:{hashlib.sha256(text).hexdigest()}"
        signature = signed(digest, created, facts["software"], key)
        self._zip.writestr(self._info(DATAPACKAGE), text)
        signed_digest = {"path": DATAPACKAGE, "hash": digest, "signedData": signature}
        self._zip.writestr(self._info("datapackage-digest.json"), _json(signed_digest))
        self._zip.close()

    def cut(self) -> None:
        self._stream.cut()
        self._zip.close()

    def _info(self, path: str) -> ZipInfo:
        info = ZipInfo(path, self.created.timetuple()[:6])
        info.external_attr = 0o644 << 16
        # The time as Info-ZIP writes it. If a file has no extra field in the directory, ReplayWeb.page expects none in
        # the file's own header either, and reads the sizes there (ZIP64) as content.
        info.extra = struct.pack("<HHBL", 0x5455, 5, 1, int(self.created.timestamp()) & 0xFFFFFFFF)
        return info


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


def signing_key(path: str | None) -> ec.EllipticCurvePrivateKey:
    """Return the private key in a PEM file, or a new key without a file. Raises ExportFailed."""
    if not path:
        return ec.generate_private_key(ec.SECP384R1())
    try:
        key = serialization.load_pem_private_key(Path(path).read_bytes(), password=None)
    except OSError as error:
        raise ExportFailed(f"WACZ_SIGNING_KEY {path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ExportFailed(f"WACZ_SIGNING_KEY {path} is not a private key in PEM without a password") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP384R1):
        raise ExportFailed(
            f"WACZ_SIGNING_KEY {path} is not a key on the curve P-384; make one: openssl ecparam -name secp384r1"
        )
    return key


def signed(digest: str, created: str, software: str, key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """Return `signedData` for the digest (`sha256:…`) of a datapackage.json."""
    numbers = decode_dss_signature(key.sign(digest.encode(), ec.ECDSA(hashes.SHA256())))
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    # Web Crypto in browsers has both numbers at full width, not as ASN.1.
    signature = b"".join(number.to_bytes(48, "big") for number in numbers)
    return {
        "hash": digest,
        "created": created,
        "software": software,
        "version": SIGNATURE_VERSION,
        "signature": base64.b64encode(signature).decode("ascii"),
        "publicKey": base64.b64encode(public).decode("ascii"),
    }
