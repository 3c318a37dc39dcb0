"""Stylesheets and lead pictures: recorded after all articles, and never at their cost."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from killing import assert_points_at_its_page, whole
from paper import FaultySite, Updates
from place import wait_for
from plain_warc import read_records
from sandbox import TODAY

from crawler.crawl.linked_resources import addresses_in
from crawler.crawl.page_resources import LARGEST_BYTES
from crawler.demo.newspaper import Newspaper
from crawler.demo.replies import REFUSALS, Reply, failed, not_found, page
from crawler.demo.server import DemoServer

SHEET, EMBLEM = "/tv/assets/style.css", "/tv/assets/emblem.svg"
STYLES, LEAD = ("-s", "PAGE_RESOURCES=styles"), ("-s", "PAGE_RESOURCES=lead")
RUN_FACTS = ("failed", "rejected", "refusals", "refused", "robots", "errors", "articles", "rows")


class DressedSite(FaultySite):
    """A newspaper whose articles name further stylesheets; `replies` are those to their paths."""

    def __init__(self, newspaper):
        super().__init__(newspaper)
        self.replies = {}
        self.links = []

    def get(self, target, base):
        reply = self.replies.get(target)
        if reply is not None:
            self.asked.append(target)
            return reply() if callable(reply) else reply
        reply = super().get(target, base)
        links = "".join(f'<link rel="stylesheet" href="{link}">' for link in self.links).encode()
        return Reply(
            reply.status, reply.body.replace(b"</head>", links + b"</head>"), reply.content_type, reply.changed
        )


@contextmanager
def serving(site):
    server = DemoServer(0, site)
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.address
    finally:
        site.over.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture
def site():
    return DressedSite(Newspaper(TODAY))


@pytest.fixture
def place(site, tmp_path):
    with serving(site) as address:
        yield Updates(tmp_path, address)


def crawl(place, *words, code=0):
    today = TODAY
    done = place.scrapy("crawl", "demo_tv", "-a", f"since={today - timedelta(days=1)}", "-a", f"until={today}", *words)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def next_day(place):
    """Let today's resources be those of yesterday."""
    today = TODAY
    values = (str(today), str(today - timedelta(days=1)))
    place.sql("update remembered set value = replace(value, ?, ?) where name like 'resources of %'", *values)


def resources_of(place):
    return place.facts("demo_tv")["resources"]


def assets(site):
    return [target for target in site.asked if "/assets/" in target or "/media/" in target]


def records(place):
    return [record for path in place.complete("warc/**/*.warc.gz") for record in read_records(path)]


def of(place, path, kind):
    uri = place.url + path
    return [one for one in records(place) if one.get("WARC-Target-URI") == uri and one.get("WARC-Type") == kind]


def assert_verified(place):
    done = place.scrapy("verify")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stylesheet_is_fetched_again_the_next_day_with_a_condition(place, site):
    crawl(place, *STYLES)
    site.newspaper.publish("tv", "national", site.newspaper.articles[0].published)
    crawl(place, *STYLES)
    assert sorted(assets(site)) == [EMBLEM, SHEET]
    next_day(place)
    site.newspaper.publish("tv", "national", site.newspaper.articles[0].published)
    crawl(place, *STYLES)
    assert sorted(assets(site)) == [EMBLEM, EMBLEM, SHEET, SHEET]
    assert resources_of(place)["unchanged"] == 2
    [revisit] = of(place, SHEET, "revisit")
    [response] = of(place, SHEET, "response")
    assert revisit.get("WARC-Refers-To") == response.get("WARC-Record-ID")
    assert_verified(place)


@pytest.fixture(scope="module")
def led(tmp_path_factory):
    """A newspaper, and the place of a crawl of its articles with their pictures."""
    site = DressedSite(Newspaper(TODAY))
    with serving(site) as address:
        place = Updates(tmp_path_factory.mktemp("led"), address)
        crawl(place, *LEAD)
        yield site, place


def test_the_lead_picture_of_each_row_is_recorded(led):
    site, place = led
    images = {row["image"].removeprefix(place.url) for row in place.rows()}
    assert images == {target for target in assets(site) if "/media/" in target}
    for path in images:
        [response] = of(place, path, "response")
        assert b"\x89PNG" in response.block
    assert_verified(place)


def test_failures_of_resources_count_against_nothing(site, tmp_path):
    cdn = DressedSite(Newspaper(TODAY))
    cdn.replies = {"/robots.txt": failed()}
    site.replies = {
        "/robots.txt": Reply(200, b"User-agent: *\nDisallow: /tv/forbidden\n", "text/plain"),
        "/tv/forbidden.css": not_found(),
        "/tv/missing.css": not_found(),
        "/tv/failed.css": failed(),
        "/tv/slow.css": lambda: time.sleep(5) or not_found(),
        "/tv/huge.css": Reply(200, b"a" * (LARGEST_BYTES + 1000), "text/css"),
        "/tv/busy.css": page(429, "Too Many Requests", "", **{"Retry-After": "1"}),
        **{f"/tv/refused-{number}.css": REFUSALS["challenge"] for number in range(3)},
    }
    with serving(site) as address, serving(cdn) as cdn_address:
        plain, place = Updates(tmp_path / "plain", address), Updates(tmp_path / "dressed", address)
        crawl(plain, *STYLES)
        other = cdn_address.replace("127.0.0.1", "localhost")
        unreachable = "http://127.0.0.1:9/none.css"
        site.links = [*list(site.replies)[1:], f"{other}/style.css", unreachable, "http://[bad/", "ftp://a/b.css"]
        crawl(place, *STYLES, "-s", "DOWNLOAD_TIMEOUT=1", "-s", "UNANSWERED_IN_A_ROW=1")
        facts, expected = place.facts("demo_tv"), plain.facts("demo_tv")
        assert {name: facts[name] for name in RUN_FACTS} == {name: expected[name] for name in RUN_FACTS}
        assert len(place.rows()) == len(plain.rows()) > 1
        assert resources_of(place) == {
            "bytes": resources_of(place)["bytes"],
            "fetched": 2,
            "failed/http-403": 3,
            "failed/http-404": 1,
            "failed/http-429": 1,
            "failed/http-500": 1,
            "failed/timeout": 1,
            "failed/too-large": 1,
            "failed/robots": 1,
            "failed/robots-unavailable": 2,
        }
        assert "/tv/forbidden.css" not in site.asked
        assert place.sql("select * from standings") == []
        assert [reason for (reason,) in place.sql("select reason from runs")] == ["finished"]
        assert_verified(place)


def test_a_foreign_host_is_asked_for_its_robots_txt_first(site, tmp_path):
    cdn = DressedSite(Newspaper(TODAY))
    cdn.replies = {
        "/style.css": Reply(200, b"a { b: url(/c.png) }", "text/css"),
        "/c.png": Reply(200, b"c", "image/png"),
    }
    with serving(site) as address, serving(cdn) as other:
        place = Updates(tmp_path, address)
        site.links = [other.replace("127.0.0.1", "localhost") + "/style.css"]
        crawl(place, *STYLES)
        assert cdn.asked == ["/robots.txt", "/style.css", "/c.png"]


def test_a_host_that_refuses_resources_gets_no_more_requests(site, tmp_path):
    cdn = DressedSite(Newspaper(TODAY))
    cdn.replies = dict.fromkeys([f"/{number}.css" for number in range(30)], REFUSALS["403"])
    with serving(site) as address, serving(cdn) as cdn_address:
        place = Updates(tmp_path, address)
        site.links = [cdn_address.replace("127.0.0.1", "localhost") + path for path in cdn.replies]
        # Without a delay, several requests go to a host at the same time.
        crawl(place, *STYLES, "-s", "DOWNLOAD_DELAY=0.01")
        assert resources_of(place)["failed/http-403"] == 5
        assert resources_of(place)["failed/host-refuses"] == 25
        assert resources_of(place)["fetched"] == 2
        assert place.sql("select * from standings") == []


def test_nobody_waits_for_a_host_that_asks_to_wait(site, tmp_path):
    cdn = DressedSite(Newspaper(TODAY))
    cdn.replies = dict.fromkeys(["/a.css", "/b.css"], page(503, "Busy", "", **{"Retry-After": "250"}))
    with serving(site) as address, serving(cdn) as cdn_address:
        place = Updates(tmp_path, address)
        site.links = [cdn_address.replace("127.0.0.1", "localhost") + path for path in cdn.replies]
        began = time.monotonic()
        crawl(place, *STYLES, "-s", "DOWNLOAD_DELAY=0.01")
        assert time.monotonic() - began < 100
        assert len(place.rows()) > 1
        assert sorted(name for name in resources_of(place)) == [
            "bytes",
            "failed/host-asks-to-wait",
            "failed/http-503",
            "fetched",
        ]


def test_a_spent_budget_ends_requests_for_resources(place, site):
    crawl(place, *LEAD, "-s", "PAGE_RESOURCES_BYTES=1", "-s", "DOWNLOAD_DELAY=0.01")
    assert assets(site) == [SHEET]
    assert resources_of(place)["failed/over-budget"] > 1
    assert_verified(place)


def test_without_time_no_resource_is_requested(place, site):
    crawl(place, *LEAD, "-s", "PAGE_RESOURCES_SECONDS=0")
    assert place.rows()
    assert assets(site) == []


def paths_of(place):
    return sorted(row["url"].removeprefix(place.url) for row in place.rows())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_crawl_that_ends_among_its_resources_loses_no_article(place, site, number, led):
    is_asked = threading.Event()
    site.replies = {EMBLEM: lambda: (is_asked.set(), site.over.wait(), not_found())[-1]}
    today = TODAY
    words = ("-a", f"since={today - timedelta(days=1)}", "-a", f"until={today}", *LEAD, "-s", "DOWNLOAD_TIMEOUT=4")
    process = place.start("crawl", "demo_tv", *words, environment={"SCRAPY_PROJECT": "test"})
    with process:
        assert is_asked.wait(60)
        wait_for(lambda: any(SHEET.encode() in line for path in place.spool("*.cdxj.open") for line in whole(path)))
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode == (5 if number == signal.SIGTERM else -number)
    site.replies = {}
    crawl(place, *LEAD)
    assert paths_of(place) == paths_of(led[1])
    for row in place.rows():
        assert_points_at_its_page(place, row)
    assert_verified(place)


@pytest.mark.parametrize(
    "setting", ["PAGE_RESOURCES=all", "PAGE_RESOURCES=", "PAGE_RESOURCES_BYTES=-1", "PAGE_RESOURCES_SECONDS=soon"]
)
def test_a_wrong_setting_is_refused(place, setting):
    done = crawl(place, "-s", setting, code=2)
    assert setting.partition("=")[0] in done.stderr


def test_addresses_in_a_stylesheet_are_found():
    sheet = b"""@charset "utf-8"; @namespace svg url(http://www.w3.org/2000/svg); @import 'a.css' screen;
    @import url("b.css"); @font-face { src: url(f.woff2) format("woff2"), url("f.eot?#iefix") }
    @media print { p { background: URL( ../g.png ); content: "no.png"; color: url(data:image/png;base64,AA) } }
    svg { fill: url(#self) } /* url(no.png) */ p { mask: url(a.css"""
    found = addresses_in(sheet, "https://cdn.example/css/s.css")
    base = "https://cdn.example/"
    assert found == [base + path for path in ("css/a.css", "css/b.css", "css/f.woff2", "css/f.eot", "g.png")]
