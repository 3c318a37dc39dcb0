"""Pages that `scrapy fixture` has saved, read again."""

import gzip
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.model.listing import Page
from crawler.tools.fixtures import FIELDS, files_of


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A saved page, and the expected values of FIELDS; a person has compared them with the page if `is_reviewed`."""

    page: Page
    expected: dict[str, Any]
    is_reviewed: bool


def load(facts: Path) -> SavedPage:
    """Return the saved page of a JSON file."""
    plain, packed, _ = files_of(facts.parent, facts.stem)
    known = json.loads(facts.read_text("utf-8"))
    fetched = datetime.fromisoformat(known["fetched_at"]) if known["fetched_at"] else None
    body = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    return SavedPage(
        Page(facts.parent.name, known["url"], body, content_type=known["content_type"], fetched_at=fetched),
        {name: known[name] for name in FIELDS},
        known.get("reviewed") is True,
    )
