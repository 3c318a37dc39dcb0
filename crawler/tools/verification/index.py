"""The index of a WARC: its lines, and the line that each record must have there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawler.archive.captures import CONFIRMED_STATUS, REVISIT_MIME
from crawler.archive.cdxj import index_line
from crawler.archive.documents import parsed
from crawler.archive.warc_reader import StoredRecord
from crawler.model.capture import Place
from crawler.system.files import Measured
from crawler.tools.verification.contents import RecordContents, is_not_modified
from crawler.tools.verification.fields import moment_of
from crawler.tools.verification.findings import Verdicts
from crawler.tools.verification.scratch import Scratch

# Addresses have 100 kB at the worst.
LINE_BYTES = 8 << 20


class IndexCheck:
    """Holds the lines of one index until their records are met."""

    def __init__(self, scratch: Scratch, report: Verdicts, key: str) -> None:
        self.key = key
        self._scratch = scratch
        self._report = report
        scratch.run("DELETE FROM lines")

    def load(self, stream: Measured) -> None:
        """Take the lines in, telling of those that are out of order or unfinished."""
        last, position, ordered = b"", 0, True
        while line := stream.readline(LINE_BYTES):
            if ordered and line < last:
                ordered = False
                self._report.add(self.key, position, "the index is not sorted: this line comes before the one above")
            if not line.endswith(b"\n"):
                self._tell_unfinished(stream, position, len(line))
                if len(line) == LINE_BYTES:
                    return
            offset = _number(entry_of(line).get("offset"))
            text = line.removesuffix(b"\n")
            self._scratch.run("INSERT INTO lines VALUES (?, ?, ?)", position, offset, text)
            last = line
            position += len(line)

    def _tell_unfinished(self, stream: Measured, position: int, length: int) -> None:
        """Tell of a line without an end; one that is longer than any is the last that is looked at."""
        problem = "the index ends within a line"
        if length == LINE_BYTES:
            problem = f"a line of {LINE_BYTES} bytes and more is none"
            stream.drain()
        self._report.add(self.key, position, problem, is_cause=True)

    def match(self, warc: str, record: StoredRecord, contents: RecordContents) -> tuple[str | None, int | None]:
        """Find the line of a record and tell when it is missing or differs.

        Returns the digest of the entity and, when it is the line alone that told it, the line's position.
        """
        found = self._scratch.run("SELECT position, line FROM lines WHERE offset = ?", record.offset).fetchall()
        if not found:
            self._report.add(warc, record.offset, f"{self.key} has no line for this record")
            return contents.entity, None
        position, line = found[0]
        self._scratch.run("DELETE FROM lines WHERE position = ?", position)
        claimed = str(entry_of(line).get("digest"))
        is_told = record.kind == "revisit"
        digest = claimed if is_told else contents.entity or ""
        expected = expected_line(warc, record, contents, digest)
        if expected is not None and expected.encode() != line:
            self._report.add(self.key, position, _difference(line, expected.encode(), record.offset))
        return digest, position if is_told else None

    def offset_after(self, offset: int, size: int) -> int | None:
        """Return the next place after a damaged record at which the index knows one, forgetting that record."""
        self._scratch.run("DELETE FROM lines WHERE offset = ?", offset)
        query = "SELECT min(offset) FROM lines WHERE offset > ? AND offset < ?"
        found: int | None = self._scratch.one(query, offset, size)[0]
        return found

    def finish(self, damaged: bool, size: int) -> None:
        """Tell of the lines that no record answered: in one finding of those that a damaged or cut WARC left."""
        if damaged:
            self._tell_at_once("offset IS NULL OR offset >= 0", "can be read", ())
        self._tell_at_once("offset >= ?", "the WARC has", (size,))
        for position, line in self._scratch.run("SELECT position, line FROM lines ORDER BY position"):
            offset = entry_of(line).get("offset")
            self._report.add(self.key, position, f"the line names no record, or one named before, at {offset}")

    def _tell_at_once(self, condition: str, what: str, values: tuple[int, ...]) -> None:
        first, count = self._scratch.one(f"SELECT min(position), count(*) FROM lines WHERE {condition}", *values)
        if count:
            self._report.add(self.key, first, f"{_lines(count)} no record that {what}")
            self._scratch.run(f"DELETE FROM lines WHERE {condition}", *values)


def expected_line(warc: str, record: StoredRecord, contents: RecordContents, digest: str) -> str | None:
    """Return the line that a record gives; None when the record itself is too wrong to give one."""
    date, response = moment_of(record.get("WARC-Date")), contents.response
    if date is None or (response is None and not is_not_modified(record)):
        return None
    try:
        place = Place(record.get("WARC-Target-URI"), record.get("WARC-Record-ID"), warc, record.offset, record.length)
        mime = response.mime if response and record.kind == "response" else REVISIT_MIME
        return index_line(place, date, response.status if response else CONFIRMED_STATUS, mime, digest)
    except ValueError:
        return None  # the address is none


def entry_of(line: bytes) -> dict[str, Any]:
    """Return the fields of a line; empty when it is none."""
    try:
        entry = parsed(line.split(b" ", 2)[2])
    except (IndexError, ValueError):
        return {}
    return entry if isinstance(entry, dict) else {}


def places(stream: Measured) -> Iterator[tuple[str, str, int]]:
    """Yield address, second (`20261124101500`) and offset of each line that has them."""
    while line := stream.readline(LINE_BYTES):
        entry, parts = entry_of(line), line.split(b" ", 2)
        offset = _number(entry.get("offset"))
        if offset is not None:
            yield str(entry.get("url")), parts[1].decode("ascii", "replace"), offset


def _lines(count: int) -> str:
    return "the line names" if count == 1 else f"{count} of the index's lines name"


def _number(text: object) -> int | None:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19 else None


def _difference(line: bytes, expected: bytes, offset: int) -> str:
    entry, wanted = entry_of(line), entry_of(expected)
    if line.split(b" ", 2)[:2] != expected.split(b" ", 2)[:2]:
        return f"key or time differ from those of the record at {offset}"
    names = [name for name in {**wanted, **entry} if wanted.get(name) != entry.get(name)]
    return f"{', '.join(names) or 'the line'} differs from what the record at {offset} gives"
