"""An interface (API) that answers with an article as JSON, for sites whose pages are empty without scripts."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from typing import Any

from crawler.outlets.sources.json_listings import PLACES, at, document, moment_of


@dataclass(frozen=True)
class Interface:
    """The address of an article's JSON, a template over the groups of `article`, and the paths of its fields.

    Paths are those of JsonSection. `text` leads to HTML, plain text or a list of paragraphs.
    """

    url: str
    text: str
    title: str = "title"
    published: str | None = None
    modified: str | None = None
    author: str | None = None
    section: str | None = None
    description: str | None = None
    image: str | None = None

    @property
    def groups(self) -> set[str]:
        return set(PLACES.findall(self.url))

    def address(self, groups: Mapping[str, str]) -> str:
        return self.url.format(**groups)

    def match(self, url: str) -> re.Match[str] | None:
        """Return the groups of an address of this interface, None for any other address."""
        return self._pattern.fullmatch(url)

    def as_html(self, body: bytes, zone: tzinfo) -> bytes:
        """Return an answer as a page with JSON-LD, which extraction reads. Raises BrokenSource if it is no JSON."""
        answer = document(body)
        found = {
            "headline": self._value(answer, self.title),
            "articleBody": self._text(answer),
            "datePublished": self._date(answer, self.published, zone),
            "dateModified": self._date(answer, self.modified, zone),
            "author": self._value(answer, self.author),
            "articleSection": self._value(answer, self.section),
            "description": self._value(answer, self.description),
            "image": self._value(answer, self.image),
        }
        article = {"@type": "NewsArticle", **{name: value for name, value in found.items() if value}}
        # As in any page, a < would end the script.
        stated = json.dumps(article, ensure_ascii=False).replace("<", "\\u003c")
        page = f'<html><head><script type="application/ld+json">{stated}</script></head><body></body></html>'
        return page.encode("utf-8", "replace")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = enumerate(PLACES.split(self.url))
        return re.compile("".join(f"(?P<{part}>[^/?#&]+)" if place % 2 else re.escape(part) for place, part in parts))

    def _value(self, answer: Any, path: str | None) -> Any:
        return at(answer, path) if path else None

    def _text(self, answer: Any) -> Any:
        text = self._value(answer, self.text)
        return "\n".join(part for part in text if isinstance(part, str)) if isinstance(text, list) else text

    def _date(self, answer: Any, path: str | None, zone: tzinfo) -> str | None:
        moment = moment_of(self._value(answer, path), zone)
        return moment.isoformat() if moment else None
