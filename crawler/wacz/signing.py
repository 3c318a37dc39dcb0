"""The anonymous signature of wacz-auth 0.1.0: ECDSA over P-384 with SHA-256, as ArchiveWeb.page signs."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from crawler.exporting import ExportFailed

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
