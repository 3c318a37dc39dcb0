"""Captures and the places of their records."""

from datetime import datetime
from typing import NamedTuple


class Place(NamedTuple):
    """The place of a record: `file` is the path below the archive's root with the final name."""

    url: str
    record_id: str
    file: str
    offset: int
    length: int


class Original(NamedTuple):
    """A complete response record in the archive to which later captures of its address may refer.

    `date` is its exact WARC-Date, `payload_digest` the entity's, `body_digest` that of the body as sent. Codings,
    media type and validators are empty where the response had none.
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


class Capture(NamedTuple):
    """The place of an exchange's main record: its response or, without an answer, its request.

    `file` is the path below the archive's root with the final name. `payload_digest` is the entity's: transfer
    coding removed, content coding kept. `index_line` is empty if there is nothing to replay. `original` is the
    record with the content, if captures may refer to it: this one, or that of a revisit. `opt_outs` are the codes
    of its opt-out signals.
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
        """Whether later captures may refer to this record."""
        return self.original is not None and self.original.record_id == self.record_id
