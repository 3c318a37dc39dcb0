"""What the head of a record must say, by WARC/1.1 and by what our own writer promises beyond it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address

from crawler.archive.captures import IDENTICAL, NOT_MODIFIED
from crawler.archive.members import MEMBER_HEAD
from crawler.archive.records import HTTP_REQUEST, HTTP_RESPONSE, PROFILE, VERSION, WARC_FIELDS
from crawler.archive.warc_reader import StoredRecord

RECORD_ID = re.compile(r"<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}>")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

# With them a field could leave its line, or steer what shows it.
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
TRUNCATIONS = ("length", "time", "disconnect", "unspecified")
PROFILES = (PROFILE + IDENTICAL, PROFILE + NOT_MODIFIED)
REPEATABLE = ("warc-concurrent-to", "warc-protocol")
REFERS_TO = ("WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date")
CAPTURE = ("WARC-Target-URI", "WARC-Warcinfo-ID", "WARC-Concurrent-To")
ALWAYS = ("WARC-Record-ID", "WARC-Date", "WARC-Block-Digest")
REQUIRED = {
    "warcinfo": (*ALWAYS, "WARC-Filename"),
    "response": (*ALWAYS, *CAPTURE, "WARC-IP-Address"),
    "request": (*ALWAYS, *CAPTURE, "WARC-Protocol"),
    "metadata": (*ALWAYS, *CAPTURE),
    "revisit": (*ALWAYS, *CAPTURE, *REFERS_TO, "WARC-Profile", "WARC-IP-Address"),
}
FORBIDDEN = {
    "warcinfo": ("WARC-Target-URI", "WARC-Concurrent-To", "WARC-IP-Address", "WARC-Payload-Digest", *REFERS_TO),
    "response": (*REFERS_TO, "WARC-Profile", "WARC-Filename"),
    "request": (*REFERS_TO, "WARC-Profile", "WARC-Filename"),
    "metadata": ("WARC-Payload-Digest", "WARC-Profile", "WARC-Filename"),
    "revisit": ("WARC-Filename",),
}
MEDIA_TYPES = {
    "warcinfo": WARC_FIELDS,
    "response": HTTP_RESPONSE,
    "request": HTTP_REQUEST,
    "metadata": WARC_FIELDS,
    "revisit": HTTP_RESPONSE,
}


def field_problems(record: StoredRecord) -> Iterator[str]:
    """Yield what is wrong with the fields of a record, digests left out, and with the head of its gzip member."""
    if record.begin != MEMBER_HEAD:
        yield "the head of the gzip member is not as it was written"
    if record.version != VERSION:
        yield f"the record is {record.version}, not {VERSION}"
    if record.kind not in REQUIRED:
        yield f"the record's type {record.kind or 'is missing'} is none that is written here"
        return
    for name, count in Counter(name.lower() for name, _ in record.fields).items():
        if count > 1 and name not in REPEATABLE:
            yield f"the field {name} stands there {count} times"
    for name, value in record.fields:
        if CONTROL.search(name + value):
            yield f"the field {name} holds a control character"
    for name in REQUIRED[record.kind]:
        if not record.get(name):
            yield f"the {record.kind} record has no {name}"
    for name in FORBIDDEN[record.kind]:
        if record.get(name):
            yield f"the {record.kind} record must not have {name}"
    yield from _value_problems(record)


def moment_of(text: str) -> datetime | None:
    """Return the moment that a WARC-Date names, None when it is none of ours."""
    if not DATE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


@lru_cache(1024)
def is_address(text: str) -> bool:
    """Tell whether a text is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _value_problems(record: StoredRecord) -> Iterator[str]:
    identifier, date, truncated = (record.get(f"WARC-{name}") for name in ("Record-ID", "Date", "Truncated"))
    if identifier and not RECORD_ID.fullmatch(identifier):
        yield f"WARC-Record-ID {identifier} is no <urn:uuid:…> of version 4"
    if date and moment_of(date) is None:
        yield f"WARC-Date {date} is no moment in UTC with microseconds"
    if truncated and truncated not in TRUNCATIONS:
        yield f"WARC-Truncated {truncated} is no reason the standard knows"
    address = record.get("WARC-IP-Address")
    if address and not is_address(address):
        yield f"WARC-IP-Address {address} is no IP address"
    expected = MEDIA_TYPES[record.kind] if record.size or record.kind != "revisit" else ""
    if record.get("Content-Type") != expected:
        yield f"Content-Type is {record.get('Content-Type') or 'missing'}, not {expected or 'left out'}"
    if record.kind == "revisit":
        yield from _revisit_problems(record)


def _revisit_problems(record: StoredRecord) -> Iterator[str]:
    profile = record.get("WARC-Profile")
    if profile and profile not in PROFILES:
        yield f"WARC-Profile {profile} is unknown"
    # Of an identical payload, the head alone is kept.
    cut = "length" if profile == PROFILE + IDENTICAL else ""
    if record.get("WARC-Truncated") != cut:
        yield f"WARC-Truncated is {record.get('WARC-Truncated') or 'missing'}, not {cut or 'left out'}"
    if profile == PROFILE + IDENTICAL and not record.get("WARC-Payload-Digest"):
        yield "the revisit has no WARC-Payload-Digest"
    if profile == PROFILE + IDENTICAL and not record.size:
        yield "the revisit has no head of a response"
    if profile == PROFILE + NOT_MODIFIED and record.size:
        yield "the revisit of a page that was not modified has a block"
    # Its date may be before its original's: clocks are set back.
    original = record.get("WARC-Refers-To-Target-URI")
    if original and original != record.get("WARC-Target-URI"):
        yield f"WARC-Refers-To-Target-URI {original} is not WARC-Target-URI"
