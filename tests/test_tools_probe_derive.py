"""Declarations that are derived from whole sites, without a network."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import made_up_sites
import pytest

from crawler.crawl.unrecorded import Answer
from crawler.demo.outlets import OUTLETS
from crawler.model.exit_codes import Refused
from crawler.outlets.outlet import Outlet
from crawler.outlets.platforms import EastWestMedia, Emythmakers, Quintype, Witter, Wordpress
from crawler.outlets.sources import DailySitemap, WordPress
from crawler.tools.probe.module import module_of, name_of
from crawler.tools.probe.probe import derive, report_of
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
        text, kind = made_up.pages.get(url.removeprefix(BASE), ("", ""))
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
def test_the_demos_articles_match_and_its_listings_do_not(name, derived, newspaper):
    outlet = derived[name].outlet()
    articles = [BASE + one.path for one in newspaper.site.newspaper.of(name)]
    assert [outlet.key_of(url) for url in articles] == [str(one.id) for one in newspaper.site.newspaper.of(name)]
    place = NATIONAL[name].replace("national", "{}")
    listings = [f"{BASE}/{name}/", *(BASE + place.format(section.slug) for section in OUTLETS[name].sections)]
    listings += [f"{listings[1]}?page=2", f"{BASE}/tv/category/national/page/2/", f"{BASE}/portal/archive/2026-11-24"]
    assert [url for url in [*listings, *derived[name].others] if outlet.key_of(url)] == []


@pytest.mark.parametrize("name", OUTLETS)
def test_the_demos_platforms_and_sources_are_found(name, derived):
    found = derived[name]
    assert found.platform is PLATFORMS[name]
    assert found.sources.national == [BASE + NATIONAL[name]]
    assert len(found.sources.news_sitemaps) == len(found.sources.days) == 1
    assert [feed.national for feed in found.sources.feeds] == ([False] if name == "daily" else [False, True])
    assert {"container", "headline", "byline", "date"} <= found.selectors.keys()
    assert "container" not in found.own_selectors


@pytest.mark.parametrize("name", OUTLETS)
def test_the_national_page_gives_the_same_as_the_front_page(name, derived, newspaper):
    again = asyncio.run(derive(BASE + NATIONAL[name], fetch_from(newspaper.site)))
    assert module_of(again, name).splitlines()[:14] == module_of(derived[name], name).splitlines()[:14]
    assert again.sources.feeds == derived[name].sources.feeds


def test_a_probe_makes_a_few_dozen_requests_at_most(newspaper):
    requested = []
    asyncio.run(derive(f"{BASE}/tv/", fetch_from(newspaper.site, requested)))
    assert len(requested) == len(set(requested)) <= 30


def test_articles_of_unknown_systems_match_and_other_pages_do_not(made_up):
    site, found = made_up
    assert [path for path in site.articles if not found.pattern.matches(BASE + path)] == []
    assert [path for path in site.others if found.pattern.matches(BASE + path)] == []
    assert not found.pattern.false


def test_selectors_of_unknown_systems_are_found(made_up):
    site, found = made_up
    expected = {
        "numbers": {"container": ".khobor-mul", "headline": ".shironam", "byline": ".protibedok", "date": ".somoy"},
        "dates": {"container": "#story", "byline": ".writer-name", "date": "time", "section_label": ".cat-tag"},
        "queries": {"container": ".newsText", "headline": "#details font", "byline": "#details i"},
    }[site.name]
    selectors = {name: one.css for name, one in found.selectors.items()}
    assert selectors | expected == selectors
    assert all(one.hits == one.pages == 5 for one in found.selectors.values())


def test_sources_of_unknown_systems_are_found(made_up):
    site, found = made_up
    assert [url.removeprefix(BASE) for url in found.sources.national] == [
        {"numbers": "/national", "dates": "/bibhag/national/", "queries": "/list.php?cat=national"}[site.name]
    ]
    assert [feed.url.removeprefix(BASE) for feed in found.sources.feeds] == {
        "numbers": ["/rss.xml"],
        "dates": ["/sarbashesh.xml"],
        "queries": [],
    }[site.name]
    assert [day.url.removeprefix(BASE) for day in found.sources.days] == (
        ["/maps/{day:%Y%m%d}.xml"] if site.name == "dates" else []
    )


def test_the_report_names_what_is_certain_and_what_is_missing(made_up):
    site, found = made_up
    report = list(report_of(found))
    assert report[0].startswith("article: learned from 1")
    assert report[1].startswith("5 of 5 pages are articles; 5 have a date, 5 authors, ")
    assert report[-1].startswith("not found: ")
    assert ("days" in report[-1]) == (site.name != "dates")
    assert "publisher" in report[-1]


@pytest.mark.parametrize(
    ("page", "platform"),
    [
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


def test_texts_of_the_site_stay_texts_in_the_module(newspaper):
    found = asyncio.run(derive(f"{BASE}/tv/", fetch_from(newspaper.site)))
    title = 'x"""\nraise SystemExit("\u202eown")\\'
    found = replace(found, identity=replace(found.identity, title=title, missing=[]))
    found.others = [f'{BASE}/"\n], exit()#\\']
    path = rf"/{'a' * 99}\-{'b' * 99}\-" + found.pattern.path
    module = module_of(replace(found, pattern=replace(found.pattern, path=path)), "own_tv")
    namespace = {"__name__": "own_tv"}
    exec(module, namespace)
    assert namespace["OwnTvSpider"].title == title
    assert namespace["OwnTvSpider"].others == found.others
    assert namespace["OwnTvSpider"].article.endswith(path)
    assert "\u202e" not in module


@pytest.mark.parametrize(
    ("url", "home", "name"),
    [
        ("https://www.samakal.com/bangladesh", "https://www.samakal.com/", "samakal"),
        ("https://bangla.bdnews24.com/", "https://bangla.bdnews24.com/", "bdnews24"),
        ("https://www.bd-pratidin.com/", "https://www.bd-pratidin.com/", "bd_pratidin"),
        ("https://71sangbad.com/", "https://71sangbad.com/", "site_71sangbad"),
        ("http://127.0.0.1:8765/daily/national", "http://127.0.0.1:8765/daily/", "daily"),
    ],
)
def test_an_outlets_name_is_that_of_its_host(url, home, name):
    assert name_of(url, home) == name


def test_a_module_states_or_comments_each_attribute(derived):
    module = module_of(derived["tv"], "own_tv")
    compile(module, "own_tv.py", "exec")
    assert max(map(len, module.splitlines())) <= 120
    assert "class OwnTvSpider(Wordpress, NewsSpider):" in module
    assert re.search(r"# The site does not state this clearly; check it: english\.\n    english = \"Own Tv\"", module)
