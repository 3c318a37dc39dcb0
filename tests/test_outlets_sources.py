"""The entries of feeds, sitemaps, section pages, archives and JSON lists."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from crawler.model.span import Span
from crawler.outlets.sources import (
    ArchivePage,
    BrokenSource,
    DailySitemap,
    Feed,
    JsonListing,
    JsonSection,
    NewsSitemap,
    Reading,
    Section,
    Visit,
    WordPress,
    read,
)
from crawler.outlets.sources.base import NothingListed, Paging

DHAKA = ZoneInfo("Asia/Dhaka")
SPAN = Span(date(2022, 7, 10), date(2022, 7, 12), DHAKA)
DAY = Span(date(2022, 7, 12), date(2022, 7, 12), DHAKA)
FEED = Feed("https://n.example/rss.xml", national=True)
SITEMAP = NewsSitemap("https://n.example/news-sitemap.xml")
DAYS = DailySitemap("https://n.example/sitemap/{day:%Y-%m-%d}.xml", since="2022-07-11")
SECTION = Section("https://n.example/national", national=True, pages="?page={page}")

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>খবর</title>
{items}</channel></rss>"""


def rss(*items):
    return RSS.format(items="".join(f"<item>{item}</item>" for item in items)).encode()


def feed_listings(*items):
    return FEED.listings(rss(*items), FEED.url, "text/xml", SPAN)


def urlset(*urls, extra=""):
    entries = "".join(f"<url>{url}</url>" for url in urls)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
        f'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"{extra}>{entries}</urlset>'
    ).encode()


def section_listings(html, source=SECTION, url="https://n.example/national", content_type="text/html"):
    return source.listings(html.encode(), url, content_type, SPAN)


# Feeds


def test_relative_links_and_space_around_links_are_put_right():
    listings = feed_listings("<link>/national/5</link>", "<link>\n   https://n.example/national/6\n </link>")
    assert [listing.url for listing in listings] == ["https://n.example/national/5", "https://n.example/national/6"]


def test_an_entry_needs_a_link_or_a_permanent_guid():
    listings = feed_listings("<title>বিজ্ঞাপন</title>", '<guid isPermaLink="true">https://n.example/national/7</guid>')
    assert [listing.url for listing in listings] == ["https://n.example/national/7"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 12 Jul 2022 15:04:05 GMT", datetime(2022, 7, 12, 15, 4, 5, tzinfo=UTC)),
        ("2022-07-12T15:04:05+06:00", datetime(2022, 7, 12, 9, 4, 5, tzinfo=UTC)),
        ("2022-07-12 15:04:05", datetime(2022, 7, 12, 9, 4, 5, tzinfo=UTC)),
        ("১২ জুলাই ২০২২, ১৫:০৪", datetime(2022, 7, 12, 9, 4, tzinfo=UTC)),
        ("2022-07-12", date(2022, 7, 12)),
        ("July 2022", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_feeds_date_is_understood_in_many_forms(text, expected):
    [listing] = feed_listings(f"<link>https://n.example/1</link><pubDate>{text}</pubDate>")
    assert listing.published == expected


def test_the_dublin_core_date_of_an_rss_entry_counts():
    body = rss("<link>https://n.example/1</link><dc:date>2022-07-12T06:00:00+06:00</dc:date>").replace(
        b'<rss version="2.0"', b'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    [listing] = FEED.listings(body, FEED.url, None, SPAN)
    assert listing.published == datetime(2022, 7, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"<!DOCTYPE html><html><body><a href='/1'>x</a></body></html>", "HTML page instead of a feed"),
        (b"\xef\xbb\xbf  <html lang='bn'><head></head></html>", "HTML page instead of a feed"),
        (b'{"error": "not found"}', "not a feed"),
        (b"Service unavailable", "not a feed"),
        (rss("<title>a & b <x></title>"), "XML that can't be read .not well-formed"),
        (rss()[: -len(b"</rss>")], "XML that can't be read .no element found"),
        (b"  \n ", "empty body"),
    ],
)
def test_a_feed_that_answers_with_something_else_is_broken(body, complaint):
    with pytest.raises(BrokenSource, match=complaint):
        read(Visit(FEED, FEED.url, SPAN), body, FEED.url, "text/html", {})


# Sitemaps


def test_lastmod_is_not_a_date_of_publication():
    [listing] = SITEMAP.listings(
        urlset("<loc>https://n.example/5</loc><lastmod>2022-07-12</lastmod>"), SITEMAP.url, None, SPAN
    )
    assert listing.published is None


def test_the_date_of_publication_outweighs_a_wrong_lastmod():
    urls = [
        f"<loc>https://n.example/{day}</loc><lastmod>1970-01-01T06:00:00+06:00</lastmod>"
        f"<news:news><news:publication_date>{day}T09:30:00+06:00</news:publication_date></news:news>"
        for day in ("2022-07-12", "2022-07-01")
    ]
    [listing] = SITEMAP.listings(urlset(*urls), SITEMAP.url, None, SPAN)
    assert listing.url == "https://n.example/2022-07-12"


def test_articles_last_changed_before_the_span_are_skipped():
    body = urlset(
        "<loc>https://n.example/old</loc><lastmod>2022-07-08T23:00:00+06:00</lastmod>",
        "<loc>https://n.example/perhaps</loc><lastmod>2022-07-09T23:00:00+06:00</lastmod>",
        "<loc>https://n.example/undated</loc>",
    )
    listings = SITEMAP.listings(body, SITEMAP.url, None, SPAN)
    assert [listing.url for listing in listings] == ["https://n.example/perhaps", "https://n.example/undated"]


def test_a_sitemap_of_a_day_dates_undated_articles():
    body = urlset(
        "<loc>https://n.example/1</loc><lastmod>2022-06-01</lastmod>",
        "<loc>https://n.example/2</loc><news:news>"
        "<news:publication_date>2022-07-12T08:00:00+06:00</news:publication_date></news:news>",
    )
    first, second = DAYS.listings(body, DAYS.url, None, DAY)
    assert first.published == date(2022, 7, 12)
    assert second.published == datetime(2022, 7, 12, 2, 0, tzinfo=UTC)


INDEX = b"""<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://n.example/sitemap-2022-07.xml</loc></sitemap>
<sitemap><loc>https://n.example/sitemap-2022-06.xml</loc></sitemap>
<sitemap><loc>https://n.example/2022/07/11/sitemap.xml</loc></sitemap>
<sitemap><loc>https://n.example/2022/07/13/sitemap.xml</loc></sitemap>
<sitemap><loc>https://n.example/posts-1.xml</loc><lastmod>2022-07-12</lastmod></sitemap>
<sitemap><loc>https://n.example/posts-0.xml</loc><lastmod>2021-01-01</lastmod></sitemap>
</sitemapindex>"""


def test_an_index_leads_to_sitemaps_that_may_hold_the_span():
    reading = read(Visit(SITEMAP, SITEMAP.url, SPAN), INDEX, SITEMAP.url, "text/xml", {})
    assert reading.listings == []
    assert [visit.url for visit in reading.further] == [
        "https://n.example/sitemap-2022-07.xml",
        "https://n.example/2022/07/11/sitemap.xml",
        "https://n.example/posts-1.xml",
    ]
    assert {visit.depth for visit in reading.further} == {1}


def test_an_index_is_followed_one_level_deep():
    assert read(Visit(SITEMAP, SITEMAP.url, SPAN, depth=1), INDEX, SITEMAP.url, None, {}) == Reading([], [])


def test_an_index_is_read_up_to_its_limit(caplog):
    source = NewsSitemap(SITEMAP.url, limit=2)
    reading = read(Visit(source, source.url, SPAN), INDEX, source.url, None, {})
    assert len(reading.further) == 2
    assert "names 3 sitemaps, only 2 are read" in caplog.text


def test_a_gzipped_sitemap_is_unpacked():
    body = gzip.compress(urlset("<loc>https://n.example/5</loc>"))
    [listing] = SITEMAP.listings(body, "https://n.example/sitemap.xml.gz", "application/gzip", SPAN)
    assert listing.url == "https://n.example/5"


def test_a_gzipped_sitemap_cut_short_keeps_its_entries():
    urls = urlset(*(f"<loc>https://n.example/{number}</loc>" for number in range(3000)))
    for packed in (gzip.compress(urls), gzip.compress(urls[:9999]) + gzip.compress(urls[9999:])):
        with pytest.raises(BrokenSource, match="cut short") as caught:
            SITEMAP.listings(packed[:-100], SITEMAP.url, None, SPAN)
        assert len(caught.value.listings) > 2900
        assert len(SITEMAP.listings(packed, SITEMAP.url, None, SPAN)) == 3000
    with pytest.raises(BrokenSource, match="broken gzip"):
        SITEMAP.listings(packed[:9999].replace(packed[5000:5010], b"0123456789"), SITEMAP.url, None, SPAN)


def test_a_sitemap_or_feed_cut_short_anywhere_keeps_its_entries():
    sitemap = urlset("<loc>https://n.example/1</loc>", "<loc>https://n.example/2</loc>")
    items = "".join(f"<item><title>ক</title><link>https://n.example/{key}</link></item>" for key in (1, 2))
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'.encode()
    for source, body in ((SITEMAP, sitemap), (Feed("https://n.example/rss.xml"), feed)):
        assert len(source.listings(body, source.url, None, SPAN)) == 2
        for end in range(body.index(b"example/2"), len(body)):
            with pytest.raises(BrokenSource, match="cut short") as caught:
                source.listings(body[:end], source.url, None, SPAN)
            assert caught.value.listings[0].url == "https://n.example/1"


@pytest.mark.parametrize(
    "form",
    [
        "<rss version='2.0'><channel>{}</channel></rss>\n<!-- cached -->",
        "<RSS version='2.0'><channel>{}</channel></RSS >junk",
        "<rss version='2.0'><channel><title>ক & খ &nbsp;</title>{}</channel></rss>",
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>{}</rdf:RDF>",
    ],
)
def test_an_ill_formed_feed_with_its_end_is_whole(form):
    item = "<item><title>ক & খ</title><link>https://n.example/1</link></item>"
    for encoding in ("utf-8", "utf-16"):
        body = f"<?xml version='1.0' encoding='{encoding}'?>{form.format(item)}".encode(encoding)
        listings = Feed("https://n.example/rss.xml").listings(body, "https://n.example/rss.xml", None, SPAN)
        assert [one.url for one in listings] == ["https://n.example/1"]


def test_an_index_cut_short_keeps_its_names():
    index = b"<sitemapindex><sitemap><loc>https://n.example/1.xml</loc></sitemap><sitemap><loc"
    reading = read(first(SITEMAP), index, SITEMAP.url, None, {})
    assert [visit.url for visit in reading.further] == ["https://n.example/1.xml"]


def test_entities_of_a_sitemap_are_not_expanded(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("https://n.example/secret")
    body = (
        f'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY file SYSTEM "{secret.as_uri()}">'
        '<!ENTITY a "https://n.example/bomb"><!ENTITY b "&a;&a;&a;">]>'
        "<urlset><url><loc>&file;</loc></url><url><loc>&b;</loc></url>"
        "<url><loc>https://n.example/1?a=1&amp;b=2</loc></url></urlset>"
    ).encode()
    assert [listing.url for listing in SITEMAP.listings(body, SITEMAP.url, None, SPAN)] == [
        "https://n.example/1?a=1&b=2"
    ]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"<!DOCTYPE html><html><head><title>404</title></head><body>x<br></body></html>", "<html> instead of"),
        (b"<rss version='2.0'><channel/></rss>", "<rss> instead of"),
        (b"not found", "it answered with"),
        (b'{"urls": []}', "it answered with"),
    ],
)
def test_a_sitemap_that_answers_with_something_else_is_broken(body, complaint):
    with pytest.raises(BrokenSource, match=complaint):
        SITEMAP.listings(body, SITEMAP.url, None, SPAN)


def test_broken_gzip_and_a_gzip_bomb_are_broken_sources():
    for end in (2, 9, 10, 40):
        with pytest.raises(BrokenSource, match="broken gzip"):
            SITEMAP.listings(gzip.compress(urlset())[:end], SITEMAP.url, None, SPAN)
    with pytest.raises(BrokenSource, match="unpacks to more than"):
        SITEMAP.listings(gzip.compress(b" " * (65 * 1024 * 1024), 1), SITEMAP.url, None, SPAN)


# Section pages


def test_a_section_page_lists_each_address_once_in_its_order():
    listings = section_listings(
        "<a href='/2/b'>খ</a><a href='/1/a'><img></a><a href='//n.example/2/b#c'>খ</a>"
        "<a href='mailto:x@n.example'>m</a><a name=top>t</a><a href=''>self</a>"
    )
    assert [listing.url for listing in listings] == ["https://n.example/2/b", "https://n.example/1/a"]
    assert {listing.national for listing in listings} == {True}


def test_a_page_without_any_link_is_broken():
    with pytest.raises(BrokenSource, match="no links"):
        section_listings("<html><body><div id=root></div><script src=app.js></script></body></html>")


def test_a_section_that_leads_to_the_front_page_is_broken():
    with pytest.raises(BrokenSource, match="front page"):
        read(Visit(SECTION, SECTION.url, SPAN), b"<a href='/1'>x</a>", "https://n.example/", "text/html", {})


# Sources by day

ARCHIVE = ArchivePage("https://n.example/archive?date={day:%d%%2F%m%%2F%Y}&page={page}", since="2022-07-11")
JSON = JsonListing(
    "https://n.example/api/search?limit=100&offset={offset}&after={after_ms}&before={before_ms}",
    link="url",
    title="headline",
    published="published-at",
)
POSTS = WordPress("https://w.example/?categories=5", national=True)


def first(source, span=DAY):
    return next(iter(source.visits(span)))


def on_page(number, visit):
    return replace(visit, paging=Paging(number))


def as_json(value):
    return json.dumps(value, ensure_ascii=False).encode()


def test_a_source_by_day_keeps_to_its_period():
    assert [visit.span.since for visit in ARCHIVE.visits(SPAN)] == [date(2022, 7, 12), date(2022, 7, 11)]
    assert ARCHIVE.period == "2022-07-11 to today"
    assert WordPress("https://w.example", until="2022-07-01").reach(SPAN) is None


def test_pages_of_a_day_have_numbers_offsets_or_paths():
    second = ARCHIVE.next_page(first(ARCHIVE), 20, {})
    assert (second.url, second.paging.page) == ("https://n.example/archive?date=12%2F07%2F2022&page=2", 2)
    second = JSON.next_page(first(JSON), 73, {})
    third = JSON.next_page(second, 100, {})
    assert ["offset=73" in second.url, "offset=173" in third.url] == [True, True]
    below = ArchivePage("https://n.example/{day:%Y/%m/%d}/", pages="page/{page}/")
    second = below.next_page(first(below), 9, {})
    assert second.url == "https://n.example/2022/07/12/page/2/"
    assert below.next_page(second, 9, {}).url == "https://n.example/2022/07/12/page/3/"


@pytest.mark.parametrize("source", [ARCHIVE, ArchivePage("https://n.example/{day}/", pages="p/{page}")])
def test_endless_pages_are_a_fault(source):
    with pytest.raises(BrokenSource, match="more than 1000 pages"):
        source.next_page(on_page(1000, first(source)), 9, {})


def test_an_archive_page_lists_its_links_without_those_beside_it():
    html = "<nav><a href='/1'>টিকার</a></nav><main><a href='/2'>খবর</a></main><aside><a href='/3'>সর্বাধিক</a></aside>"
    [listing] = ARCHIVE.listings(html.encode(), first(ARCHIVE).url, "text/html", DAY)
    assert (listing.url, listing.published) == ("https://n.example/2", None)
    chosen = ArchivePage("https://n.example/{day}", links=".day a", dates="time")
    rows = ("<a href='/2'>খ</a>", "<a href='/3'>গ</a><time datetime='2022-07-11'></time>")
    html = "".join(f"<div class=day>{row}</div>" for row in rows) + "<time datetime='2022-07-10'></time>"
    listings = chosen.listings(html.encode(), first(chosen).url, "text/html", DAY)
    assert [listing.published for listing in listings] == [date(2022, 7, 12), date(2022, 7, 11)]


def test_a_json_listing_gives_address_title_and_date():
    body = as_json(
        {
            "items": [
                {
                    "url": "/bangladesh/9k4r4ov5yj",
                    "headline": "সেতু <b>খুলল</b> &amp; চলল",
                    "published-at": 1657600000000,
                },
                {"url": "https://n.example/2", "headline": " ", "published-at": "1657600000"},
                {"url": "https://n.example/3", "published-at": "2022-07-12T10:26:40+06:00"},
                {"url": "https://n.example/4", "headline": None, "published-at": True},
                {"headline": "ঠিকানা নেই"},
            ],
            "total": 5,
        }
    )
    listings = JSON.listings(body, first(JSON).url, "application/json", DAY)
    assert [listing.url for listing in listings] == [
        "https://n.example/bangladesh/9k4r4ov5yj",
        "https://n.example/2",
        "https://n.example/3",
        "https://n.example/4",
    ]
    assert [listing.title for listing in listings] == ["সেতু খুলল & চলল", None, None, None]
    moment = datetime(2022, 7, 12, 4, 26, 40, tzinfo=UTC)
    assert [listing.published for listing in listings] == [moment, moment, moment, None]
    assert listings[0].source == JSON.url


def test_paths_lead_through_objects_and_lists():
    source = JsonListing("https://n.example/{day}", articles="data.0.rows", link="links.1.href")
    body = as_json({"data": [{"rows": [{"links": [{}, {"href": "/7"}]}]}]})
    assert [one.url for one in source.listings(body, "https://n.example/x", None, DAY)] == ["https://n.example/7"]
    whole = JsonListing("https://n.example/{day}", articles="")
    assert whole.listings(b"\xef\xbb\xbf[]", "https://n.example/x", None, DAY) == []


def test_a_json_section_has_pages_and_addresses_from_a_template():
    address = "https://api.n.example/stories?page={page}&skip={offset}"
    source = JsonSection(
        address, True, articles="data", link="https://n.example/{type.slug}/{id}", title="name", published="at", limit=2
    )
    rows = [{"id": 7, "type": {"slug": "national"}, "name": "সেতু", "at": "2022-07-12T10:00:00+06:00"}, {"id": 8}]
    [only] = source.listings(as_json({"data": rows}), first(source).url, "application/json", DAY)
    assert (only.url, only.title, only.national) == ("https://n.example/national/7", "সেতু", True)
    assert only.published.isoformat() == "2022-07-12T10:00:00+06:00"
    second = source.next_page(first(source), 20, {})
    assert [first(source).url, second.url] == [
        "https://api.n.example/stories?page=1&skip=0",
        "https://api.n.example/stories?page=2&skip=20",
    ]
    assert source.next_page(second, 20, {}) is None
    assert replace(source, url="https://n.example/api").next_page(first(source), 20, {}) is None
    with pytest.raises(BrokenSource, match="1 of the 1 it lists have no address"):
        source.listings(as_json({"data": [{"id": 9, "type": {"slug": None}}]}), address, None, DAY)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"<!DOCTYPE html><html><body>x</body></html>", "HTML page instead of JSON"),
        (b'{"items": [', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"error": "too many requests"}', "no list at 'items'"),
        (b'{"items": {"1": {"url": "/1"}}}', "no list at 'items'"),
        (b'{"items": [{"link": "/1"}, {"link": "/2"}]}', "2 of the 2 it lists have no address at 'url'"),
        (b'{"items": null, "error": "timeout"}', "no list at 'items'"),
        (b'{"items": null, "success": false, "message": "busy"}', "no list at 'items'"),
    ],
)
def test_json_without_a_valid_list_is_broken(body, complaint):
    with pytest.raises(BrokenSource, match=complaint):
        JSON.listings(body, first(JSON).url, "application/json", DAY)


def test_posts_of_wordpress_give_address_title_and_moment():
    body = as_json(
        [
            {
                "link": "https://w.example/%e0%a6%b8/",
                "date_gmt": "2022-07-12T04:26:40",
                "title": {"rendered": "সেতু &#8216;খুলল&#8217;"},
            }
        ]
    )
    [listing] = POSTS.listings(body, first(POSTS).url, "application/json", DAY)
    assert listing.url == "https://w.example/%e0%a6%b8/"
    assert listing.title == "সেতু ‘খুলল’"
    assert listing.published == datetime(2022, 7, 12, 4, 26, 40, tzinfo=UTC)
    assert listing.national


def test_wordpress_pages_end_at_their_stated_number():
    visit = first(POSTS)
    assert POSTS.next_page(visit, 100, {"x-wp-totalpages": "1"}) is None
    second = POSTS.next_page(visit, 100, {"x-wp-totalpages": "2"})
    assert "&page=2&" in second.url
    assert POSTS.next_page(second, 100, {"x-wp-totalpages": "2"}) is None
    assert POSTS.next_page(second, 100, {}).paging.page == 3
    assert POSTS.next_page(replace(second, paging=replace(second.paging, promised=0)), 0, {}) is None


def test_a_page_promised_by_wordpress_must_list_something():
    second = POSTS.next_page(first(POSTS), 100, {"x-wp-totalpages": "3"})
    assert not POSTS.is_absent(second, "http-400")
    assert not POSTS.is_absent(second, "http-404")
    for headers in ({}, {"x-wp-totalpages": "3"}):
        with pytest.raises(BrokenSource, match="nothing on page 2 of 3"):
            read(second, b"[]", second.url, "application/json", headers)
    with pytest.raises(BrokenSource, match="nothing on page 1 of 3"):
        read(first(POSTS), b"[]", first(POSTS).url, "application/json", {"x-wp-totalpages": "3"})
    assert read(first(POSTS), b"[]", first(POSTS).url, "application/json", {"x-wp-totalpages": "0"}) == Reading([], [])
    with pytest.raises(BrokenSource, match="leads to the front page"):
        read(second, b"[]", "https://w.example/", "application/json", {})


WALL = b"<html><title>Bad Request</title>blocked</html>"


@pytest.mark.parametrize(
    ("source", "page", "body", "is_absent"),
    [
        (POSTS, 2, b'{"code":"rest_post_invalid_page_number","data":{"status":400}}', True),
        (POSTS, 1, b'{"code":"rest_post_invalid_page_number","data":{"status":400}}', False),
        (POSTS, 2, b'{"code":"rest_forbidden"}', False),
        (POSTS, 2, WALL, False),
        (JSON, 2, b'{"message": "no such page"}', True),
        (JSON, 1, b'{"message": "no such page"}', False),
        (JSON, 2, WALL, False),
    ],
)
def test_a_400_ends_the_pages_only_if_it_says_so(source, page, body, is_absent):
    assert source.is_absent(on_page(page, first(source)), "http-400", body) is is_absent


def posts(*numbers):
    return as_json([{"link": f"https://w.example/{number}"} for number in numbers])


def test_fewer_posts_than_stated_are_a_fault_but_count():
    told = {"x-wp-totalpages": "2", "x-wp-total": "3"}
    one = read(first(POSTS), posts(1, 2), first(POSTS).url, None, told)
    assert read(one.following, posts(3), one.following.url, None, told).following is None
    for body, headers, complaint in (
        (posts(3), told | {"x-wp-total": "4"}, "stated 3 articles, but 4 on page 2"),
        (posts(3, 4), told, "lists 4 of 3 articles"),
        (posts(3), {"x-wp-totalpages": "2"}, None),
        (posts(), {}, "nothing on page 2 of 2"),
    ):
        if complaint:
            with pytest.raises(BrokenSource, match=complaint) as caught:
                read(one.following, body, one.following.url, None, headers)
            assert len(caught.value.listings) == body.count(b"link")
        else:
            assert read(one.following, body, one.following.url, None, headers).following is None
    with pytest.raises(BrokenSource, match="lists 2 of 250 articles"):
        read(first(POSTS), posts(1, 2), first(POSTS).url, None, {"x-wp-totalpages": "1", "x-wp-total": "250"})


def test_wordpress_without_counts_is_read_to_the_missing_page():
    told = {"x-wp-totalpages": "0", "x-wp-total": "0"}
    one = read(first(POSTS), posts(1, 2), first(POSTS).url, None, told)
    assert (len(one.listings), one.following.paging.page, one.following.paging.is_due) == (2, 2, False)
    assert read(one.following, posts(3), one.following.url, None, told).following.paging.page == 3


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("items", b'{"items": null, "total": 9}'),
        ("items", b'{"items": null, "message": "success", "error": null}'),
        ("items", b'{"items": null, "status": 200, "code": 0, "statusCode": "200"}'),
        ("items", b'{"items": null, "code": 404, "message": "none on that day"}'),
        ("data.rows", b'{"data": null}'),
        ("", b"null"),
        ("data.items", b'{"data": {"items": {}}, "message": "success"}'),
        ("data.items", b'{"data": {"items": false}, "code": 404}'),
        ("data.items", b'{"data": []}'),
        ("data.items", b'{"data": {}}'),
        ("data.items", b'{"data": false, "error": null}'),
        ("data.0.items", b'{"data": []}'),
        ("data.items", b"[]"),
        ("data", b'{"data": [], "message": "none on that day"}'),
        ("", b"{}"),
        ("", b"false"),
    ],
)
def test_null_or_an_empty_value_is_an_empty_list(page, path, body):
    visit = on_page(page, first(replace(JSON, articles=path)))
    assert read(visit, body, visit.url, None, {}) == Reading([], [])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("data", b'{"data": null, "statusCode": 500, "message": "Internal Server Error"}'),
        ("data", b'{"data": null, "code": "503", "message": "db down"}'),
        ("data", b'{"data": null, "status": 500}'),
        ("data", b'{"data": null, "status": false, "message": "db down"}'),
        ("data", b'{"data": null, "status": "failure"}'),
        ("data.items", b'{"data": {"items": null, "error": "db down"}}'),
        ("data.0.items", b'{"data": [{"items": null, "status": "error"}]}'),
        ("data.items", b'{"data": [], "status": 500}'),
        ("data.items", b'{"data": {"items": false, "error": "db down"}}'),
        ("data.items", b'{"data": {}, "success": false}'),
        ("data", b'{"data": {}, "errors": ["busy"]}'),
        ("data", b'{"data": false, "status": "failure"}'),
        ("data", b'{"data": [], "status": "error", "message": "Too many requests"}'),
        ("data.items", b'{"data": {"items": []}, "success": false}'),
        ("data.items", b'{"data": {"items": []}, "code": 503}'),
    ],
)
def test_an_empty_value_with_a_failure_is_a_fault(path, body):
    visit = first(replace(JSON, articles=path))
    with pytest.raises(BrokenSource, match="no list at"):
        read(visit, body, visit.url, None, {})


@pytest.mark.parametrize(
    "body",
    [
        b'""',
        b"{}",
        b'{"message": "no more"}',
        b'{"data": {}, "message": "success"}',
        b'{"items": null, "success": false, "message": "no more"}',
        b'{"items": {}, "success": false, "message": "no more"}',
        b'{"items": [], "status": "error", "message": "no more"}',
        b'{"items": "", "error": null}',
        b'{"items": 0}',
    ],
)
def test_an_answer_without_a_list_only_ends_pages(body):
    visit = first(JSON)
    assert read(on_page(2, visit), body, visit.url, None, {}) == Reading([], [])
    for due in (visit, replace(visit, paging=Paging(2, promised=2))):
        with pytest.raises(BrokenSource, match="no list at 'items'") as caught:
            read(due, body, visit.url, None, {})
        assert not isinstance(caught.value, NothingListed), "nor is it believed of a day without a list"


@pytest.mark.parametrize("hidden", [None, {"url": None}, {"url": {"href": "/2"}}])
def test_an_article_without_address_is_a_fault_but_others_count(hidden):
    with pytest.raises(BrokenSource, match="1 of the 2 it lists have no address at 'url'") as caught:
        read(first(JSON), as_json({"items": [{"url": "/1"}, hidden]}), first(JSON).url, None, {})
    assert [one.url for one in caught.value.listings] == ["https://n.example/1"]
    paged = replace(JSON, url=f"{JSON.url}&page={{page}}")
    with pytest.raises(BrokenSource) as caught:
        read(first(paged), as_json({"items": [{"url": "/1"}, hidden]}), first(paged).url, None, {})
    assert caught.value.following.paging.page == 2, "the pages after it are read all the same"


@pytest.mark.parametrize("date", ["1" + 400 * "0", '"\u00b2"', "NaN", "-1e300"])
def test_an_invalid_date_does_not_break_a_list(date):
    body = f'{{"items": [{{"url": "/1", "published-at": {date}}}, {{"url": "/2"}}]}}'.encode()
    listings = read(first(JSON), body, first(JSON).url, None, {}).listings
    assert [(one.url, one.published) for one in listings] == [
        ("https://n.example/1", None),
        ("https://n.example/2", None),
    ]


CHOSEN = replace(ARCHIVE, links=".day a")
PAGES = "<div class=day><a href='/{}'>x</a></div><a href='{}'>next</a>"


@pytest.mark.parametrize(
    "link",
    [
        "?date=12/07/2022&page=2",
        "?page=2&date=12%2F07%2F2022",
        "http://www.n.example/archive/?date=12%2f07%2f2022&page=2#top",
    ],
)
def test_a_linked_page_must_list_something(link):
    html = PAGES.format(1, link).encode()
    second = read(first(CHOSEN), html, first(CHOSEN).url, "text/html", {}).following
    assert second.paging.is_due
    assert not CHOSEN.is_absent(second, "http-404")
    for body, ended_on in ((b"<div class=day></div><a href='/'>x</a>", second.url), (html, "https://n.example/sorry")):
        with pytest.raises(BrokenSource):
            read(second, body, ended_on, "text/html", {})


@pytest.mark.parametrize("link", ["?page=2", "?date=13/07/2022&page=2", "?date=12/07/2022&page=3", "http://[/"])
def test_an_unlinked_page_may_be_missing(link):
    second = read(first(CHOSEN), PAGES.format(1, link).encode(), first(CHOSEN).url, "text/html", {}).following
    assert not second.paging.is_due
    assert CHOSEN.is_absent(second, "http-404")


def test_a_page_without_new_articles_promises_no_other():
    barren = replace(first(CHOSEN), paging=Paging(barren=1))
    html = PAGES.format(1, "?date=12/07/2022&page=2").encode()
    assert not read(barren, html, barren.url, "text/html", {}).following.paging.is_due


@pytest.mark.parametrize(
    ("source", "ended_on", "is_broken"),
    [
        (ARCHIVE, "https://www.n.example/archive/?date=12%2F07%2F2022&page=1&lang=bn", False),
        (ARCHIVE, "https://n.example/archive?date=12/7/2022", False),
        (ARCHIVE, "https://n.example/archive", True),
        (ARCHIVE, "https://n.example/archive?date=13%2F07%2F2022&page=1", True),
        (ARCHIVE, "https://n.example/", True),
        (DAYS, "https://cdn.example/sitemaps/2022-07-12.xml", False),
        (DAYS, "https://n.example/sitemaps/2022-7-12.xml", False),
        (DAYS, "https://n.example/sitemaps/2022-07-02.xml", True),
        (DAYS, "https://n.example/sitemap.xml", True),
        (JSON, first(JSON).url.replace("offset=0&", ""), False),
        (JSON, first(JSON).url.replace("1657648800000", "1657562400000"), True),
    ],
)
def test_a_redirect_to_another_day_or_page_is_a_fault(source, ended_on, is_broken):
    body = {DAYS: urlset(), ARCHIVE: b"<main><a href='/1'>x</a></main>", JSON: b'{"items": []}'}[source]
    if is_broken:
        with pytest.raises(BrokenSource, match="leads to"):
            read(first(source), body, ended_on, None, {})
    else:
        read(first(source), body, ended_on, None, {})


def test_the_first_of_january_differs_from_the_first_page():
    [visit] = ARCHIVE.visits(replace(DAY, since=date(2023, 1, 1), until=date(2023, 1, 1)))
    assert not ARCHIVE.leads_elsewhere(visit, "https://n.example/archive?date=1/1/2023")
    assert ARCHIVE.leads_elsewhere(visit, "https://n.example/archive?date=1/12/2022")


def test_a_redirect_after_the_last_page_lists_nothing():
    visit = replace(on_page(2, first(ARCHIVE)), url="https://n.example/archive?date=12%2F07%2F2022&page=2")
    assert read(visit, b"<a href='/1'>x</a>", "https://n.example/archive?date=12%2F07%2F2022", None, {}) == Reading(
        [], []
    )


def test_an_empty_page_is_a_fault_only_as_the_first():
    visit, body = first(CHOSEN), b"<a href='/'>x</a><ul class=day></ul>"
    assert read(on_page(2, visit), body, visit.url, None, {}) == Reading([], [])
    with pytest.raises(BrokenSource):
        read(visit, body, visit.url, None, {})


@pytest.mark.parametrize(
    ("source", "body"),
    [
        (CHOSEN, b"<div id=root></div>"),
        (CHOSEN, b" "),
        (ARCHIVE, b"<div id=root></div>"),
        (JSON, b" "),
        (JSON, b'{"error": "too many requests"}'),
        (JSON, b'{"error": "busy", "message": "no more"}'),
        (JSON, b'{"items": null, "errors": ["busy"]}'),
        (JSON, b'{"items": null, "status": "error", "message": "busy"}'),
        (JSON, b'[{"url": "/1"}]'),
        (JSON, b'{"items": {"1": {"url": "/1"}}}'),
        (JSON, b'"busy"'),
        (replace(JSON, articles="data.rows"), b'{"data": null, "errors": ["busy"]}'),
        (JSON, b"<html>"),
    ],
)
def test_a_broken_later_page_is_a_fault(source, body):
    visit = first(source)
    with pytest.raises(BrokenSource):
        read(on_page(2, visit), body, visit.url, None, {})


def test_a_days_sitemap_cut_short_keeps_its_entries():
    body = urlset("<loc>https://n.example/1</loc>", "<loc>https://n.example/2</loc>")
    for part in (body[: -len(b"</urlset>")], body[: body.rindex(b"2</loc>")]):
        with pytest.raises(BrokenSource, match="cut short") as caught:
            read(first(DAYS), part, first(DAYS).url, None, {})
        assert caught.value.listings[0].url == "https://n.example/1"
        assert caught.value.listings[0].published == date(2022, 7, 12)
    commented = body + b"\n<!-- made by a plugin -->\n"
    assert len(read(first(DAYS), commented, first(DAYS).url, None, {}).listings) == 2


def test_a_days_index_is_read_whole_or_is_a_fault():
    names = [f"https://n.example/sitemap/2022-07-12-{part}.xml" for part in range(3)]
    index = (
        f"<sitemapindex>{''.join(f'<sitemap><loc>{name}</loc></sitemap>' for name in names)}</sitemapindex>".encode()
    )
    reading = read(first(DAYS), index, first(DAYS).url, None, {})
    assert [visit.url for visit in reading.further] == names
    with pytest.raises(BrokenSource, match="within an index"):
        read(reading.further[0], index, names[0], None, {})
    lying = index.replace(b"</loc>", b"</loc><lastmod>1970-01-01T06:00:00+06:00</lastmod>")
    assert read(first(DAYS), lying, first(DAYS).url, None, {}).further == reading.further
    small = replace(DAYS, limit=2)
    with pytest.raises(BrokenSource, match="names 3 sitemaps, more than 2"):
        read(first(small), index, first(small).url, None, {})
    with pytest.raises(BrokenSource, match="names 3 sitemaps, more than 2"):
        read(first(small), lying, first(small).url, None, {})
    of_all_days = index.replace(b"</loc>", b"</loc><lastmod>2021-01-01</lastmod>", 2)
    assert [visit.url for visit in read(first(small), of_all_days, first(small).url, None, {}).further] == names[2:]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("জয় &#55357;&#56832;!", "জয় 😀!"),
        ("জয় &#xD83D;&#xde00;!", "জয় 😀!"),
        ("জয় &#55357;!", "জয় \N{REPLACEMENT CHARACTER}!"),
        ("&#57344;&#55295;", "\ue000\ud7ff"),
    ],
)
def test_halves_of_an_emoji_do_not_break_a_feed(written, title):
    item = f"<item><title>{written}</title><link>https://n.example/national/5</link></item>"
    body = f"<rss version='2.0'><channel><title>n</title>{item}</channel></rss>".encode()
    feed = Feed("https://n.example/rss.xml")
    span = Span(date(2026, 11, 23), date(2026, 11, 24), DHAKA)
    assert [listing.title for listing in feed.listings(body, feed.url, None, span)] == [title]
