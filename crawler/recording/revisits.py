"""When a capture need not be kept again: what it repeats, and by which of the standard's two profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from crawler.items import rfc3339
from crawler.recording.message import Response

if TYPE_CHECKING:
    from crawler.recording.exchange import Exchange

# The last part of WARC-Profile (WARC/1.1 §6.7.2 and §6.7.3).
Profile = Literal["identical-payload-digest", "server-not-modified"]
IDENTICAL: Profile = "identical-payload-digest"
NOT_MODIFIED: Profile = "server-not-modified"
VALIDATOR_CHARACTERS = 1000


class Place(NamedTuple):
    """Where a record stands: `file` is the path below the archive's root with the final name."""

    url: str
    record_id: str
    file: str
    offset: int
    length: int


class Original(NamedTuple):
    """A response record known to be in the archive, whole, to which later captures of its address may refer.

    `date` is its WARC-Date to the letter, `payload_digest` that of the entity, `body_digest` that of its body as
    sent; codings, media type and validators are empty where the response had none.
    """

    url: str
    date: str
    record_id: str
    file: str
    offset: int
    length: int
    payload_digest: str
    body_digest: str
    transfer_encoding: str = ""
    content_encoding: str = ""
    mime: str = ""
    etag: str = ""
    last_modified: str = ""


def revisit_of(exchange: Exchange, response: Response) -> Profile | None:
    """Return the profile under which a response is a revisit of the exchange's original, None for a full record."""
    original = exchange.original
    if original is None or not is_whole(exchange):
        return None
    if response.status == 304:
        return NOT_MODIFIED if exchange.is_conditional else None
    # With other codings replay would join this head to bytes that it does not describe.
    same = codings(response) == (original.transfer_encoding, original.content_encoding, original.mime)
    is_same = response.status == 200 and same and response.entity_digest == original.payload_digest
    return IDENTICAL if is_same and has_body(response) else None


def is_whole(exchange: Exchange) -> bool:
    """Tell whether an exchange is one that a revisit can refer to, or be: all of a plain GET."""
    return exchange.method == "GET" and exchange.truncated is None


def has_body(response: Response) -> bool:
    """Tell whether a response has bytes after its head."""
    return response.end > response.body


def codings(response: Response) -> tuple[str, str, str]:
    """Return transfer coding, content coding and media type, lower case."""
    transfer, content = response.value("transfer-encoding"), response.value("content-encoding")
    return transfer.lower(), content.lower(), (response.mime or "").lower()


def original_of(exchange: Exchange, response: Response, place: Place) -> Original | None:
    """Return what later captures may refer to of an exchange that was written just now."""
    return original_at(place, rfc3339(exchange.started), response) if is_whole(exchange) else None


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
