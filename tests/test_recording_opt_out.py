"""Opt-out signals: what servers say against uses of their content is noted word for word, and nothing else is."""

from __future__ import annotations

import gzip
import io
import zlib
from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st
from origin import Origin, answer, chunked
from plain_warc import read_records
from recorded_crawl import crawl

from crawler.archive.message import read
from crawler.recording.encoding import codes, noted
from crawler.recording.exchange import Exchange
from crawler.recording.robots import Robots, rules_of
from crawler.recording.signals import HTML_BYTES, beginning, codes_in, in_fields, in_html

CLOUDFLARE = b"""\
# As a condition of accessing this website, you agree to abide by the following content signals:
# Content-Signal: ai-train=no in a comment says nothing
User-agent: GPTBot
Content-Signal: ai-train=no, ai-input=no
Disallow: /

User-Agent: *
Content-Signal: search=yes,ai-train=no
Allow: /
"""
PATHS = b"""\
User-Agent: *
Disallow: /never/
Content-Usage: train-ai=n
Content-Usage: /ai-ok/ train-ai=y
content-usage: /ai-ok/*.pdf$ train-ai=n, search=y  # but not these

User-Agent: ExampleBot
Content-Usage: bots=n
"""


def said(signals):
    return [(str(signal), signal.code) for signal in signals]


@pytest.mark.parametrize(
    ("name", "value", "signals"),
    [
        (
            "content-signal",
            "search=yes, ai-train=no",
            [("content-signal: search=yes, ai-train=no (header)", "content-signal")],
        ),
        ("content-signal", "AI-Train=NO", [("content-signal: AI-Train=NO (header)", "content-signal")]),
        ("content-signal", "search=yes, ai-input=yes", []),
        ("content-signal", "ai-train=none, x=nothing", []),
        ("content-usage", "train-ai=n", [("content-usage: train-ai=n (header)", "content-usage")]),
        ("content-usage", "train-ai=y;exception=n, search=y", []),
        (
            "content-usage",
            "search=y, train-ai=n;q=1",
            [("content-usage: search=y, train-ai=n;q=1 (header)", "content-usage")],
        ),
        ("tdm-reservation", "1", [("tdm-reservation: 1 (header)", "tdm-reservation")]),
        ("tdm-reservation", "0", []),
        ("tdm-policy", "https://a.example/policy.json", []),
        ("x-robots-tag", "NoArchive", [("NoArchive (x-robots-tag)", "noarchive")]),
        ("x-robots-tag", "noindex, nocache", [("nocache (x-robots-tag)", "noarchive")]),
        (
            "x-robots-tag",
            "noai, noimageai",
            [("noai (x-robots-tag)", "noai"), ("noimageai (x-robots-tag)", "noimageai")],
        ),
        ("x-robots-tag", "googlebot: noarchive, noai", []),
        ("x-robots-tag", "googlebot: noai, khobor: noarchive", [("noarchive (x-robots-tag)", "noarchive")]),
        ("x-robots-tag", "unavailable_after: 25 Jun 2030, noarchive", [("noarchive (x-robots-tag)", "noarchive")]),
        ("x-robots-tag", "max-snippet: 20, all", []),
        ("robots", "noarchive", []),
    ],
)
def test_header_fields_that_restrict_are_signals(name, value, signals):
    assert said(in_fields([("content-type", "text/html"), (name, value)])) == [(text, code) for text, code in signals]


def test_codes_are_read_back_from_metadata_records():
    robots = Robots()
    robots.note(["a.example"], PATHS + CLOUDFLARE)
    fields = [("x-robots-tag", "NoCache, noimageai"), ("tdm-reservation", "1"), ("tdm-policy", "x (y)")]
    signals = [*in_fields(fields), *robots.signals("http://a.example/x")]
    assert codes_in(map(str, signals)) == tuple(dict.fromkeys(signal.code for signal in signals))
    assert len(codes_in(map(str, signals))) == 5
    assert codes_in(["", "something else (header)"]) == ()


def test_a_policy_is_noted_with_its_reservation():
    fields = [("tdm-reservation", "1"), ("tdm-policy", "https://a.example/p.json")]
    assert [str(signal) for signal in in_fields(fields)] == [
        "tdm-reservation: 1 (header)",
        "tdm-policy: https://a.example/p.json (header)",
    ]


@pytest.mark.parametrize(
    ("page", "signals"),
    [
        ('<meta name="robots" content="index, noarchive">', ["noarchive (meta robots)"]),
        ("<META CONTENT='NOAI, NoImageAI' NAME=Robots>", ["NOAI (meta robots)", "NoImageAI (meta robots)"]),
        ("<meta name=khobor content=noarchive />", ["noarchive (meta khobor)"]),
        ('<meta\n name = "robots"\n content = "noarchive"\n>', ["noarchive (meta robots)"]),
        ('<meta name="robots" content="no&#97;rchive">', []),
        ('<meta name="robots" content="noindex&#44; noai">', ["noai (meta robots)"]),
        ('<meta name="tdm-reservation" content="1">', ["tdm-reservation: 1 (meta)"]),
        (
            '<meta name="tdm-reservation" content="1"/><meta name="tdm-policy" content="https://a.example/ক">',
            ["tdm-reservation: 1 (meta)", "tdm-policy: https://a.example/ক (meta)"],
        ),
        ('<meta name="tdm-reservation" content="0">', []),
        ('<meta name="googlebot" content="noarchive">', []),
        ('<meta name="description" content="noarchive">', []),
        ('<meta name="robots" content="all"><p>noarchive</p>', []),
        ('<!-- <meta name="robots" content="noarchive"> -->', []),
        ('<script>var a = \'<meta name="robots" content="noarchive">\'</script>', []),
        ('<!-- a --><meta name="robots" content="noarchive"><!-- b -->', ["noarchive (meta robots)"]),
        ('<meta data-name="robots" content="noarchive">', []),
    ],
)
def test_meta_elements_that_restrict_are_signals(page, signals):
    assert [str(signal) for signal in in_html(f"<html><head>{page}</head>".encode())] == signals


@pytest.mark.parametrize(
    ("path", "signals"),
    [
        ("/test", ["content-usage: train-ai=n (robots.txt)"]),
        ("/ai-ok/test", []),
        ("/ai-ok/a/b.pdf", ["content-usage: /ai-ok/*.pdf$ train-ai=n, search=y (robots.txt)"]),
        ("/ai-ok/b.pdf?x", []),
    ],
)
def test_the_longest_matching_robots_txt_path_applies(path, signals):
    robots = Robots()
    robots.note(["a.example"], PATHS)
    assert [str(signal) for signal in robots.signals(f"https://a.example{path}")] == signals
    assert list(robots.signals(f"https://b.example{path}")) == []


def test_only_the_group_for_us_counts_in_robots_txt():
    assert [rule.value for rule in rules_of(CLOUDFLARE)] == ["search=yes,ai-train=no"]
    ours = CLOUDFLARE + b"\nUser-agent: other\nUser-agent: Khobor/1.0\nContent-Signal: ai-input=no\n"
    assert [rule.value for rule in rules_of(ours)] == ["ai-input=no"]
    assert rules_of(CLOUDFLARE + b"User-agent: khobor\nAllow: /\n") == []
    assert [rule.value for rule in rules_of(b"\xef\xbb\xbfContent-Signal: ai-train=no\nUser-agent: a\nDisallow:")] == [
        "ai-train=no"
    ]


def test_a_host_that_takes_its_rules_back_is_believed():
    robots = Robots()
    for text, count in ((CLOUDFLARE, 1), (b"User-agent: *\n", 0)):
        robots.note(["a.example"], text)
        assert len(list(robots.signals("http://A.example/x"))) == count


@given(st.binary(max_size=400), st.text(max_size=60))
def test_whatever_a_server_sends_is_read_without_failure(data, url):
    words = b"<meta name=robots content=noarchive " + data + b"> Content-Usage: /" + data + b" a=n\nuser-agent:*\n"
    robots = Robots()
    robots.note(["a.example", ""], words + b"content-usage:/" + data + b"*$ a=n")
    for address in (url, f"http://a.example/{url}", "http://a.example"):
        list(robots.signals(address))
    list(in_html(words + data))
    list(in_fields([(name, data.decode("latin-1")) for name in ("x-robots-tag", "content-usage", "tdm-policy")]))


PAGE = b"<html><head><meta name=robots content=noai></head>" + "খবর".encode() * 20_000


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"", PAGE),
        (b"Content-Encoding: gzip\r\n", gzip.compress(PAGE)),
        (b"Content-Encoding: deflate\r\n", zlib.compress(PAGE)),
        (b"Content-Encoding: deflate\r\n", zlib.compress(PAGE)[2:-4]),
        (
            b"Transfer-Encoding: chunked\r\nContent-Encoding: x-gzip\r\n",
            chunked(gzip.compress(PAGE)[:20], gzip.compress(PAGE)[20:]),
        ),
        (b"Content-Encoding: gzip\r\n", gzip.compress(PAGE)[:-30]),
    ],
)
def test_page_beginnings_are_decoded_only_as_far_as_needed(head, body):
    data = b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=utf-8\r\n" + head + b"\r\n" + body
    response = read(io.BytesIO(data), len(data)).response
    found = beginning(io.BytesIO(data), response, HTML_BYTES)
    assert found == PAGE[: len(found)]
    assert len(found) == HTML_BYTES or body == gzip.compress(PAGE)[:-30]
    exchange = Exchange("http://a.example/", "GET", capture=Future())
    exchange.receive(data)
    assert [str(signal) for signal in noted(exchange, response)] == ["noai (meta robots)"]
    assert codes(exchange) == ("noai",)
    exchange.close()


@pytest.mark.parametrize("coding", [b"br", b"gzip"])
def test_what_cannot_be_decoded_says_nothing(coding):
    data = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: " + coding + b"\r\n\r\n" + PAGE
    response = read(io.BytesIO(data), len(data)).response
    assert beginning(io.BytesIO(data), response, HTML_BYTES) == b""


def test_signals_are_in_the_metadata_of_their_captures(tmp_path):
    html = b"Content-Type: text/html"
    routes = {
        "/robots.txt": answer(b"", b"Location: /rules", status=b"302 Found"),
        "/rules": answer(gzip.compress(CLOUDFLARE), b"Content-Type: text/plain", b"Content-Encoding: gzip"),
        "/plain": answer(b"<p>x", html),
        "/page": answer(gzip.compress(PAGE), html, b"Content-Encoding: gzip", b"X-Robots-Tag: noarchive\t, nofollow"),
        "/tdm": answer(b"x", b"TDM-Reservation: 1", b"tdm-policy: https://a.example/\x01\xe2\x80\xa8p"),
    }
    with Origin(routes) as origin, Origin({"/plain": answer(b"x", html)}) as other:
        wanted = [{"url": origin.base + path} for path in ("/plain", "/page", "/tdm")]
        crawl(tmp_path, [*wanted, {"url": other.base + "/plain"}])
    (warc,) = (tmp_path / "archive").rglob("*.warc.gz")
    found = {}
    for record in read_records(warc):
        if record.get("WARC-Type") == "metadata":
            lines = [line.partition(": ") for line in record.block.decode().split("\r\n")]
            found[record.get("WARC-Target-URI")] = [value for name, _, value in lines if name == "optOut"]
    everywhere = "content-signal: search=yes,ai-train=no (robots.txt)"
    assert found == {
        origin.base + "/robots.txt": [],
        origin.base + "/rules": [],
        origin.base + "/plain": [everywhere],
        origin.base + "/page": ["noarchive (x-robots-tag)", "noai (meta robots)", everywhere],
        origin.base + "/tdm": [
            "tdm-reservation: 1 (header)",
            "tdm-policy: https://a.example/ \xe2 \xa8p (header)",
            everywhere,
        ],
        other.base + "/robots.txt": [],
        other.base + "/plain": [],
    }
