"""Withdrawn articles: what the site answers for articles of the archive, in state, run files, exports and reports."""

import csv
import io
import shutil
from urllib.parse import urlsplit

import pytest
from paper import Updates
from test_tools_rebuild import rebuilt

EVERYTHING = ("-s", "REVISIT_SHARE=0.9")
QUERY = "select outlet, id, url, status, since from withdrawn"


@pytest.fixture
def place(paper, tmp_path):
    return Updates(tmp_path, paper.url)


@pytest.fixture(scope="module")
def revisited(newspaper, tmp_path_factory):
    """A place where an article of the archive was gone when it was revisited."""
    newspaper.begin_anew()
    place = Updates(tmp_path_factory.mktemp("revisited"), newspaper.url)
    assert place.update("demo_daily").returncode == 0
    newspaper.site.missing = urlsplit(place.rows()[0]["url"]).path
    visit_again(place, 7)
    return place


@pytest.fixture
def gone(paper, revisited, place):
    """The article that is gone, in a place for one test."""
    shutil.copytree(revisited.root, place.root, dirs_exist_ok=True)
    row = next(row for row in place.rows() if row["id"] == revisited.sql(QUERY)[0][1])
    paper.site.missing = urlsplit(row["url"]).path
    return row


def visit_again(place, hours):
    place.age(hours=hours)
    assert place.update("demo_daily", *EVERYTHING).returncode == 0


def last_run(place):
    return max(place.runs(), key=lambda run: run["started"])


def exported(place, *words):
    """Return the column `withdrawn` of an export by the article's ID."""
    done = place.scrapy("export", "--to", "-", "--format", "csv", *words)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"), newline="")))
    assert rows
    assert all(list(row)[-1] == "withdrawn" for row in rows)
    return {row["id"]: row["withdrawn"] or None for row in rows}


def section_of_report(place, name):
    page = place.root / f"{name}.html"
    assert place.scrapy("report", "--to", str(page)).returncode == 0
    return page.read_text().partition('<section id="withdrawn">')[2].partition("</section>")[0]


def test_an_archived_article_that_is_gone_is_noted_everywhere(place, gone):
    [(outlet, id_, url, status, since)] = place.sql(QUERY)
    assert (outlet, id_, url, status) == ("demo_daily", gone["id"], gone["url"], 404)
    run = last_run(place)
    [entry] = run["withdrawn"]
    facts = {"id": gone["id"], "outlet": "demo_daily", "url": gone["url"], "status": 404, "since": since}
    assert entry == entry | facts
    assert run["started"] < since < run["finished"]
    assert run["returned"] == []
    assert {id_: at for id_, at in exported(place).items() if at} == {gone["id"]: since}
    assert exported(place, "--latest", "--outlet", "demo_daily")[gone["id"]] == since
    assert place.scrapy("verify", "--json").returncode == 0
    section = section_of_report(place, "1")
    assert all(text in section for text in (gone["url"], gone["title"], since[:10]))
    assert place.scrapy("withhold", gone["id"], "--reason", "আদেশ").returncode == 0
    section = section_of_report(place, "2")
    assert (gone["url"] in section, gone["title"] in section) == (True, False)


def test_the_time_of_the_first_answer_stays_until_the_article_is_back(paper, place, gone):
    [(*_, since)] = place.sql(QUERY)
    visit_again(place, 48)
    assert place.sql(QUERY) == [("demo_daily", gone["id"], gone["url"], 404, since)]
    assert last_run(place)["withdrawn"][0]["since"] == since
    paper.site.missing = "nothing"
    address = place.root / "addresses"
    address.write_text(f"{gone['url']}\n")
    assert place.scrapy("crawl", "urls", "-a", f"file={address}").returncode == 0
    assert place.sql(QUERY) == []
    assert [one["id"] for one in last_run(place)["returned"]] == [gone["id"]]
    assert not any(exported(place).values())


def crawl_urls(place, *addresses):
    given = place.root / "addresses"
    given.write_text("".join(f"{url}\n" for url in addresses))
    place.scrapy("crawl", "urls", "-a", f"file={given}")


def test_an_address_that_leads_to_an_article_no_longer_says_nothing_about_it(paper, place):
    (published,) = paper.publish("daily")
    url = f"{paper.url}{published.path}"
    old = url.replace(f"/{published.id}/", f"/{published.id}7/")
    paper.site.moved = {urlsplit(old).path: published.path}
    crawl_urls(place, old)
    assert [row["title"] for row in place.rows()] == [published.title]
    paper.site.moved = {}
    crawl_urls(place, old)
    crawl_urls(place, old, url)
    assert [run["stats"].get("khobor/failed/http-404", 0) for run in place.runs()].count(1) == 2
    assert not any(run["withdrawn"] for run in place.runs())


def test_an_address_of_no_outlet_that_leads_nowhere_now_says_nothing_about_its_article(paper, place):
    (published,) = paper.publish("daily")
    known = ("-s", "SPIDER_MODULES=spiders.urls")
    given = place.root / "addresses"
    given.write_text(f"{paper.url}/old\n")
    for moved in ({"/old": published.path}, {}):
        paper.site.moved = moved
        place.scrapy("crawl", "urls", "-a", f"file={given}", *known)
    assert [row["title"] for row in place.rows()] == [published.title]
    assert last_run(place)["stats"]["khobor/failed/http-404"] == 1
    assert not last_run(place)["withdrawn"]


def test_a_rebuilt_state_knows_what_is_withdrawn(place, gone):
    before = place.sql(QUERY)
    for path in place.spool("state.db*"):
        path.unlink()
    rebuilt(place)
    assert place.sql(QUERY) == before


def test_an_export_stops_at_a_damaged_run_file(place, gone):
    path = place.files("runs/**/*.json")[-1]
    path.write_text(path.read_text().replace('"since"', '"before"'))
    done = place.scrapy("export", "--to", "-", "--format", "csv")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"{path.name} is damaged: malformed run file: KeyError('since')" in done.stderr
    # The archive's own lines have no such column.
    assert place.scrapy("export", "--to", "-").returncode == 0
