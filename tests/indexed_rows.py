"""Rows of articles, and an index of them, for tests of the reading room."""

from __future__ import annotations

import json
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

from crawler.archive.manifests import write_manifest
from crawler.archive.names import key_of
from crawler.archive.rows import text_digest, write_rows
from crawler.room.index.database import NAME, open_to_fill
from crawler.room.index.indexing import add_row, id_of, refresh

Row = dict[str, Any]
WARC = {
    "file": "warc/samakal/2026/11/khobor-samakal-20261124T050000000-00001-host.warc.gz",
    "offset": 20423,
    "length": 5001,
    "record_id": "<urn:uuid:d1bbfe45-d3b6-4696-acb6-14f50e477315>",
    "payload_digest": "sha1:KL6DXC23VBTDZVDOSXIF256DQ5LDTYFR",
}


def article_row(key: object, title: str, text: str = "এখানে কিছু কথা আছে।", at: str | None = None, **fields: Any) -> Row:
    """Return the row of an article, which the key names; `at` is the time of publication."""
    outlet = fields.get("outlet", "samakal")
    url = f"https://{outlet}.example/article/{key}"
    row = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, url)),
        "outlet": outlet,
        "url": url,
        "canonical_url": url,
        "title": title,
        "subtitle": None,
        "description": None,
        "text": text,
        "authors": [],
        "agencies": [],
        "dateline": None,
        "section": None,
        "scope": None,
        "topics": [],
        "genre": None,
        "tags": [],
        "published": {"at": at, "precision": "minute", "source": "meta"} if at else None,
        "modified": None,
        "language": "bn",
        "image": None,
        "fetched_at": "2026-11-24T05:00:00.000000Z",
        "http_status": 200,
        "warc": WARC,
        "text_digest": text_digest(title, text),
        "version": 1,
        "previous": None,
        "extractor": {"name": "khobor", "version": "1"},
        "warnings": [],
    }
    return row | fields


def indexed(folder: Path, *rows: Row) -> Path:
    """Return the place of an index of these rows."""
    path = folder / NAME
    with closing(open_to_fill(path)) as connection:
        connection.execute("BEGIN")
        known = {add_row(connection, 1, json.dumps(row).encode(), row): row for row in rows}
        refresh(connection, {id_of(row["id"]) for row in rows}, known)
        connection.execute("COMMIT")
    return path


def write_segment(root: Path, number: int, *rows: object, outlet: str = "samakal", month: str = "2026-11") -> str:
    """Write the row file of a segment and its manifest into an archive; return its key."""
    stem = f"khobor-{outlet}-{month.replace('-', '')}24T05{number:07d}-00001-host"
    lines = ((json.dumps(row) + "\n").encode() for row in rows)
    finished = write_rows(root, key_of("articles", stem), lines)
    write_manifest(root, stem, [], [finished])
    return finished.file
