"""A record by itself: its header, by WARC/1.1 and our own writer, and its block with the digests."""

import base64
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import get_args

from crawler.archive import message
from crawler.archive.captures import IDENTICAL, NOT_MODIFIED, codings
from crawler.archive.message import Response
from crawler.archive.records import (
    HTTP_REQUEST,
    HTTP_RESPONSE,
    HTTP_VERSION,
    MEMBER_HEAD,
    PROFILE,
    VERSION,
    WARC_FIELDS,
)
from crawler.archive.warc_reader import StoredRecord
from crawler.recording.exchange import TRUNCATIONS, Outcome, Truncation

# Longer heads are not looked at.
HEAD_BYTES = 1 << 20

# WARC-Truncated of a response, empty for a whole exchange, by the outcome in its metadata.
TRUNCATED = {outcome: TRUNCATIONS.get(outcome, "") for outcome in get_args(Outcome)}

# Fields of metadata in base64, and the largest block that such fields fit into.
CODED = ("notModifiedResponse", "interimResponses", "incompleteResponse")
FIELDS_BYTES = 16 << 20

LINE = re.compile(rb"[!-~]+ ([!-~]+) HTTP/1\.1")
AUTHORITY = re.compile(r"([^:/?#]+)://([^/?#]*)")
HOST = re.compile(rb"(?i)\r\nHost:[ \t]*([^\r]*?)[ \t]*(?=\r|\Z)")
PORTS = {"http": ":80", "https": ":443"}

# The client leaves empty parts out of a target; the number of leading slashes depends on its version.
EMPTY = re.compile(r"^/+|;?\?$|;$|;(?=\?)")


@dataclass(frozen=True, slots=True)
class RecordContents:
    """The digests of a record's block and payload, the response or fields in it, and the problem with it, if any.

    `entity` is the digest without transfer coding, or the one that a metadata record states.
    """

    record: StoredRecord
    block: str
    payload: str | None = None
    entity: str | None = None
    response: Response | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None

    @property
    def kind(self) -> str:
        return self.record.kind

    @property
    def codings(self) -> str | None:
        """Transfer coding and content coding of the response, if there is one."""
        return ", ".join(coding or "none" for coding in codings(self.response)[:2]) if self.response else None


def contents_of(record: StoredRecord) -> RecordContents:
    if record.kind == "response" or (record.kind == "revisit" and record.size):
        return _of_response(record)
    block = message.digest(message.pieces(record.block, 0, record.size))
    if record.kind == "request":
        return _of_request(record, block)
    if record.size > FIELDS_BYTES:
        too_long = f"the block of the {record.kind} record is too long: {record.size} bytes"
        return RecordContents(record, block, problem=too_long)
    fields = record.warc_fields()
    problem = _fields_problem(fields) if record.kind == "metadata" else None
    return RecordContents(record, block, entity=fields.get("entityDigest"), fields=fields, problem=problem)


def facts_of(file: str, contents: RecordContents) -> tuple[str | int | None, ...]:
    """Return a record's row of the table `records`; the facts of its content are those of a readable response."""
    record, response = contents.record, contents.response
    content: tuple[str | int | None, ...] = (None,) * 6
    if record.kind == "response" and response is not None:
        uri, date = record.get("WARC-Target-URI"), record.get("WARC-Date")
        # A server may send more digits than SQLite's integers have.
        content = (uri, date, contents.entity, response.body_digest, str(response.status), contents.codings)
    return (record.get("WARC-Record-ID"), file, record.offset, record.length, record.kind, *content)


def revisit_facts(
    file: str, revisit: RecordContents, metadata: RecordContents | None, entity: str | None
) -> tuple[str | int | None, ...]:
    """Return a revisit's row of the table `revisits`."""
    record, fields = revisit.record, metadata.fields if metadata else {}
    refers = (record.get(f"WARC-Refers-To{part}") for part in ("", "-Target-URI", "-Date"))
    payload = record.get("WARC-Payload-Digest") or None
    original = (fields.get(f"original{name}") for name in ("File", "Offset", "Length"))
    return (file, record.offset, record.get("WARC-Date"), *refers, entity, payload, revisit.codings, *original)


def problems_of(contents: RecordContents) -> Iterator[str]:
    """Yield the problems of a record's block, and where digests or protocol in its header differ from the block."""
    record = contents.record
    if contents.problem:
        yield contents.problem
    for name, part, found in (("Block", "block", contents.block), ("Payload", "payload", contents.payload)):
        stated = record.get(f"WARC-{name}-Digest")
        if stated and found and stated != found:
            yield f"WARC-{name}-Digest is {stated}, the {part} gives {found}"
    version = contents.response.version if contents.response else ""
    if HTTP_VERSION.fullmatch(version) and version.lower() not in record.all("WARC-Protocol"):
        yield f"WARC-Protocol does not name {version.lower()}, the version of the response"


def is_not_modified(record: StoredRecord) -> bool:
    return record.get("WARC-Profile") == PROFILE + NOT_MODIFIED


def _of_response(record: StoredRecord) -> RecordContents:
    received = message.read(record.block, record.size)
    response = received.response
    if response is None or received.interim:
        block = message.digest(message.pieces(record.block, 0, record.size))
        return RecordContents(record, block, problem="the block is not an HTTP response")
    if record.kind == "revisit":
        problem = None if response.status == 200 else f"the revisit's status is {response.status}, not 200"
        return RecordContents(record, response.block_digest, response=response, problem=problem)
    entity = response.entity_digest
    return RecordContents(record, response.block_digest, payload=entity, entity=entity, response=response)


def _of_request(record: StoredRecord, block: str) -> RecordContents:
    record.block.seek(0)
    head, end, _ = record.block.read(HEAD_BYTES).partition(b"\r\n\r\n")
    payload = message.digest(message.pieces(record.block, len(head) + len(end), record.size))
    problem = request_problem(head, record.get("WARC-Target-URI")) if end else "the block is not an HTTP request"
    return RecordContents(record, block, payload=payload, problem=problem)


def _fields_problem(fields: dict[str, str]) -> str | None:
    if fields.get("outcome") not in TRUNCATED:
        return f"outcome is {fields.get('outcome') or 'missing'}"
    for name, default in (("fetchTimeMs", ""), ("surplusBytes", "0")):
        if not fields.get(name, default).isdecimal():
            return f"{name} is {fields.get(name) or 'missing'}"
    for name in CODED:
        try:
            data = base64.b64decode(fields.get(name, ""), validate=True)
        except ValueError:
            return f"{name} is not base64"
        if name == "notModifiedResponse" and name in fields and not _is_304(data):
            return "notModifiedResponse is not a response with status 304"
    return None


def _is_304(data: bytes) -> bool:
    response = message.read(io.BytesIO(data), len(data)).response
    return response is not None and response.status == 304


def request_problem(head: bytes, uri: str) -> str | None:
    """Return the problem of a request's head, up to its blank line, that went to the host of `uri` or to a proxy."""
    line = LINE.fullmatch(head.partition(b"\r\n")[0])
    if line is None:
        return "the block is not an HTTP request"
    target = line[1].decode("ascii")
    if target != uri and EMPTY.sub("", target) != EMPTY.sub("", AUTHORITY.sub("", uri, count=1)):
        return f"the request is for {target}, not for WARC-Target-URI"
    hosts = {host.decode("latin-1") for host in HOST.findall(head)}
    match = AUTHORITY.match(uri)
    if match is None or {_host(match[1], host) for host in hosts} == {_host(match[1], match[2])}:
        return None
    return f"the request's Host is {' and '.join(sorted(hosts)) or 'missing'}, not that of WARC-Target-URI"


def _host(scheme: str, authority: str) -> str:
    host = authority.rpartition("@")[2].lower()
    return host.removesuffix(PORTS.get(scheme.lower(), ":")).removesuffix(":")


DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

# They could end a field's line, or steer a terminal.
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
PROFILES = (PROFILE + IDENTICAL, PROFILE + NOT_MODIFIED)
REPEATABLE = ("warc-concurrent-to", "warc-protocol")
REFERS_TO = ("WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date")
CAPTURE = ("WARC-Target-URI", "WARC-Warcinfo-ID", "WARC-Concurrent-To")
ALWAYS = ("WARC-Record-ID", "WARC-Date", "WARC-Block-Digest")
# The media type of a block, and the fields that a record must and must not have, by its type.
FORMS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "warcinfo": (WARC_FIELDS, ("WARC-Filename",), (*CAPTURE, *REFERS_TO, "WARC-IP-Address", "WARC-Payload-Digest")),
    "response": (HTTP_RESPONSE, (*CAPTURE, "WARC-IP-Address"), (*REFERS_TO, "WARC-Profile", "WARC-Filename")),
    "request": (HTTP_REQUEST, (*CAPTURE, "WARC-Protocol"), (*REFERS_TO, "WARC-Profile", "WARC-Filename")),
    "metadata": (WARC_FIELDS, CAPTURE, ("WARC-Payload-Digest", "WARC-Profile", "WARC-Filename")),
    "revisit": (HTTP_RESPONSE, (*CAPTURE, *REFERS_TO, "WARC-Profile", "WARC-IP-Address"), ("WARC-Filename",)),
}


def header_problems(record: StoredRecord) -> Iterator[str]:
    """Yield the problems of a record's header, except digests, and of the head of its gzip member."""
    if record.begin != MEMBER_HEAD:
        yield "the head of the gzip member was altered"
    if record.version != VERSION:
        yield f"the record is {record.version}, not {VERSION}"
    if record.kind not in FORMS:
        yield f"the record's type is {record.kind or 'missing'}, which is not one of {', '.join(FORMS)}"
        return
    media_type, required, forbidden = FORMS[record.kind]
    for name, count in Counter(name.lower() for name, _ in record.fields).items():
        if count > 1 and name not in REPEATABLE:
            yield f"the field {name} is repeated, {count} times in all"
    for name, value in record.fields:
        if CONTROL.search(name + value):
            yield f"the field {name} holds a control character"
    for name in (*ALWAYS, *required):
        if not record.get(name):
            yield f"the {record.kind} record has no {name}"
    for name in forbidden:
        if record.get(name):
            yield f"the {record.kind} record must not have {name}"
    yield from _value_problems(record, media_type)


def moment_of(text: str) -> datetime | None:
    """Return the moment of a WARC-Date, None if it is not a UTC timestamp with microseconds."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if DATE.fullmatch(text) else None
    except ValueError:
        return None


# Each check returns a false value or raises ValueError for a wrong value.
VALUES: dict[str, tuple[Callable[[str], object], str]] = {
    "WARC-Truncated": (get_args(Truncation).__contains__, "a reason of the standard"),
    "WARC-Date": (moment_of, "a UTC timestamp with microseconds"),
    "WARC-IP-Address": (lru_cache(1024)(ip_address), "an IP address"),
    "WARC-Profile": (PROFILES.__contains__, "a profile of the standard"),
}


def _value_problems(record: StoredRecord, media_type: str) -> Iterator[str]:
    for name, (check, kind) in VALUES.items():
        value = record.get(name)
        try:
            is_good = not value or check(value)
        except ValueError:
            is_good = False
        if not is_good:
            yield f"{name} {value} is not {kind}"
    expected = media_type if record.size or record.kind != "revisit" else ""
    if record.get("Content-Type") != expected:
        yield f"Content-Type is {record.get('Content-Type') or 'missing'}, not {expected or 'missing'}"
    if record.kind == "revisit":
        yield from _revisit_problems(record)


def _revisit_problems(record: StoredRecord) -> Iterator[str]:
    is_identical = record.get("WARC-Profile") == PROFILE + IDENTICAL
    # Of an identical payload, the head alone is kept.
    cut = "length" if is_identical else ""
    if record.get("WARC-Truncated") != cut:
        yield f"WARC-Truncated is {record.get('WARC-Truncated') or 'missing'}, not {cut or 'missing'}"
    if bool(record.size) != is_identical:
        yield f"the revisit has a block of {record.size} bytes, contrary to its profile"
    if is_identical and not record.get("WARC-Payload-Digest"):
        yield "the revisit has no WARC-Payload-Digest"
    # Its date may be before its original's: clocks are set back.
    original = record.get("WARC-Refers-To-Target-URI")
    if original and original != record.get("WARC-Target-URI"):
        yield f"WARC-Refers-To-Target-URI {original} is not WARC-Target-URI"
