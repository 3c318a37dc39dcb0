"""What stands at which address of the demo newspaper: answers without sockets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import ModuleType
from urllib.parse import parse_qs

from crawler.demo import listings
from crawler.demo.layouts import daily, portal, tv
from crawler.demo.layouts.common import Context, SectionPage
from crawler.demo.newspaper import Newspaper, PrintedArticle
from crawler.demo.outlets import OUTLETS, DemoSection, PaperOutlet
from crawler.demo.replies import REFUSALS, Reply, failed, html, not_found, redirect, xml
from crawler.demo.routes import route

PAGE_SIZE = 12
LAYOUTS: dict[str, ModuleType] = {"daily": daily, "portal": portal, "tv": tv}
FRONT = DemoSection("", "প্রচ্ছদ", "")


@dataclass(frozen=True, slots=True)
class Ask:
    """A GET as the site sees it: the path as sent, its parts and parameters, the address it was sent to."""

    outlet: PaperOutlet
    path: str
    base: str
    parts: dict[str, str]

    @property
    def key(self) -> int:
        """The article's id."""
        return int(self.parts["key"])

    @property
    def page(self) -> int:
        """The number of the page, from 1."""
        number = self.parts.get("page", "1")
        return int(number) if number.isascii() and number.isdigit() else 1


class Site:
    """The newspaper on the web. GETs change nothing; but one address fails twice before it answers."""

    def __init__(self, newspaper: Newspaper) -> None:
        self.newspaper = newspaper
        self.broken: dict[str, str] = {}
        self.failures: Counter[str] = Counter()
        self.handlers: dict[str, Callable[[Ask], Reply]] = {
            "home": self.home,
            "feed": self.feed,
            "news sitemap": self.news_sitemap,
            "sitemap index": self.sitemap_index,
            "day sitemap": self.day_sitemap,
            "day page": self.day_page,
            "section": self.section,
            "article": self.article,
            "printed": self.printed,
            "about": self.about,
        }

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
        if (found := route(name, rest)) is None:
            return not_found()
        parameters = {key: values[0] for key, values in parse_qs(query).items()}
        kind, parts = found
        return self.handlers[kind](Ask(OUTLETS[name], path, base, parameters | parts))

    def home(self, ask: Ask) -> Reply:
        """Answer for an outlet's front page, or for WordPress's short address of an article."""
        if ask.outlet.name == "tv" and ask.parts.get("p", "").isdigit():
            article = self.newspaper.article("tv", int(ask.parts["p"]))
            return redirect(article.path, 301) if article else not_found()
        return self._front(ask, self._listed(ask.outlet)[:PAGE_SIZE])

    def section(self, ask: Ask) -> Reply:
        """Answer for a page of a section; the daily's national one holds its country pages too."""
        section = ask.outlet.section(ask.parts["section"])
        if section is None:
            return not_found()
        pages = list(_chunks(self._in_section(ask.outlet, section))) or [[]]
        if not 1 <= ask.page <= len(pages):
            return not_found() if ask.outlet.name == "tv" else self._sections(ask, section, [], len(pages))
        return self._sections(ask, section, pages[ask.page - 1], len(pages))

    def article(self, ask: Ask) -> Reply:
        """Answer for an article, or redirect to its address from any alias of it."""
        article = self.newspaper.article(ask.outlet.name, ask.key)
        if article is None:
            return not_found()
        if ask.path != article.path:
            return redirect(article.path, 302 if "mobile" in ask.parts else 301)
        if article == self.newspaper.failing and self.failures[article.path] < 2:
            self.failures[article.path] += 1
            return failed()
        layout = LAYOUTS[ask.outlet.name]
        if self.broken.get(ask.outlet.name) == "layout":
            return html(layout.broken_page(self._context(ask)))
        return html(layout.article_page(self._context(ask), article), article.changed)

    def printed(self, ask: Ask) -> Reply:
        """Answer for the daily's print-only article, which robots.txt forbids."""
        article = self.newspaper.printed
        if ask.key != article.id:
            return not_found()
        return html(daily.article_page(self._context(ask), article), article.changed)

    def feed(self, ask: Ask) -> Reply:
        """Answer for the feed of an outlet or of a section."""
        slug = ask.parts.get("section")
        if slug and ask.outlet.section(slug) is None:
            return not_found()
        articles = [article for article in self._recent(ask.outlet) if slug in (None, article.section.slug)]
        return xml(listings.feed(ask.outlet, articles, ask.base), _newest(articles))

    def news_sitemap(self, ask: Ask) -> Reply:
        """Answer for the news sitemap."""
        articles = self._recent(ask.outlet)
        return xml(listings.news_sitemap(ask.outlet, articles, ask.base), _newest(articles))

    def sitemap_index(self, ask: Ask) -> Reply:
        """Answer for the index of daily sitemaps."""
        return xml(listings.sitemap_index(ask.outlet, self.newspaper.days, ask.base))

    def day_sitemap(self, ask: Ask) -> Reply:
        """Answer for a day's sitemap; outside the 30 days the portal's is empty, the others are missing."""
        articles = self._of_day(ask)
        if not articles and ask.outlet.name != "portal" and not self._is_empty(ask.outlet):
            return not_found()
        return xml(listings.day_sitemap(articles, ask.base), _newest(articles))

    def day_page(self, ask: Ask) -> Reply:
        """Answer for a day of the portal's archive, as a page; the links of its rows are as on the front page."""
        reply = self._front(ask, self._of_day(ask))
        return replace(reply, body=reply.body.replace(b"<head>", b'<head><base href="/portal/">', 1))

    def about(self, ask: Ask) -> Reply:
        """Answer for the television channel's page about itself."""
        return html(tv.about_page(self._context(ask)))

    def _front(self, ask: Ask, articles: Sequence[PrintedArticle]) -> Reply:
        return self._sections(ask, FRONT, articles, 1)

    def _sections(self, ask: Ask, section: DemoSection, articles: Sequence[PrintedArticle], pages: int) -> Reply:
        printed = self.newspaper.printed if section.slug == "national" and articles else None
        page = SectionPage(section, articles, ask.page, pages, printed)
        return html(LAYOUTS[ask.outlet.name].section_page(self._context(ask), page), _newest(articles))

    def _context(self, ask: Ask) -> Context:
        latest = self.newspaper.at_start[ask.outlet.name]
        return Context(ask.outlet, ask.base, self.newspaper.today, latest)

    def _is_empty(self, outlet: PaperOutlet) -> bool:
        return self.broken.get(outlet.name) == "empty"

    def _listed(self, outlet: PaperOutlet) -> list[PrintedArticle]:
        if self._is_empty(outlet):
            return []
        articles = [*self.newspaper.of(outlet.name), self.newspaper.withdrawn[outlet.name]]
        return sorted(articles, key=lambda article: (article.published, article.id), reverse=True)

    def _recent(self, outlet: PaperOutlet) -> list[PrintedArticle]:
        since = self.newspaper.today - timedelta(days=1)
        withdrawn = self.newspaper.withdrawn[outlet.name]
        return [
            article for article in self._listed(outlet) if article.published.date() >= since and article != withdrawn
        ]

    def _in_section(self, outlet: PaperOutlet, section: DemoSection) -> list[PrintedArticle]:
        whole = section.slug == "national"
        return [
            article
            for article in self._listed(outlet)
            if article.section == section or (whole and article.section.national)
        ]

    def _of_day(self, ask: Ask) -> list[PrintedArticle]:
        return [article for article in self._listed(ask.outlet) if _is_day(article.published, ask.parts["day"])]


def _is_day(moment: datetime, text: str) -> bool:
    try:
        return moment.date() == date.fromisoformat(text)
    except ValueError:
        return False


def _newest(articles: Sequence[PrintedArticle]) -> datetime | None:
    return max((article.changed for article in articles), default=None)


def _chunks(articles: Sequence[PrintedArticle]) -> list[Sequence[PrintedArticle]]:
    return [articles[start : start + PAGE_SIZE] for start in range(0, len(articles), PAGE_SIZE)]
