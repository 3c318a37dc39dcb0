"""One exchange with a server as seen on the wire, and where its capture came to lie.

When a capture need not be kept again: what it repeats, and by which of the standard's two profiles."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Capture(NamedTuple):
    """Where the main record of an exchange stands: its response or, when no answer came, its request.

    `file` is the path below the archive's root with the final name, `payload_digest` that of the entity:
    transfer coding removed, content coding kept. `index_line` is empty when there is nothing to replay.
    `original` is the record that holds the content, if captures may refer to it: this one, or that of a revisit.
    `opt_outs` are the codes of the opt-out signals that came with it.
    """

    url: str
    date: datetime
    record_id: str
    file: str
    offset: int
    length: int
    payload_digest: str | None
    http_status: int | None
    mime: str | None
    index_line: str
    original: Original | None = None
    opt_outs: tuple[str, ...] = ()

    @property
    def is_original(self) -> bool:
        """Tell whether later captures may refer to this record."""
        return self.original is not None and self.original.record_id == self.record_id


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
