"""Declarations that are derived from whole sites, without a network."""

import asyncio
from dataclasses import replace
from pathlib import Path

import made_up_sites
import pytest
from made_up_sites import HTML

from crawler.crawl.unrecorded import Answer
from crawler.demo.outlets import OUTLETS
from crawler.model.exit_codes import Refused
from crawler.outlets.outlet import Outlet
from crawler.outlets.platforms import DesktopDetail, EastWestMedia, Emythmakers, Quintype, Witter, Wordpress
from crawler.outlets.sources import DailySitemap, WordPress
from crawler.tools.probe.module import module_of
from crawler.tools.probe.probe import derive, report_of, warnings_of
from crawler.tools.probe.selectors import platform_of, read_page
from crawler.tools.probe.sources import find_sources

BASE = "http://demo.test"
PLATFORMS = {"daily": Emythmakers, "portal": Witter, "tv": Wordpress}
NATIONAL = {"daily": "/daily/national", "portal": "/portal/national", "tv": "/tv/category/national/"}


class Unknown(Outlet):
    name = "unknown"


def fetch_from(site, requested=None):
    """Return a function that fetches from the demo newspaper in this process."""

    async def fetch(url):
        reply = site.get(url.removeprefix(BASE), BASE)
        if requested is not None:
            requested.append(url)
        if 300 <= reply.status < 400:
            return await fetch(BASE + reply.headers["Location"])
        failure = None if reply.status == 200 else f"http-{reply.status}"
        refusal = failure if reply.status == 403 else None
        return Answer(url, reply.body, reply.content_type, reply.status, failure, refusal)

    return fetch


def fetch_pages(made_up):
    made_up.url = BASE

    async def fetch(url):
        text, kind = made_up.pages.get(url.replace("//www.", "//").removeprefix(BASE), ("", ""))
        return Answer(url, text.replace("{base}", BASE).encode(), kind, failure=None if text else "http-404")

    return fetch


@pytest.fixture(scope="module")
def derived(newspaper):
    """The declarations of the demo's outlets by name, from their front pages."""
    fetch = fetch_from(newspaper.site)
    return {name: asyncio.run(derive(f"{BASE}/{name}/", fetch)) for name in OUTLETS}


@pytest.fixture(scope="module", params=made_up_sites.SITES)
def made_up(request):
    site = made_up_sites.SITES[request.param]()
    return site, asyncio.run(derive(f"{BASE}/", fetch_pages(site)))


@pytest.mark.parametrize("name", OUTLETS)
def test_the_national_page_gives_the_same_as_the_front_page(name, derived, newspaper):
    again = asyncio.run(derive(BASE + NATIONAL[name], fetch_from(newspaper.site)))
    assert module_of(again, name).splitlines()[:14] == module_of(derived[name], name).splitlines()[:14]
    assert again.sources.feeds == derived[name].sources.feeds


@pytest.mark.parametrize(
    ("page", "platform"),
    [
        ("desktop_detail/after_midnight", DesktopDetail),
        ("east_west_media", EastWestMedia),
        ("emythmakers", Emythmakers),
        ("quintype", Quintype),
        ("witter", Witter),
        ("wordpress_jannah", Wordpress),
        ("wordpress_tagdiv", Wordpress),
        ("next_data", Outlet),
        ("generic", Outlet),
    ],
)
def test_a_platform_is_known_by_its_pages(page, platform):
    body = (Path(__file__).parent / "pages" / f"{page}.html").read_bytes()
    read = read_page(Answer(f"{BASE}/national/5", body, "text/html; charset=utf-8"), Unknown)
    assert platform_of([read]) is platform


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ({"/wp-json/wp/v2/posts": b'[{"link": "/9/", "title": {"rendered": "T"}}]'}, [WordPress(f"{BASE}/")]),
        (
            {"/sitemap/sitemap-daily-": b"<urlset><url><loc>/national/9</loc></url></urlset>"},
            [DailySitemap(f"{BASE}/sitemap/sitemap-daily-{{day:%Y-%m-%d}}.xml")],
        ),
        ({"/": b"<html><body>404</body></html>"}, []),
    ],
)
def test_sources_by_day_are_found_at_the_usual_places(paths, expected):
    async def fetch(url):
        found = next(
            (body for path, body in paths.items() if url.startswith(f"{BASE}{path}2") or f"{BASE}{path}?" in url), None
        )
        return Answer(url, found or b"<html>", failure=None if found else "http-404")

    sources = asyncio.run(find_sources(fetch, f"{BASE}/", None, [], None))
    assert sources.days == expected
    assert bool(sources.notes) == bool(expected)
    assert not sources.feeds + sources.news_sitemaps


def test_a_refusing_site_and_a_missing_page_are_refused(newspaper):
    newspaper.break_("tv", "403")
    try:
        for url, code in ((f"{BASE}/tv/", 4), (f"{BASE}/absent", 1)):
            with pytest.raises(Refused) as caught:
                asyncio.run(derive(url, fetch_from(newspaper.site)))
            assert caught.value.exit_code == code
    finally:
        newspaper.heal()


def probed(site, path="/"):
    return asyncio.run(derive(f"{BASE}{path}", fetch_pages(site)))


def in_folder(site):
    """Return a site below /bn, whose root is an English front page; feeds and robots.txt are at the root."""
    english = "".join(f'<a href="/en/{number}/story">Rain over the whole country, {number}</a>' for number in range(40))
    pages = {f"/bn{path}": (text.replace('href="/', 'href="/bn/'), kind) for path, (text, kind) in site.pages.items()}
    articles = [f"/bn{path}" for path in site.articles]
    pages |= {"/": (f'<a href="/bn">বাংলা</a> <a href="/sports">Sports</a>{english}', HTML), "/bn": pages["/bn/"]}
    links = "".join(f"<url><loc>{{base}}{path}</loc></url>" for path in articles)
    pages["/rss.xml"] = ("".join(pages.pop("/bn/rss.xml")[:1]).replace("{base}", "{base}/bn"), "application/xml")
    pages["/maps/bn.xml"] = (f"<urlset>{links}</urlset>", "application/xml")
    pages["/robots.txt"] = ("Sitemap: http://www.demo.test/maps/bn.xml", "text/plain")
    return replace(site, pages=pages, articles=articles)


@pytest.mark.parametrize("given", ["/bn", "/bn/national"])
def test_a_front_page_in_a_folder_is_not_the_english_root(given):
    site = in_folder(made_up_sites.numbers())
    found = probed(site, given)
    assert [path for path in site.articles if not found.pattern.matches(BASE + path)] == []
    assert not found.pattern.matches(f"{BASE}/en/7/story")
    assert found.sources.national == [f"{BASE}/bn/national"]
    assert [feed.url for feed in found.sources.feeds] == [f"{BASE}/rss.xml"]
    assert "http://www.demo.test/maps/bn.xml has no dates of publication; not declared" in report_of(found)


def test_a_given_article_is_no_national_section():
    site = made_up_sites.numbers()
    page, kind = site.pages["/national"]
    site.pages[site.articles[0]] = (page, kind)
    found = probed(site, site.articles[0])
    assert found.sources.national == [f"{BASE}/national"]


def test_sources_that_fail_are_named_and_not_declared():
    site = made_up_sites.dates()
    del site.pages["/sarbashesh.xml"], site.pages["/bibhag/national/"]
    site.pages["/robots.txt"] = ("Sitemap: http://www.demo.test/absent.xml", "text/plain")
    found = probed(site)
    report = list(report_of(found))
    assert f"{BASE}/bibhag/national/ could not be read: http-404" in report
    assert f"{BASE}/sarbashesh.xml could not be fetched: http-404" in report
    assert "http://www.demo.test/absent.xml could not be fetched: http-404" in report
    assert not found.sources.national + found.sources.feeds


def test_a_site_without_a_pattern_is_reported():
    site = made_up_sites.numbers()
    menu = '<a href="/national">জাতীয়</a>'
    site.pages = {"/": (menu, HTML), "/national": (menu, HTML)}
    found = probed(site)
    assert not found.pattern.stories
    report = list(report_of(found))
    assert report[0].startswith("article: no pattern was found")
    assert f"national: {BASE}/national" in report
    assert not found.pattern.matches(f"{BASE}/national")


def test_articles_that_cannot_be_read_are_reported_first():
    site = made_up_sites.numbers()
    site.pages |= dict.fromkeys(site.articles, ("<html><body></body></html>", HTML))
    assert [line.partition(" (")[0] for line in warnings_of(probed(site))] == ["No article could be read"]
