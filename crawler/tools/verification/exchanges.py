"""An exchange in a WARC: adjacent records that name one another and agree."""

from collections.abc import Iterator

from crawler.archive.records import HTTP_VERSION
from crawler.tools.verification.records import TRUNCATED, RecordContents, is_not_modified

ANSWERS = ("response", "revisit")

# The records of an exchange share these fields.
SHARED = ("WARC-Date", "WARC-Target-URI", "WARC-IP-Address")


def belongs(record: RecordContents, exchange: list[RecordContents]) -> bool:
    return any(_names(one, record) or _names(record, one) for one in exchange)


def first_of(exchange: list[RecordContents], *kinds: str) -> RecordContents | None:
    return next((one for one in exchange if one.kind in kinds), None)


def problems_between(exchange: list[RecordContents], is_whole: bool) -> Iterator[tuple[int, str]]:
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
    answer, request, metadata = (first_of(exchange, *kinds) for kinds in (ANSWERS, ["request"], ["metadata"]))
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
    metadata = first_of(exchange, "metadata")
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
