"""The index of a WARC: each line is the one that its record gives."""

from crawler.archive.captures import CONFIRMED_STATUS, REVISIT_MIME
from crawler.archive.cdxj import LINE_BYTES, entry_of, index_line, offset_of
from crawler.archive.manifests import FinishedFile
from crawler.model.capture import Place
from crawler.system.files import Measured
from crawler.system.terminal import counted
from crawler.tools.verification.facts import Findings
from crawler.tools.verification.records import RecordContents, is_not_modified, moment_of


class IndexCheck:
    """The lines of one index, each with its position, by the offset of its record; a met record removes its line."""

    def __init__(self, facts: Findings, key: str) -> None:
        self.key = key
        self._facts = facts
        self._lines: dict[int, tuple[int, bytes]] = {}

    def read(self, stream: Measured, found: FinishedFile) -> None:
        """Read the lines, and report those that are out of order, cut, or without a record of their own."""
        last, position, is_sorted = b"", 0, True
        while line := stream.readline(LINE_BYTES):
            if is_sorted and line < last:
                is_sorted = False
                self._facts.find(self.key, position, "the index is not sorted: this line belongs before the last one")
            if len(line) == LINE_BYTES:
                self._facts.find(self.key, position, f"a line has {LINE_BYTES} bytes or more", is_cause=True)
                return
            if not line.endswith(b"\n"):
                self._facts.find(self.key, position, "the index ends within a line", is_cause=True)
            offset = offset_of(line)
            if offset is None or offset in self._lines:
                self._report(position, line)
            else:
                self._lines[offset] = (position, line.removesuffix(b"\n"))
            last = line
            position += len(line)

    def match(self, warc: str, contents: RecordContents, digest: str | None) -> None:
        """Compare a record with its line, which is removed; an entity's digest of None may be any."""
        offset = contents.record.offset
        if offset not in self._lines:
            self._facts.find(warc, offset, f"{self.key} has no line for this record")
            return
        position, line = self._lines.pop(offset)
        expected = _expected_line(warc, contents, str(entry_of(line).get("digest")) if digest is None else digest)
        if expected is not None and expected.encode() != line:
            self._facts.find(self.key, position, _difference(line, expected.encode(), offset))

    def offset_after(self, offset: int) -> int | None:
        """Return the next offset in the index after a damaged record, whose line is removed."""
        self._lines.pop(offset, None)
        return min((at for at in self._lines if at > offset), default=None)

    def finish(self, is_damaged: bool, size: int) -> None:
        """Report the lines without a record; those of a damaged or cut WARC as one finding."""
        first, fault = (0, "without a readable record") if is_damaged else (size, "beyond the end of the WARC")
        left = [position for at, (position, _) in self._lines.items() if at >= first]
        if left:
            self._facts.find(self.key, min(left), f"the index has {counted(len(left), 'line')} {fault}")
        for at, (position, line) in self._lines.items():
            if at < first:
                self._report(position, line)

    def _report(self, position: int, line: bytes) -> None:
        offset = entry_of(line).get("offset")
        self._facts.find(self.key, position, f"the line names no record, or one named before, at {offset}")


def _expected_line(warc: str, contents: RecordContents, digest: str) -> str | None:
    """Return the line that a record gives, None if the record is too damaged to give one."""
    record, response = contents.record, contents.response
    date = moment_of(record.get("WARC-Date"))
    if date is None or (response is None and not is_not_modified(record)):
        return None
    try:
        place = Place(record.get("WARC-Target-URI"), record.get("WARC-Record-ID"), warc, record.offset, record.length)
        mime = response.mime if response and record.kind == "response" else REVISIT_MIME
        return index_line(place, date, response.status if response else CONFIRMED_STATUS, mime, digest)
    except ValueError:
        return None  # the address is invalid


def _difference(line: bytes, expected: bytes, offset: int) -> str:
    entry, wanted = entry_of(line), entry_of(expected)
    if line.split(b" ", 2)[:2] != expected.split(b" ", 2)[:2]:
        return f"key or timestamp differs from the record at {offset}"
    names = [name for name in {**wanted, **entry} if wanted.get(name) != entry.get(name)]
    return f"{', '.join(names) or 'the line'} differs from the record at {offset}"
