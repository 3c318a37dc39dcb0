"""Row files: whole lines of JSON, each valid by itself."""

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from crawler.archive.documents import parsed, row_check
from crawler.archive.manifests import FinishedFile
from crawler.archive.names import REEXTRACTED, outlet_of
from crawler.archive.records import target_uri
from crawler.archive.rows import DamagedRows, lines, text_digest
from crawler.extraction import EXTRACTOR
from crawler.model.article import Article
from crawler.system.files import Measured
from crawler.tools.verification.facts import Findings
from crawler.tools.verification.records import moment_of

KEYS = [field.name for field in fields(Article)]


def check_rows(facts: Findings, stream: Measured, found: FinishedFile) -> None:
    """Read a row file, and count its rows."""
    position = number = 0
    try:
        for line in lines(stream):
            number += 1
            for problem in _problems(facts, found.file, line, position, number):
                facts.find(found.file, position, f"line {number}: {problem}")
            position += len(line)
    except DamagedRows as error:
        problem = f"the gzip data is corrupt or cut off after line {number}: {error}"
        facts.find(found.file, position, problem, is_cause=True)
    found.records = {"rows": number}


def _problems(facts: Findings, key: str, line: bytes, position: int, number: int) -> Iterator[str]:
    """Yield the problems of a row, and add it to the facts."""
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
    malformed = [*row_check()(row), *(["warc is null"] if row["warc"] is None else [])]
    yield from malformed
    if not malformed:
        yield from _value_problems(row, key)
        _add(facts, row, key, position, number)
    elif isinstance(row["id"], str) and type(row["version"]) is int:
        # The next version does not lack the one before it.
        facts.add(_table(key), row["id"], row["version"], *[None] * 4, key, position, number, *[None] * 7)


def _add(facts: Findings, row: dict[str, Any], key: str, *place: int) -> None:
    warc, extractor = row["warc"], json.dumps(row["extractor"], sort_keys=True)
    version = (row["id"], row["version"], warc["record_id"], row["text_digest"], row["previous"], extractor)
    pointer = (warc["file"], warc["offset"], warc["length"], warc["payload_digest"])
    capture = (target_uri(row["url"]), row["http_status"], row["fetched_at"])
    facts.add(_table(key), *version, key, *place, *pointer, *capture)


def _table(key: str) -> str:
    return REEXTRACTED if key.startswith(f"{REEXTRACTED}/") else "rows"


def _value_problems(row: dict[str, Any], key: str) -> Iterator[str]:
    if moment_of(row["fetched_at"]) is None:
        yield f"fetched_at {row['fetched_at']} is not a UTC timestamp with microseconds"
    outlet = outlet_of(key)
    if outlet != row["outlet"]:
        yield f"the row is of outlet {row['outlet']}, its file of {outlet}"
    # A later version may have none: a row that was lost and is written anew does not know the digest before it.
    if row["version"] == 1 and row["previous"] is not None:
        yield f"version 1 with previous {row['previous']}"
    if digest := digest_problem(row):
        yield digest


def digest_problem(row: dict[str, Any]) -> str | None:
    """Return the problem of a row's text_digest, if this version of the extractor made it."""
    # Another version may fold text differently.
    if not EXTRACTOR.made(row["extractor"]):
        return None
    same = row["text_digest"] == text_digest(str(row["title"]), str(row["text"]))
    return None if same else "text_digest does not match title and text"
