"""Labels of dates on whole pages: the date of a line near the headline."""

from datetime import UTC, datetime

import pytest

from crawler.crawl.spider import NewsSpider
from crawler.extraction import extract
from crawler.model.article import Article
from crawler.model.listing import Page

TITLE = "ঘাটের নৌকায় যাত্রীর ভিড়"
TEXT = "সকাল থেকে ঘাটে নৌকার ভিড় ছিল, মাঝিরা যাত্রী নিয়ে ওপারে গেছেন। দুপুরের পর বাতাস বাড়লে পারাপার বন্ধ রাখা হয়। " * 3


def read(near: str) -> Article:
    markup = (
        f"<html lang=bn><meta charset=utf-8><title>{TITLE}</title><body><article><h1>{TITLE}</h1>{near}"
        f"<div class=entry-content><p>{TEXT}</p><p>{TEXT}</p></div></article></body></html>"
    )
    fetched = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    page = Page(outlet="urls", url="https://news.example/details/77", body=markup.encode(), fetched_at=fetched)
    return extract(page, NewsSpider)


@pytest.mark.parametrize(
    "near",
    [
        "<p>ফল প্রকাশ: ৫ মে ২০২৬</p>",
        "<div><b>পরীক্ষার তারিখ:</b> <span>৫ মে ২০২৬</span></div>",
        "<p>আবেদনের শেষ তারিখ</p><p>৫ মে ২০২৬</p>",
        "<p>শুনানির দিন: <time datetime='2026-05-05'>৫ মে</time></p>",
        "<p>প্রকাশিত হবে ৫ মে ২০২৬</p>",
        "<p>জন্ম: ৫ মে ১৯৯৯</p>",
        "<p>© ১ জানুয়ারি ২০২৬</p>",
        "<p>আপডেট: ৫ মে ২০২৬, ১০:৩০</p>",
        "<p>৫ মে ২০২৮</p>",
    ],
)
def test_a_page_with_only_other_dates_has_no_publication_date(near: str) -> None:
    assert read(near).published is None


@pytest.mark.parametrize(
    "near",
    [
        "<div><span>প্রকাশ:</span><span>৩ মে ২০২৬, ১০:৩০</span></div>",
        "<p>জন্ম: ৫ মে ১৯৯৯</p><p>৩ মে ২০২৬, ১০:৩০</p>",
        "<p>প্রকাশ: ৩ মে ২০২৬, ১০:৩০</p><p>পরীক্ষার তারিখ: ৫ জুন ২০২৬</p>",
        "<p>নিজস্ব প্রতিবেদক | ৩ মে ২০২৬, ১০:৩০ | আপডেট: ৪ মে ২০২৬, ০৯:০০</p>",
        "<p>০৩/০৫/২৬, ১০:৩০</p>",
    ],
)
def test_a_publication_date_is_found_beside_others(near: str) -> None:
    published = read(near).published
    assert published is not None
    assert (published.at.isoformat(), published.precision) == ("2026-05-03T10:30:00+06:00", "minute")
