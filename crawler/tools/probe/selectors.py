"""Find selectors: those of the elements in which extraction found text, authors, date and section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from lxml.html import HtmlElement

from crawler.bengali.bylines import parse_byline
from crawler.bengali.dates import find_published, parse_machine_date
from crawler.bengali.text import fold, normalize
from crawler.crawl.unrecorded import Answer
from crawler.extraction import NotAnArticle
from crawler.extraction.extractor import Extraction
from crawler.extraction.page.document import text_of
from crawler.extraction.page.naming import Index
from crawler.model.article import Article
from crawler.model.listing import Page
from crawler.outlets.outlet import Outlet
from crawler.outlets.platforms import PLATFORMS

# Without the headline: every page states it in its metadata or in its first heading.
FIELDS = ("container", "byline", "date", "section_label")
# A selector holds if it is right on more than this share of the pages that show the field.
_MOST = 0.5
_LONGEST, _SHORTEST_DATE = 200, 6
_ANCESTORS = 3
# Builds generate endings with digits or with capitals among small letters: story_main__3kQ2z, css-1a2b3c.
_NAME = re.compile(r"(?!.*[_-]\w*(?:\d|[a-z][A-Z]))[A-Za-z](?:[\w-]*[A-Za-z])?")
_DATE_ATTRIBUTES = ("data-published", "datetime", "content")
_CONTAINER_SHARE = 0.95


@dataclass(slots=True)
class ReadPage:
    """A page with its article, or the reason why it has none; `index` has the elements of the page."""

    url: str
    article: Article | None = None
    refusal: str | None = None
    index: Index | None = None
    container: HtmlElement | None = None

    def select(self, selector: str) -> list[HtmlElement]:
        return self.index.select(selector) if self.index else []


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector, and on how many of the pages that show its field it is right.

    It is right if it selects one element, which shows the field; a platform's may select others beside it.
    """

    css: str
    hits: int
    pages: int


def read_page(answer: Answer, outlet: type[Outlet]) -> ReadPage:
    """Return the article of an answer, read by the rules of an outlet."""
    page = Page(outlet.name, answer.url, answer.body, content_type=answer.content_type, http_status=answer.status)
    reading, found = Extraction(page, outlet), ReadPage(answer.url)
    if answer.failure or answer.refusal:
        found.refusal = answer.refusal or answer.failure
        return found
    try:
        found.article = reading.article()
    except NotAnArticle as error:
        found.refusal = error.reason
    if reading.text is not None and (blocks := [block for block in reading.text.blocks if block.element is not None]):
        found.index = Index(blocks[0].path[0].getroottree().getroot())
    found.container = reading.body.container if reading.body else None
    return found


def find_selectors(pages: Sequence[ReadPage], platform: type[Outlet]) -> dict[str, Selector]:
    """Return for each field the platform's selector, else the best one found, if it is right on most pages."""
    found = {}
    for field in FIELDS:
        shown = [(page, elements) for page in pages if (elements := list(_elements(page, field)))]
        declared = getattr(platform, field)
        if field == "container" and declared:
            found[field] = Selector(declared, sum(holds_text(page, platform) for page, _ in shown), len(shown))
        elif best := _best(declared, shown):
            found[field] = best
    return found


def _best(declared: str | None, shown: Sequence[tuple[ReadPage, Sequence[HtmlElement]]]) -> Selector | None:
    """Return the platform's selector, which may select other elements too, else the first one with the most hits."""
    best = None
    tried = _candidates(element for _, elements in shown for element in elements)
    for css in filter(None, (declared, *tried)):
        selected = [(page.select(css), set(elements)) for page, elements in shown]
        hits = sum((len(all_) == 1 or css == declared) and not right.isdisjoint(all_) for all_, right in selected)
        if hits > max(_MOST * len(shown), best.hits if best else 0):
            best = Selector(css, hits, len(shown))
        if best and (css == declared or hits == len(shown)):
            break
    return best


def platform_of(pages: Sequence[ReadPage]) -> type[Outlet]:
    """Return the platform whose containers hold the text of most articles, else Outlet."""
    articles = [page for page in pages if page.article]
    held = {platform: sum(holds_text(page, platform) for page in articles) for platform in PLATFORMS}
    best = max(PLATFORMS, key=lambda platform: held[platform])
    return best if 2 * held[best] > len(articles) else Outlet


def holds_text(page: ReadPage, platform: type[Outlet]) -> bool:
    """Return whether the platform's containers, but those that any site may have, hold nearly all of a text."""
    parts = [part for part in (platform.container or "").split(", ") if not part.isalpha()]
    text = fold(" ".join(element.text_content() for element in page.select(", ".join(parts))))
    return page.article is not None and _share(page.article, text) > _CONTAINER_SHARE


def _share(article: Article, text: str) -> float:
    """Return the share of the article's lines that a text holds."""
    lines = [fold(line) for line in article.text.split("\n")]
    return sum(len(line) for line in lines if line in text) / max(1, sum(map(len, lines)))


def _elements(page: ReadPage, field: str) -> Iterator[HtmlElement]:
    """Yield the elements that show a field of the article, the innermost first."""
    if page.article is None or page.index is None:
        return
    if field == "container":
        around = () if page.container is None else (page.container, *islice(page.container.iterancestors(), 2))
        yield from (one for one in around if one is page.container or _is_container(one, page.article))
        return
    inside = set(page.container.iter()) if page.container is not None else set()
    outside = [one for one in page.index.order if one not in inside and one.tag not in ("title", "script", "meta")]
    short = [element for element in outside if len(element.text_content()) <= _LONGEST]
    right = [element for element in short if _shows(element, field, page.article)]
    yield from sorted(right, key=lambda each: len(list(each.iter())))


def _is_container(element: HtmlElement, article: Article) -> bool:
    """Return whether an element holds nearly all of the text and not half as much again beside it."""
    text = fold(element.text_content())
    return _share(article, text) >= _CONTAINER_SHARE and len(text) <= 1.5 * len(fold(article.text))


def _shows(element: HtmlElement, field: str, article: Article) -> bool:
    if field == "byline":
        names = {author.name for author in article.authors}
        text = text_of(element)
        return bool(names) and len(text) <= _LONGEST and {one.name for one in parse_byline(normalize(text))} == names
    if field == "date":
        return article.published is not None and _shows_date(element, article, article.published.at)
    section = fold(article.section or "")
    return bool(section) and fold(text_of(element)) == section


def _shows_date(element: HtmlElement, article: Article, published: datetime) -> bool:
    stated = next(filter(None, map(element.get, _DATE_ATTRIBUTES)), None)
    zone, text = published.tzinfo or UTC, text_of(element)
    moment = parse_machine_date(stated, zone) if stated else None
    if moment is None and _SHORTEST_DATE <= len(text) <= _LONGEST:
        moment = find_published(text, zone, article.fetched_at)
    return moment is not None and abs((moment.at - published).total_seconds()) < 60


def _candidates(elements: Iterable[HtmlElement]) -> list[str]:
    """Return selectors of elements, of the innermost element first, each once."""
    found: dict[str, None] = {}
    for element in elements:
        own = [*_names(element), *([element.tag] if element.tag == "time" else [])]
        found |= dict.fromkeys(own)
        for around in islice(element.iterancestors(), _ANCESTORS):
            found |= dict.fromkeys(f"{name} {one}" for name in _names(around) for one in (*own, element.tag))
    return list(found)


def _names(element: HtmlElement) -> Iterator[str]:
    """Yield the selectors of one element by its id, its classes and its microdata."""
    if _NAME.fullmatch(element.get("id") or ""):
        yield f"#{element.get('id')}"
    if _NAME.fullmatch(element.get("itemprop") or ""):
        yield f"[itemprop={element.get('itemprop')}]"
    for name in (element.get("class") or "").split():
        if _NAME.fullmatch(name):
            yield f".{name}"
            yield f"{element.tag}.{name}"
