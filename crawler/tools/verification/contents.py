"""The block of a record against its digests, and what it tells of the exchange.

The first line and the host of a request against the address that its record names."""

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

# A head of a message that is longer is none.
HEAD_BYTES = 1 << 20

# What WARC-Truncated says of a response, by the outcome of its exchange.
TRUNCATED = {outcome: TRUNCATIONS.get(outcome, "") for outcome in get_args(Outcome)}

# Metadata holds, in base64, what came in place of a response.
FIELDS_BYTES = 16 << 20
CODED = ("notModifiedResponse", "interimResponses", "incompleteResponse")


@dataclass(frozen=True, slots=True)
class RecordContents:
    """What a block was found to be: its digest, its payload's, and the response in it, if it should be one.

    `entity` is the digest with transfer coding removed, or what a metadata record says that it is; `cut` is what
    WARC-Truncated must say by a metadata record's outcome, empty of an exchange that came to its end; `confirms`
    tells of metadata with a 304 in it and of the revisit beside it.
    """

    block: str
    payload: str | None = None
    entity: str | None = None
    response: Response | None = None
    complaint: str | None = None
    cut: str | None = None
    confirms: bool = False

    @property
    def codings(self) -> str | None:
        """Transfer coding and content coding of the response, if there is one."""
        return ", ".join(coding or "none" for coding in codings(self.response)[:2]) if self.response else None


def contents_of(record: StoredRecord) -> RecordContents:
    """Read the block of a record once."""
    if record.kind == "response" or (record.kind == "revisit" and record.size):
        return _of_response(record)
    block = message.digest(message.pieces(record.block, 0, record.size))
    if record.kind == "request":
        return _of_request(record, block)
    if record.size > FIELDS_BYTES:
        problem = f"{record.size} bytes are too many for the fields of a {record.kind} record"
        return RecordContents(block, complaint=problem)
    if record.kind == "metadata":
        fields = record.warc_fields()
        complaint, cut = _fields_problem(fields), TRUNCATED.get(fields.get("outcome", ""))
        confirms = "notModifiedResponse" in fields
        return RecordContents(block, entity=fields.get("entityDigest"), complaint=complaint, cut=cut, confirms=confirms)
    return RecordContents(block, confirms=is_not_modified(record))


def fields_of(record: StoredRecord) -> dict[str, str]:
    """Return the fields in a block; none when it is longer than fields are."""
    return record.warc_fields() if record.size <= FIELDS_BYTES else {}


def digest_problems(record: StoredRecord, contents: RecordContents) -> Iterator[str]:
    """Yield what is wrong between a record's digests, and the protocol it names, and its block."""
    if contents.complaint:
        yield contents.complaint
    stated = record.get("WARC-Block-Digest")
    if stated and stated != contents.block:
        yield f"WARC-Block-Digest is {stated}, the block gives {contents.block}"
    payload = record.get("WARC-Payload-Digest")
    if payload and contents.payload and payload != contents.payload:
        yield f"WARC-Payload-Digest is {payload}, the payload gives {contents.payload}"
    version = contents.response.version if contents.response else ""
    if HTTP_VERSION.fullmatch(version) and version.lower() not in record.all("WARC-Protocol"):
        yield f"WARC-Protocol does not name {version.lower()}, the response's"


def is_not_modified(record: StoredRecord) -> bool:
    """Tell whether a revisit is one by which the server said that nothing has changed."""
    return record.get("WARC-Profile") == PROFILE + NOT_MODIFIED


def _of_response(record: StoredRecord) -> RecordContents:
    received = message.read(record.block, record.size)
    response = received.response
    if response is None or received.interim:
        block = message.digest(message.pieces(record.block, 0, record.size))
        return RecordContents(block, complaint="the block is no HTTP response")
    if record.kind == "revisit":
        complaint = None if response.status == 200 else f"the revisit's status is {response.status}, not 200"
        return RecordContents(response.block_digest, response=response, complaint=complaint)
    return RecordContents(response.block_digest, response.entity_digest, response.entity_digest, response)


def _of_request(record: StoredRecord, block: str) -> RecordContents:
    record.block.seek(0)
    head, end, _ = record.block.read(HEAD_BYTES).partition(b"\r\n\r\n")
    payload = message.digest(message.pieces(record.block, len(head) + len(end), record.size))
    complaint = request_problem(head, record.get("WARC-Target-URI")) if end else "the block is no HTTP request"
    return RecordContents(block, payload=payload, complaint=complaint)


def _fields_problem(fields: dict[str, str]) -> str | None:
    """Return what is wrong with the fields of a metadata record by themselves."""
    if fields.get("outcome") not in TRUNCATED:
        return f"outcome is {fields.get('outcome') or 'missing'}: how the exchange ended is not told"
    if not fields.get("fetchTimeMs", "").isdecimal():
        return f"fetchTimeMs is {fields.get('fetchTimeMs') or 'missing'}"
    if not fields.get("surplusBytes", "0").isdecimal():
        return f"surplusBytes is {fields['surplusBytes']}"
    coded = [name for name in CODED if name in fields and _decoded(fields[name]) is None]
    return f"{coded[0]} is no base64" if coded else _not_modified_problem(fields)


def _decoded(coded: str) -> bytes | None:
    try:
        return base64.b64decode(coded, validate=True)
    except ValueError:
        return None


def _not_modified_problem(fields: dict[str, str]) -> str | None:
    coded = fields.get("notModifiedResponse")
    if coded is None:
        return None
    answer = _decoded(coded) or b""
    response = message.read(io.BytesIO(answer), len(answer)).response
    return None if response and response.status == 304 else "notModifiedResponse is no response with status 304"


LINE = re.compile(rb"[!-~]+ ([!-~]+) HTTP/1\.1")
AUTHORITY = re.compile(r"([^:/?#]+)://([^/?#]*)")
HOST = re.compile(rb"(?i)\r\nHost:[ \t]*([^\r]*?)[ \t]*(?=\r|\Z)")
PORTS = {"http": ":80", "https": ":443"}

# The client leaves out of a target what is empty in it; how many slashes it begins with depends on the version.
EMPTY = re.compile(r"^/+|;?\?$|;$|;(?=\?)")


def request_problem(head: bytes, uri: str) -> str | None:
    """Return what is wrong with a request's head, up to its blank line, sent for `uri`: to its host or to a proxy."""
    line = LINE.fullmatch(head.partition(b"\r\n")[0])
    if line is None:
        return "the block is no HTTP request"
    target = line[1].decode("ascii")
    if target != uri and _bare(target) != _bare(AUTHORITY.sub("", uri, count=1)):
        return f"the request is one for {target}, not for WARC-Target-URI"
    hosts = {host.decode("latin-1") for host in HOST.findall(head)}
    match = AUTHORITY.match(uri)
    if match is None or {_host(match[1], host) for host in hosts} == {_host(match[1], match[2])}:
        return None
    return f"the request's Host is {' and '.join(sorted(hosts)) or 'missing'}, not that of WARC-Target-URI"


def _host(scheme: str, authority: str) -> str:
    """Return a host as servers tell it from others: without a user's name, and the port that goes without saying."""
    host = authority.rpartition("@")[2].lower()
    return host.removesuffix(PORTS.get(scheme.lower(), ":")).removesuffix(":")


def _bare(target: str) -> str:
    return EMPTY.sub("", target)
