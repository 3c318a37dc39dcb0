"""A WARC file: its records one by one, then its exchanges: adjacent records that name one another and agree."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import BinaryIO

from crawler.archive.manifests import FinishedFile
from crawler.archive.records import HTTP_VERSION
from crawler.archive.warc_reader import DamagedRecord, walk_past_damage
from crawler.system.files import Measured
from crawler.tools.verification.facts import Findings
from crawler.tools.verification.files import ArchiveFiles
from crawler.tools.verification.index import IndexCheck
from crawler.tools.verification.records import (
    TRUNCATED,
    RecordContents,
    contents_of,
    facts_of,
    header_problems,
    is_not_modified,
    problems_of,
    revisit_facts,
)

ANSWERS = ("response", "revisit")

# The records of an exchange share these fields.
SHARED = ("WARC-Date", "WARC-Target-URI", "WARC-IP-Address")


class WarcCheck:
    """Checks one WARC; with `is_recovered` its exchanges may lack records. `runs` are those of its warcinfos."""

    def __init__(
        self, files: ArchiveFiles, facts: Findings, key: str, index: IndexCheck | None, is_recovered: bool
    ) -> None:
        self.key = key
        self.runs: list[str] = []
        self.is_damaged = False
        self._files = files
        self._facts = facts
        self._index = index
        self._is_recovered = is_recovered
        self._exchange: list[RecordContents] = []
        self._warcinfos: set[str] = set()

    def read(self, stream: Measured, found: FinishedFile) -> bool:
        """Read the records; count them and find their first and last date. Return whether any is damaged."""
        for record in walk_past_damage(partial(self._open_at, stream), self._offset_after):
            self._take(contents_of(record))
            found.records[record.kind] = found.records.get(record.kind, 0) + 1
            if record.kind != "warcinfo":
                date = record.get("WARC-Date")
                found.first, found.last = min(found.first or date, date), max(found.last or date, date)
        self._end_exchange()
        self._facts.add("amounts", 0, sum(found.records.values()), 0)
        if not self._warcinfos and not self.is_damaged:
            self._facts.find(self.key, 0, "the file does not begin with a warcinfo record")
        if self._index is not None:
            self._index.finish(self.is_damaged, stream.bytes)
        return self.is_damaged

    def _open_at(self, stream: Measured, offset: int) -> AbstractContextManager[BinaryIO | Measured]:
        return self._files.open(self.key, offset) if offset else nullcontext(stream)

    def _offset_after(self, damage: DamagedRecord) -> int | None:
        """Report a damaged record; return the next offset in the index."""
        self.is_damaged = True
        self._end_exchange(is_cut=True)
        offset = self._index.offset_after(damage.offset) if self._index else None
        rest = "" if offset else "; the rest of the file cannot be read"
        self._facts.find(self.key, damage.offset, damage.problem + rest, is_cause=True)
        return offset

    def _take(self, contents: RecordContents) -> None:
        record = contents.record
        for problem in (*header_problems(record), *self._warcinfo_problems(contents), *problems_of(contents)):
            self._facts.find(self.key, record.offset, problem)
        self._facts.add("records", *facts_of(self.key, contents))
        if record.kind != "warcinfo":
            if not any(_names(one, contents) or _names(contents, one) for one in self._exchange):
                self._end_exchange()
            self._exchange.append(contents)

    def _end_exchange(self, is_cut: bool = False) -> None:
        """Check the current exchange; one that is cut may lack records too."""
        exchange, self._exchange = self._exchange, []
        for offset, problem in _problems_between(exchange, is_whole=not (is_cut or self._is_recovered)):
            self._facts.find(self.key, offset, problem)
        metadata = _first_of(exchange, "metadata")
        for answer in (one for one in exchange if one.kind in ANSWERS):
            entity = answer.entity
            if answer.kind == "revisit":
                # The metadata alone states the digest; a crash may have cut it off.
                entity = metadata.entity or "" if metadata else None
                self._facts.add("revisits", *revisit_facts(self.key, answer, metadata, entity))
            if self._index is not None:
                self._index.match(self.key, answer, entity)

    def _warcinfo_problems(self, contents: RecordContents) -> Iterator[str]:
        record = contents.record
        if record.kind == "warcinfo":
            name = self.key.rpartition("/")[2]
            if record.get("WARC-Filename") != name:
                yield f"WARC-Filename is {record.get('WARC-Filename')}, the file's name is {name}"
            # Each run that continues a segment writes its own.
            self._warcinfos.add(record.get("WARC-Record-ID"))
            self.runs.append(contents.fields.get("run", ""))
        elif record.offset == 0:
            yield "the file does not begin with a warcinfo record"
        elif record.get("WARC-Warcinfo-ID") not in self._warcinfos and not self.is_damaged:
            # The warcinfo record itself may be damaged.
            yield "WARC-Warcinfo-ID is not that of a warcinfo record before it"


def _first_of(exchange: list[RecordContents], *kinds: str) -> RecordContents | None:
    return next((one for one in exchange if one.kind in kinds), None)


def _problems_between(exchange: list[RecordContents], is_whole: bool) -> Iterator[tuple[int, str]]:
    """Yield the problems between the records of an exchange, with offsets; one that is not whole may lack records."""
    if is_whole and exchange:
        yield from _missing(exchange)
    for one in exchange:
        for other in exchange:
            if other is not one and not _names(other, one):
                name = other.record.get("WARC-Record-ID")
                yield one.record.offset, f"the record is concurrent to {name}, which does not name it"
        for name in SHARED:
            if one.record.get(name) != exchange[0].record.get(name):
                yield one.record.offset, f"{name} differs from {_place(exchange[0])}"
    answer, request, metadata = (_first_of(exchange, *kinds) for kinds in (ANSWERS, ["request"], ["metadata"]))
    if answer and request and _security(answer) != _security(request):
        yield request.record.offset, f"WARC-Protocol or WARC-Cipher-Suite differs from {_place(answer)}"
    if answer and metadata:
        yield from _contradictions(answer, metadata)


def _missing(exchange: list[RecordContents]) -> Iterator[tuple[int, str]]:
    names = {one.record.get("WARC-Record-ID") for one in exchange}
    for one in exchange:
        for name in {*one.record.all("WARC-Concurrent-To")} - names:
            yield one.record.offset, f"the record is concurrent to {name}, which is not beside it"
    first, kinds = exchange[0], [one.kind for one in exchange]
    for kind in ("request", "metadata"):
        if (count := kinds.count(kind)) != 1:
            yield first.record.offset, f"the exchange has {count} {kind} records"
    answers = sum(kind in ANSWERS for kind in kinds)
    if answers > 1:
        yield first.record.offset, f"the exchange has {answers} responses or revisits"
    metadata = _first_of(exchange, "metadata")
    if metadata and not answers and (metadata.entity is not None or _confirms(metadata)):
        yield metadata.record.offset, "the metadata describes a response that is not beside it"


def _contradictions(answer: RecordContents, metadata: RecordContents) -> Iterator[tuple[int, str]]:
    if answer.kind == "response" and (metadata.entity or "") != (answer.entity or ""):
        yield metadata.record.offset, f"entityDigest differs from {_place(answer)}"
    if _confirms(metadata) != _confirms(answer):
        stated = "set" if _confirms(metadata) else "missing"
        yield metadata.record.offset, f"notModifiedResponse is {stated}, contrary to {_place(answer)}"
    cut, found = TRUNCATED.get(metadata.fields.get("outcome", "")), answer.record.get("WARC-Truncated")
    if answer.kind == "response" and cut not in (None, found):
        outcome = f"by the outcome in its metadata it must be {cut or 'missing'}"
        yield answer.record.offset, f"WARC-Truncated is {found or 'missing'}, {outcome}"


def _names(one: RecordContents, other: RecordContents) -> bool:
    return other.record.get("WARC-Record-ID") in one.record.all("WARC-Concurrent-To")


def _place(one: RecordContents) -> str:
    return f"the concurrent record at {one.record.offset}"


def _confirms(one: RecordContents) -> bool:
    """Return whether this is metadata that holds a 304, or the revisit that belongs to it."""
    return "notModifiedResponse" in one.fields or is_not_modified(one.record)


def _security(one: RecordContents) -> list[str]:
    """Return TLS version and cipher suite; each HTTP message of an exchange has an HTTP version of its own."""
    protocols = [name for name in one.record.all("WARC-Protocol") if not HTTP_VERSION.fullmatch(name.upper())]
    return [*protocols, one.record.get("WARC-Cipher-Suite")]
