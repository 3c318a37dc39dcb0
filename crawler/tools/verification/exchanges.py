"""The exchanges in a WARC: adjacent records that name one another and agree."""

from collections.abc import Iterator

from crawler.archive.records import HTTP_VERSION
from crawler.tools.verification.facts import Facts
from crawler.tools.verification.index import IndexCheck
from crawler.tools.verification.records import TRUNCATED, RecordContents, is_not_modified

ANSWERS = ("response", "revisit")

# The records of an exchange share these fields.
SHARED = ("WARC-Date", "WARC-Target-URI", "WARC-IP-Address")


class ExchangeCheck:
    """Checks the exchanges of one WARC as its records come; with `recovered` they may lack records."""

    def __init__(self, facts: Facts, key: str, index: IndexCheck | None, recovered: bool) -> None:
        self._facts = facts
        self._key = key
        self._index = index
        self._recovered = recovered
        self._records: list[RecordContents] = []

    def add(self, record: RecordContents) -> None:
        """Add a record to the current exchange; if it belongs to another one, end the current exchange first."""
        if not any(_names(one, record) or _names(record, one) for one in self._records):
            self.end()
        self._records.append(record)

    def end(self, is_cut: bool = False) -> None:
        """Check the current exchange; one that is cut may lack records too."""
        for one in self._records:
            others = [other for other in self._records if _names(one, other)]
            problems = [] if is_cut or self._recovered else [*_missing(one, others)]
            problems += [problem for other in others for problem in _differences(one, other)]
            for problem in problems:
                self._facts.find(self._key, one.record.offset, problem)
            if one.kind in ANSWERS:
                self._check_answer(one, next((other for other in others if other.kind == "metadata"), None))
        self._records = []

    def _check_answer(self, answer: RecordContents, metadata: RecordContents | None) -> None:
        entity = answer.entity
        if answer.kind == "revisit" and metadata is not None:
            # The metadata alone states the digest; a crash may have cut it off.
            entity = metadata.entity or ""
        if self._index is not None:
            self._index.match(self._key, answer, entity)
        if answer.kind == "revisit":
            record, fields = answer.record, metadata.fields if metadata else {}
            refers = (record.get(f"WARC-Refers-To{part}") for part in ("", "-Target-URI", "-Date"))
            payload = record.get("WARC-Payload-Digest") or None
            original = (fields.get(f"original{name}") for name in ("File", "Offset", "Length"))
            place = (self._key, record.offset, record.get("WARC-Date"))
            self._facts.add("revisits", *place, *refers, entity, payload, answer.codings, *original)


def _names(one: RecordContents, other: RecordContents) -> bool:
    return other.record.get("WARC-Record-ID") in one.record.all("WARC-Concurrent-To")


def _confirms(one: RecordContents) -> bool:
    """Return whether this is metadata that holds a 304, or the revisit that belongs to it."""
    return "notModifiedResponse" in one.fields or is_not_modified(one.record)


def _security(one: RecordContents) -> list[str]:
    """Return TLS version and cipher suite; each HTTP message of an exchange has an HTTP version of its own."""
    protocols = [name for name in one.record.all("WARC-Protocol") if not HTTP_VERSION.fullmatch(name.upper())]
    return [*protocols, one.record.get("WARC-Cipher-Suite")]


def _missing(one: RecordContents, others: list[RecordContents]) -> Iterator[str]:
    for name in {*one.record.all("WARC-Concurrent-To")} - {other.record.get("WARC-Record-ID") for other in others}:
        yield f"the record is concurrent to {name}, which is not beside it"
    kinds = [other.kind for other in others]
    for kind in ("request", "metadata"):
        if kinds.count(kind) != (one.kind != kind):
            yield f"the {one.kind} has {kinds.count(kind)} concurrent {kind} records"
    answers = sum(kind in ANSWERS for kind in kinds)
    if answers > (one.kind in ("request", "metadata")):
        yield f"the {one.kind} has {answers} concurrent responses or revisits"
    if one.kind == "metadata" and not answers and (one.entity is not None or _confirms(one)):
        yield "the metadata describes a response that is not beside it"


def _differences(one: RecordContents, other: RecordContents) -> Iterator[str]:
    kinds, place = (one.kind, other.kind), f"the concurrent record at {other.record.offset}"
    if not _names(other, one):
        yield f"the record is concurrent to {other.record.get('WARC-Record-ID')}, which does not name it"
    if one.record.offset > other.record.offset:
        for name in SHARED:
            if one.record.get(name) != other.record.get(name):
                yield f"{name} differs from {place}"
        if "metadata" not in kinds and _security(one) != _security(other):
            yield f"WARC-Protocol or WARC-Cipher-Suite differs from {place}"
    if kinds[0] == "metadata" and kinds[1] in ANSWERS:
        if kinds[1] == "response" and (one.entity or "") != (other.entity or ""):
            yield f"entityDigest differs from {place}"
        if _confirms(one) != _confirms(other):
            yield f"notModifiedResponse is {'set' if _confirms(one) else 'missing'}, contrary to {place}"
    if kinds == ("response", "metadata"):
        cut, found = TRUNCATED.get(other.fields.get("outcome", "")), one.record.get("WARC-Truncated")
        if cut not in (None, found):
            outcome = f"by the outcome in its metadata it must be {cut or 'missing'}"
            yield f"WARC-Truncated is {found or 'missing'}, {outcome}"
