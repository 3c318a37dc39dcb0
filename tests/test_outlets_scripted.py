"""Sites built by script: lists by GraphQL or in the scripts of a page, and articles whose text an interface has."""

import io
import json
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from origin import READ, Origin, answer
from place import Place
from warcio.archiveiterator import ArchiveIterator

from crawler.crawl.spider import NewsSpider
from crawler.extraction import NotAnArticle, extract
from crawler.model.listing import Page
from crawler.model.span import Span
from crawler.outlets.declarations import WrongDeclaration
from crawler.outlets.interface import Interface
from crawler.outlets.sources import BrokenSource, GraphQL, ScriptSection

DHAKA = ZoneInfo("Asia/Dhaka")
DAY = Span(date(2022, 7, 12), date(2022, 7, 12), DHAKA)
FIRST = "সিলেটের বন্যার্ত মানুষের জন্য নতুন আশ্রয়কেন্দ্র খুলেছে জেলা প্রশাসন।"
SECOND = "আজ মঙ্গলবার সকালে ৩০০ পরিবার সেখানে উঠেছে বলে জানান জেলা প্রশাসক।"
TITLE = "সিলেটে নতুন আশ্রয়কেন্দ্রে ৩০০ পরিবার"
POSTS = [{"id": 7, "slug": "flood", "title": TITLE, "at": 1657600000}]
NUXT = '{posts:[{id:a,slug:"flood",title:"x",at:1657600000}]}'
JSON = b"Content-Type: application/json"

OUTLET = """
from crawler.crawl.spider import NewsSpider
from crawler.outlets.interface import Interface
from crawler.outlets.sources import GraphQL


class ScriptedSpider(NewsSpider):
    name = "scripted"
    title = "চালু"
    allowed_domains = ["127.0.0.1"]
    article = r"^http://127\\.0\\.0\\.1:{port}/news/(?P<key>\\d+)(?:[/?#]|$)"
    canonical = "http://127.0.0.1:{port}/news/{{key}}"
    interface = Interface(
        "http://127.0.0.1:{port}/api/news/{{key}}", text="data.body", title="data.title", published="data.at"
    )
    sections = [
        GraphQL(
            "http://127.0.0.1:{port}/graphql", True, articles="data.posts", link="/news/{{id}}", published="at",
            query="{{ posts(section: \\"national\\", skip: {{offset}}) {{ id at }} }}", limit=2,
        )
    ]
"""


def script(text, kind="application/json"):
    return f"<!doctype html><html><body><div id=__next></div><script type={kind}>{text}</script></body></html>".encode()


def flight(*rows):
    pushed = "".join(f"{number:x}:{json.dumps(row, ensure_ascii=False)}\n" for number, row in enumerate(rows))
    return script(f"self.__next_f.push({json.dumps([1, pushed])})", "text/javascript")


def test_a_nuxt_payload_with_circles_ends():
    payload = [{"posts": 1, "root": 0}, [2], {"id": 3, "slug": 4, "list": 0}, 7, "flood"]
    page = f"<html><body><script id=__NUXT_DATA__ type=application/json>{json.dumps(payload)}</script>".encode()
    source = ScriptSection("https://n.example/national", articles="posts", link="/{slug}/{id}")
    assert [one.url for one in source.listings(page, source.url, None, DAY)] == ["https://n.example/flood/7"]
    assert source.listings(page.replace(b"[2]", b"[]"), source.url, None, DAY) == []


def test_a_nuxt_payload_with_wrappers_is_read():
    article = {"id": 5, "slug": 6, "at": 7}
    payload = [{"posts": 1}, ["Ref", 2], ["Reactive", 3], [4], article, 7, "flood", ["Date", "2022-07-12"]]
    page = f"<html><body><script id=__NUXT_DATA__ type=application/json>{json.dumps(payload)}</script>".encode()
    source = ScriptSection("https://n.example/national", articles="posts", link="/{slug}/{id}", published="at")
    [listing] = source.listings(page, source.url, None, DAY)
    assert (listing.url, listing.published) == ("https://n.example/flood/7", date(2022, 7, 12))


@pytest.mark.parametrize("page", [script("{}"), b"<html><body>x</body></html>", b"\x00"])
def test_a_page_without_the_list_is_broken(page):
    with pytest.raises(BrokenSource, match=r"no list at 'posts'|not HTML"):
        ScriptSection("https://n.example/national", articles="posts").listings(page, "https://n.example/", None, DAY)


def test_the_pages_of_a_graphql_list_differ_in_their_questions():
    source = GraphQL("https://n.example/graphql", query="{ posts(skip: {offset}) { id } }", limit=2)
    [first] = source.visits(DAY)
    second = source.next_page(first, 20, {})
    questions = [json.loads(source.post_body(visit.paging))["query"] for visit in (first, second)]
    assert questions == ["{ posts(skip: 0) { id } }", "{ posts(skip: 20) { id } }"]
    assert (second.url, source.next_page(second, 20, {})) == (source.url, None)
    assert GraphQL(source.url, query="{ posts { id } }").next_page(first, 20, {}) is None


class Scripted(NewsSpider):
    name = "scripted"
    allowed_domains = ["n.example"]
    canonical = "https://n.example/news/{key}"
    article = r"^https://n\.example/news/(?P<key>\d+)"
    interface = Interface("https://api.n.example/{key}", text="body", published="at", author="by.name", section="in")


def read(answer):
    return extract(Page("scripted", "https://api.n.example/7", answer, "7", content_type="application/json"), Scripted)


@pytest.mark.parametrize("body", [f"<p>{FIRST}</p><p>{SECOND}</p>", f"{FIRST}\n\n{SECOND}", [FIRST, SECOND]])
def test_an_article_is_read_from_an_interface(body):
    fields = {"title": TITLE, "body": body, "at": "2022-07-12 10:30", "by": {"name": "আবদুল করিম"}, "in": "জাতীয়"}
    article = read(json.dumps(fields).encode())
    assert (article.title, article.text, article.warnings) == (TITLE, f"{FIRST}\n{SECOND}", ["short-text"])
    assert article.published.at.isoformat() == "2022-07-12T10:30:00+06:00"
    assert ([author.name for author in article.authors], article.section) == (["আবদুল করিম"], "জাতীয়")
    assert (article.url, article.canonical_url) == ("https://api.n.example/7", "https://n.example/news/7")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(b"no such article", "not-json"), (b"<html><h1>x</h1></html>", "not-json"), (b'{"error": 1}', "empty")],
)
def test_an_answer_without_an_article_is_refused(answer, reason):
    with pytest.raises(NotAnArticle) as error:
        read(answer)
    assert error.value.reason == reason


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"interface": Interface("https://api.n.example/{id}", text="x")}, "only groups of `article`"),
        ({"interface": Interface("https://api.other.example/{key}", text="x")}, "not in allowed_domains"),
        ({"interface": "https://api.n.example/{key}"}, "must be an Interface"),
        ({"canonical": None}, "needs `canonical`"),
    ],
)
def test_a_wrong_interface_is_refused_when_the_outlet_is_loaded(changed, complaint):
    with pytest.raises(ValueError, match=complaint):
        type("Wrong", (Scripted,), changed)


def test_two_lists_at_one_address_are_refused():
    lists = [GraphQL("https://n.example/graphql", query="{ a }"), GraphQL("https://n.example/graphql", query="{ b }")]
    with pytest.raises(WrongDeclaration, match=r"sections has https://n\S+ for the second time"):
        type("Twice", (Scripted,), {"sections": lists})


def test_a_site_built_by_script_is_crawled_and_recorded(tmp_path):
    lists = [{"data": {"posts": [{"id": number, "at": 1657600000}]}} for number in (7, 8)]
    fields = {"data": {"title": TITLE, "body": f"<p>{FIRST}</p><p>{SECOND}</p>", "at": 1657600000}}
    texts = {f"/api/news/{number}": answer(json.dumps(fields).encode(), JSON) for number in (7, 8)}
    asked = tuple([READ, *answer(json.dumps(one).encode(), JSON)] for one in lists)
    with Origin({"/graphql": asked, **texts}) as origin:
        (tmp_path / "scripted.py").write_text(OUTLET.format(port=origin.port))
        place = Place(tmp_path, origin.base)
        words = ["-a", "since=2022-07-12", "-a", "until=2022-07-12", "-s", "SPIDER_MODULES=scripted"]
        done = place.scrapy("crawl", "scripted", *words, environment={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    posts = [one for one in origin.log if one.target == "/graphql"]
    assert [b"skip: %d" % number in one.received for number, one in enumerate(posts)] == [True, True]
    assert {row["url"] for row in place.rows()} == {f"{origin.base}/api/news/{number}" for number in (7, 8)}
    assert {row["canonical_url"] for row in place.rows()} == {f"{origin.base}/news/{number}" for number in (7, 8)}
    assert place.scrapy("verify").returncode == 0
    words = ["--outlet", "scripted", "--to", str(tmp_path / "scripted.wacz"), "-s", "SPIDER_MODULES=scripted"]
    assert place.scrapy("wacz", *words, environment={"PYTHONPATH": str(tmp_path)}).returncode == 0
    assert {(row["title"], row["text"]) for row in place.rows()} == {(TITLE, f"{FIRST}\n{SECOND}")}
    kinds = {}
    for path in place.files("warc/**/*.warc.gz"):
        for record in ArchiveIterator(io.BytesIO(path.read_bytes())):
            kinds.setdefault(record.rec_headers["WARC-Target-URI"], []).append(record.rec_type)
    assert {"request", "response"} <= set(kinds[f"{origin.base}/graphql"]) & set(kinds[f"{origin.base}/api/news/7"])
