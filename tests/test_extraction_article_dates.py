"""Which dates of a page are its article's: of several, of other stories, of pictures and of the page itself."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from article_pages import FETCHED, URL, page_of
from article_pages import read as read_page

from crawler.crawl.spider import NewsSpider
from crawler.extraction.metadata.dates import day_in_address
from crawler.model.article import Article
from crawler.model.listing import Listing
from crawler.system import clock

TITLE = "পাহাড়ি ঢলে ভেসে গেছে সাঁকো, দুই গ্রামের যোগাযোগ বন্ধ"
TEXT = (
    "<p>খাগড়াছড়ির দীঘিনালায় পাহাড়ি ঢলে একটি বাঁশের সাঁকো ভেসে গেছে। এতে দুই গ্রামের মানুষের চলাচল বন্ধ হয়ে পড়েছে।</p>"
    "<p>ইউনিয়ন পরিষদের চেয়ারম্যান বলেন, পানি নামলে নতুন সাঁকো তৈরি করা হবে। তত দিন নৌকায় পারাপার চলবে।</p>"
)


class Ruled(NewsSpider):
    """An outlet that says where its date stands."""

    name = "ruled"
    allowed_domains = ["news.example"]
    date = ".when"


def read(
    around: str = "",
    text: str = TEXT,
    after: str = "",
    head: str = "",
    top: str = "",
    url: str = URL,
    fetched_at: datetime | None = FETCHED,
    rules: type[NewsSpider] = NewsSpider,
) -> Article:
    content = f"<div>{top}<h1>{TITLE}</h1>{around}<div class=entry-content>{text}</div>{after}</div>"
    return read_page(page_of(content, TITLE, head), rules, url=url, fetched_at=fetched_at)


def published(*arguments: str, **fields: object) -> str | None:
    found = read(*arguments, **fields).published
    return found.at.isoformat()[:16] if found else None


def data(kind: str, **fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": kind, **fields})}</script>'


UPDATE = "<p>আপডেট: ২৪ নভেম্বর ২০২৬, ১২:৩০</p>"
PUBLICATION = "<p>প্রকাশ: ২৩ নভেম্বর ২০২৬, ০৯:১৫</p>"


@pytest.mark.parametrize(
    "update",
    [
        UPDATE,
        "<p>সর্বশেষ আপডেট: ২৪ নভেম্বর ২০২৬, ১২:৩০</p>",
        "<p>হালনাগাদ: ২৪ নভেম্বর ২০২৬, ১২:৩০</p>",
        "<p>Updated: 24 November 2026, 12:30</p>",
        "<p>আপডেট:</p><p>২৪ নভেম্বর ২০২৬, ১২:৩০</p>",
        "<div><span>আপডেট:</span> <span>২৪ নভেম্বর ২০২৬, ১২:৩০</span></div>",
        "<p>আপডেট: <time datetime='2026-11-24T12:30:00+06:00'>২৪ নভেম্বর ২০২৬, ১২:৩০</time></p>",
        "<p><time class=updated datetime='2026-11-24T12:30:00+06:00'>২৪ নভেম্বর ২০২৬, ১২:৩০</time></p>",
    ],
)
def test_an_update_time_is_not_the_publication_date(update: str) -> None:
    assert published(update) is None
    assert published(update + PUBLICATION) == "2026-11-23T09:15"
    assert published(PUBLICATION + update) == "2026-11-23T09:15"
    modified = read(update).modified
    assert modified is not None
    assert modified.at.isoformat() == "2026-11-24T12:30:00+06:00"


@pytest.mark.parametrize("line", ["3 days ago", "প্রকাশ: 3 days ago", "প্রকাশিত : 1 month ago", "আপডেট টাইম : 1 hour ago"])
def test_english_relative_times_are_read_and_dropped_from_the_text(line: str) -> None:
    assert read(text=f"<h6>{line}</h6><p>{TEXT}</p>").text == read().text
    told = {"3 days": "2026-11-21T00:00", "1 month": "2026-10-24T00:00"}
    assert published(f"<p>{line}</p>") == next((told[ago] for ago in told if ago in line), None)


def test_without_a_time_of_fetch_no_date_lies_beyond_tomorrow() -> None:
    assert published(PUBLICATION.replace("২০২৬", "২০২২"), fetched_at=None) == "2022-11-23T09:15"
    late = clock.now() + timedelta(days=3)
    assert published(head=data("NewsArticle", headline=TITLE, datePublished=late.isoformat()), fetched_at=None) is None


def test_a_labelled_date_under_the_next_headline_is_ignored() -> None:
    assert published(after=f"<h2>চা-বাগানে নতুন পাতা</h2>{PUBLICATION}") is None
    assert published(after=PUBLICATION) == "2026-11-23T09:15"


TODAY = "<time datetime='2026-11-24T15:50:00+06:00'>মঙ্গলবার, ২৪ নভেম্বর ২০২৬</time>"


@pytest.mark.parametrize(
    "top",
    [
        f"<header>{TODAY}</header>",
        f"<header><a href=/>নদীপথ</a><div>{TODAY.replace('>মঙ্গলবার, ', '>')}</div></header>",
        f"<div class=date>{TODAY.replace('>মঙ্গলবার, ', '>')} | ৯ অগ্রহায়ণ ১৪৩৩</div>",
        TODAY.replace("২০২৬<", "২০২৬, ৯ অগ্রহায়ণ ১৪৩৩<"),
        "<div class=date><time datetime='2026-11-24'>২৪ নভেম্বর ২০২৬</time></div>",
        f"<div class=date><time datetime='{FETCHED.isoformat()}'>মঙ্গলবার, ২৪ নভেম্বর ২০২৬, ১৬:১৫</time></div>",
    ],
)
def test_the_current_day_in_the_page_header_is_ignored(top: str) -> None:
    assert published(top=top) is None
    assert published(PUBLICATION, top=top) == "2026-11-23T09:15"
    assert published(TODAY, top=top) == "2026-11-24T15:50"


@pytest.mark.parametrize(
    "top",
    [
        TODAY.replace(">মঙ্গলবার, ২৪ নভেম্বর ২০২৬", ">২৪ নভেম্বর ২০২৬"),
        TODAY.replace("২০২৬<", "২০২৬, ১৫:৫০<"),
        TODAY.replace("<time", "প্রকাশ: <time"),
        TODAY.replace(">মঙ্গলবার, ২৪ নভেম্বর ২০২৬", ">২৫ মিনিট আগে"),
    ],
)
def test_a_date_of_today_above_the_headline_is_read(top: str) -> None:
    assert published(top=f"<div class=meta>{top}</div>") == "2026-11-24T15:50"


OVER = "<div><span>২০ নভেম্বর, ২০২৬ ১৩:৫১</span></div>"


def test_a_day_and_time_above_the_headline_is_a_fallback() -> None:
    assert published(top=OVER) == published(top=f"<p>অনলাইন ভার্সন</p>{OVER}") == "2026-11-20T13:51"
    assert published(PUBLICATION, top=OVER) == "2026-11-23T09:15"


def test_times_above_the_headline_are_ignored_without_a_fetch_time() -> None:
    assert published(top=OVER, fetched_at=None) is None


def test_a_date_below_the_headline_precedes_one_above_it() -> None:
    assert published(PUBLICATION, top="<time datetime='2026-11-20'>২০ নভেম্বর ২০২৬</time>") == "2026-11-23T09:15"


def test_author_and_own_links_beside_a_date_keep_it() -> None:
    line = "<div><a href='/author/7'>মোহাম্মদ আবদুল করিম খান</a> <span>২৩ নভেম্বর ২০২৬, ০৯:১৫</span></div>"
    assert published(line) == "2026-11-23T09:15"
    own = f"<div><a href='{URL}'>{TITLE}</a> <time datetime='2026-11-23T09:15:00+06:00'></time></div>"
    assert published(own) == "2026-11-23T09:15"


def test_inside_the_text_only_a_labelled_date_line_is_read() -> None:
    assert published(text="<p>পরীক্ষার তারিখ: ১৫ নভেম্বর ২০২৬</p>" + TEXT) is None
    assert published(text=PUBLICATION + TEXT) == "2026-11-23T09:15"


def test_a_wrong_weekday_is_accepted_in_a_configured_date_element() -> None:
    assert published("<p class=when>শুক্রবার, ২৩ নভেম্বর ২০২৬</p>", rules=Ruled) == "2026-11-23T00:00"
    assert published("<p class=when>মঙ্গলবার ২৪ নভেম্বর ২০২৬</p>", rules=Ruled) == "2026-11-24T00:00"


def test_dates_of_embedded_videos_and_the_front_page_are_ignored() -> None:
    video = data("VideoObject", name="পাঁচ বছর আগের বন্যার ভিডিও", uploadDate="2021-07-01T08:00:00+06:00")
    front = data("WebPage", url="https://news.example/", datePublished="2020-01-01T08:00:00+06:00")
    assert published(head=video + front) is None
    page = data("WebPage", **{"@id": f"{URL}#webpage"}, datePublished="2026-11-22T08:00:00+06:00")
    page += f"<link rel=canonical href='{URL}'>"
    assert published(head=video + front + page) == "2026-11-22T08:00"
    assert published(head=data("VideoObject", name=TITLE, uploadDate="2026-11-22T08:00:00+06:00")) == "2026-11-22T08:00"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("news/20241105", None),
        ("details/20191231/", None),
        ("2022/07/12/nodi", date(2022, 7, 12)),
        ("2022-07-12", date(2022, 7, 12)),
        ("2022/7/12?page=2", date(2022, 7, 12)),
        ("details/ssc-exam-2022-07-12-routine", None),
        ("details/2022-07-12-nodi", None),
        ("details/nodi-2022-07-12/", None),
        ("details/nodi.2022/07/12.html", None),
        ("details/77?back=/2022/07/12/", None),
        ("news/2022-07-12/41", date(2022, 7, 12)),
        ("2022/13/40/nodi", None),
    ],
)
def test_url_dates_need_whole_path_segments_and_separators(path: str, expected: date | None) -> None:
    assert day_in_address(f"https://news.example/{path}") == expected


ENGLISH = "<p>The bamboo bridge was washed away on Monday, cutting off two villages, the union council said.</p>" * 2


@pytest.mark.parametrize(("host", "offset"), [("news.example", "+00:00"), ("news.example.com.bd", "+06:00")])
def test_an_english_page_under_bd_has_the_time_of_dhaka(host: str, offset: str) -> None:
    title = "Bamboo bridge washed away"
    markup = f"<title>{title}</title><h1>{title}</h1><p>23 November 2026, 09:15</p><article>{ENGLISH}</article>"
    found = read_page(markup, url=f"https://{host}/1").published
    assert found is not None
    assert found.at.isoformat() == f"2026-11-23T09:15:00{offset}"


SHOWN = "২০ নভেম্বর ২০২৬, ২২:৩০"


LOCAL = "2026-11-20T22:30"
IN_DHAKA = "2026-11-21T04:30"


@pytest.mark.parametrize("label", ["<p>আপডেট: <time", "<p><time class=updated"])
def test_a_stated_zone_of_an_update_is_kept(label: str) -> None:
    value = f"{LOCAL}:00Z"
    head = data("NewsArticle", headline=TITLE, dateModified=value)
    for found in (
        read(f"{label} datetime='{value}'>{SHOWN}</time></p>"),
        read(f"<p>আপডেট: {SHOWN}</p>", head=head),
    ):
        assert found.published is None
        assert found.modified is not None
        assert found.modified.at.isoformat() == f"{IN_DHAKA}:00+06:00"


@pytest.mark.parametrize(
    ("listed", "expected"),
    [(datetime(2026, 11, 20, 16, 30), "2026-11-20T16:30"), (datetime(2026, 11, 20, 16, 30, tzinfo=UTC), LOCAL)],
)
def test_a_listing_without_a_zone_is_local(listed: datetime, expected: str) -> None:
    markup = f"<title>{TITLE}</title><h1>{TITLE}</h1><div class=entry-content>{TEXT}</div>"
    found = read_page(markup, listing=Listing(URL, published=listed)).published
    assert found is not None
    assert (found.at.isoformat()[:16], found.source) == (expected, "listing")


def test_a_publication_time_equal_to_the_fetch_time_is_kept() -> None:
    head = data("NewsArticle", headline=TITLE, datePublished=FETCHED.isoformat())
    assert published(head=head) == published("<p>প্রকাশ: ২৪ নভেম্বর ২০২৬, ১৬:১৪</p>", head=head) == "2026-11-24T16:15"


def test_a_time_element_wins_over_another_element_with_a_date() -> None:
    archive = "<span datetime='2020-01-01T00:00:00Z'>আর্কাইভ</span>"
    assert published(f"<div>{archive}<time datetime='2026-11-20T10:00:00+06:00'>২০ নভেম্বর</time></div>") == (
        "2026-11-20T10:00"
    )
