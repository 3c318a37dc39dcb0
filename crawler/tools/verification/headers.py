"""The header of a record: the rules of WARC/1.1, and those of our own writer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address

from crawler.archive.captures import IDENTICAL, NOT_MODIFIED
from crawler.archive.members import MEMBER_HEAD
from crawler.archive.records import HTTP_REQUEST, HTTP_RESPONSE, PROFILE, VERSION, WARC_FIELDS
from crawler.archive.warc_reader import StoredRecord

RECORD_ID = re.compile(r"<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}>")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

# They could end a field's line, or steer a terminal.
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


def header_problems(record: StoredRecord) -> Iterator[str]:
    """Yield the problems of a record's header, except digests, and of the head of its gzip member."""
    if record.begin != MEMBER_HEAD:
        yield "the head of the gzip member was altered"
    if record.version != VERSION:
        yield f"the record is {record.version}, not {VERSION}"
    if record.kind not in REQUIRED:
        yield f"the record's type is {record.kind or 'missing'}, which is not one of {', '.join(REQUIRED)}"
        return
    for name, count in Counter(name.lower() for name, _ in record.fields).items():
        if count > 1 and name not in REPEATABLE:
            yield f"the field {name} is repeated, {count} times in all"
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
    """Return the moment of a WARC-Date, None if it is not a UTC timestamp with microseconds."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if DATE.fullmatch(text) else None
    except ValueError:
        return None


@lru_cache(1024)
def is_ip_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


VALUES: dict[str, tuple[Callable[[str], object], str]] = {
    "WARC-Record-ID": (RECORD_ID.fullmatch, "a <urn:uuid:…> of version 4"),
    "WARC-Date": (moment_of, "a UTC timestamp with microseconds"),
    "WARC-Truncated": (TRUNCATIONS.__contains__, "a reason of the standard"),
    "WARC-IP-Address": (is_ip_address, "an IP address"),
    "WARC-Profile": (PROFILES.__contains__, "a profile of the standard"),
}


def _value_problems(record: StoredRecord) -> Iterator[str]:
    for name, (is_good, kind) in VALUES.items():
        value = record.get(name)
        if value and not is_good(value):
            yield f"{name} {value} is not {kind}"
    expected = MEDIA_TYPES[record.kind] if record.size or record.kind != "revisit" else ""
    if record.get("Content-Type") != expected:
        yield f"Content-Type is {record.get('Content-Type') or 'missing'}, not {expected or 'missing'}"
    if record.kind == "revisit":
        yield from _revisit_problems(record)


def _revisit_problems(record: StoredRecord) -> Iterator[str]:
    profile = record.get("WARC-Profile")
    # Of an identical payload, the head alone is kept.
    cut = "length" if profile == PROFILE + IDENTICAL else ""
    if record.get("WARC-Truncated") != cut:
        yield f"WARC-Truncated is {record.get('WARC-Truncated') or 'missing'}, not {cut or 'missing'}"
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
