"""Row files: whole lines of JSON, each pointing at the record it was read from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

from crawler.archive.documents import parsed, row_check
from crawler.archive.names import name_of
from crawler.archive.records import target_uri
from crawler.archive.rows import DamagedRows, is_compaction, lines
from crawler.extraction.version import EXTRACTOR
from crawler.model.article import Article
from crawler.system.files import Measured
from crawler.tools.verification.book import Book
from crawler.tools.verification.fields import moment_of
from crawler.tools.verification.findings import Verdicts

KEYS = [field.name for field in fields(Article)]
POINTER = {"file": str, "offset": int, "length": int, "record_id": str, "payload_digest": str}
ARTICLE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
FOLDER = re.compile(r"articles/outlet=([^/]+)/crawl_month=(\d{4}-\d\d)/[^/]+")

# Addresses given by hand may be articles of any outlet.
ANY_OUTLET = "urls"

# An archive whose state was lost and that was crawled anew has versions twice; one of them is the one before.
BROKEN_CHAINS = """SELECT later.file, later.position, later.line, later.previous, min(earlier.digest)
    FROM rows AS later JOIN rows AS earlier ON earlier.id = later.id AND earlier.version = later.version - 1
    GROUP BY later.file, later.position
    HAVING max(later.previous = earlier.digest OR later.extractor <> earlier.extractor) = 0"""
MISSING_VERSIONS = """SELECT file, position, line, id, version FROM rows WHERE version > 1 AND NOT EXISTS
    (SELECT 1 FROM rows AS earlier WHERE earlier.id = rows.id AND earlier.version = rows.version - 1)
    ORDER BY file, position"""
TAKEN = "SELECT file, line FROM rows WHERE id = ? AND version = ? AND (record = ? OR run = ?)"


class RowsCheck:
    """Reads row files; records are looked up in the book."""

    def __init__(self, book: Book, report: Verdicts) -> None:
        self._book = book
        self._scratch = book.scratch
        self._report = report
        self._schema = row_check()

    def check(self, key: str, stream: Measured, counts: bool) -> int:
        """Read one file and return how many rows it has; when it does not count, they stand elsewhere too."""
        folder = FOLDER.fullmatch(key)
        position = number = 0
        try:
            for line in lines(stream):
                number += 1
                if counts:
                    for problem in self._problems(key, line, position, number, folder):
                        self._report.add(key, position, f"line {number}: {problem}")
                position += len(line)
        except DamagedRows as error:
            problem = f"the gzip data is corrupt or cut off after line {number}: {error}"
            self._report.add(key, position, problem, is_cause=True)
        else:
            self._scratch.run("INSERT OR IGNORE INTO counted VALUES (?, ?)", key, number)
        self._report.rows += number if counts else 0
        return number

    def check_versions(self, all_read: bool) -> None:
        """Tell of rows whose `previous` is another digest than the version before has, or that have none before."""
        if all_read:
            for file, position, line, identifier, version in self._scratch.run(MISSING_VERSIONS):
                problem = f"line {line}: version {version - 1} of article {identifier} is nowhere"
                self._report.add(file, position, problem)
        for file, position, line, previous, digest in self._scratch.run(BROKEN_CHAINS):
            self._report.add(file, position, f"line {line}: previous is {previous}, the version before has {digest}")

    def _problems(
        self, key: str, line: bytes, position: int, number: int, folder: re.Match[str] | None
    ) -> Iterator[str]:
        if not line.endswith(b"\n"):
            yield "the line has no end"
        try:
            row = parsed(line)
        except ValueError as error:
            yield f"no JSON: {error}"
            return
        if not isinstance(row, dict) or list(row) != KEYS:
            yield "the keys are not those of an article"
            return
        yield from _form_problems(row, folder)
        yield from self._identity_problems(row, key, position, number)
        yield from self._pointer_problems(row)
        yield from self._schema(row)

    def _identity_problems(self, row: dict[str, Any], key: str, position: int, number: int) -> Iterator[str]:
        if type(row["version"]) is not int or row["version"] < 1 or not ARTICLE_ID.fullmatch(str(row["id"])):
            yield f"id {row['id']} or version {row['version']} is none"
            return
        # A row that is written anew, as it was lost with its run, has none: nobody knows the digest before any more.
        if row["version"] == 1 and row["previous"] is not None:
            yield f"version 1 with previous {row['previous']}"
        record = row["warc"].get("record_id") if isinstance(row["warc"], dict) else None
        source = (row["id"], row["version"], _text(record), _run_of(key))
        if taken := self._scratch.one(TAKEN, *source):
            yield f"version {row['version']} of article {row['id']} stands in line {taken[1]} of {taken[0]} too"
        place = (json.dumps(row["extractor"], sort_keys=True), key, position, number)
        values = (*source, _text(row["text_digest"]), _text(row["previous"]), *place)
        self._scratch.run("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *values)

    def _pointer_problems(self, row: dict[str, Any]) -> Iterator[str]:
        pointer = row["warc"]
        if not isinstance(pointer, dict) or {name: type(value) for name, value in pointer.items()} != POINTER:
            yield "warc is no pointer to a record"
            return
        query = "SELECT file, offset, length, id, entity, kind, uri, date, status FROM records WHERE id = ?"
        found = self._scratch.one(query, pointer["record_id"])
        if found is None:
            self._book.learn(pointer["file"], pointer["offset"])
            found = self._scratch.one(query, pointer["record_id"])
        if found is None:
            yield f"the row points at record {pointer['record_id']}, which is not at {pointer['offset']} of " + str(
                pointer["file"]
            )
            return
        *place, kind, uri, date, status = found
        if kind != "response":
            yield f"the row points at a {kind} record"
            return
        for name, told, true in zip(POINTER, pointer.values(), place, strict=True):
            if told != true:
                yield f"warc.{name} is {told}, the record's is {true}"
        if target_uri(str(row["url"])) != uri:
            yield f"url is not the record's, {uri}"
        if row["http_status"] != status:
            yield f"http_status is {row['http_status']}, the record's is {status}"
        if row["fetched_at"] != date and not self._was_revisited(pointer["record_id"], str(row["fetched_at"])):
            yield f"fetched_at is {row['fetched_at']}, the record's date is {date}"

    def _was_revisited(self, record_id: str, date: str) -> bool:
        """Tell whether the page was fetched again then, and found to be what this record holds."""
        query = "SELECT 1 FROM revisits WHERE refers = ? AND date = ?"
        return self._scratch.one(query, record_id, date) is not None


def _form_problems(row: dict[str, Any], folder: re.Match[str] | None) -> Iterator[str]:
    fetched = str(row["fetched_at"])
    if moment_of(fetched) is None:
        yield f"fetched_at {fetched} is no moment in UTC with microseconds"
    if folder is None:
        yield "the file is in no folder of an outlet and month"
    elif row["outlet"] != folder[1] and folder[1] != ANY_OUTLET:
        yield f"the row is of {row['outlet']}, its folder of {folder[1]}"
    elif not fetched.startswith(folder[2]):
        yield f"the row was fetched at {fetched}, its folder is of {folder[2]}"
    if digest := digest_problem(row):
        yield digest


def digest_problem(row: dict[str, Any]) -> str | None:
    """Return what is wrong with the digest of a row's title and text, if that can be told."""
    # Another version may have folded texts otherwise.
    if row["extractor"] != asdict(EXTRACTOR):
        return None
    from crawler.archive.rows import text_digest  # parsers of HTML come with it

    same = row["text_digest"] == text_digest(str(row["title"]), str(row["text"]))
    return None if same else "text_digest is not that of title and text"


def _run_of(key: str) -> str | None:
    if is_compaction(key):
        return None  # its rows are of many runs
    name = name_of(key)
    return name["run"] if name else key


def _text(value: object) -> str | None:
    return None if value is None else str(value)
