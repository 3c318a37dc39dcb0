"""The section an article stands in, in the outlet's own words, and what that word means."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from crawler.bengali.sections import genre_of, is_other, is_section, scope_of, topics_of
from crawler.bengali.text import fold, normalize, words
from crawler.extraction.metadata.section_labels import SectionLabels
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.page.jsonld import plain
from crawler.extraction.page.page_data import Story
from crawler.model.article import Scope
from crawler.model.listing import Page
from crawler.outlets.outlet import Outlet

# Words that say where on the front page a story stood, not what it is about.
_POSITIONS = frozenset(
    fold(word.replace("_", " "))
    for word in words(
        "হোম প্রচ্ছদ প্রথম_পাতা শেষ_পাতা লিড লিড_নিউজ লিড_স্টোরি শীর্ষ_খবর শীর্ষ_সংবাদ সর্বশেষ"
        " সর্বশেষ_সংবাদ টপ_নিউজ টপ_নিউজ_১ ব্রেকিং_নিউজ ব্রেকিং স্লাইডার সব_খবর সকল_খবর সংবাদ খবর নিউজ"
        " বাংলা আর্কাইভ home news latest lead leadnews lead_news top_news topnews breaking breaking_news"
        " featured feature_post slider uncategorized অশ্রেণীভুক্ত অশ্রেণীবদ্ধ blog index all_news selected"
        " নির্বাচিত portada article"
    )
)

# Of a section's name.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Placing:
    """Where an article stands in its outlet."""

    section: str | None
    scope: Scope | None
    topics: list[str]
    genre: str


def find_placing(
    document: Document,
    outlet: type[Outlet],
    page: Page,
    headline: HtmlElement | None,
    story: Story | None,
    refused: Collection[str],
) -> Placing:
    """Return section, scope, topics and genre; `refused` are no sections: the headline and the site's names, folded."""
    places = list(_told(document, outlet, headline, story))
    # Most places tell the same.
    told = dict.fromkeys(chain.from_iterable(places))
    sections = {text: name for text in told if (name := normalize(plain(text) or "")) and _may_be(name, refused)}
    names = next(filter(None, ([sections[text] for text in place if text in sections] for place in places)), [])
    in_address = outlet.section_of(page.url) or _in_path(page.url)
    section = next(filter(is_section, names), names[0] if names else in_address)
    known = list(dict.fromkeys(word for word in (section, in_address, *sections.values()) if word))
    scope = next((scope for word in known if (scope := scope_of(word))), None)
    if scope is None and page.listing and page.listing.national and not any(map(is_other, known)):
        scope = "national"
    topics = list(dict.fromkeys(topic for word in known for topic in topics_of(word)))
    genre = next((genre for word in known if (genre := genre_of(word)) != "news"), "news")
    return Placing(section, scope, topics, genre)


def _may_be(name: str, refused: Collection[str]) -> bool:
    """Tell what may be the name of a section."""
    return len(name) <= _LONGEST and (folded := fold(name)) not in _POSITIONS and folded not in refused


def find_tags(document: Document, refused: Collection[str]) -> list[str]:
    """Return the keywords of the page, each once, in its order; `refused` are none: headline and site, folded."""
    data = document.structured
    told: list[str] = list(_listed(data.article.get("keywords")))
    told += [tag for content in data.meta.get("article:tag", ()) for tag in _listed(content)]
    told += [text_of(link) for link in document.select("a[rel~=tag]") if not document.asides.hold(link)]
    told = told or [
        tag for name in ("news_keywords", "keywords") for c in data.meta.get(name, ()) for tag in _listed(c)
    ]
    tags = {fold(tag): tag for text in told if (tag := normalize(text).strip(" #,")) and len(tag) <= 80}
    return [tag for folded, tag in tags.items() if folded and folded not in refused][:50]


def _in_path(url: str) -> str | None:
    """Return the first step of an address, its last aside, that is a known word for a section."""
    steps = (unquote(step) for step in urlsplit(url).path.strip("/").split("/")[:-1])
    return next((step for step in steps if is_section(step)), None)


def _told(
    document: Document, outlet: type[Outlet], headline: HtmlElement | None, story: Story | None
) -> Iterator[list[str]]:
    """Yield what each place says, the surest first; the innermost section first where they are nested."""
    data = document.structured
    yield document.texts(outlet.section_label)
    yield list(_listed(data.article.get("articleSection"), commas=False))
    yield data.meta.get("article:section", [])
    yield data.breadcrumbs[::-1]
    yield story.sections if story else []
    place = SectionLabels(document, headline)
    before, after = place.labels()
    yield from before
    yield place.breadcrumb()
    # What stands with the headline says more than a row of links over it, which may be a menu of few words.
    yield place.unmarked()
    yield place.right_before()
    yield place.row_from_home()
    yield from after
    yield place.as_in_menu()


def _listed(value: Any, commas: bool = True) -> Iterator[str]:
    """Yield the texts of a list, or of a text in which commas part them."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield from (part for piece in (item.split(",") if commas else [item]) if (part := piece.strip()))
