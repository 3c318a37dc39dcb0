"""The index line of a capture: CDXJ 0.1.0, with the keys of pywb and cdxj-indexer."""

import json
import re
import socket
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Address
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from crawler.archive.documents import parsed
from crawler.model.capture import Place

# The key (SURT) is the canonical address in the Wayback Machine's index, with its host reversed.
REPEATED_SCHEME = re.compile(rb"(?:https?://)+(?=https?://)")
ADDRESS = re.compile(rb"([a-z][a-z0-9+.-]*)://([^/?#]*)([^?#]*)(?:\?([^#]*))?", re.IGNORECASE)
HOST_PORT = re.compile(rb"(?:.*@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$")
NUMERIC_HOST = re.compile(rb"(?:[1-9]\d*(?:\.\d+){0,3}|0[0-7]*(?:\.[0-7]+){0,3})$")
DEFAULT_PORTS = {b"http": 80, b"https": 443}
SAFE = rb"!\"$&'()*+,-./:;<=>?@[\]^_`{|}~".decode()
SESSION_BYTES = 4096
PATH_SESSIONS = [
    re.compile(rb"^(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)$", re.IGNORECASE),
    re.compile(rb"^(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)$", re.IGNORECASE),
]
QUERY_SESSIONS = [
    re.compile(rb"^(.*)(?:" + session + rb")(?:&(.*))?$", re.IGNORECASE)
    for session in (
        rb"jsessionid=[0-9a-z]{32}",
        rb"phpsessid=[0-9a-z]{32}",
        rb"sid=[0-9a-z]{32}",
        rb"aspsessionid[a-z]{8}=[a-z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    )
]


def index_line(place: Place, date: datetime, status: int, mime: str | None, digest: str) -> str:
    """Return the line of a record without its line end; it names the file by the last part of its path."""
    fields = {
        "url": place.url,
        "mime": mime or "unk",
        "status": str(status),
        "digest": digest,
        "length": str(place.length),
        "offset": str(place.offset),
        "filename": place.file.rpartition("/")[2],
    }
    return f"{surt(place.url)} {date.astimezone(UTC):%Y%m%d%H%M%S} {json.dumps(fields)}"


# Addresses have up to 100 kB.
LINE_BYTES = 8 << 20


def entry_of(line: bytes) -> dict[str, Any]:
    """Return the fields of an index line; empty if it is malformed."""
    try:
        entry = parsed(line.split(b" ", 2)[2])
    except (IndexError, ValueError):
        return {}
    return entry if isinstance(entry, dict) else {}


def offset_of(line: bytes) -> int | None:
    """Return the offset in an index line, None if it has none."""
    text = entry_of(line).get("offset")
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19 else None


def surt(url: str) -> str:
    """Return the sort-friendly key of a web address, `com,example)/path?query`; other text as it is."""
    match = ADDRESS.match(REPEATED_SCHEME.sub(b"", url.encode().strip().translate(None, b"\r\n\t")))
    if match is None:
        return url
    scheme, netloc, path, query = match.groups()
    host = _host(scheme.lower(), netloc)
    return (host + b")" + _path(path) + _query(query)).decode("ascii")


@lru_cache(1024)
def _host(scheme: bytes, netloc: bytes) -> bytes:
    match = HOST_PORT.match(netloc)
    host, port = match.groups() if match else (netloc, None)
    host = _unescaped(host.strip(b"[]").lower())
    if not host.isascii():
        host = _internationalised(host)
    host = host.replace(b"..", b".").strip(b".")
    host = _dotted_quad(host) or _escaped(host).lower()
    host = re.sub(rb"^www\d*\.", b"", host)
    reversed_host = b",".join(reversed(host.split(b".")))
    number = int(port) if port else None
    return reversed_host if number in (None, DEFAULT_PORTS.get(scheme)) else b"%b:%d" % (reversed_host, number)


def _path(path: bytes) -> bytes:
    kept: list[bytes] = []
    for part in _unescaped(path).split(b"/")[1:]:
        if part == b".." and kept:
            kept.pop()
        elif part != b".":
            kept.append(part)
    # An empty part before the last is a doubled slash.
    parts = [part for part in kept[:-1] if part] + kept[-1:]
    key = _escaped(b"/" + b"/".join(parts)).lower()
    key = _without_session(key, PATH_SESSIONS if b".aspx" in key else [])
    return key.removesuffix(b"/") if len(key) > 1 else key


def _query(query: bytes | None) -> bytes:
    if not query:
        return b""
    key = _without_session(_escaped(_unescaped(query)), QUERY_SESSIONS)
    arguments = sorted(argument.split(b"=", 1) for argument in key.lower().split(b"&"))
    ordered = b"&".join(b"=".join(argument) for argument in arguments)
    return b"?" + ordered if key else b""


def _without_session(text: bytes, patterns: list[re.Pattern[bytes]]) -> bytes:
    # The patterns take quadratic time, and no real session is in an address of 100 kB.
    for pattern in patterns if len(text) <= SESSION_BYTES else ():
        text = pattern.sub(lambda match: match[1] + (match[2] or b""), text)
    return text


def _escaped(text: bytes) -> bytes:
    return quote_from_bytes(text, safe=SAFE).encode()


def _unescaped(text: bytes) -> bytes:
    # All layers; the bound is for addresses of 100 kB of %252525….
    for _ in range(64):
        if (once := unquote_to_bytes(text)) == text:
            break
        text = once
    return text


def _internationalised(host: bytes) -> bytes:
    try:
        return host.decode("utf-8", "ignore").encode("idna")
    except UnicodeError:
        return host


def _dotted_quad(host: bytes) -> bytes | None:
    if host.isdigit():
        return str(IPv4Address(int(host) & 0xFFFFFFFF)).encode()
    if NUMERIC_HOST.match(host) is None:
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(host.decode())).encode()
    except OSError:
        return None
