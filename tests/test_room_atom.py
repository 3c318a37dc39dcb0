"""The Atom feed, judged by feedparser, by RFC 4287's rules, and by the archive."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
from indexed_rows import article_row, write_segment
from open_room import client_of, room_of
from starlette.routing import Route

from crawler.demo.spiders.demo_daily import DemoDailySpider
from crawler.outlets.loader import Outlets
from crawler.room.interfaces.atom import NAMESPACE, atom

ROUTE = Route("/atom", atom)


@pytest.fixture(scope="module")
def client(crawled, tmp_path_factory):
    """The feed of a real crawl."""
    room = room_of(crawled.root / "archive", tmp_path_factory.mktemp("room"))
    room.outlets = Outlets([DemoDailySpider])
    return client_of(room, ROUTE)


@pytest.fixture(scope="module")
def newest(crawled):
    """The newest row of each article."""
    rows = sorted(crawled.rows(), key=lambda row: row["fetched_at"])
    return {row["id"]: row for row in rows}


def feed_at(client, **parameters):
    """Return a feed, which must be valid."""
    answer = client.get("/atom", params=parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/atom+xml")
    check(ElementTree.fromstring(answer.content))
    feed = feedparser.parse(answer.content)
    assert not feed.bozo, feed.bozo_exception
    return feed


def check(feed):
    """Assert the rules of RFC 4287 §4.1 for feeds and entries."""
    name = f"{{{NAMESPACE}}}".__add__
    assert feed.tag == name("feed")
    for element in (feed, *feed.iter(name("entry"))):
        for one in ("id", "title", "updated"):
            assert len(element.findall(name(one))) == 1
        assert urlsplit(element.find(name("id")).text).scheme in ("http", "urn")
        for date in (*element.findall(name("updated")), *element.findall(name("published"))):
            assert datetime.fromisoformat(date.text).tzinfo
        assert all(author.find(name("name")).text for author in element.findall(name("author")))
        alternates = [link for link in element.findall(name("link")) if link.get("rel") == "alternate"]
        assert len(alternates) == 1
        assert all(link.get("href") for link in element.findall(name("link")))
    ids = [entry.find(name("id")).text for entry in feed.iter(name("entry"))]
    assert len(ids) == len(set(ids))
    assert feed.find(name("author")) is not None


def test_the_feed_of_a_query_has_what_it_finds(client, newest):
    row = next(row for row in newest.values() if row["outlet"] == "demo_daily")
    query = f'"{row["title"]}"'
    assert row["id"] in {entry.id.removeprefix("urn:uuid:") for entry in feed_at(client, q=query).entries}
    feed = feed_at(client, q=query, outlet="demo_tv")
    assert row["id"] not in {entry.id.removeprefix("urn:uuid:") for entry in feed.entries}


def test_markup_and_control_characters_of_articles_stay_text(tmp_path):
    attack = "<script>alert(1)</script>]]>&amp;\x0b\x00\ufffe😀 শেষ"
    row = article_row("attack", attack, attack, "2026-11-24T10:30:00+06:00", section=attack)
    row |= {"url": "javascript:alert(1)", "authors": [{"name": attack, "kind": "person"}]}
    write_segment(tmp_path / "archive", 1, row)
    room = room_of(tmp_path / "archive", tmp_path)
    answer = client_of(room, ROUTE).get("/atom")
    check(tree := ElementTree.fromstring(answer.content))
    shown = "<script>alert(1)</script>]]>&amp;😀 শেষ"
    assert tree.find(f".//{{{NAMESPACE}}}entry/{{{NAMESPACE}}}title").text == shown
    assert "javascript:" not in answer.text
