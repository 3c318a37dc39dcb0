"""Where a page shows the section of its story: labels, breadcrumbs, rows of links, words over the headline."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, combinations, islice, takewhile

from lxml.html import HtmlElement

from crawler.bengali.places import is_district
from crawler.bengali.sections import is_section, scope_of, topics_of
from crawler.bengali.text import fold, words
from crawler.extraction.candidates.container import known_containers
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.page.jsonld import plain
from crawler.extraction.page.naming import Asides, has_name_of

# Where themes and publishing systems show an article's section.
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

# What may hold nothing but the name of a section, how long it is, and how many of them are no menu.
_LABELS = frozenset(words("a span p div li strong b h4 h5 h6"))
_LONGEST_LABEL, _MOST_LABELS = 40, 3
_WHOLE_LABELS = _LABELS | {"h2", "h3"}

# How many steps a breadcrumb has, and how many slashes the address of a front page.
_MOST_STEPS, _FRONT_PAGE = 4, 3

# Characters beside the headline in an element that holds a text too.
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
        """Return the steps of the last breadcrumb before the headline, the innermost first."""
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
        """Tell what stands aside from the story though a nav, which a breadcrumb may be, were no aside."""
        return self.document.asides.hold(element) and self._asides.hold(element)

    @cached_property
    def _asides(self) -> Asides:
        return Asides(self.document.index.tagged("h1"), _ASIDE_TAGS)

    def _rows_from_home(self) -> Iterator[HtmlElement]:
        """Yield short rows of links that begin with the front page's: breadcrumbs that no name marks."""
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
        """Return the links up to a place on the page."""
        links = self.document.index.tagged("a")
        return links[: bisect_right(links, place, key=self.order.__getitem__)]

    def unmarked(self) -> list[str]:
        """Return the known word for a section that stands by itself over the headline, or below it.

        Where there are many such words they are a menu. Below it, a word that is no link stands right there.
        """
        found = [element for element in self._labels if is_section((element.text or "").strip())]
        if len(found) > _MOST_LABELS:
            return []
        over = [element for element in reversed(found) if self.order[element] < self.here]
        below = [element for element in found if element not in over and self._is_section_below(element)]
        # A kicker is no link.
        return self._names([*sorted(over, key=_is_unlinked), *below])[:1]

    def as_in_menu(self) -> list[str]:
        """Return the word nearest over the headline that stands by itself there and in a menu of the page."""
        over = [element for element in self._labels if self.order[element] < self.here]
        return self._names([element for element in reversed(over) if self._is_of_menu(element.text or "")])[:1]

    def _is_of_menu(self, text: str) -> bool:
        # Most stand there letter by letter.
        folded = fold(text)
        return bool(folded) and (text in self._links_above or folded in self.menu)

    def right_before(self) -> list[str]:
        """Return the known word for a section that stands by itself right before what holds headline and text."""
        before = None if self.region is None else self.region.getprevious()
        if before is None or before.tag not in _WHOLE_LABELS or self._is_teaser(before) or self._is_aside(before):
            return []
        return list(filter(is_section, self._names([before])))

    @cached_property
    def menu(self) -> set[str]:
        """The short texts of links before the headline that do not stand with it, folded."""
        return set(map(fold, self._links_above))

    @cached_property
    def _links_above(self) -> set[str]:
        links = [] if self.region is None else self._links_to(self.order[self.region])
        return {text for link in links if len(text := link.text or "") < _LONGEST_LABEL}

    @cached_property
    def _labels(self) -> list[HtmlElement]:
        """The elements before the story's text that hold a word or two and nothing else, in no menu."""
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
        """Tell a word in a row of many links beside the headline's own parts."""
        row = element
        while (parent := row.getparent()) is not None and parent not in self.above:
            row = parent
        return _links_in(row) > _MOST_STEPS

    def _is_section_below(self, element: HtmlElement) -> bool:
        """Tell a link, and a word right below the headline that is no district."""
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
        """Tell what comes, under the headline, before the container and before the first long text."""
        if element is self.container or _is_long(element.text):
            return False
        before = element.getprevious()
        return before is None or not _is_long(before.tail)

    def _is_own(self, element: HtmlElement) -> bool:
        """Tell a label of this story from one of a teaser, a related story or the story after it."""
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
        """Tell what is called one, or has a picture or a heading of its own."""
        if element not in self.teasers:
            shows_story = next(element.iterdescendants(*_TEASER_PARTS), None) is not None
            self.teasers[element] = shows_story or has_name_of(element, _TEASER_WORDS)
        return self.teasers[element]

    def _names(self, elements: list[HtmlElement]) -> list[str]:
        """Return the words of links to sections; the link to the front page is none."""
        return [
            text
            for element in elements
            if not (element.tag == "a" and self.document.leads_home(element.get("href") or "x"))
            and (text := plain(element.get("content") or "") or _named(element))
        ]


def _region(headline: HtmlElement | None, container: HtmlElement | None) -> HtmlElement | None:
    """Return the headline's <article>, else the innermost element that holds headline and text."""
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
    """Return what holds a link and those beside it."""
    row = link.getparent()
    while row is not None and row.tag in _ITEMS:
        row = row.getparent()
    return link if row is None else row


def _links_in(row: HtmlElement) -> int:
    """Return how many links a row has, up to one more than a breadcrumb's."""
    return len(list(islice(row.iter("a"), _MOST_STEPS + 1)))


def _is_long(text: str | None) -> bool:
    return text is not None and len(text.strip()) >= _LONGEST_LABEL


def _is_unlinked(element: HtmlElement) -> bool:
    parent = element.getparent()
    return element.tag != "a" and (parent is None or parent.tag != "a")


def _last_step(element: HtmlElement) -> list[str]:
    """Return the known word for a section that ends a breadcrumb and is no link: the reader stands in it."""
    link = next(filter(None, map(text_of, reversed(list(element.iter("a"))))), "")
    text = text_of(element) if link else ""
    last = text[text.rfind(link) + len(link) :].strip(_SIGNS)
    return [last] if 0 < len(last) <= _LONGEST_LABEL and is_section(last) else []


def _is_menu(names: Sequence[str]) -> bool:
    """Tell the words of a menu from steps that lead to one place: two are of different topics or scopes."""
    for one, other in combinations(names, 2):
        scopes, topics = {scope_of(one), scope_of(other)} - {None}, (set(topics_of(one)), set(topics_of(other)))
        if len(scopes) > 1 or (all(topics) and topics[0].isdisjoint(topics[1])):
            return True
    return False


def _named(element: HtmlElement) -> str:
    """Return the text of an element, that of its link where it has one: a label may stand before it."""
    links = [text for link in element.iter("a") if (text := text_of(link))]
    return links[0] if len(links) == 1 else text_of(element)
