"""JSON lists of articles: a section's newest, also by GraphQL or in the scripts of a page, a day's, and WordPress's."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from typing import Any, ClassVar

from parsel import Selector
from w3lib.encoding import html_to_unicode

from crawler.model.addresses import absolute
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.outlets.scripts import objects, script_values
from crawler.outlets.sources.base import (
    FIRST_PAGE,
    PLAUSIBLE_YEARS,
    BrokenSource,
    NewestArticles,
    NothingListed,
    NothingMore,
    Paging,
    Source,
    Visit,
    is_html,
    plain_title,
    published_hint,
)
from crawler.outlets.sources.by_day import SourceByDay

# Seconds since 1970 reach this in the year 5138, milliseconds reached it in 1973.
LEAST_MILLISECONDS = 1e11

# A path in a template of addresses.
PLACES = re.compile(r"\{([^{}]*)\}")

# WordPress's answer for a page after the last.
INVALID_PAGE = b"rest_post_invalid_page_number"

# The keys of an interface's errors, its words for a failed status, the keys of an HTTP status, and the codes that say
# more than that there is no such day or page.
COMPLAINTS = ("error", "errors")
FAILURES = ("error", "fail", "failed")
CODES = ("status", "statusCode", "code")
FAULTS = frozenset(map(str, range(400, 600))) - {"404", "410"}

# WordPress excludes both ends.
POSTS_OF_A_DAY = (
    "after={after:%Y-%m-%dT%H:%M:%S}&before={before:%Y-%m-%dT%H:%M:%S}&orderby=date&order=desc"
    "&per_page=100&page={page}&_fields=link,date_gmt,title"
)


@dataclass(frozen=True)
class JsonArticles(Source):
    """A JSON document that lists articles.

    `articles` is the path of the list, the other paths lead from an article to its address, title and date of
    publication: names with dots between them, numbers for places in a list, "" for the whole. `link` may also be a
    template with such paths: `/news/{category.slug}/{id}`. Dates are text, or seconds or milliseconds since 1970.
    """

    articles: str = "items"
    link: str = "url"
    title: str | None = None
    published: str | None = None

    def listings(self, body: bytes, url: str, content_type: str | None, span: Span) -> list[Listing]:
        articles = self._articles(body, content_type)
        found = [listing for article in articles if (listing := self._listing(article, url, span.zone))]
        # An advertisement has no text at the path of the address; with an empty text an article is lost.
        nameless = sum(not isinstance(self._address(article, absent=""), str) for article in articles)
        if nameless or (articles and not found):
            number = nameless or len(articles)
            raise BrokenSource(f"{number} of the {len(articles)} it lists have no address at {self.link!r}", found)
        return found

    def _articles(self, body: bytes, content_type: str | None) -> list[Any]:
        return list_at(document(body), self.articles)

    def _address(self, article: Any, absent: Any = None) -> Any:
        """Return the value at the path of the address, or the filled template; None for null in either."""
        if "{" not in self.link:
            return at(article, self.link, absent)
        values = {path: at(article, path, absent) for path in PLACES.findall(self.link)}
        if all(isinstance(value, (str, int)) and value != "" for value in values.values()):
            return PLACES.sub(lambda place: str(values[place[1]]), self.link)
        return absent if absent in values.values() else None

    def _listing(self, article: Any, url: str, zone: tzinfo) -> Listing | None:
        link = self._address(article)
        address = absolute(url, link) if isinstance(link, str) else None
        if address is None:
            return None
        title = at(article, self.title) if self.title else None
        published = moment_of(at(article, self.published), zone) if self.published else None
        return Listing(address, published, plain_title(title), self.national, self.url)


@dataclass(frozen=True)
class JsonSection(NewestArticles, JsonArticles):
    """A JSON list of a section's newest articles; `{page}` (from 1) or `{offset}` in its address are for its pages."""

    def visits(self, span: Span) -> Iterator[Visit]:
        yield Visit(self, self.following(FIRST_PAGE) or self.url, span)

    def following(self, paging: Paging) -> str | None:
        return self.url.format(page=paging.page, offset=paging.offset) if "{" in self.url else None


@dataclass(frozen=True)
class GraphQL(JsonSection):
    """A section's newest articles by GraphQL; `{page}` (from 1) or `{offset}` in the query is replaced on each page."""

    query: str = ""

    def post_body(self, paging: Paging) -> bytes:
        query = self.query.replace("{page}", str(paging.page)).replace("{offset}", str(paging.offset))
        return json.dumps({"query": query}, ensure_ascii=False).encode()

    def following(self, paging: Paging) -> str | None:
        return self.url if self.post_body(paging) != self.post_body(FIRST_PAGE) else None


@dataclass(frozen=True)
class ScriptSection(JsonSection):
    """A section page whose scripts have its newest articles as JSON (`__NEXT_DATA__`, React's flight rows, Nuxt).

    The path of the list may start at any object in the scripts: `posts`, `pageProps.posts`.
    """

    def _articles(self, body: bytes, content_type: str | None) -> list[Any]:
        page = Selector(text=html_to_unicode(content_type, body)[1], type="html")
        things = objects(list(script_values([script.root for script in page.xpath("//script")])))
        lists = [found for thing in things if isinstance(found := at(thing, self.articles), list)]
        if not lists:
            raise NothingListed(f"its scripts have no list at {self.articles!r}")
        return next(filter(None, lists), [])


@dataclass(frozen=True)
class JsonListing(JsonArticles, SourceByDay):
    """A JSON document that lists a day's articles, page by page until one lists nothing new."""

    may_be_empty: ClassVar[bool] = True

    def is_absent(self, visit: Visit, reason: str, body: bytes = b"") -> bool:
        """Return whether there is no such page: many interfaces answer 400 with JSON then."""
        has_none = not visit.paging.is_due and reason == "http-400" and self._says_so(body)
        return has_none or super().is_absent(visit, reason, body)

    def _says_so(self, body: bytes) -> bool:
        return body.lstrip().startswith(b"{")


@dataclass(frozen=True)
class WordPress(JsonListing):
    """A WordPress site's posts by REST; `url` is the site's, or that of its wp-json/wp/v2/posts, maybe with a query."""

    articles: str = ""
    link: str = "link"
    title: str | None = "title.rendered"
    published: str | None = "date_gmt"

    @property
    def template(self) -> str:
        site, _, query = self.url.partition("?")
        if "/wp-json/" not in site:
            site = f"{site.rstrip('/')}/wp-json/wp/v2/posts"
        return f"{site}?{f'{query}&' if query else ''}{POSTS_OF_A_DAY}"

    def next_page(self, visit: Visit, listed: int, headers: Mapping[str, str]) -> Visit | None:
        """Return the visit to the page after this one, up to X-WP-TotalPages if the site sends it.

        Raises BrokenSource, also if all pages list more or less than X-WP-Total: when a post is deleted meanwhile, the
        first of the next page moves to this one, which is not read again.
        """
        pages, total = _number(headers.get("x-wp-totalpages")), _number(headers.get("x-wp-total"))
        if listed and total == 0:
            pages = total = None  # a WordPress that does not count sends 0
        here = visit.paging
        promised = here.promised if pages is None else pages
        if not listed and here.page <= promised:
            raise BrokenSource(f"it lists nothing on page {here.page} of {promised}")
        if None not in (here.total, total) and here.total != total:
            raise BrokenSource(f"it stated {here.total} articles, but {total} on page {here.page}")
        total = here.total if total is None else total
        following = super().next_page(visit, listed, headers)
        if following is not None and (pages is None or here.page < pages):
            return replace(following, paging=replace(following.paging, promised=promised, total=total))
        if total not in (None, here.offset + listed):
            raise BrokenSource(f"it lists {here.offset + listed} of {total} articles")
        return None

    def _says_so(self, body: bytes) -> bool:
        return INVALID_PAGE in body

    def _listing(self, article: Any, url: str, zone: tzinfo) -> Listing | None:
        # A time in date_gmt has no offset.
        return super()._listing(article, url, UTC)


def _number(header: str | None) -> int | None:
    text = (header or "").strip()
    return int(text[:9]) if text.isascii() and text.isdigit() else None


def moment_of(value: Any, zone: tzinfo) -> datetime | date | None:
    """Return the date in a JSON value: a text of any form, or seconds or milliseconds since 1970; else None."""
    if isinstance(value, str) and not value.isdigit():
        return published_hint(value, zone)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
        moment = datetime.fromtimestamp(number / 1000 if number >= LEAST_MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.year in PLAUSIBLE_YEARS else None


def document(body: bytes) -> Any:
    if is_html(body):
        raise BrokenSource("it answered with an HTML page instead of JSON")
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BrokenSource("it answered with something that is not JSON") from error


def list_at(answer: Any, path: str) -> list[Any]:
    """Return the list at a path, [] for an empty value there or on the way. Raises BrokenSource."""
    *way, found = _way(answer, path, absent="")
    if found and isinstance(found, list):
        return found
    parts = [part for part in way if isinstance(part, dict)]
    complains = any(part.get("status") in FAILURES or any(map(part.get, COMPLAINTS)) for part in parts)
    # An empty object, without even the first key of the path, is not an answer of an interface with a list.
    last = way[-1] if found == "" and way != [{}] else found
    # PHP writes an object without keys as a list, and a missing one as false.
    is_nothing = last is None or last is False or last in ([], {})
    if is_nothing and not complains and not _has_failed(answer):
        return []
    is_empty = not found and (isinstance(answer, dict) or not answer)
    # An empty list is enough for a page after the last, even with an error.
    fault = NothingMore if is_empty and (found == [] or not complains) else BrokenSource
    raise fault(f"it answered with JSON that has no list at {path!r}")


def _has_failed(answer: Any) -> bool:
    """Return whether an interface reports only a failure, as some do after the last page."""
    if not isinstance(answer, dict):
        return False
    status, is_well = answer.get("status"), (answer.get("success"), answer.get("ok"))
    is_fault = any(str(answer.get(name)) in FAULTS for name in CODES)
    return False in is_well or status is False or status == "failure" or is_fault


def at(value: Any, path: str, absent: Any = None) -> Any:
    """Return the value at a path, None for null there or on the way, and `absent` if there is no value."""
    return _way(value, path, absent)[-1]


def _way(value: Any, path: str, absent: Any) -> list[Any]:
    """Return the values on the way to a path, and last the one that `at` returns."""
    way = [value]
    for name in path.split(".") if path else ():
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return [*way, None if value is None else absent]
        way.append(value)
    return way
