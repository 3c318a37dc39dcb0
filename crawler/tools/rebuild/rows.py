"""What row files say of articles: versions, digests, extractors, and the runs that wrote them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

from crawler.archive.names import name_of
from crawler.archive.rows import DamagedRows, lines
from crawler.model.article import article_id
from crawler.outlets.loader import Outlets
from crawler.state.facts import ARTICLE, Seen
from crawler.tools.rebuild.inventory import Inventory
from crawler.tools.verification.rows import ANY_OUTLET


class Rows:
    """Reads row files into what state knows of articles."""

    def __init__(self, inventory: Inventory, outlets: Outlets) -> None:
        self._inventory = inventory
        self._outlets = outlets

    def seen(self, key: str) -> Iterator[Seen]:
        """Yield what each row of a file says; what is damaged is named and left out. Raises OSError, StorageError."""
        name = name_of(key)
        run = name["run"] if name else key.rpartition("/")[2].partition(".")[0]
        scope = self._inventory.wanted(run).get("scope", "national")
        with self._inventory.open(key) as stream:
            for number, line in self._lines(key, stream):
                try:
                    yield self._seen(json.loads(line), run, scope)
                except (ValueError, KeyError, TypeError) as error:
                    self._inventory.name(f"{key}: line {number} is no row: {type(error).__name__} {error}")

    def _lines(self, key: str, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
        number = 0
        try:
            for number, line in enumerate(lines(stream), 1):
                yield number, line
        except DamagedRows as error:
            self._inventory.name(f"{key}: the gzip data is corrupt or cut off after line {number}: {error}")

    def _seen(self, row: dict[str, Any], run: str, scope: str) -> Seen:
        """Return what a row says. Raises KeyError, TypeError, ValueError for one that is none."""
        pointer, extractor = row["warc"], row["extractor"] or {}
        key = self._key(row["outlet"], row["url"], row["canonical_url"])
        seen = Seen(
            outlet=row["outlet"],
            key=key,
            url=row["url"],
            outcome=ARTICLE,
            scope=scope,
            run=run,
            fetched_at=row["fetched_at"],
            file=pointer["file"],
            offset=int(pointer["offset"]),
            record_id=pointer["record_id"],
            version=int(row["version"]),
            text_digest=row["text_digest"],
            extractor=extractor.get("version"),
        )
        if not all(isinstance(text, str) for text in (seen.outlet, seen.url, seen.fetched_at, seen.file)):
            raise TypeError("a text is missing")
        if not self._inventory.is_there(pointer["file"]):
            self._inventory.name(f"{pointer['file']} is not there, and rows point at it")
        if article_id(seen.outlet, key) != row["id"]:
            values = (seen.record_id, json.dumps(asdict(seen)))
            self._inventory.scratch.run("INSERT OR REPLACE INTO unplaced VALUES (?, ?)", *values)
        return seen

    def _key(self, outlet: str, url: str, canonical: str) -> str:
        spider = self._outlets.named(outlet)
        if spider is None and outlet != ANY_OUTLET:
            self._inventory.name_stranger(outlet)
        return (spider or self._outlets.unknown).article_key(url, canonical)
