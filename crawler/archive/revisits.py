"""When a capture need not be kept again: what it repeats, and by which of the standard's two profiles."""

from __future__ import annotations

from typing import Literal

from crawler.archive.message import Response
from crawler.model.capture import Original, Place

# The last part of WARC-Profile (WARC/1.1 §6.7.2 and §6.7.3).
Profile = Literal["identical-payload-digest", "server-not-modified"]
IDENTICAL: Profile = "identical-payload-digest"
NOT_MODIFIED: Profile = "server-not-modified"
VALIDATOR_CHARACTERS = 1000


def has_body(response: Response) -> bool:
    """Tell whether a response has bytes after its head."""
    return response.end > response.body


def codings(response: Response) -> tuple[str, str, str]:
    """Return transfer coding, content coding and media type, lower case."""
    transfer, content = response.value("transfer-encoding"), response.value("content-encoding")
    return transfer.lower(), content.lower(), (response.mime or "").lower()


def original_at(place: Place, date: str, response: Response) -> Original | None:
    """Return what later captures may refer to: a plain answer with a body, whole, to a GET."""
    if response.status != 200 or response.ambiguous or not has_body(response):
        return None
    transfer, content, mime = codings(response)
    if not all(map(str.isprintable, (transfer, content, mime))):
        return None
    return Original(
        url=place.url,
        date=date,
        record_id=place.record_id,
        file=place.file,
        offset=place.offset,
        length=place.length,
        payload_digest=response.entity_digest,
        body_digest=response.body_digest,
        transfer_encoding=transfer,
        content_encoding=content,
        mime=mime,
        etag=_validator(response, "etag"),
        last_modified=_validator(response, "last-modified"),
    )


def _validator(response: Response, name: str) -> str:
    """Return a validator as it was sent; one that could not be sent back is none."""
    value = response.value(name)
    return value if len(value) <= VALIDATOR_CHARACTERS and value.isprintable() else ""
