"""Three made-up news sites on publishing systems that no platform knows, served on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sandbox import TODAY

from crawler.demo.calendars import long_date, time_of_day
from crawler.demo.newspaper import Newspaper, PrintedArticle, newest_first

SECTIONS = {
    "national": ("national", "জাতীয়"),
    "sports": ("sports", "খেলা"),
    "entertainment": ("entertainment", "বিনোদন"),
    "international": ("world", "বিশ্ব"),
    "economy": ("economy", "অর্থনীতি"),
}
WORDS = ["nodi", "shohor", "bazar", "rasta", "school", "khela", "brishti", "dhan", "setu", "gram", "mela", "bondor"]
HTML, XML = "text/html; charset=utf-8", "application/xml"


@dataclass
class MadeUpSite:
    """A site: its pages by path and query, the addresses of its articles, and of its other pages."""

    name: str
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    articles: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    national: list[str] = field(default_factory=list)
    url: str = ""


def stories() -> list[PrintedArticle]:
    return newest_first(Newspaper(TODAY).of("daily"))[:40]


def slug_of(story: PrintedArticle) -> str:
    """Return a romanised slug of four words, another one for each number."""
    return "-".join(WORDS[story.id // 12**place % 12] for place in (0, 1, 2, 0))


def numbers() -> MadeUpSite:
    """Return a site whose addresses have a number after the section: /national/91234."""
    site = MadeUpSite("numbers")
    address = {one.id: f"/{slug(one)}/{one.id}" for one in stories()}
    head = '<div class="matha"><a href="/"><img src="/logo.png" alt="নতুন সকাল"></a></div>'
    menu = "".join(f'<a href="/{slug}">{name}</a> ' for slug, name in SECTIONS.values())
    menu += (
        '<a href="/topic/12">নির্বাচন</a> <a href="/photo/77">এক নজরে আজকের সব ছবি দেখুন</a> <a href="/video/5">ভিডিও</a>'
    )

    def page(title, main):
        return (
            f'<!doctype html><html lang="bn"><head><meta charset="utf-8"><title>{title} | নতুন সকাল</title>'
            f'<meta property="og:site_name" content="নতুন সকাল"></head><body>{head}<div class="talika">{menu}</div>'
            f"{main}<div class='niche'>সম্পাদক: নতুন সকাল</div></body></html>"
        )

    def listing(title, found):
        rows = "".join(f'<li><a href="{address[one.id]}">{escape(one.title)}</a></li>' for one in found)
        return page(title, f'<h1>{title}</h1><ul class="khoborer-talika">{rows}</ul>')

    def article(one):
        body = "".join(f"<p>{escape(part.text)}</p>" for part in one.paragraphs)
        return page(
            escape(one.title),
            f'<div class="khobor"><h1 class="shironam">{escape(one.title)}</h1>'
            f'<span class="protibedok">{one.byline.printed}</span>'
            f'<span class="somoy">প্রকাশ: {long_date(one.published)}, {time_of_day(one.published)}</span>'
            f'<div class="khobor-mul">{body}</div></div>',
        )

    _fill(site, address, listing, article, {topic: f"/{slug}" for topic, (slug, _) in SECTIONS.items()})
    site.pages["/rss.xml"] = (_feed(site, address), XML)
    site.others += ["/topic/12", "/photo/77", "/video/5", "/author/123", "/rss.xml"]
    return site


def dates() -> MadeUpSite:
    """Return a site whose addresses have a day and a slug: /2026/11/24/nodi-shohor-bazar-nodi/."""
    site = MadeUpSite("dates")
    address = {one.id: f"/{one.published:%Y/%m/%d}/{slug_of(one)}/" for one in stories()}
    menu = "".join(f'<li><a href="/bibhag/{slug}/">{name}</a></li>' for slug, name in SECTIONS.values())
    menu += '<li><a href="/about-us/">আমাদের কথা</a></li><li><a href="/terms-and-conditions/">শর্ত</a></li>'

    def page(title, main):
        return (
            f'<!doctype html><html lang="bn"><head><meta charset="utf-8"><title>{title} – উত্তরের ডাক</title>'
            '<link rel="alternate" type="application/rss+xml" href="/sarbashesh.xml">'
            '<script type="application/ld+json">{"@type": "WebSite", "name": "উত্তরের ডাক", "url": "/"}</script></head>'
            f'<body><header><a href="/">উত্তরের ডাক</a><nav><ul>{menu}</ul></nav></header>'
            f"<main>{main}</main></body></html>"
        )

    def listing(title, found):
        rows = "".join(
            f'<div class="card"><a class="cover" href="{address[one.id]}"></a><h3>{escape(one.title)}</h3>'
            f"<p>{escape(one.lead)}</p></div>"
            for one in found
        )
        return page(title, f"<h1>{title}</h1>{rows}")

    def article(one):
        body = "".join(f'<div class="para">{escape(part.text)}</div>' for part in one.paragraphs)
        return page(
            escape(one.title),
            f'<article><div class="upper"><span class="cat-tag">{one.section.name}</span>'
            f'<h1>{escape(one.title)}</h1><div class="writer-name">{one.byline.printed}</div>'
            f'<time datetime="{one.published.isoformat()}">{long_date(one.published)}</time></div>'
            f'<section id="story">{body}</section></article>',
        )

    _fill(site, address, listing, article, {topic: f"/bibhag/{slug}/" for topic, (slug, _) in SECTIONS.items()})
    site.pages["/sarbashesh.xml"] = (_feed(site, address), XML)
    for day in {one.published.date() for one in stories()}:
        urls = "".join(
            f"<url><loc>{{base}}{address[one.id]}</loc></url>" for one in stories() if one.published.date() == day
        )
        site.pages[f"/maps/{day:%Y%m%d}.xml"] = (f"<urlset>{urls}</urlset>", XML)
    named = "".join(f"<sitemap><loc>{{base}}{path}</loc></sitemap>" for path in site.pages if path.startswith("/maps/"))
    site.pages["/sitemap.xml"] = (f"<sitemapindex>{named}</sitemapindex>", XML)
    site.others += ["/about-us/", "/terms-and-conditions/", "/2026/11/24/", "/sitemap.xml"]
    return site


def queries() -> MadeUpSite:
    """Return a site whose addresses have the number in the query: /details.php?cat=national&id=91234."""
    site = MadeUpSite("queries")
    address = {one.id: f"/details.php?cat={slug(one)}&id={one.id}" for one in stories()}
    menu = "".join(f'<td><a href="/list.php?cat={slug}">{name}</a></td>' for slug, name in SECTIONS.values())
    menu += '<td><a href="/page.php?id=3">আমাদের সম্পর্কে</a></td>'

    def page(title, main):
        return (
            f'<html><head><meta charset="utf-8"><title>{title} :: দৈনিক মেঘনা</title></head><body>'
            f'<table><tr><td><a href="/">প্রচ্ছদ</a></td>{menu}</tr></table>{main}</body></html>'
        )

    def listing(title, found):
        rows = "".join(
            f'<tr><td><a href="{escape(address[one.id])}">{escape(one.title)}</a></td></tr>' for one in found
        )
        return page(title, f'<table id="list">{rows}</table><a href="?cat=national&amp;page=2">২</a>')

    def article(one):
        body = "<br><br>".join(escape(part.text) for part in one.paragraphs)
        return page(
            escape(one.title),
            f'<table id="details"><tr><td><font size="5"><b>{escape(one.title)}</b></font></td></tr>'
            f"<tr><td><i>{one.byline.printed}</i></td></tr><tr><td>প্রকাশিত: {long_date(one.published)}</td></tr>"
            f'<tr><td class="newsText">{body}</td></tr></table>',
        )

    _fill(site, address, listing, article, {topic: f"/list.php?cat={slug}" for topic, (slug, _) in SECTIONS.items()})
    site.others += ["/page.php?id=3", "/list.php?cat=national&page=2", "/details.php"]
    return site


def slug(story: PrintedArticle) -> str:
    return SECTIONS[story.section.topic][0]


def _fill(site, address, listing, article, places):
    found = stories()
    site.pages["/"] = (listing("প্রচ্ছদ", found[:15]), HTML)
    for topic, place in places.items():
        site.pages[place] = (
            listing(SECTIONS[topic][1], [one for one in found if one.section.topic == topic][:15]),
            HTML,
        )
    for one in found:
        site.pages[address[one.id]] = (article(one), HTML)
    site.articles = list(address.values())
    site.national = [address[one.id] for one in found if one.section.topic == "national"]
    site.others = ["/", *places.values()]


def _feed(site, address):
    links = ((escape(one.title), f"{{base}}{address[one.id]}") for one in stories()[:10])
    items = "".join(f"<item><title>{title}</title><link>{link}</link></item>" for title, link in links)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{site.name}</title>{items}</channel></rss>'


SITES = {"numbers": numbers, "dates": dates, "queries": queries}


@contextmanager
def serving(site: MadeUpSite) -> Iterator[MadeUpSite]:
    """Serve a site on a free port; its `url` is the address without a last slash."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            text, kind = site.pages.get(self.path, ("", HTML))
            body = text.replace("{base}", site.url).encode()
            self.send_response(200 if text else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield site
        server.shutdown()
