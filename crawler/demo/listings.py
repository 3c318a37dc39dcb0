"""The machine-readable listings: feeds, news sitemaps, daily sitemaps, their index, and robots.txt."""

from collections.abc import Iterable
from datetime import UTC, date
from email.utils import format_datetime
from html import escape

from crawler.demo.newspaper import PrintedArticle
from crawler.demo.outlets import PaperOutlet

SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
DAY_SITEMAPS = {
    "daily": "/daily/sitemap/sitemap-daily-{day}.xml",
    "portal": "/portal/archive_{day}.xml",
    "tv": "/tv/sitemap/{day}.xml",
}


def feed(outlet: PaperOutlet, articles: Iterable[PrintedArticle], base: str) -> str:
    """Return an RSS 2.0 feed; links of the daily have tracking parameters, times of tv are in UTC."""
    items = "".join(_item(article, base) for article in articles)
    return (
        f'{DECLARATION}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{escape(outlet.title)}</title><link>{base}/{outlet.name}/</link>"
        f"<description>{escape(outlet.title)} | সর্বশেষ খবর</description><language>bn</language>"
        f"{items}</channel></rss>\n"
    )


def _item(article: PrintedArticle, base: str) -> str:
    link = base + article.path
    if article.outlet == "daily":
        link += "?utm_source=rss&utm_medium=feed"
    published = article.published.astimezone(UTC) if article.outlet == "tv" else article.published
    return (
        f"<item><title>{escape(article.title)}</title><link>{escape(link)}</link>"
        f'<guid isPermaLink="false">{article.outlet}-{article.id}</guid>'
        f"<pubDate>{format_datetime(published)}</pubDate><dc:creator>{escape(article.byline.printed)}</dc:creator>"
        f"<category>{escape(article.section.name)}</category>"
        f"<description><![CDATA[<p>{escape(article.lead)}</p>]]></description></item>\n"
    )


def news_sitemap(outlet: PaperOutlet, articles: Iterable[PrintedArticle], base: str) -> str:
    """Return a Google News sitemap."""
    entries = "".join(
        f"<url><loc>{base}{article.path}</loc><news:news><news:publication>"
        f"<news:name>{escape(outlet.title)}</news:name><news:language>bn</news:language></news:publication>"
        f"<news:publication_date>{article.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(article.title)}</news:title></news:news></url>\n"
        for article in articles
    )
    return f"{DECLARATION}<urlset {SITEMAP} {NEWS}>\n{entries}</urlset>\n"


def day_sitemap(articles: Iterable[PrintedArticle], base: str) -> str:
    """Return the sitemap of one day; the portal gives only the day of a change, tv nothing."""
    entries = "".join(f"<url><loc>{base}{article.path}</loc>{_lastmod(article)}</url>\n" for article in articles)
    return f"{DECLARATION}<urlset {SITEMAP}>\n{entries}</urlset>\n"


def _lastmod(article: PrintedArticle) -> str:
    if article.outlet == "tv":
        return ""
    changed = article.changed
    return f"<lastmod>{changed.isoformat() if article.outlet == 'daily' else changed.date()}</lastmod>"


def sitemap_index(outlet: PaperOutlet, days: Iterable[date], base: str) -> str:
    """Return the index of an outlet's daily sitemaps."""
    entries = "".join(
        f"<sitemap><loc>{base}{DAY_SITEMAPS[outlet.name].format(day=day)}</loc></sitemap>\n" for day in days
    )
    return f"{DECLARATION}<sitemapindex {SITEMAP}>\n{entries}</sitemapindex>\n"


def robots(base: str) -> str:
    """Return robots.txt: rules, a delay and the addresses of the sitemaps."""
    return (
        "User-agent: *\nDisallow: /daily/print/\nDisallow: /tv/wp-admin/\nCrawl-delay: 0.2\n\n"
        f"Sitemap: {base}/daily/news_sitemap.xml\nSitemap: {base}/daily/sitemap.xml\n"
        f"Sitemap: {base}/portal/sitemap.xml\nSitemap: {base}/tv/sitemap.xml\n"
    )
