"""Lists of days that an update does not find: which it reports, when, and which it requests again."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from origin import Origin, answer
from paper import Updates

from crawler.demo.schedule import DHAKA
from crawler.system import clock

# Outlets whose lists and feeds are at addresses of the environment.
OUTLETS = """
import os

from crawler.demo.spiders.demo_tv import DemoTvSpider
from crawler.outlets.sources import ArchivePage, DailySitemap, Feed, JsonListing

class Lists(DemoTvSpider):
    name = "lists"
    time_zone = os.environ["ZONE"]
    feeds = [*map(Feed, os.environ["FEEDS"].split())]
    news_sitemaps = national = sections = []
    days = [
        DailySitemap(os.environ["LISTS"] + "/sitemap/{day}.xml"),
        JsonListing(os.environ["LISTS"] + "/json/{day}"),
        ArchivePage(os.environ["LISTS"] + "/page/{day}", links="article"),
    ]

class Sitemaps(Lists):
    name = "sitemaps"
    days = Lists.days[:1]

class Pages(Lists):
    name = "pages"
    days = Lists.days[2:]
"""
NIGHT, NOON = 3, 12
NOTHING = answer(b"<html><body><a href='/'>x</a></body></html>", b"Content-Type: text/html")
EMPTY = answer(b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'></urlset>")


class Desk:
    """An outlet whose lists and feeds a test writes, in a time zone where it is a certain hour."""

    def __init__(self, place, paper, hour):
        self.place, self.paper = place, paper
        ahead = (hour - clock.now().hour + 11) % 24 - 11
        self.zone = ZoneInfo(f"Etc/GMT{-ahead:+d}")
        self.routes = {}
        (place.root / "lists.py").write_text(OUTLETS)

    def day(self, back):
        return clock.today(self.zone) - timedelta(days=back)

    def publish(self):
        """Publish two articles of today, just after midnight."""
        for minute in (1, 2):
            moment = datetime.combine(self.day(0), time(0, minute), self.zone)
            self.paper.site.newspaper.publish("tv", "national", moment.astimezone(DHAKA))

    def articles(self, *backs):
        days = [self.day(back) for back in backs]
        return [one for one in self.paper.site.newspaper.of("tv") if one.published.astimezone(self.zone).date() in days]

    def feed(self, *backs):
        items = "".join(
            f"<item><link>{self.paper.url}{one.path}</link><pubDate>{one.published:%a, %d %b %Y %T %z}</pubDate></item>"
            for one in self.articles(*backs)
        )
        return answer(f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode())

    def page(self, back):
        links = "".join(f"<article><a href='{self.paper.url}{one.path}'>x</a></article>" for one in self.articles(back))
        return answer(f"<html><body>{links}</body></html>".encode(), b"Content-Type: text/html")

    def pages(self):
        """Return the routes of the pages of the last days."""
        return {f"/page/{self.day(back)}": self.page(back) for back in range(1, 7)}

    def sitemap(self, back):
        entries = "".join(f"<url><loc>{self.paper.url}{one.path}</loc></url>" for one in self.articles(back))
        return answer(f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{entries}</urlset>".encode())

    def update(self, outlet, *feeds, delay=0.0):
        """Return the exit code of an update, its messages, and the lists that it requested."""
        with Origin(self.routes) as origin:
            words = ("-s", "SPIDER_MODULES=lists", "-s", "RETRY_TIMES=0", "-s", f"DOWNLOAD_DELAY={delay}")
            addresses = {"LISTS": origin.base, "FEEDS": " ".join(feeds or [f"{origin.base}/feed"])}
            environment = {"PYTHONPATH": str(self.place.root), "ZONE": self.zone.key, **addresses}
            done = self.place.scrapy("update", outlet, *words, environment=environment)
            asked = [logged.target for logged in origin.log]
        return done.returncode, done.stderr, {target for target in asked if target.count("/") == 2}

    def missed(self, outlet):
        """Return the days that the next update requests, by the kind of the list."""
        return {url.split("/")[3]: days for url, days in self.place.facts(outlet)["missed"].items()}


@pytest.fixture
def desk(tmp_path, paper):
    """A desk at an hour."""
    return lambda hour: Desk(Updates(tmp_path, paper.url), paper, hour)


def test_a_holiday_is_recognized_by_the_last_feed_to_answer(desk):
    at = desk(NOON)
    with Origin({"/feed": [2.0, *at.feed(*range(2, 7))]}, host="127.0.0.2") as slow:
        code, said, asked = at.update("sitemaps", f"{slow.base}/feed")
    assert (code, said) == (0, "")
    assert asked == {f"/sitemap/{at.day(back)}.xml" for back in (0, 1)}
    assert at.missed("sitemaps") == {"sitemap": [str(at.day(1))]}


@pytest.mark.parametrize(("comes", "code"), [(True, 0), (False, 3)])
@pytest.mark.parametrize(("outlet", "days"), [("sitemaps", 1), ("pages", 4)])
def test_missed_days_are_requested_even_at_night(desk, outlet, days, comes, code):
    at = desk(NIGHT)
    # The feed is short: only the lists have older articles.
    at.routes = {"/feed": at.feed(1, 0)} | {f"/page/{at.day(back)}": NOTHING for back in range(7)}
    assert at.update(outlet)[0] == 0
    at.place.age(days=days)
    missed = str(at.day(2))
    if comes:
        at.routes |= {f"/sitemap/{missed}.xml": at.sitemap(2), f"/page/{missed}": at.page(2)}
    done, said, asked = at.update(outlet)
    assert any(missed in target for target in asked)
    assert (done, "is broken" in said) == (code, not comes), said
    assert all((missed in days) is not comes for days in at.missed(outlet).values())


def test_a_missed_day_whose_page_leads_elsewhere_is_requested_again(desk):
    at = desk(NOON)
    at.routes = at.pages() | {"/feed": at.feed(*range(1, 7))}
    at.routes["/"] = at.page(1)
    assert at.update("pages")[0] == 0
    at.place.age(days=4)
    missed, page = f"/page/{at.day(3)}", at.page(3)
    at.routes[missed] = answer(b"", b"Location: /", status=b"302 Found")
    # Other sources without its articles prove nothing: its own list was not seen.
    at.routes["/feed"] = at.feed(1, *range(4, 7))
    code, said, _ = at.update("pages")
    assert (code, f"{missed} is broken" in said) == (3, True), said
    assert at.missed("pages") == {"page": [str(at.day(3))]}
    at.routes[missed] = page
    assert missed in at.update("pages")[2]
    assert at.missed("pages") == {"page": []}
