"""An interface (API) that answers with an article as JSON, for sites whose pages are empty without scripts."""

import json
import re
from dataclasses import dataclass
from datetime import tzinfo

from crawler.outlets.sources.base import check_kinds
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

    def __post_init__(self) -> None:
        """Raise TypeError for a value of a wrong kind when the module of an outlet is loaded."""
        check_kinds(self)

    def match(self, url: str) -> re.Match[str] | None:
        """Return the groups of an address of this interface, None for any other address."""
        parts = enumerate(PLACES.split(self.url))
        pattern = "".join(f"(?P<{part}>[^/?#&]+)" if place % 2 else re.escape(part) for place, part in parts)
        return re.fullmatch(pattern, url)

    def as_html(self, body: bytes, zone: tzinfo) -> bytes:
        """Return an answer as a page with JSON-LD, which extraction reads. Raises BrokenSource if it is no JSON."""
        answer = document(body)
        paths = {
            "headline": self.title,
            "articleBody": self.text,
            "datePublished": self.published,
            "dateModified": self.modified,
            "author": self.author,
            "articleSection": self.section,
            "description": self.description,
            "image": self.image,
        }
        found = {name: at(answer, path) for name, path in paths.items() if path}
        if isinstance(text := found.get("articleBody"), list):
            found["articleBody"] = "\n".join(part for part in text if isinstance(part, str))
        for name in {"datePublished", "dateModified"} & found.keys():
            moment = moment_of(found[name], zone)
            found[name] = moment.isoformat() if moment else None
        article = {"@type": "NewsArticle", **{name: value for name, value in found.items() if value}}
        # As in any page, a < would end the script.
        stated = json.dumps(article, ensure_ascii=False).replace("<", "\\u003c")
        page = f'<html><head><script type="application/ld+json">{stated}</script></head><body></body></html>'
        return page.encode("utf-8", "replace")
