"""Row files: whole lines of JSON, each with a pointer to its record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from crawler.archive.documents import parsed, row_check
from crawler.archive.names import name_of, outlet_of
from crawler.archive.records import target_uri
from crawler.archive.rows import DamagedRows, folder_of, is_compaction, lines, text_digest
from crawler.extraction import EXTRACTOR
from crawler.model.article import Article
from crawler.system.files import Measured
from crawler.tools.verification.findings import Verdicts
from crawler.tools.verification.known_records import KnownRecords
from crawler.tools.verification.records import moment_of

KEYS = [field.name for field in fields(Article)]

# The outlet of addresses given by hand, which may be articles of any outlet.
ANY_OUTLET = "urls"

# If state was lost and the outlet crawled anew, a version exists twice; a later one may follow either.
BROKEN_CHAINS = """SELECT later.file, later.position, later.line, later.previous, min(earlier.digest)
    FROM rows AS later JOIN rows AS earlier ON earlier.id = later.id AND earlier.version = later.version - 1
    GROUP BY later.file, later.position
    HAVING max(later.previous = earlier.digest OR later.extractor <> earlier.extractor) = 0"""
MISSING_VERSIONS = """SELECT file, position, line, id, version FROM rows WHERE version > 1 AND NOT EXISTS
    (SELECT 1 FROM rows AS earlier WHERE earlier.id = rows.id AND earlier.version = rows.version - 1)
    ORDER BY file, position"""
TAKEN = "SELECT file, line FROM rows WHERE id = ? AND version = ? AND (record = ? OR run = ?)"
POINTER = ("file", "offset", "length", "record_id", "payload_digest")
RECORD = "SELECT file, offset, length, id, entity, kind, uri, date, status FROM records WHERE id = ?"


class RowsCheck:
    """Checks row files against the schema, their records and one another."""

    def __init__(self, known: KnownRecords, report: Verdicts) -> None:
        self._known = known
        self._database = known.database
        self._report = report
        self._schema = row_check()

    def check(self, key: str, stream: Measured, counts: bool) -> int:
        """Read one file and return the number of its rows. Rows that do not count are also in another file."""
        position = number = 0
        try:
            for line in lines(stream):
                number += 1
                if counts:
                    for problem in self._problems(key, line, position, number):
                        self._report.add(key, position, f"line {number}: {problem}")
                position += len(line)
        except DamagedRows as error:
            problem = f"the gzip data is corrupt or cut off after line {number}: {error}"
            self._report.add(key, position, problem, is_cause=True)
        else:
            self._database.add("counted", key, number)
        self._report.rows += number if counts else 0
        return number

    def check_versions(self, all_read: bool) -> None:
        """Report rows whose `previous` differs from the digest of the version before, or whose version before lacks."""
        if all_read:
            for file, position, line, identifier, version in self._database.run(MISSING_VERSIONS):
                problem = f"line {line}: version {version - 1} of article {identifier} is missing"
                self._report.add(file, position, problem)
        for file, position, line, previous, digest in self._database.run(BROKEN_CHAINS):
            self._report.add(file, position, f"line {line}: previous is {previous}, the version before has {digest}")

    def _problems(self, key: str, line: bytes, position: int, number: int) -> Iterator[str]:
        if not line.endswith(b"\n"):
            yield "the line has no end"
        try:
            row = parsed(line)
        except ValueError as error:
            yield f"not JSON: {error}"
            return
        if not isinstance(row, dict) or list(row) != KEYS:
            yield "the keys are not those of an article"
            return
        malformed = [*self._schema(row), *(["warc is null"] if row["warc"] is None else [])]
        yield from malformed
        if malformed:
            # The next version does not lack the one before it.
            if isinstance(row["id"], str) and type(row["version"]) is int:
                self._database.add("rows", row["id"], row["version"], *[None] * 5, key, position, number)
        else:
            yield from _place_problems(row, key)
            yield from self._version_problems(row, key, position, number)
            yield from self._pointer_problems(row)

    def _version_problems(self, row: dict[str, Any], key: str, position: int, number: int) -> Iterator[str]:
        # A later version may have none: a row that was lost and is written anew does not know the digest before it.
        if row["version"] == 1 and row["previous"] is not None:
            yield f"version 1 with previous {row['previous']}"
        source = (row["id"], row["version"], row["warc"]["record_id"], _run_of(key))
        if taken := self._database.one(TAKEN, *source):
            yield f"version {row['version']} of article {row['id']} is also in line {taken[1]} of {taken[0]}"
        extractor = json.dumps(row["extractor"], sort_keys=True)
        self._database.add("rows", *source, row["text_digest"], row["previous"], extractor, key, position, number)

    def _pointer_problems(self, row: dict[str, Any]) -> Iterator[str]:
        pointer = row["warc"]
        found = self._database.one(RECORD, pointer["record_id"])
        if found is None:
            self._known.read(pointer["file"], pointer["offset"])
            found = self._database.one(RECORD, pointer["record_id"])
        if found is None:
            yield f"record {pointer['record_id']} is not at {pointer['offset']} of {pointer['file']}"
            return
        *place, kind, uri, date, status = found
        if kind != "response":
            yield f"the row points to a {kind} record"
            return
        for name, value in zip(POINTER, place, strict=True):
            if pointer[name] != value:
                yield f"warc.{name} is {pointer[name]}, the record's is {value}"
        if target_uri(row["url"]) != uri:
            yield f"url is not the record's, {uri}"
        if row["http_status"] != status:
            yield f"http_status is {row['http_status']}, the record's is {status}"
        if row["fetched_at"] != date and not self._was_revisited(pointer["record_id"], row["fetched_at"]):
            yield f"fetched_at is {row['fetched_at']}, the record's date is {date}"

    def _was_revisited(self, record_id: str, date: str) -> bool:
        query = "SELECT 1 FROM revisits WHERE refers = ? AND date = ?"
        return self._database.one(query, record_id, date) is not None


def _place_problems(row: dict[str, Any], key: str) -> Iterator[str]:
    fetched = row["fetched_at"]
    if moment_of(fetched) is None:
        yield f"fetched_at {fetched} is not a UTC timestamp with microseconds"
    folder = folder_of(ANY_OUTLET if outlet_of(key) == ANY_OUTLET else row["outlet"], fetched[:7])
    if key.rpartition("/")[0] + "/" != folder:
        yield f"the row belongs in {folder}"
    if digest := digest_problem(row):
        yield digest


def digest_problem(row: dict[str, Any]) -> str | None:
    """Return the problem of a row's text_digest, if this version of the extractor made it."""
    # Another version may fold text differently.
    if not EXTRACTOR.made(row["extractor"]):
        return None
    same = row["text_digest"] == text_digest(str(row["title"]), str(row["text"]))
    return None if same else "text_digest does not match title and text"


def _run_of(key: str) -> str | None:
    if is_compaction(key):
        return None  # its rows are of many runs
    name = name_of(key)
    return name["run"] if name else key
