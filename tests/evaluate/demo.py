"""The demo newspaper's articles as gold, and its way of writing dates.

Only this module and khobor.py import `crawler`; this one imports the newspaper alone.
"""

from __future__ import annotations

from datetime import date

from crawler.demo.calendars import (
    MONTHS,
    WEEKDAYS,
    bangla,
    clock_half,
    clock_spoken,
    hijri,
    long_date,
    masthead,
    month_first,
    time_of_day,
)
from crawler.demo.newspaper import Newspaper
from crawler.demo.words import digits
from evaluate.gold import Block, Credit, Gold, Kind

__all__ = [
    "MONTHS",
    "WEEKDAYS",
    "bangla",
    "clock_half",
    "clock_spoken",
    "demo_gold",
    "digits",
    "hijri",
    "long_date",
    "masthead",
    "month_first",
    "time_of_day",
]  # fmt: skip
# Any day would do: the demo newspaper writes the same articles whenever it is given the same day.
DEMO_DAY = date(2026, 11, 24)
WITH_JOINERS = "র‍্যাব ও উদ্‌যাপন কমিটির সদস্যরা হৃদ্‌রোগ হাসপাতালের সামনে জড়ো হন।"


def demo_gold() -> list[Gold]:
    """Return every third article of the demo newspaper, each with one more paragraph that has joiners."""
    return [
        Gold(
            key=str(article.id),
            title=article.title,
            blocks=(*(Block(each.text, _kind(each.kind)) for each in article.paragraphs), Block(WITH_JOINERS)),
            published=article.published,
            credit=Credit(article.byline.name, article.byline.kind),
            section=article.section.name,
            agencies=("BSS",) if article.wire else (),
        )
        for article in Newspaper(DEMO_DAY).articles[::3]
    ]


def _kind(kind: str) -> Kind:
    return "paragraph" if kind == "note" else kind  # type: ignore[return-value]
