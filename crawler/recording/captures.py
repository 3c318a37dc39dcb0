"""From where a record stands, and what it says, to its capture and index line."""

from __future__ import annotations

from datetime import datetime

from crawler.recording.cdxj import index_line
from crawler.recording.exchange import Capture
from crawler.recording.revisits import Original, Place

REVISIT_MIME = "warc/revisit"
# What is replayed for a revisit is its original, a 200; with 304 in the index, ReplayWeb.page shows an empty page.
CONFIRMED_STATUS = 200


def capture_at(
    place: Place,
    date: datetime,
    status: int | None = None,
    mime: str | None = None,
    digest: str | None = None,
    original: Original | None = None,
    opt_outs: tuple[str, ...] = (),
) -> Capture:
    """Return the capture whose main record stands at a place; without a status no answer came: nothing to replay.

    `digest` is that of the entity, `mime` is `warc/revisit` where the content stands elsewhere.
    """
    line = ""
    if status is not None:
        line = index_line(
            url=place.url,
            date=date,
            file=place.file,
            offset=place.offset,
            length=place.length,
            status=status,
            mime=mime,
            digest=digest or "-",
        )
    return Capture(
        url=place.url,
        date=date,
        record_id=place.record_id,
        file=place.file,
        offset=place.offset,
        length=place.length,
        payload_digest=digest,
        http_status=status,
        mime=mime,
        index_line=line,
        original=original,
        opt_outs=opt_outs,
    )
