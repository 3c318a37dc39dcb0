"""The newspaper on the web: the addresses of its three outlets and the replies to them, without sockets."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil
from types import ModuleType
from urllib.parse import parse_qs

from crawler.demo import assets, listings
from crawler.demo.layouts import daily, portal, tv
from crawler.demo.layouts.common import Context, SectionPage
from crawler.demo.newspaper import Newspaper, PrintedArticle, newest_first
from crawler.demo.outlets import OUTLETS, DemoSection, PaperOutlet
from crawler.demo.replies import REFUSALS, Reply, failed, html, not_found, redirect, xml

PAGE_SIZE = 12
LAYOUTS: dict[str, ModuleType] = {"daily": daily, "portal": portal, "tv": tv}
FRONT = DemoSection("", "প্রচ্ছদ", "")


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """A GET: the path as sent, the server's base address, and the parameters of path and query."""

    outlet: PaperOutlet
    path: str
    base: str
    parameters: dict[str, str]

    @property
    def key(self) -> int:
        """The article's id."""
        return int(self.parameters["key"])

    @property
    def page(self) -> int:
        """The number of the page, from 1."""
        number = self.parameters.get("page", "1")
        return int(number) if number.isascii() and number.isdigit() else 1


class Site:
    """The newspaper on the web.

    `broken` maps outlets to breakages, as `Control` sets them. GETs change nothing, with one exception: the failing
    article's address returns two errors before its page.
    """

    def __init__(self, newspaper: Newspaper) -> None:
        self.newspaper = newspaper
        self.broken: dict[str, str] = {}
        self.failures: Counter[str] = Counter()

    def get(self, target: str, base: str) -> Reply:
        """Answer a GET of a path with its query."""
        path, _, query = target.partition("?")
        if path == "/robots.txt":
            return Reply(200, listings.robots(base).encode(), "text/plain; charset=utf-8")
        if path == "/":
            return redirect("/daily/", 302)
        name, slash, rest = path.removeprefix("/").partition("/")
        if name not in OUTLETS or not slash:
            return not_found()
        if (how := self.broken.get(name)) in REFUSALS:
            return REFUSALS[how]
        for pattern, handler in (*ROUTES[name], *PARTS):
            if match := re.fullmatch(pattern, rest):
                parameters = {key: values[0] for key, values in parse_qs(query).items()}
                parameters |= {key: part for key, part in match.groupdict().items() if part}
                return handler(self, SiteRequest(OUTLETS[name], path, base, parameters))
        return not_found()

    def home(self, request: SiteRequest) -> Reply:
        """Return an outlet's front page, or redirect from WordPress's short address of an article."""
        short = request.parameters.get("p", "")
        if request.outlet.name == "tv" and short.isdigit():
            article = self.newspaper.article("tv", int(short))
            return redirect(article.path, 301) if article else not_found()
        return self._section_page(request, FRONT, self._listed(request.outlet)[:PAGE_SIZE])

    def section(self, request: SiteRequest) -> Reply:
        """Return a page of a section. Beyond the last page, tv returns 404 and the others an empty page."""
        section = request.outlet.section(request.parameters["section"])
        if section is None:
            return not_found()
        articles = self._in_section(request.outlet, section)
        pages = max(1, ceil(len(articles) / PAGE_SIZE))
        if request.outlet.name == "tv" and not 1 <= request.page <= pages:
            return not_found()
        start = (request.page - 1) * PAGE_SIZE
        shown = articles[start : start + PAGE_SIZE] if start >= 0 else []
        return self._section_page(request, section, shown, pages)

    def article(self, request: SiteRequest) -> Reply:
        """Return an article's page, or redirect to it from an alias of its address."""
        outlet = request.outlet.name
        article = self.newspaper.article(outlet, request.key)
        if article is None:
            return not_found()
        if request.path != article.path:
            return redirect(article.path, 302 if "mobile" in request.parameters else 301)
        if article == self.newspaper.failing and self.failures[article.path] < 2:
            self.failures[article.path] += 1
            return failed()
        if self.broken.get(outlet) == "layout":
            return html(LAYOUTS[outlet].broken_page(self._context(request)))
        return html(LAYOUTS[outlet].article_page(self._context(request), article), article.changed)

    def printed(self, request: SiteRequest) -> Reply:
        """Return the daily's article of the print edition, which robots.txt forbids."""
        article = self.newspaper.printed
        if request.key != article.id:
            return not_found()
        return html(daily.article_page(self._context(request), article), article.changed)

    def feed(self, request: SiteRequest) -> Reply:
        """Return the feed of an outlet or of a section."""
        slug = request.parameters.get("section")
        if slug and request.outlet.section(slug) is None:
            return not_found()
        articles = [article for article in self._recent(request.outlet) if slug in (None, article.section.slug)]
        return xml(listings.feed(request.outlet, articles, request.base), _last_change(articles))

    def news_sitemap(self, request: SiteRequest) -> Reply:
        """Return the news sitemap."""
        articles = self._recent(request.outlet)
        return xml(listings.news_sitemap(request.outlet, articles, request.base), _last_change(articles))

    def sitemap_index(self, request: SiteRequest) -> Reply:
        """Return the index of daily sitemaps."""
        return xml(listings.sitemap_index(request.outlet, self.newspaper.days, request.base))

    def day_sitemap(self, request: SiteRequest) -> Reply:
        """Return a day's sitemap. Outside the 30 days the portal's is empty, the others are missing."""
        articles = self._of_day(request)
        if not articles and request.outlet.name != "portal" and not self._is_empty(request.outlet):
            return not_found()
        return xml(listings.day_sitemap(articles, request.base), _last_change(articles))

    def day_page(self, request: SiteRequest) -> Reply:
        """Return a day of the portal's archive as a page; its relative links need a base."""
        reply = self._section_page(request, FRONT, self._of_day(request))
        return replace(reply, body=reply.body.replace(b"<head>", b'<head><base href="/portal/">', 1))

    def about(self, request: SiteRequest) -> Reply:
        """Return the television channel's page about itself."""
        return html(tv.about_page(self._context(request)))

    def stylesheet(self, request: SiteRequest) -> Reply:
        """Return the stylesheet of an outlet, which names the emblem."""
        return assets.stylesheet(LAYOUTS[request.outlet.name].STYLE)

    def emblem(self, request: SiteRequest) -> Reply:
        """Return the emblem behind the head of each page."""
        return assets.emblem(request.outlet.title)

    def photo(self, request: SiteRequest) -> Reply:
        """Return the lead picture of an article."""
        article = self.newspaper.article(request.outlet.name, request.key)
        return assets.photo(article.id) if article else not_found()

    def _section_page(
        self, request: SiteRequest, section: DemoSection, articles: Sequence[PrintedArticle], pages: int = 1
    ) -> Reply:
        printed = self.newspaper.printed if section.slug == "national" and articles else None
        page = SectionPage(section, articles, request.page, pages, printed)
        layout = LAYOUTS[request.outlet.name]
        return html(layout.section_page(self._context(request), page), _last_change(articles))

    def _context(self, request: SiteRequest) -> Context:
        latest = self.newspaper.at_start[request.outlet.name]
        return Context(request.outlet, request.base, self.newspaper.today, latest)

    def _is_empty(self, outlet: PaperOutlet) -> bool:
        return self.broken.get(outlet.name) == "empty"

    def _listed(self, outlet: PaperOutlet) -> list[PrintedArticle]:
        if self._is_empty(outlet):
            return []
        return newest_first([*self.newspaper.of(outlet.name), self.newspaper.withdrawn[outlet.name]])

    def _recent(self, outlet: PaperOutlet) -> list[PrintedArticle]:
        since = self.newspaper.today - timedelta(days=1)
        withdrawn = self.newspaper.withdrawn[outlet.name]
        return [one for one in self._listed(outlet) if one.published.date() >= since and one != withdrawn]

    def _in_section(self, outlet: PaperOutlet, section: DemoSection) -> list[PrintedArticle]:
        # The daily's national section includes its country section.
        whole = section.slug == "national"
        return [one for one in self._listed(outlet) if one.section == section or (whole and one.section.national)]

    def _of_day(self, request: SiteRequest) -> list[PrintedArticle]:
        try:
            day = date.fromisoformat(request.parameters["day"])
        except ValueError:
            return []
        return [article for article in self._listed(request.outlet) if article.published.date() == day]


def _last_change(articles: Sequence[PrintedArticle]) -> datetime | None:
    return max((article.changed for article in articles), default=None)


DAY = r"(?P<day>\d{4}-\d\d-\d\d)"
SECTION = r"(?P<section>[a-z]+(?:-[a-z]+)*)"
KEY = r"(?P<key>\d+)"
Route = tuple[str, Callable[[Site, SiteRequest], Reply]]

# The parts of pages, which every outlet has.
PARTS: tuple[Route, ...] = (
    (r"assets/style\.css", Site.stylesheet),
    (r"assets/emblem\.svg", Site.emblem),
    (rf"media/\d{{4}}/\d\d/photo-{KEY}\.png", Site.photo),
)

# The patterns of the paths below an outlet's prefix.
ROUTES: dict[str, tuple[Route, ...]] = {
    "daily": (
        (r"", Site.home),
        (r"rss\.xml", Site.feed),
        (r"news_sitemap\.xml", Site.news_sitemap),
        (r"sitemap\.xml", Site.sitemap_index),
        (rf"sitemap/sitemap-daily-{DAY}\.xml", Site.day_sitemap),
        (rf"print/article/{KEY}/[^/]+", Site.printed),
        (rf"(?P<mobile>m/)?(?:[a-z]+/)?article/{KEY}(?:/[^/]*)?", Site.article),
        (SECTION, Site.section),
    ),
    "portal": (
        (r"", Site.home),
        (r"feed/?", Site.feed),
        (rf"feed/{SECTION}", Site.feed),
        (r"news-sitemap\.xml", Site.news_sitemap),
        (r"sitemap\.xml", Site.sitemap_index),
        (rf"archive_{DAY}\.xml", Site.day_sitemap),
        (rf"archive/{DAY}", Site.day_page),
        (rf"(?:news/)?{KEY}(?:/[^/]*)?", Site.article),
        (SECTION, Site.section),
    ),
    "tv": (
        (r"", Site.home),
        (r"feed/", Site.feed),
        (rf"category/{SECTION}/feed/", Site.feed),
        (r"news-sitemap\.xml", Site.news_sitemap),
        (r"sitemap\.xml", Site.sitemap_index),
        (rf"sitemap/{DAY}\.xml", Site.day_sitemap),
        (rf"category/{SECTION}/(?:page/(?P<page>\d+)/)?", Site.section),
        (rf"(?:archives/)?{KEY}/(?:[^/]*/)?", Site.article),
        (r"about-us/", Site.about),
    ),
}
