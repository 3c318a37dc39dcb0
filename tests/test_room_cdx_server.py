"""The CDX server: parameters and output as clients of the Wayback Machine and of pywb know them."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import pytest
from open_room import client_of, room_of
from starlette.routing import Route

from crawler.room.interfaces import cdx_server
from crawler.room.interfaces.cdx_server import FIELDS, cdx

NAMES = [*FIELDS]


@pytest.fixture(scope="module")
def client(crawled, tmp_path_factory):
    """A CDX server of a real crawl."""
    room = room_of(crawled.root / "archive", tmp_path_factory.mktemp("room"))
    return client_of(room, Route("/cdx", cdx))


@pytest.fixture(scope="module")
def lines(crawled):
    """The lines of the crawl's indexes: key, timestamp, fields."""
    texts = [path.read_text() for path in crawled.files("index/**/*.cdxj")]
    parts = sorted(line.split(" ", 2) for text in texts for line in text.splitlines())
    return [(key, stamp, json.loads(fields)) for key, stamp, fields in parts]


@pytest.fixture(scope="module")
def host(crawled):
    return crawled.url.removeprefix("http://")


def rows(client, **parameters):
    """Return the lines of an answer as dictionaries, from text and from JSON, which must agree."""
    given = {name.removesuffix("_"): value for name, value in parameters.items()}
    text = client.get("/cdx", params=given)
    data = client.get("/cdx", params={**given, "output": "json"})
    assert (text.status_code, data.status_code) == (200, 200), text.text
    header, *values = data.json() or [[]]
    assert [line.split(" ") for line in text.text.splitlines()] == values
    return [dict(zip(header, line, strict=True)) for line in values]


def mistake(client, **parameters):
    """Return the sentence of an answer with status 400."""
    answer = client.get("/cdx", params=parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    return answer.text


def test_an_address_is_found_exactly_and_by_patterns(client, host, lines):
    url = lines[5][2]["url"]
    assert {row["original"] for row in rows(client, url=url)} == {url}
    assert rows(client, url=f"{host}/*") == rows(client, url=host, matchType="host")
    assert rows(client, url=f"http://{host}/", matchType="prefix") == rows(client, url=f"{host}/*")
    assert rows(client, url=f"*.{host}") == rows(client, url=host, matchType="domain")


def test_limits_count_from_either_end(client, host, lines):
    everything = rows(client, url=f"{host}/*")
    assert rows(client, url=f"{host}/*", limit=3) == everything[:3]
    assert rows(client, url=f"{host}/*", limit=-3) == everything[-3:]
    assert rows(client, url=f"{host}/*", limit=3, offset=2) == everything[2:5]
    assert rows(client, url=f"{host}/*", limit=0) == []
    assert rows(client, url=f"{host}/*", limit=999_999_999) == everything


@pytest.mark.parametrize("size", [1, 7, 40])
def test_resume_keys_lead_through_everything(client, host, size):
    everything, found, key = rows(client, url=f"{host}/*"), [], ""
    for _ in range(len(everything) // size + 1):
        given = {"url": f"{host}/*", "limit": size, "showResumeKey": "true", "resumeKey": key}
        text = client.get("/cdx", params=given).text
        page, _, key = text.partition("\n\n")
        data = client.get("/cdx", params={**given, "output": "json"}).json()
        assert data[-2:] == [[], [key.strip()]] if key else [] not in data
        found += page.splitlines()
        key = key.removesuffix("\n")
        if not key:
            break
    assert [line.split(" ")[2] for line in found] == [row["original"] for row in everything]


def test_pages_are_counted_and_end(client, host, monkeypatch):
    monkeypatch.setattr(cdx_server, "PAGE_LINES", 10)
    everything = rows(client, url=f"{host}/*")
    pages = int(client.get("/cdx", params={"url": f"{host}/*", "showNumPages": "true"}).text)
    assert pages == -(-len(everything) // 10) > 2
    assert [row for page in range(pages) for row in rows(client, url=f"{host}/*", page=page)] == everything
    assert rows(client, url=f"{host}/*", page=1, pageSize=2) == everything[20:40]
    assert rows(client, url=f"{host}/*", page=1, limit=3) == everything[10:13]
    assert mistake(client, url=f"{host}/*", page=pages) == f"There is no page {pages}: pages are 0 to {pages - 1}.\n"
    assert rows(client, url="unknown.example", page=0) == []
    assert client.get("/cdx", params={"url": "unknown.example", "showNumPages": "true"}).text == "0\n"


@pytest.mark.parametrize(
    ("text", "keeps"),
    [
        ("statuscode:200", lambda row: row["statuscode"] == "200"),
        ("!statuscode:200", lambda row: row["statuscode"] != "200"),
        ("statuscode:2", lambda row: False),
        ("status:2", lambda row: "2" in row["statuscode"]),
        ("=status:2", lambda row: False),
        ("!=mime:text/html", lambda row: row["mimetype"] != "text/html"),
        ("~url:.*article", lambda row: "article" in row["original"]),
        ("!~url:.*article", lambda row: "article" not in row["original"]),
        ("~urlkey:article", lambda row: "article" in row["urlkey"]),
        ("~!urlkey:article", lambda row: "article" not in row["urlkey"]),
        ("mimetype:text/.*", lambda row: row["mimetype"].startswith("text/")),
        ("original:[^:]+://.*:.*", lambda row: True),
    ],
)
def test_filters_keep_what_they_say(client, host, text, keeps):
    everything = rows(client, url=f"{host}/*")
    assert rows(client, url=f"{host}/*", filter=text) == [row for row in everything if keeps(row)]


def test_several_filters_all_apply(client, host):
    both = rows(client, url=f"{host}/*", filter=["mimetype:text/html", "!~urlkey:article"])
    assert both
    assert all(row["mimetype"] == "text/html" and "article" not in row["urlkey"] for row in both)


def test_lines_collapse_by_the_beginning_of_a_field(client, host):
    everything = rows(client, url=f"{host}/*")
    assert len(rows(client, url=f"{host}/*", collapse="timestamp:4")) == 1
    kinds = [row["mimetype"] for row in rows(client, url=f"{host}/*", collapse="mimetype")]
    assert 1 < len(kinds) < len(everything)
    assert all(one != other for one, other in pairwise(kinds))


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"url": " "},
        {"url": "a.example", "matchType": "fuzzy"},
        {"url": "a.example", "limit": "ten"},
        {"url": "a.example", "limit": "9" * 40},
        {"url": "a.example", "from": "yesterday"},
        {"url": "a.example", "from": "20"},
        {"url": "a.example", "to": "2022112410150000"},
        {"url": "a.example", "output": "xml"},
        {"url": "a.example", "fl": "urlkey,secret"},
        {"url": "a.example", "filter": "statuscode"},
        {"url": "a.example", "filter": "secret:1"},
        {"url": "a.example", "filter": "original:("},
        {"url": "a.example", "collapse": "secret"},
        {"url": "a.example", "collapse": "digest:x"},
        {"url": "a.example", "page": "x"},
        {"url": "a.example", "resumeKey": "x"},
        {"url": "a.example", "resumeKey": "x 1 " + "9" * 30},
    ],
)
def test_mistakes_have_one_clear_line(client, parameters):
    text = mistake(client, **parameters)
    assert (text.count("\n"), text[-2:]) == (1, ".\n")


@pytest.mark.parametrize("url", ["../../etc/passwd", "http://", "://", "\0", "http://[", "javascript:alert(1)", "😀"])
def test_strange_addresses_have_no_captures(client, url):
    assert client.get("/cdx", params={"url": url}).text in ("", "The parameter url is missing.\n")


def test_a_pattern_that_takes_years_is_given_up(client, lines, monkeypatch):
    monkeypatch.setattr(cdx_server, "FILTER_SECONDS", 0.2)
    started = time.perf_counter()
    text = mistake(client, url=f"{lines[0][2]['url']}", filter=r"original:(?:(?:.|.)+)+(?<!.)", matchType="domain")
    assert text.startswith("The filter takes longer than")
    assert time.perf_counter() - started < 10
