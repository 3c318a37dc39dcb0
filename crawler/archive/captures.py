"""A record's place and contents become a capture, its index line, and the original of later revisits."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from crawler.archive.cdxj import index_line
from crawler.archive.message import Response
from crawler.model.capture import Capture, Original, Place

# The last part of WARC-Profile (WARC/1.1 §6.7.2 and §6.7.3).
Profile = Literal["identical-payload-digest", "server-not-modified"]
IDENTICAL: Profile = "identical-payload-digest"
NOT_MODIFIED: Profile = "server-not-modified"
REVISIT_MIME = "warc/revisit"

# Replay shows a revisit's original, a 200; with 304 in the index, ReplayWeb.page shows an empty page.
CONFIRMED_STATUS = 200
VALIDATOR_CHARACTERS = 1000


def capture_at(
    place: Place,
    date: datetime,
    status: int | None = None,
    mime: str | None = None,
    digest: str | None = None,
    original: Original | None = None,
    opt_outs: tuple[str, ...] = (),
) -> Capture:
    """Return the capture whose main record is at a place; without a status there was no answer to replay."""
    return Capture(
        **place._asdict(),
        date=date,
        payload_digest=digest,
        http_status=status,
        mime=mime,
        index_line="" if status is None else index_line(place, date, status, mime, digest or "-"),
        original=original,
        opt_outs=opt_outs,
    )


def original_at(place: Place, date: str, response: Response) -> Original | None:
    """Return the record to which later captures may refer; None unless it is a complete 200 with a body."""
    if response.status != 200 or response.ambiguous or not has_body(response):
        return None
    transfer, content, mime = codings(response)
    if not all(map(str.isprintable, (transfer, content, mime))):
        return None
    return Original(
        **place._asdict(),
        date=date,
        payload_digest=response.entity_digest,
        body_digest=response.body_digest,
        transfer_encoding=transfer,
        content_encoding=content,
        mime=mime,
        etag=_validator(response, "etag"),
        last_modified=_validator(response, "last-modified"),
    )


def has_body(response: Response) -> bool:
    return response.end > response.body


def codings(response: Response) -> tuple[str, str, str]:
    """Return transfer coding, content coding and media type, lower case."""
    transfer, content = response.value("transfer-encoding"), response.value("content-encoding")
    return transfer.lower(), content.lower(), (response.mime or "").lower()


def _validator(response: Response, name: str) -> str:
    """Return a validator as it was sent, "" if a request can't hold it."""
    value = response.value(name)
    return value if len(value) <= VALIDATOR_CHARACTERS and value.isprintable() else ""
