"""The block of a record: its digests, and the HTTP message or the fields in it."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from crawler.archive import message
from crawler.archive.captures import NOT_MODIFIED, codings
from crawler.archive.message import Response
from crawler.archive.records import HTTP_VERSION, PROFILE
from crawler.archive.warc_reader import StoredRecord
from crawler.recording.exchange import TRUNCATIONS, Outcome

# Longer heads are not looked at.
HEAD_BYTES = 1 << 20

# WARC-Truncated of a response, by the outcome in its metadata.
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
    """The digests of a block and of its payload, the response in it, and the problem with it, if there is one.

    `entity` is the digest without transfer coding, or the one that a metadata record states. `cut` is WARC-Truncated
    by a metadata record's outcome, empty for a whole exchange. `confirms` is true of metadata that holds a 304, and
    of the revisit that belongs to it.
    """

    block: str
    payload: str | None = None
    entity: str | None = None
    response: Response | None = None
    problem: str | None = None
    cut: str | None = None
    confirms: bool = False

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
        return RecordContents(block, problem=f"the block of the {record.kind} record is too long: {record.size} bytes")
    if record.kind == "metadata":
        fields = record.warc_fields()
        problem, cut = _fields_problem(fields), TRUNCATED.get(fields.get("outcome", ""))
        confirms = "notModifiedResponse" in fields
        return RecordContents(block, entity=fields.get("entityDigest"), problem=problem, cut=cut, confirms=confirms)
    return RecordContents(block, confirms=is_not_modified(record))


def fields_of(record: StoredRecord) -> dict[str, str]:
    """Return the fields in a block; empty if the block is too long for fields."""
    return record.warc_fields() if record.size <= FIELDS_BYTES else {}


def digest_problems(record: StoredRecord, contents: RecordContents) -> Iterator[str]:
    """Yield the problems of a block, and where its digests or protocol differ from the record's header."""
    if contents.problem:
        yield contents.problem
    stated = record.get("WARC-Block-Digest")
    if stated and stated != contents.block:
        yield f"WARC-Block-Digest is {stated}, the block gives {contents.block}"
    payload = record.get("WARC-Payload-Digest")
    if payload and contents.payload and payload != contents.payload:
        yield f"WARC-Payload-Digest is {payload}, the payload gives {contents.payload}"
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
        return RecordContents(block, problem="the block is not an HTTP response")
    if record.kind == "revisit":
        problem = None if response.status == 200 else f"the revisit's status is {response.status}, not 200"
        return RecordContents(response.block_digest, response=response, problem=problem)
    return RecordContents(response.block_digest, response.entity_digest, response.entity_digest, response)


def _of_request(record: StoredRecord, block: str) -> RecordContents:
    record.block.seek(0)
    head, end, _ = record.block.read(HEAD_BYTES).partition(b"\r\n\r\n")
    payload = message.digest(message.pieces(record.block, len(head) + len(end), record.size))
    problem = request_problem(head, record.get("WARC-Target-URI")) if end else "the block is not an HTTP request"
    return RecordContents(block, payload=payload, problem=problem)


def _fields_problem(fields: dict[str, str]) -> str | None:
    """Return the first problem of a metadata record's fields."""
    if fields.get("outcome") not in TRUNCATED:
        return f"outcome is {fields.get('outcome') or 'missing'}"
    if not fields.get("fetchTimeMs", "").isdecimal():
        return f"fetchTimeMs is {fields.get('fetchTimeMs') or 'missing'}"
    if not fields.get("surplusBytes", "0").isdecimal():
        return f"surplusBytes is {fields['surplusBytes']}"
    for name in CODED:
        if name in fields:
            try:
                base64.b64decode(fields[name], validate=True)
            except ValueError:
                return f"{name} is not base64"
    return _not_modified_problem(fields)


def _not_modified_problem(fields: dict[str, str]) -> str | None:
    if "notModifiedResponse" not in fields:
        return None
    answer = base64.b64decode(fields["notModifiedResponse"])
    response = message.read(io.BytesIO(answer), len(answer)).response
    return None if response and response.status == 304 else "notModifiedResponse is not a response with status 304"


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
    """Return the host and port without user name and without the scheme's default port."""
    host = authority.rpartition("@")[2].lower()
    return host.removesuffix(PORTS.get(scheme.lower(), ":")).removesuffix(":")
