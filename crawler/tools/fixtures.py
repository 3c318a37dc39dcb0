"""Pages that are saved as tests, each with the article that a reader of the page expects.

`FOLDER/NAME.html`, or `.html.gz` if it is large, is the page. `FOLDER/NAME.json` has its address, its capture and the
expected fields. The folder has the name of an outlet, or of a platform (`east_west_media`).
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crawler.model.article import Article, PublicationDate
from crawler.model.exit_codes import USAGE, Refused
from crawler.model.listing import Page
from crawler.model.span import rfc3339
from crawler.outlets.outlet import Outlet
from crawler.outlets.platforms import PLATFORMS

FIELDS = (
    "title",
    "subtitle",
    "authors",
    "agencies",
    "dateline",
    "published",
    "modified",
    "section",
    "scope",
    "language",
    "tags",
    "image",
    "canonical_url",
    "paragraphs",
    "warnings",
)

# A larger page is gzipped.
LARGEST_PLAIN = 100_000
NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A saved page, and the expected values of FIELDS; a person has compared them with the page if `is_reviewed`."""

    page: Page
    expected: dict[str, Any]
    is_reviewed: bool


def platforms_by_name() -> dict[str, type[Outlet]]:
    """Return the platforms by the names of their folders."""
    return {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", one.__name__).lower(): one for one in PLATFORMS}


def fields_of(article: Article) -> dict[str, Any]:
    """Return the values of FIELDS as plain JSON types; where a date was found is not among them."""
    row: dict[str, Any] = json.loads(article.as_line())
    row["paragraphs"] = article.text.split("\n")
    row["published"], row["modified"] = _date(article.published), _date(article.modified)
    return {name: row[name] for name in FIELDS}


def name_for(page: Page, outlet: type[Outlet]) -> str:
    """Return a name for a page: the key of its article, else a part of its digest."""
    key = re.sub(r"[^A-Za-z0-9_.-]+", "-", outlet.key_of(page.url) or "").strip("-.")
    return key[:60] or hashlib.sha256(page.url.encode()).hexdigest()[:12]


def check_name(folder: Path, name: str, is_forced: bool) -> list[Path]:
    """Return the existing files of a name, which are an error unless `is_forced`. Raises Refused."""
    if not NAME.fullmatch(name):
        raise Refused(f"--name {name}: give a name of Latin letters, digits, '.', '_' and '-'", USAGE)
    present = [path for path in _files(folder, name) if path.exists()]
    if present and not is_forced:
        raise Refused(f"{present[0]} exists: give another --name, or --force to replace it", USAGE)
    return present


def save(folder: Path, name: str, page: Page, article: Article, is_forced: bool = False) -> list[Path]:
    """Write a page and its unreviewed expectation; return the two files. Raises Refused, OSError.

    Existing files of the name are an error unless `is_forced`; then they are replaced.
    """
    present = check_name(folder, name, is_forced)
    plain, packed, facts = _files(folder, name)
    is_large = len(page.body) > LARGEST_PLAIN
    target, body = (packed, gzip.compress(page.body, mtime=0)) if is_large else (plain, page.body)
    expectation = json.dumps(_facts(page, article), ensure_ascii=False, indent=2) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    # Both are written before either replaces a file.
    with TemporaryDirectory(dir=folder) as beside:
        written = {Path(beside) / path.name: path for path in (target, facts)}
        for new, content in zip(written, (body, expectation.encode()), strict=True):
            new.write_bytes(content)
        for path in set(present) - {target, facts}:
            path.unlink()
        for new, path in written.items():
            new.replace(path)
    return [target, facts]


def load(facts: Path) -> SavedPage:
    """Return the saved page of a JSON file. Raises OSError, ValueError, KeyError."""
    plain, packed, _ = _files(facts.parent, facts.stem)
    known: dict[str, Any] = json.loads(facts.read_text("utf-8"))
    fetched = datetime.fromisoformat(known["fetched_at"]) if known["fetched_at"] else None
    body = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    return SavedPage(
        Page(facts.parent.name, known["url"], body, content_type=known["content_type"], fetched_at=fetched),
        {name: known[name] for name in FIELDS},
        known.get("reviewed") is True,
    )


def saved_pages(folder: Path) -> Iterator[Path]:
    """Yield the JSON files of all saved pages below a folder, sorted."""
    yield from sorted(folder.glob("*/*.json"))


def _files(folder: Path, name: str) -> tuple[Path, Path, Path]:
    return folder / f"{name}.html", folder / f"{name}.html.gz", folder / f"{name}.json"


def _facts(page: Page, article: Article) -> dict[str, Any]:
    fetched = rfc3339(page.fetched_at) if page.fetched_at else None
    capture = {"url": page.url, "content_type": page.content_type, "fetched_at": fetched}
    return {**capture, "reviewed": False, **fields_of(article)}


def _date(date: PublicationDate | None) -> dict[str, str] | None:
    return {"at": date.at.isoformat(), "precision": date.precision} if date else None
