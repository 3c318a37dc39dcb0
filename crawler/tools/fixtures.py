"""Pages that are saved as tests, each with the article that a reader of the page expects.

`FOLDER/NAME.html`, or `.html.gz` if it is large, is the page. `FOLDER/NAME.json` has its address, its capture and the
expected fields. The folder has the name of an outlet, or of a platform (`east_west_media`).
"""

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from crawler.model.article import Article, PublicationDate
from crawler.model.exit_codes import USAGE, Refused
from crawler.model.listing import Page
from crawler.model.span import rfc3339
from crawler.outlets.outlet import Outlet
from crawler.outlets.platforms import PLATFORMS
from crawler.tools.export.output import new_file

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


def files_of(folder: Path, name: str) -> tuple[Path, Path, Path]:
    """Return the paths of a page, of a gzipped page, and of its expectation."""
    return folder / f"{name}.html", folder / f"{name}.html.gz", folder / f"{name}.json"


def check_name(folder: Path, name: str, is_forced: bool) -> None:
    """Raise Refused for a name that is invalid, or has files although they may not be replaced."""
    if not NAME.fullmatch(name):
        raise Refused(f"--name {name}: give a name of Latin letters, digits, '.', '_' and '-'", USAGE)
    present = [path for path in files_of(folder, name) if path.exists()]
    if present and not is_forced:
        raise Refused(f"{present[0]} exists: give another --name, or --force to replace it", USAGE)


def save(folder: Path, name: str, page: Page, article: Article) -> list[Path]:
    """Write a page and its unreviewed expectation in place of those of this name; return the files. Raises OSError."""
    plain, packed, facts = files_of(folder, name)
    folder.mkdir(parents=True, exist_ok=True)
    is_large = len(page.body) > LARGEST_PLAIN
    target, other = (packed, plain) if is_large else (plain, packed)
    expected = json.dumps(_facts(page, article), ensure_ascii=False, indent=2) + "\n"
    content = gzip.compress(page.body, mtime=0) if is_large else page.body
    for path, data in ((target, content), (facts, expected.encode())):
        with new_file(str(path), is_forced=True) as stream:
            stream.write(data)
    other.unlink(missing_ok=True)
    return [target, facts]


def _facts(page: Page, article: Article) -> dict[str, Any]:
    fetched = rfc3339(page.fetched_at) if page.fetched_at else None
    capture = {"url": page.url, "content_type": page.content_type, "fetched_at": fetched}
    return {**capture, "reviewed": False, **fields_of(article)}


def _date(date: PublicationDate | None) -> dict[str, str] | None:
    return {"at": date.at.isoformat(), "precision": date.precision} if date else None
