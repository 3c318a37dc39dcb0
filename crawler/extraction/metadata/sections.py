"""The section an article stands in, in the outlet's own words, and what that word means."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, islice, takewhile
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from crawler.bengali.places import is_district
from crawler.bengali.sections import genre_of, is_other, is_section, scope_of, topics_of
from crawler.bengali.text import fold, normalize, words
from crawler.extraction.candidates.container import known_containers
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.page.jsonld import plain
from crawler.extraction.page.naming import Asides, has_name_of
from crawler.extraction.page.page_data import Story
from crawler.model.article import Scope
from crawler.model.listing import Page
from crawler.outlets.outlet import Outlet

_SHOWN = (
    ".td-category a, .tdb-entry-category, .penci-cat-name, .p-category,"
    " .post-cat, .jeg_meta_category a, .td-post-category, .cat-links a, .entry-category a, a[rel~=category]",
    "[itemprop~=articleSection], .category_name, .category-name, .news-category, .section-name, .cat-name",
)
_BREADCRUMBS = "[class*=crumb], [id*=crumb], [itemtype*=BreadcrumbList], nav[aria-label*=readcrumb]"
_TEASER_WORDS = frozenset(words("related thumb thumbnail teaser recommended popular trending sidebar latest more"))
_TEASER_PARTS = frozenset(words("img picture h1 h2 h3 h4 h5 h6"))
_HEADINGS = ("h1", "h2", "h3", "h4")
_ITEMS = frozenset({"li", "span"})
_SIGNS = " /\\|>»›→:·•-–—\u00a0"
_ASIDE_TAGS = frozenset({"aside", "footer"})
_LABELS = frozenset(words("a span p div li strong b h4 h5 h6"))
_LONGEST_LABEL, _MOST_LABELS = 40, 3
_WHOLE_LABELS = _LABELS | {"h2", "h3"}
_MOST_STEPS, _FRONT_PAGE = 4, 3
_ENOUGH = 150


class SectionLabels:
    """The part of a page that belongs to the story under its headline; all of a page on which no headline shows."""

    def __init__(self, document: Document, headline: HtmlElement | None) -> None:
        self.document = document
        self.order = document.order
        self.teasers: dict[HtmlElement, bool] = {}
        self.headline = headline
        found = next(known_containers(document, headline), [])
        self.container = found[0] if found else None
        self.region = _region(headline, self.container)
        self.inside = range(0) if self.region is None else document.index.span(self.region)[1:]
        self.above = set() if headline is None else {headline, *headline.iterancestors()}
        # What the story's text stands in, though the headline stands before it.
        self.holders = set() if self.container is None else set(self.container.iterancestors())
        heads = [self.order[element] for element in document.headlines(headline)]
        shown = range(len(self.order), len(self.order)) if headline is None else document.index.span(headline)
        self.here, self.below = shown.start, shown.stop
        self.end = min((head for head in heads if head > self.here), default=len(self.order))

    def labels(self) -> tuple[list[list[str]], list[list[str]]]:
        """Return the section's names by their kind: those before the story's text, and those after it."""
        text = self.here if self.container is None else self.order[self.container]
        before, after = [], []
        for selector in _SHOWN:
            own = [element for element in self.document.select(selector) if self._is_own(element)]
            before.append(self._names([element for element in own if self.order[element] < max(text, self.here)]))
            after.append(self._names([element for element in own if self.order[element] > max(text, self.here)]))
        return before, after

    def breadcrumb(self) -> list[str]:
        return self._steps(self.document.select(_BREADCRUMBS))

    def row_from_home(self) -> list[str]:
        """Return the steps of a row of links that begins with the front page's, unless it is a menu."""
        names = self._steps(self._rows_from_home())
        return [] if _is_menu(names) else names

    def _steps(self, found: Iterable[HtmlElement]) -> list[str]:
        steps = sorted({*found} - self.above, key=lambda element: self.order[element])
        marked = set(steps)
        shown = (
            element
            for element in reversed(steps)
            if self.order[element] < self.here
            and marked.isdisjoint(element.iterancestors())
            and not self._is_aside(element)
        )
        links = ([*self._names(list(element.iter("a"))), *_last_step(element)] for element in shown)
        return next((names[::-1] for names in links if names), [])

    def _is_aside(self, element: HtmlElement) -> bool:
        # A breadcrumb may be a nav, which is no aside here.
        return self.document.asides.hold(element) and self._asides.hold(element)

    @cached_property
    def _asides(self) -> Asides:
        return Asides(self.document.index.tagged("h1"), _ASIDE_TAGS)

    def _rows_from_home(self) -> Iterator[HtmlElement]:
        place = -1
        for link in self._links_to(self.here):
            before, place = place, self.order[link]
            address = link.get("href") or ""
            if address.count("/") > _FRONT_PAGE:
                continue
            row = _row_of(link)
            if before < self.order[row] and 1 < _links_in(row) <= _MOST_STEPS and self.document.leads_home(address):
                yield row

    def _links_to(self, place: int) -> list[HtmlElement]:
        links = self.document.index.tagged("a")
        return links[: bisect_right(links, place, key=self.order.__getitem__)]

    def unmarked(self) -> list[str]:
        """Return the known word for a section alone above or right below the headline; many words are a menu."""
        found = [element for element in self._labels if is_section((element.text or "").strip())]
        if len(found) > _MOST_LABELS:
            return []
        over = [element for element in reversed(found) if self.order[element] < self.here]
        below = [element for element in found if element not in over and self._is_section_below(element)]
        # A kicker is no link.
        return self._names([*sorted(over, key=_is_unlinked), *below])[:1]

    def as_in_menu(self) -> list[str]:
        over = [element for element in self._labels if self.order[element] < self.here]
        return self._names([element for element in reversed(over) if self._is_of_menu(element.text or "")])[:1]

    def _is_of_menu(self, text: str) -> bool:
        folded = fold(text)
        return bool(folded) and (text in self._links_above or folded in self.menu)

    def right_before(self) -> list[str]:
        before = None if self.region is None else self.region.getprevious()
        if before is None or before.tag not in _WHOLE_LABELS or self._is_teaser(before) or self._is_aside(before):
            return []
        return list(filter(is_section, self._names([before])))

    @cached_property
    def menu(self) -> set[str]:
        return set(map(fold, self._links_above))

    @cached_property
    def _links_above(self) -> set[str]:
        links = [] if self.region is None else self._links_to(self.order[self.region])
        return {text for link in links if len(text := link.text or "") < _LONGEST_LABEL}

    @cached_property
    def _labels(self) -> list[HtmlElement]:
        if self.region is None:
            return []
        elements = self.document.index.elements
        shown, after = elements[self.inside.start : self.below], elements[self.below : self.inside.stop]
        return list(filter(self._is_label, chain(shown, takewhile(self._stands_before_text, after))))

    def _is_label(self, element: HtmlElement) -> bool:
        if element.tag not in _LABELS or len(element) or not 0 < len((element.text or "").strip()) <= _LONGEST_LABEL:
            return False
        return not self._is_in_menu(element) and self._is_own(element) and not self.document.asides.hold(element)

    def _is_in_menu(self, element: HtmlElement) -> bool:
        row = element
        while (parent := row.getparent()) is not None and parent not in self.above:
            row = parent
        return _links_in(row) > _MOST_STEPS

    def _is_section_below(self, element: HtmlElement) -> bool:
        if not _is_unlinked(element):
            return True
        text = element.text or ""
        return self._is_next_to_headline(element) and not is_district(text)

    def _is_next_to_headline(self, element: HtmlElement) -> bool:
        before = element
        while before.getprevious() is None and before.getparent() is not None:
            before = before.getparent()
        previous = before.getprevious()
        return previous is self.headline or (previous is not None and self.headline in previous.iter(*_HEADINGS))

    def _stands_before_text(self, element: HtmlElement) -> bool:
        if element is self.container or _is_long(element.text):
            return False
        before = element.getprevious()
        return before is None or not _is_long(before.tail)

    def _is_own(self, element: HtmlElement) -> bool:
        place = self.order[element]
        if place > self.end or (self.region is not None and place not in self.inside):
            return False
        for parent in element.iterancestors():
            if parent in self.above:
                return True
            if parent not in self.holders and (parent.tag in {"aside", "article"} or self._is_teaser(parent)):
                return False
            if parent.tag == "footer" and (self.region is None or self.region.tag != "article"):
                return False
        return self.headline is None

    def _is_teaser(self, element: HtmlElement) -> bool:
        if element not in self.teasers:
            shows_story = next(element.iterdescendants(*_TEASER_PARTS), None) is not None
            self.teasers[element] = shows_story or has_name_of(element, _TEASER_WORDS)
        return self.teasers[element]

    def _names(self, elements: list[HtmlElement]) -> list[str]:
        return [
            text
            for element in elements
            if not (element.tag == "a" and self.document.leads_home(element.get("href") or "x"))
            and (text := plain(element.get("content") or "") or _named(element))
        ]


def _region(headline: HtmlElement | None, container: HtmlElement | None) -> HtmlElement | None:
    if headline is None:
        return None
    around = list(headline.iterancestors())
    article = next((element for element in around if element.tag == "article"), None)
    if article is not None:
        return article
    if container is not None:
        above = {container, *container.iterancestors()}
        return next((element for element in around if element in above), None)
    long = len(text_of(headline)) + _ENOUGH
    return next((element for element in around if len(text_of(element)) > long), None)


def _row_of(link: HtmlElement) -> HtmlElement:
    row = link.getparent()
    while row is not None and row.tag in _ITEMS:
        row = row.getparent()
    return link if row is None else row


def _links_in(row: HtmlElement) -> int:
    return len(list(islice(row.iter("a"), _MOST_STEPS + 1)))


def _is_long(text: str | None) -> bool:
    return text is not None and len(text.strip()) >= _LONGEST_LABEL


def _is_unlinked(element: HtmlElement) -> bool:
    parent = element.getparent()
    return element.tag != "a" and (parent is None or parent.tag != "a")


def _last_step(element: HtmlElement) -> list[str]:
    link = next(filter(None, map(text_of, reversed(list(element.iter("a"))))), "")
    text = text_of(element) if link else ""
    last = text[text.rfind(link) + len(link) :].strip(_SIGNS)
    return [last] if 0 < len(last) <= _LONGEST_LABEL and is_section(last) else []


def _is_menu(names: Sequence[str]) -> bool:
    for one, other in combinations(names, 2):
        scopes, topics = {scope_of(one), scope_of(other)} - {None}, (set(topics_of(one)), set(topics_of(other)))
        if len(scopes) > 1 or (all(topics) and topics[0].isdisjoint(topics[1])):
            return True
    return False


def _named(element: HtmlElement) -> str:
    links = [text for link in element.iter("a") if (text := text_of(link))]
    return links[0] if len(links) == 1 else text_of(element)


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
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Placing:
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
    steps = (unquote(step) for step in urlsplit(url).path.strip("/").split("/")[:-1])
    return next((step for step in steps if is_section(step)), None)


def _told(
    document: Document, outlet: type[Outlet], headline: HtmlElement | None, story: Story | None
) -> Iterator[list[str]]:
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
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            yield from (part for piece in (item.split(",") if commas else [item]) if (part := piece.strip()))
