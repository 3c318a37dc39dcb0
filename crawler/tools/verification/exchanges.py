"""The exchanges in a WARC: adjacent records that name one another and agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from crawler.archive.names import index_of
from crawler.archive.records import HTTP_VERSION
from crawler.archive.warc_reader import StoredRecord
from crawler.tools.verification.facts import Facts
from crawler.tools.verification.records import TRUNCATED, RecordContents, is_not_modified

ANSWERS = ("response", "revisit")

# A bound for damaged files; an exchange has three.
MOST_RECORDS = 100

# The records of an exchange share these fields.
SHARED = ("WARC-Date", "WARC-Target-URI", "WARC-IP-Address")


class ExchangeRecord(NamedTuple):
    """A record of an exchange; `line` is the position of the index line that alone states the entity of a revisit."""

    header: StoredRecord
    contents: RecordContents
    entity: str | None
    line: int | None

    @property
    def id(self) -> str:
        return self.header.get("WARC-Record-ID")

    def names(self, other: ExchangeRecord) -> bool:
        return other.id in self.header.all("WARC-Concurrent-To")

    @property
    def confirms(self) -> bool:
        """Whether it is metadata that holds a 304, or the revisit that belongs to it."""
        return "notModifiedResponse" in self.contents.fields or is_not_modified(self.header)

    @property
    def security(self) -> str:
        """TLS version and cipher suite; each HTTP message of an exchange has an HTTP version of its own."""
        protocols = self.header.all("WARC-Protocol")
        below = [protocol for protocol in protocols if not HTTP_VERSION.fullmatch(protocol.upper())]
        return " ".join([*below, self.header.get("WARC-Cipher-Suite")])


class ExchangeCheck:
    """Checks the exchanges of one WARC as its records come; with `recovered`, the metadata of revisits may be lost."""

    def __init__(self, facts: Facts, key: str, recovered: bool) -> None:
        self._facts = facts
        self._key = key
        self._recovered = recovered
        self._records: list[ExchangeRecord] = []

    def add(self, record: ExchangeRecord) -> None:
        """Add a record to the current exchange; if it belongs to another one, end the current exchange first."""
        is_one = any(one.names(record) or record.names(one) for one in self._records)
        if not is_one or len(self._records) == MOST_RECORDS:
            self.end(self._recovered)
        self._records.append(record)

    def end(self, is_cut: bool) -> None:
        """Check the current exchange; one that is cut may lack records."""
        for one in self._records:
            others = [other for other in self._records if one.names(other)]
            problems = [] if is_cut else [*_missing(one, others)]
            problems += [problem for other in others for problem in _differences(one, other)]
            for problem in problems:
                self._facts.find(self._key, one.header.offset, problem)
            if one.header.kind in ANSWERS:
                self._check_answer(one, [other for other in others if other.header.kind == "metadata"])
        self._records = []

    def _check_answer(self, answer: ExchangeRecord, metadata: list[ExchangeRecord]) -> None:
        for one in metadata:
            if answer.line is not None and answer.entity != (one.entity or ""):
                problem = f"the digest differs from entityDigest in the metadata at {one.header.offset}"
                self._facts.find(index_of(self._key), answer.line, problem)
        if answer.header.kind == "revisit":
            # Recovery wrote the index line without the metadata that a crash cut off.
            known = None if self._recovered else answer.entity
            entity = next((one.entity for one in metadata if one.entity), known)
            header, fields = answer.header, metadata[0].contents.fields if metadata else {}
            refers = (header.get(f"WARC-Refers-To{part}") for part in ("", "-Target-URI", "-Date"))
            payload = header.get("WARC-Payload-Digest") or None
            original = (fields.get(f"original{name}") for name in ("File", "Offset", "Length"))
            place = (self._key, header.offset, header.get("WARC-Date"))
            self._facts.add("revisits", *place, *refers, entity, payload, answer.contents.codings, *original)


def _missing(one: ExchangeRecord, others: list[ExchangeRecord]) -> Iterator[str]:
    for name in {*one.header.all("WARC-Concurrent-To")} - {other.id for other in others}:
        yield f"the record is concurrent to {name}, which is not beside it"
    own, kinds = one.header.kind, [other.header.kind for other in others]
    for kind in ("request", "metadata"):
        if kinds.count(kind) != (own != kind):
            yield f"the {own} has {kinds.count(kind)} concurrent {kind} records"
    answers = sum(kind in ANSWERS for kind in kinds)
    if answers > (own in ("request", "metadata")):
        yield f"the {own} has {answers} concurrent responses or revisits"
    if own == "metadata" and not answers and (one.entity is not None or one.confirms):
        yield "the metadata describes a response that is not beside it"


def _differences(one: ExchangeRecord, other: ExchangeRecord) -> Iterator[str]:
    kinds, place = (one.header.kind, other.header.kind), f"the concurrent record at {other.header.offset}"
    if not other.names(one):
        yield f"the record is concurrent to {other.id}, which does not name it"
    if one.header.offset > other.header.offset:
        for name in SHARED:
            if one.header.get(name) != other.header.get(name):
                yield f"{name} differs from {place}"
        if "metadata" not in kinds and one.security != other.security:
            yield f"WARC-Protocol or WARC-Cipher-Suite differs from {place}"
    if kinds[0] == "metadata" and kinds[1] in ANSWERS:
        if kinds[1] == "response" and (one.entity or "") != (other.entity or ""):
            yield f"entityDigest differs from {place}"
        if one.confirms != other.confirms:
            yield f"notModifiedResponse is {'set' if one.confirms else 'missing'}, contrary to {place}"
    if kinds == ("response", "metadata"):
        cut, found = TRUNCATED.get(other.contents.fields.get("outcome", "")), one.header.get("WARC-Truncated")
        if cut not in (None, found):
            outcome = f"by the outcome in its metadata it must be {cut or 'missing'}"
            yield f"WARC-Truncated is {found or 'missing'}, {outcome}"
