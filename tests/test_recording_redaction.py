"""Redaction: the operator's secrets are never written, and nothing else is redacted."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from origin import Origin, answer
from plain_warc import Record, read_records, sha1
from recorded_crawl import run
from scrapy import Spider
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler

from crawler.crawl.identity import Identity, secrets_of
from crawler.recording.exchange import Secrets

TOKEN = "Bearer tok-s3cret-1"
SESSION = "sess-s3cret-2"
PASSWORD = "pass-s3cret-3"
PROXY_PASSWORD = "proxy-s3cret-4"
LOGIN = base64.b64encode(f"operator:{PASSWORD}".encode()).decode()
PROXY_LOGIN = base64.b64encode(f"me:{PROXY_PASSWORD}".encode()).decode()
SECRETS = [TOKEN, SESSION, PASSWORD, PROXY_PASSWORD, LOGIN, PROXY_LOGIN]
HEADERS = {"Accept": "text/html", "Authorization": TOKEN, "Cookie": f"session={SESSION}; lang=bn"}

# Header values after Twisted has joined their lines.
values = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=30).map(lambda text: text.strip())
cookies = st.text("abcxyz=%\"'", min_size=1, max_size=12)


@given(st.lists(cookies, max_size=5), st.lists(cookies, max_size=5))
def test_only_cookies_of_the_settings_lose_their_values(secret, others):
    pairs = [*others, *secret, *others]
    line = "; ".join(pairs).encode()
    request = b"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + line + b"\r\n\r\nCookie: " + line
    hidden = frozenset(pair.encode() for pair in secret)
    redacted, names = Secrets(cookies=hidden).redact(request)
    head, body = redacted.split(b"\r\n\r\n")
    kept = head.partition(b"Cookie: ")[2].split(b"; ")
    assert body == b"Cookie: " + line
    for before, after in zip(line.split(b"; "), kept, strict=True):
        if before not in hidden:
            assert after == before
        elif b"=" in before:
            assert after == before.partition(b"=")[0] + b"="
    assert names == (["Cookie"] if redacted != request else [])


@given(values, values, st.sampled_from(["Authorization", "authorization", "AUTHORIZATION"]))
def test_only_an_authorization_of_the_settings_loses_its_value(secret, sent, name):
    request = f"GET / HTTP/1.1\r\n{name}: {sent}\r\nX-A: {secret}\r\n\r\n".encode("latin-1")
    redacted, names = Secrets(authorizations=frozenset([secret.encode("latin-1")])).redact(request)
    if secret == sent:
        assert redacted == request.replace(f"{name}: {sent}\r\n".encode("latin-1"), f"{name}:\r\n".encode(), 1)
        assert names == ["Authorization"]
    else:
        assert (redacted, names) == (request, [])


def test_secrets_come_from_settings_and_spider_as_sent():
    headers = {"authorization": " a\r\nb ", "COOKIE": ["x=1; y=", "z"], "From": None}
    login = {"HTTPAUTH_USER": "operator", "HTTPAUTH_PASS": PASSWORD}
    crawler = get_crawler(settings_dict={"DEFAULT_REQUEST_HEADERS": headers, **login})
    crawler.spider = Spider("paper", http_user="other", http_pass="pw")
    found = secrets_of(crawler)
    assert found.authorizations == {b"a b", b"Basic " + LOGIN.encode(), b"Basic " + base64.b64encode(b"other:pw")}
    assert found.cookies == {b"x=1", b"y=", b"z"}
    assert PASSWORD not in repr(found)
    assert LOGIN not in repr(found)


def test_logged_settings_hide_credentials():
    settings = Settings({"HTTPAUTH_USER": "operator", "HTTPAUTH_PASS": PASSWORD})
    Identity().update_settings(settings)
    copied = settings.copy()
    assert (copied["HTTPAUTH_PASS"], f"{copied['HTTPAUTH_PASS']}") == (PASSWORD, PASSWORD)
    assert PASSWORD not in repr(copied["HTTPAUTH_PASS"])


def records_of(folder: Path) -> dict[tuple[str, str], Record]:
    """Return the records of a crawl by path and type: the last of each."""
    found = {}
    for warc in (folder / "archive").rglob("*.warc.gz"):
        for record in read_records(warc):
            found["/" + (record.get("WARC-Target-URI") or "").rpartition("/")[2], record.get("WARC-Type")] = record
    return found


def assert_nowhere(done: subprocess.CompletedProcess[str], folder: Path) -> None:
    """Fail if a secret is in any file of spool and archive, or in the output of the crawl."""
    texts = {"output": done.stdout + done.stderr}
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            data = gzip.decompress(data) if path.suffix == ".gz" else data
            texts[str(path)] = data.decode("latin-1")
            for secret in SECRETS:
                assert secret not in str(path)
    found = [(name, secret) for name, text in texts.items() for secret in SECRETS if secret in text]
    assert found == []
    assert len(texts) > 4


ROUTES = {
    "/set": answer(b"x", b"Set-Cookie: theirs=chosen-by-server; Path=/", b"Set-Cookie: lang=en"),
    "/away": answer(b"", b"Location: /page", status=b"302 Found"),
    "/page": answer(b"<p>x", b"Content-Type: text/html"),
}


def test_headers_of_the_settings_are_sent_and_never_written(tmp_path):
    own = [["Authorization", "Bearer of-the-spider"], ["Cookie", f"a=1; session={SESSION};b=2"]]
    with Origin(ROUTES) as origin:
        wanted = [{"url": origin.base + "/away"}, {"url": origin.base + "/own", "headers": own}]
        done = run(tmp_path, wanted, {"custom_settings": {"DEFAULT_REQUEST_HEADERS": HEADERS}}, LOG_LEVEL="DEBUG")
        log = {logged.target: logged.received for logged in origin.log}
    assert done.returncode == 0, done.stderr
    assert f"Authorization: {TOKEN}\r\n".encode() in log["/page"]
    assert SESSION.encode() in log["/robots.txt"] + log["/page"]
    assert_nowhere(done, tmp_path)
    records = records_of(tmp_path)
    for path in ("/away", "/page", "/robots.txt"):
        block = log[path].replace(f" {TOKEN}".encode(), b"").replace(f"{SESSION}; lang=bn".encode(), b"; lang=")
        assert records[path, "request"].block == block
        assert records[path, "request"].get("WARC-Block-Digest") == sha1(block)
        assert records[path, "metadata"].fields["redacted"] in ("Authorization, Cookie", "Cookie, Authorization")
    # Only the pair of the settings is redacted; the rest of the line is the spider's.
    assert records["/own", "request"].block == log["/own"].replace(SESSION.encode(), b"")
    assert b"Authorization: Bearer of-the-spider\r\n" in records["/own", "request"].block
    assert records["/own", "metadata"].fields["redacted"] == "Cookie"


def test_logins_are_never_written_and_cookies_of_servers_stay(tmp_path):
    login = {"HTTPAUTH_USER": "operator", "HTTPAUTH_PASS": PASSWORD, "HTTPAUTH_DOMAIN": None}
    addons = {"crawler.crawl.identity.Identity": 100}
    with Origin(ROUTES) as origin:
        wanted = [{"url": origin.base + path} for path in ("/set", "/page")]
        wanted.append({"url": origin.base + "/own", "headers": [["Authorization", "Basic of-the-spider"]]})
        wanted.append({"url": origin.base + "/meta", "meta": {"http_user": "page", "http_pass": "own"}})
        done = run(
            tmp_path, wanted, {}, LOG_LEVEL="DEBUG", COOKIES_ENABLED=True, CONCURRENT_REQUESTS=1, ADDONS=addons, **login
        )
        log = {logged.target: logged.received for logged in origin.log}
    assert done.returncode == 0, done.stderr
    assert "HTTPAUTH_PASS" in done.stderr
    assert f"Authorization: Basic {LOGIN}\r\n".encode() in log["/page"]
    assert_nowhere(done, tmp_path)
    records = records_of(tmp_path)
    for path in ("/set", "/page"):
        assert records[path, "request"].block == log[path].replace(f" Basic {LOGIN}".encode(), b"")
        assert records[path, "metadata"].fields["redacted"] == "Authorization"
    assert b"Cookie: theirs=chosen-by-server; lang=en" in records["/page", "request"].block
    assert b"Set-Cookie: theirs=chosen-by-server; Path=/" in records["/set", "response"].block
    for path in ("/own", "/meta"):
        assert records[path, "request"].block == log[path]
        assert "redacted" not in records[path, "metadata"].fields


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_login_of_a_proxy_is_never_written(tmp_path, scheme):
    with Origin(ROUTES) as origin:
        proxy = origin.base.replace("://", f"://me:{PROXY_PASSWORD}@")
        wanted = [{"url": f"{scheme}://paper.example{path}", "meta": {"proxy": proxy}} for path in ("/page", "/away")]
        attributes = {"http_user": "operator", "http_pass": PASSWORD, "http_auth_domain": None}
        done = run(tmp_path, wanted, attributes, ROBOTSTXT_OBEY=False)
        log = [logged.received for logged in origin.log]
        connects = list(origin.connects)
    assert done.returncode == 0, done.stderr
    assert [entry["status"] for entry in json.loads(done.stdout)["seen"]] == [200, 200]
    assert PROXY_LOGIN.encode() in b"".join(log + connects)
    assert_nowhere(done, tmp_path)
    fields = records_of(tmp_path)["/page", "metadata"].fields
    assert fields["proxied"] == "true"
    assert "Authorization" in fields["redacted"]
