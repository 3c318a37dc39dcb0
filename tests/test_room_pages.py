"""The pages of the reading room in HTML and JSON, on an index of a crawled archive and on awkward rows."""

from __future__ import annotations

import json
import re
from contextlib import closing
from html import unescape
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from indexed_rows import article_row, indexed, write_segment
from starlette.testclient import TestClient

from crawler.archive.rows import text_digest
from crawler.archive.storage.directory import DirectoryStorage
from crawler.crawl.health.judge import BROKEN, MEASURES, NO_ROWS, QUIET, SILENT
from crawler.crawl.politeness.refusals import REASON as REFUSED
from crawler.demo.spiders.demo_daily import DemoDailySpider
from crawler.jobs.update.outcomes import BROKEN_OUTLET, CRASHED, CUT, HUNG, NO_SOURCE
from crawler.model.failures import ROBOTS_UNAVAILABLE
from crawler.outlets.loader import Outlets
from crawler.room.app import make_app
from crawler.room.index.database import connect
from crawler.room.index.filling import fill
from crawler.room.language import languages
from crawler.room.room import Room

DECLARED = Outlets([DemoDailySpider])
ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7919*7919 }}"
LINK = re.compile(r'(?:href|src|action)="([^"]*)"')


class Elements(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def opened(database, archive, prefix=""):
    return Room(database, DirectoryStorage(archive), prefix, DECLARED, state_url=f"sqlite:///{archive}/none.db")


def client_of(room, **headers):
    return TestClient(make_app(room), headers=headers, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def place(crawled, tmp_path_factory):
    """A room of the crawled archive, with its state."""
    database = tmp_path_factory.mktemp("room") / "index.sqlite"
    storage = DirectoryStorage(crawled.root / "archive")
    assert fill(storage, database).problems == []
    state = f"sqlite:///{crawled.root}/spool/state.db"
    with closing(Room(database, storage, "", DECLARED, state_url=state)) as room:
        yield room


@pytest.fixture
def client(place):
    return client_of(place)


@pytest.fixture(scope="module")
def newest(crawled):
    """The row of an article that was published last."""
    return max((row for row in crawled.rows() if row["outlet"] == "demo_daily"), key=lambda row: row["published"]["at"])


@pytest.fixture
def awkward(tmp_path):
    """A room of an article that attacks, and of one with three versions."""
    attack = article_row("attack", ATTACK, ATTACK, "2026-11-24T10:30:00+06:00", section=ATTACK, tags=[ATTACK])
    attack |= {"authors": [{"name": ATTACK, "kind": "person"}], "url": "javascript:alert(3)", "agencies": ["BSS"]}
    texts = ["প্রথম কথা।\nশেষ কথা এখানে।", "প্রথম কথা।\nশেষ কথা সেখানে।", "প্রথম কথা।\nনতুন অনুচ্ছেদ।\nশেষ কথা সেখানে।"]
    edited = [
        article_row("edited", "নদীর কথা", text, "2026-11-24T09:00:00+06:00", version=number)
        | {"text_digest": text_digest("নদীর কথা", text), "fetched_at": f"2026-11-24T0{number}:00:00.000000Z"}
        for number, text in enumerate(texts, 1)
    ]
    with closing(opened(indexed(tmp_path, attack, *edited), tmp_path)) as room:
        yield client_of(room), attack["id"], edited[0]["id"]


def test_the_front_page_has_what_is_kept(client, crawled):
    page = client.get("/", headers={"accept": "application/json"}).json()
    assert page["kept"] == len({row["id"] for row in crawled.rows()})
    assert page["outlets"] == 3
    assert len(page["days"]) == 30
    assert sum(page["coverage"]["demo_daily"].values()) == sum(row["outlet"] == "demo_daily" for row in crawled.rows())
    text = client.get("/").text
    assert "দৈনিক প্রভাতরেখা" in text
    assert "সংরক্ষিত খবর" in text


def test_an_empty_archive_says_how_to_begin(tmp_path):
    with closing(opened(indexed(tmp_path), tmp_path)) as room:
        assert "scrapy update" in client_of(room).get("/").text
        assert client_of(room).get("/search").status_code == 200
        assert client_of(room).get("/day").status_code == 303


def test_a_date_in_a_list_is_as_exact_as_its_page_states_it(tmp_path):
    month = {"at": "2022-07-01T00:00:00+06:00", "precision": "month", "source": "visible"}
    with closing(opened(indexed(tmp_path, article_row(1, "খবর", published=month)), tmp_path)) as room:
        for address in ("/", "/search?q=খবর"):
            assert ">জুলাই ২০২২</time>" in client_of(room).get(address).text
        (hit,) = client_of(room).get("/search?format=json").json()["hits"]
        assert hit["published"] == month


def test_facets_and_pages_keep_the_search(client):
    text = client.get("/search", params={"sort": "newest"}).text
    links = [unescape(link) for link in LINK.findall(text)]
    assert "/search?outlet=demo_tv&sort=newest" in links
    chosen = client.get("/search?outlet=demo_tv&outlet=demo_daily&format=json").json()
    assert {hit["outlet"] for hit in chosen["hits"]} == {"demo_tv", "demo_daily"}
    narrowed = client.get("/search?outlet=demo_tv").text
    assert 'aria-current="true"' in narrowed
    assert '<input type="hidden" name="outlet" value="demo_tv">' in narrowed


@pytest.mark.parametrize("query", ['outlet:"দৈনিক প্রভাতরেখা"', "agency:বাসস", "scope:জাতীয়", "outlet:demo_daily"])
@pytest.mark.parametrize("address", ["/search", "/atom"])
def test_filters_take_names(tmp_path, query, address):
    rows = [article_row(1, "খবর", outlet="demo_daily", scope="national"), article_row(2, "খবর", scope="local")]
    rows[0]["agencies"] = ["BSS"]
    with closing(opened(indexed(tmp_path, *rows), tmp_path)) as room:
        answer = client_of(room).get(address, params={"q": query})
    assert (rows[0]["url"] in answer.text or rows[0]["id"] in answer.text, rows[1]["id"] in answer.text) == (
        True,
        False,
    )


def test_a_feed_has_the_filters_of_the_search(tmp_path):
    rows = [article_row(number, "খবর", section=name) for number, name in enumerate(["দেশ", "খেলা"])]
    with closing(opened(indexed(tmp_path, *rows), tmp_path)) as room:
        page = client_of(room).get("/search", params={"q": "খবর", "section": "খেলা", "outlet": "samakal"}).text
        (feed,) = {unescape(link) for link in LINK.findall(page) if "/atom?" in link}
        text = client_of(room).get(feed).text
    assert (text.count("<entry>"), "খেলা" in text) == (1, True)


def test_the_page_of_an_endless_query_is_small(client):
    answers = [client.get(path, params={"q": "কৃষক " * 1000}) for path in ("/search", "/atom")]
    assert [answer.status_code for answer in answers] == [200, 200]
    answers.append(client.get("/search", params={"outlet": "ক" * 5000}))
    answers.append(client.get("/search", params={"author": [f"নাম {number}" for number in range(100)]}))
    assert max(len(answer.content) for answer in answers) < 1_000_000
    assert "খোঁজটি খুব লম্বা" in answers[0].text


def test_findings_are_in_both_languages():
    bengali, english = languages()["bn"], languages()["en"]
    assert english.finding("source-broken https://a.example/feed") == "a source can't be read: https://a.example/feed"
    assert bengali.finding("layout-changed") == "পাতার গঠন বদলেছে"
    codes = [SILENT, QUIET, BROKEN, *(measure.code for measure in (*MEASURES, *NO_ROWS))]
    codes += [CRASHED, CUT, HUNG, NO_SOURCE, BROKEN_OUTLET, REFUSED, ROBOTS_UNAVAILABLE, "listed-nothing"]
    assert [code for code in codes if code in (bengali.finding(code), english.finding(code))] == []


@pytest.mark.parametrize(
    "query", ["", '"', 'a"b', "outlet:", "since:x", "*", "NEAR(", "-", "\x00", "ক" * 5000, "a " * 10_000]
)
def test_any_query_is_answered(client, query):
    assert client.get("/search", params={"q": query}).status_code == 200


@pytest.mark.parametrize(
    "parameters",
    ["page=0", "page=-1", "page=99999999999", "page=²", "sort=x", "since=x&until=2022-99-99", "outlet=%00"],
)
def test_wrong_parameters_of_a_search_are_ignored(client, parameters):
    assert client.get(f"/search?{parameters}").status_code == 200


def test_an_article_shows_text_dates_record_and_versions(client, newest):
    text = unescape(client.get(f"/article/{newest['id']}").text)
    assert all(f"<p>{paragraph}</p>" in text for paragraph in newest["text"].split("\n"))
    assert newest["warc"]["record_id"] in text
    assert newest["warc"]["file"].rpartition("/")[2] in text
    assert f"/records/{newest['warc']['file'].rpartition('/')[2]}?offset={newest['warc']['offset']}" in text
    assert "JSON-LD, সেকেন্ড পর্যন্ত" in text
    data = client.get(f"/article/{newest['id']}", headers={"accept": "application/json"}).json()
    assert data["article"] == newest
    assert [one["version"] for one in data["versions"]] == [1]


def test_versions_are_compared_side_by_side(awkward):
    client, _, article_id = awkward
    text = client.get(f"/article/{article_id}/compare?from=1&to=2").text
    assert "<del>এখানে</del>" in text
    assert "<ins>সেখানে</ins>" in text
    both = client.get(f"/article/{article_id}/compare", headers={"accept": "application/json"}).json()
    assert (both["old"]["version"], both["new"]["version"]) == (2, 3)
    (field,) = both["fields"]
    assert [pair["kind"] for pair in field["pairs"]] == ["same", "added", "same"]
    page = client.get(f"/article/{article_id}?version=1").text
    assert "এটি পুরোনো সংস্করণ।" in page
    assert page.count("কী বদলেছে") == 2


def test_copies_of_a_story_are_listed_earliest_first(client, crawled):
    wire = next(row for row in crawled.rows() if row["agencies"])
    copies = client.get(f"/article/{wire['id']}?format=json").json()["copies"]
    assert len({one["outlet"] for one in copies}) > 1
    assert wire["id"] in [one["id"] for one in copies]
    assert [one["published"] for one in copies] == sorted(one["published"] for one in copies)
    text = unescape(client.get(f"/article/{wire['id']}").text)
    assert "একই খবর অন্যত্র" in text
    assert all(f'href="/article/{one["id"]}"' in text for one in copies)
    assert "বাসস" in text


def test_an_article_with_one_version_has_nothing_to_compare(client, newest):
    response = client.get(f"/article/{newest['id']}/compare")
    assert (response.status_code, response.headers["location"]) == (303, f"/article/{newest['id']}")


@pytest.mark.parametrize(
    "path", ["?version=0", "?version=4", "?version=x", "?version=²", "/compare?from=4", "/compare?to=0"]
)
def test_a_version_that_is_not_there_is_not_found(awkward, path):
    client, _, article_id = awkward
    assert client.get(f"/article/{article_id}{path}").status_code == 404


def test_a_day_shows_what_each_outlet_wrote(client, newest, crawled):
    day = newest["published"]["at"][:10]
    text = unescape(client.get(f"/day/{day}").text)
    wanted = [row for row in crawled.rows() if row["published"]["at"].startswith(day)]
    assert all(row["title"] in text for row in wanted)
    only = client.get(f"/day/{day}?outlet=demo_daily&format=json").json()
    assert only["total"] == sum(row["outlet"] == "demo_daily" for row in wanted)
    assert client.get("/day", params={"date": "2022-07-12"}).headers["location"] == "/day/2022-07-12"
    assert client.get("/day/2022-07-12").status_code == 200


def test_an_outlet_shows_coverage_health_and_gaps(client):
    text = client.get("/outlet/demo_daily").text
    assert "দৈনিক প্রভাতরেখা" in text
    assert '<span class="state well">ঠিক আছে</span>' in text
    data = client.get("/outlet/demo_daily", headers={"accept": "application/json"}).json()
    assert data["is_known"]
    assert data["last_run"]
    commands = [gap["command"] for gap in data["gaps"]]
    assert all(command is None or command.startswith("scrapy backfill demo_daily --since ") for command in commands)
    assert "demo_tv" in client.get("/outlets").text


def test_an_outlet_without_a_spider_is_shown_by_its_name(client):
    assert "demo_tv" in client.get("/outlet/demo_tv").text
    assert client.get("/outlet/nobody").status_code == 404


def test_gaps_of_days_without_articles_have_a_command(tmp_path):
    days = [f"2026-10-{day:02}T10:00:00+06:00" for day in (1, 2, 3, 4, 12, 13, 14)]
    rows = [article_row(number, "শিরোনাম", at=at, outlet="demo_daily") for number, at in enumerate(days)]
    with closing(opened(indexed(tmp_path, *rows), tmp_path)) as room:
        page = client_of(room).get("/outlet/demo_daily")
        gaps = client_of(room).get("/outlet/demo_daily?format=json").json()["gaps"]
    assert any(gap["since"] == "2026-10-05" and gap["until"] == "2026-10-11" for gap in gaps)
    assert all(gap["command"] is None or gap["command"] in unescape(page.text) for gap in gaps)


def test_nothing_from_the_web_becomes_html(awkward):
    client, attack, _ = awkward
    paths = [
        "/",
        "/search",
        f"/search?q={quote(ATTACK)}&section={quote(ATTACK)}",
        f"/article/{attack}",
        "/day/2026-11-24",
    ]
    paths += ["/outlets", "/outlet/samakal", f"/nothing/{quote(ATTACK)}", f"/day/{quote(ATTACK, safe='')}"]
    for path in paths:
        for language in ("bn", "en"):
            text = client.get(path, headers={"accept-language": language}).text
            elements = Elements(text).found
            scripts = [attributes for tag, attributes in elements if tag == "script"]
            assert [set(one) for one in scripts] == [{"src", "defer"}], path
            assert not [tag for tag, attributes in elements if tag == "img" or "onerror" in attributes], path
            assert not [
                one for _, one in elements if "style" in one or str(one.get("href")).startswith("javascript")
            ], path
            assert "62710561" not in text, path


def test_every_answer_is_safe(client, newest):
    for path in ("/", "/search", f"/article/{newest['id']}", "/nothing", "/day/x", "/static/style.css"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_the_room_only_reads(client, method):
    for path in ("/", "/search", "/static/style.css"):
        assert client.request(method, path).status_code == 405


@pytest.mark.parametrize("up", ["..", "%2e%2e", "..%2f..", "..%5c.."])
def test_no_path_leaves_the_room(client, up):
    for path in (
        f"/static/{up}/words.toml",
        f"/article/{up}/{up}/etc/passwd",
        f"/outlet/{up}",
        f"/day/{up}",
        f"/{up}/{up}/etc/passwd",
    ):
        response = client.get(path)
        assert response.status_code in (200, 400, 404)
        assert not re.search(r"root:|\[weekdays\]", response.text)


def test_the_browser_and_the_switch_choose_the_language(place):
    client = client_of(place, **{"accept-language": "en-US,en;q=0.9"})
    assert '<html lang="en">' in client.get("/").text
    switched = client.get("/search?q=x&lang=bn")
    assert (switched.status_code, switched.headers["location"]) == (303, "/search?q=x")
    assert '<html lang="bn">' in client.get("/").text
    assert client.get("/").headers["vary"].count("Accept-Language") == 1
    assert client.get("/?lang=fr").status_code == 200
    assert '<html lang="en">' in client.get("/nothing?lang=en").text


def test_a_page_that_reads_too_long_is_refused(place, monkeypatch):
    monkeypatch.setattr("crawler.room.room.READ_SECONDS", 0)
    monkeypatch.setattr("crawler.room.room.STEPS", 1)
    response = client_of(place).get("/search?q=খবর")
    assert response.status_code == 503
    assert "সূচি এখন পড়া যাচ্ছে না" in response.text


def test_a_filter_that_cant_be_read_is_named(client):
    assert "এই অংশ বোঝা যায়নি, তাই বাদ গেছে: since:someday" in client.get("/search?q=খবর since:someday").text


def test_a_damaged_index_and_a_fault_have_a_page_with_the_policy(tmp_path):
    path = indexed(tmp_path, article_row(1, "খবর"))
    with closing(opened(path, tmp_path)) as room:
        room.outlets = None
        fault = client_of(room).get("/")
    path.write_bytes(b"no database")
    with closing(opened(path, tmp_path)) as room:
        damaged = client_of(room).get("/")
    assert (fault.status_code, damaged.status_code) == (500, 503)
    assert "পাতাটি দেখানো গেল না" in fault.text
    assert "সূচি এখন পড়া যাচ্ছে না" in damaged.text
    assert "default-src 'none'" in fault.headers["content-security-policy"]
    assert fault.headers["content-security-policy"] == damaged.headers["content-security-policy"]


def test_an_index_that_is_removed_is_read_no_more(tmp_path):
    path = indexed(tmp_path, article_row(1, "পুরোনো"))
    with closing(opened(path, tmp_path)) as room:
        client = client_of(room)
        before = client.get("/search?format=json").json()["hits"][0]["title"]
        for file in path.parent.iterdir():
            file.unlink()
        between = client.get("/search").status_code
        indexed(tmp_path, article_row(2, "নতুন"))
        after = client.get("/search?format=json").json()["hits"][0]["title"]
    assert (before, between, after) == ("পুরোনো", 503, "নতুন")


def test_an_index_whose_damage_a_page_meets_is_made_anew(tmp_path):
    write_segment(tmp_path, 1, article_row(1, "পুরোনো", at="2022-07-12T06:00:00+06:00"), month="2022-07")
    storage, path = DirectoryStorage(tmp_path), tmp_path / "index.sqlite"
    fill(storage, path)
    with closing(connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'texts'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"garbage" * 1000)
    with closing(opened(path, tmp_path)) as room:
        assert client_of(room).get("/search").status_code == 503
        fill(storage, path, is_recent=True)
        assert client_of(room).get("/search?format=json").json()["total"] == 1


def test_a_search_that_ends_late_does_not_say_that_nothing_was_found(tmp_path, monkeypatch):
    words = " ".join(f"শব্দ{number}" for number in range(20))
    old = article_row(1, "পুরোনো", words, "2010-03-01T10:00:00+06:00")
    path = indexed(tmp_path, old, article_row(2, "নতুন", at="2022-03-01T10:00:00+06:00"))
    monkeypatch.setattr("crawler.room.search.searching.SECONDS", -1.0)
    with closing(opened(path, tmp_path)) as room:
        page = client_of(room).get("/search", params={"q": words}).text
    assert "সময়ের মধ্যে কোনো খবর মেলেনি।" in page


@pytest.mark.parametrize("is_removed", [True, False])
def test_a_reverse_proxy_may_have_the_room_below_a_prefix(place, newest, is_removed):
    room = Room(place.database, place.storage, "/archive", DECLARED)
    with closing(room):
        client = client_of(room)
        base = "" if is_removed else "/archive"
        pages = ["/", "/search", f"/article/{newest['id']}", "/outlets", "/outlet/demo_daily", "/help", "/nothing"]
        for path in [*pages, f"/day/{newest['published']['at'][:10]}"]:
            links = LINK.findall(client.get(base + path).text)
            inner = [link for link in links if not link.startswith(("http", "#"))]
            assert inner
            assert all(link.startswith("/archive/") for link in inner)
        assert client.get(f"{base}/static/style.css").status_code == 200
        assert client.get(f"{base}/day").headers["location"].startswith("/archive/day/")


def test_every_link_of_the_pages_leads_somewhere(client, newest):
    todo, seen = ["/", f"/article/{newest['id']}", "/search?sort=newest&page=2"], set()
    while todo and len(seen) < 150:
        path = todo.pop(0)
        seen.add(path)
        response = client.get(path)
        assert response.status_code in (200, 303), path
        if response.headers.get("content-type", "").startswith("text/html"):
            links = {unescape(link).partition("#")[0] for link in LINK.findall(response.text)}
            inner = {link for link in links if link.startswith("/")}
            todo += sorted(inner - seen - set(todo))


def test_json_is_what_the_page_shows(client, newest):
    for path in (
        "/",
        "/search",
        f"/article/{newest['id']}",
        "/outlets",
        "/outlet/demo_daily",
        "/day/2026-11-24",
        "/help",
    ):
        response = client.get(path, headers={"accept": "application/json, text/html;q=0.5"})
        assert response.headers["content-type"] == "application/json", path
        json.dumps(response.json())
    assert (
        "html"
        in client.get("/", headers={"accept": "text/html,application/json;q=0.9,*/*;q=0.8"}).headers["content-type"]
    )
