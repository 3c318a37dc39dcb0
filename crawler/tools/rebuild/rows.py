"""Row files: articles in state, with their versions, digests, extractors and runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

from crawler.archive.names import name_of
from crawler.archive.rows import DamagedRows, lines, stem_of
from crawler.model.article import article_id
from crawler.outlets.loader import Outlets
from crawler.state.facts import ARTICLE, Seen
from crawler.tools.rebuild.inventory import Inventory
from crawler.tools.verification.rows import ANY_OUTLET


class Rows:
    """Reads row files."""

    def __init__(self, inventory: Inventory, outlets: Outlets) -> None:
        self._inventory = inventory
        self._outlets = outlets

    def seen(self, key: str) -> Iterator[Seen]:
        """Yield the article of each row; a malformed row is a problem. Raises OSError, StorageError."""
        name = name_of(key)
        run = name["run"] if name else stem_of(key)
        scope = self._inventory.wanted(run).get("scope", "national")
        with self._inventory.open(key) as stream:
            for number, line in self._lines(key, stream):
                try:
                    yield self._seen(json.loads(line), run, scope)
                except (ValueError, KeyError, TypeError) as error:
                    problem = f"{key}: line {number}: malformed row: {type(error).__name__} {error}"
                    self._inventory.add_problem(problem)

    def _lines(self, key: str, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
        number = 0
        try:
            for number, line in enumerate(lines(stream), 1):
                yield number, line
        except DamagedRows as error:
            self._inventory.add_problem(f"{key}: the gzip data is corrupt or cut off after line {number}: {error}")

    def _seen(self, row: dict[str, Any], run: str, scope: str) -> Seen:
        """Return the article of a row. Raises KeyError, TypeError, ValueError for a malformed row."""
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
        if not self._inventory.exists(pointer["file"]):
            self._inventory.add_problem(f"{pointer['file']} is missing, though rows refer to it")
        if article_id(seen.outlet, key) != row["id"]:
            values = (seen.record_id, json.dumps(asdict(seen)))
            self._inventory.database.run("INSERT OR REPLACE INTO unplaced VALUES (?, ?)", *values)
        return seen

    def _key(self, outlet: str, url: str, canonical: str) -> str:
        spider = self._outlets.named(outlet)
        if spider is None and outlet != ANY_OUTLET:
            self._inventory.add_unknown_outlet(outlet)
        return (spider or self._outlets.unknown).article_key(url, canonical)
