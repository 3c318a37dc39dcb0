"""The exchanges of one WARC: the records of each name one another and agree."""

from __future__ import annotations

from crawler.archive.names import index_of
from crawler.tools.verification.findings import Verdicts
from crawler.tools.verification.scratch import Scratch

MISSING = """SELECT members.offset, members.id, links.target FROM links JOIN members ON members.id = links.source
    LEFT JOIN members AS other ON other.id = links.target WHERE other.id IS NULL ORDER BY members.offset"""
ONE_WAY = """SELECT members.offset, links.target FROM links JOIN members ON members.id = links.source
    JOIN members AS other ON other.id = links.target
    LEFT JOIN links AS back ON back.source = links.target AND back.target = links.source
    WHERE back.source IS NULL ORDER BY members.offset"""
DIFFERENT = """SELECT members.offset, other.offset, CASE WHEN members.date <> other.date THEN 'WARC-Date'
    WHEN members.uri <> other.uri THEN 'WARC-Target-URI' WHEN members.address <> other.address THEN 'WARC-IP-Address'
    ELSE 'WARC-Protocol or WARC-Cipher-Suite' END FROM links
    JOIN members ON members.id = links.source JOIN members AS other ON other.id = links.target
    WHERE members.offset > other.offset
    AND (members.date <> other.date OR members.uri <> other.uri OR members.address <> other.address
    OR members.security <> other.security)
    ORDER BY members.offset"""
ENTITY = """SELECT members.offset, other.offset, other.line FROM links
    JOIN members ON members.id = links.source JOIN members AS other ON other.id = links.target
    WHERE members.kind = 'metadata' 
    AND (other.kind = 'response' OR other.kind = 'revisit' AND other.entity IS NOT NULL)
    AND coalesce(members.entity, '') <> coalesce(other.entity, '') ORDER BY members.offset"""
CONFIRMED = """SELECT members.offset, members.confirms, other.offset FROM links
    JOIN members ON members.id = links.source JOIN members AS other ON other.id = links.target
    WHERE members.kind = 'metadata' AND other.kind IN ('response', 'revisit') AND members.confirms <> other.confirms
    ORDER BY members.offset"""
CUT = """SELECT other.offset, other.cut, members.cut FROM links
    JOIN members ON members.id = links.source JOIN members AS other ON other.id = links.target
    WHERE members.kind = 'metadata' AND other.kind = 'response' AND other.cut <> members.cut ORDER BY other.offset"""

# How many records of a kind stand with each: one request and one metadata, the answer if the metadata tells of one.
ALONE = """SELECT members.offset, members.kind,
    members.kind = 'metadata' AND (members.entity IS NOT NULL OR members.confirms),
    sum(other.kind = 'request'), sum(other.kind = 'metadata'), sum(other.kind IN ('response', 'revisit'))
    FROM members LEFT JOIN links ON links.source = members.id LEFT JOIN members AS other ON other.id = links.target
    GROUP BY members.id ORDER BY members.offset"""
LAST = """SELECT id FROM members WHERE offset = (SELECT max(offset) FROM members)
    UNION SELECT target FROM links
    JOIN members ON links.source = members.id AND offset = (SELECT max(offset) FROM members)"""


class PairCheck:
    """The records of one WARC, asked for their exchanges once all are in.

    With `torn` the file was damaged, so that what is missing is known; with `recovered` its last exchange may be
    without the records that a crash cut off.
    """

    def __init__(self, scratch: Scratch, report: Verdicts, key: str, torn: bool, recovered: bool) -> None:
        self._scratch = scratch
        self._report = report
        self._key = key
        self._torn = torn
        self._excused = {row[0] for row in scratch.run(LAST)} if recovered else set()

    def check(self) -> None:
        """Tell of every exchange that is not whole."""
        if not self._torn:
            self._check_missing()
            self._check_alone()
        for offset, target in self._scratch.run(ONE_WAY):
            self._report.add(self._key, offset, f"the record is concurrent to {target}, which is not to it")
        for offset, other, what in self._scratch.run(DIFFERENT):
            self._report.add(self._key, offset, f"{what} is another than in the concurrent record at {other}")
        for offset, other, line in self._scratch.run(ENTITY):
            if line is None:
                self._report.add(self._key, offset, f"entityDigest is not that of the record at {other}")
            else:
                self._report.add(
                    index_of(self._key), line, f"the digest is not the entityDigest of the metadata at {offset}"
                )
        for offset, confirms, other in self._scratch.run(CONFIRMED):
            what = "stands with" if confirms else "is missing beside"
            self._report.add(self._key, offset, f"notModifiedResponse {what} the answer at {other}")
        for offset, told, cut in self._scratch.run(CUT):
            problem = f"WARC-Truncated is {told or 'missing'}, by the outcome in its metadata it is {cut or 'none'}"
            self._report.add(self._key, offset, problem)

    def _check_missing(self) -> None:
        for offset, source, target in self._scratch.run(MISSING):
            if source not in self._excused:
                self._report.add(self._key, offset, f"the record is concurrent to {target}, which is not in the file")

    def _check_alone(self) -> None:
        excused = {self._offset(identifier) for identifier in self._excused}
        for offset, kind, is_answered, requests, metadata, answers in self._scratch.run(ALONE):
            if offset in excused:
                continue
            with_it = {"request": requests or 0, "metadata": metadata or 0, "answer": answers or 0}
            for name, wanted in (("request", kind != "request"), ("metadata", kind != "metadata")):
                if with_it[name] != wanted:
                    self._report.add(self._key, offset, f"{with_it[name]} {name} records stand with this {kind}")
            if with_it["answer"] > (kind in ("request", "metadata")):
                self._report.add(self._key, offset, f"{with_it['answer']} answers stand with this {kind}")
            if is_answered and not with_it["answer"]:
                self._report.add(self._key, offset, "the metadata tells of an answer that is not in the file")

    def _offset(self, identifier: str) -> int | None:
        row = self._scratch.one("SELECT offset FROM members WHERE id = ?", identifier)
        return row[0] if row else None
