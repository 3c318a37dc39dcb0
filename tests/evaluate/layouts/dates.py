"""Dates without markup, in the forms that newspapers write, and pages without a date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from evaluate.demo import (
    MONTHS,
    WEEKDAYS,
    bangla,
    clock_half,
    clock_spoken,
    digits,
    hijri,
    long_date,
    month_first,
    time_of_day,
)
from evaluate.markup import body, credit, heading, link, links, page, shown_date, stamp
from evaluate.page import Story, layout

ORDINALS = {1: "লা", 2: "রা", 3: "রা", 4: "ঠা"}


def _ordinal(day: int) -> str:
    return digits(day) + ORDINALS.get(day, "ই" if day < 19 else "শে")


def _shown(story: Story, when: str) -> str:
    main = f"""<div class="head">{heading(story)}{credit(story)}<div class="meta">{when}</div></div>
<div class="news-details">{body(story)}</div><div class="more">{_dated(story)}</div>"""
    return page(story, main)


def _dated(story: Story) -> str:
    rows = story.others[:3]
    return "".join(f"<div>{link(r.key, r.title)}<span>{stamp(r.published)}</span></div>" for r in rows)


def _weekday(when: datetime) -> str:
    return WEEKDAYS[when.weekday()]


FORMS: dict[str, Callable[[datetime], str]] = {
    "twelve-hours": lambda t: f"প্রকাশিত: {clock_half(t)}, {long_date(t)}",
    "part-of-day": lambda t: f"প্রকাশিত : {long_date(t)}, {clock_spoken(t)}",
    "month-first": lambda t: f"প্রকাশঃ {month_first(t)} {time_of_day(t)}",
    "weekday-and-month": lambda t: (
        f"{_weekday(t)}, {digits(t.day)} {MONTHS[t.month - 1]} {digits(t.year)}, {time_of_day(t)}"
    ),
    "spoken-clock": lambda t: (
        f"{long_date(t)}, {clock_spoken(t).split()[0]} {digits(t.hour % 12 or 12)}টা {digits(t.minute)} মিনিট"
    ),
    "numbers": lambda t: f"{t:%d-%m-%Y %H:%M}",
    "slashes": lambda t: f"প্রকাশ: {digits(f'{t:%d/%m/%Y}')} {time_of_day(t)}",
    "space-in-clock": lambda t: f"প্রকাশ : {long_date(t)}, {time_of_day(t).replace(':', ': ')}",
    "ordinal-day": lambda t: f"{time_of_day(t)}, {_ordinal(t.day)} {MONTHS[t.month - 1]}, {digits(t.year)} খ্রিস্টাব্দ",
    "english": lambda t: f"Published: {t:%B %d, %Y} at {t:%I:%M %p}",
    "three-calendars": lambda t: (
        f"প্রকাশ: {time_of_day(t)}, {_weekday(t)}, {long_date(t)}, {bangla(t.date())} বঙ্গাব্দ, {hijri(t.date())}"
    ),
}


def _in_form(story: Story, form: Callable[[datetime], str]) -> str:
    return _shown(story, form(story.gold.published))


for _name, _form in FORMS.items():
    layout(f"date-{_name}", section=False)(partial(_in_form, form=_form))


@layout("date-day-only", date="day", section=False)
def day_only(story: Story) -> str:
    when = story.gold.published
    return _shown(story, f"{digits(when.day)} {MONTHS[when.month - 1]} ({_weekday(when)}), {digits(when.year)}")


@layout("date-hours-ago", date="hour", section=False, age=timedelta(hours=3))
def hours_ago(story: Story) -> str:
    return _shown(story, "৩ ঘণ্টা আগে")


def _two_years_before(story: Story) -> datetime:
    return story.fetched_at.replace(year=story.fetched_at.year - 2)


@layout("date-years-ago", date="year", section=False, age=timedelta(days=731), published=_two_years_before)
def years_ago(story: Story) -> str:
    return _shown(story, "২ বছর আগে")


@layout("date-updated-after", section=False)
def updated(story: Story) -> str:
    first = f"<span>প্রকাশ: {shown_date(story)}</span>"
    return _shown(story, f"{first}<br><span>সর্বশেষ আপডেট: {stamp(story.fetched_at)}</span>")


@layout("date-update-only", date=None, section=False)
def update_only(story: Story) -> str:
    """The page shows the last change but no date of publication."""
    return _shown(story, f"আপডেটঃ {month_first(story.fetched_at)} {time_of_day(story.fetched_at)}")


@layout("no-date", date=None, section=False)
def no_date(story: Story) -> str:
    return page(story, f'{heading(story)}{credit(story)}<div class="news-details">{body(story)}</div>{links(story, 5)}')


@layout("no-date-but-neighbours", date=None, section=False)
def neighbours_dated(story: Story) -> str:
    main = f'{heading(story)}{credit(story)}<div class="news-details">{body(story)}</div>'
    return page(story, f'{main}<div class="related">{_dated(story)}</div>')


@layout("no-date-but-picture", date=None, section=False)
def picture_dated(story: Story) -> str:
    picture = '<img src="https://news.example/uploads/2021/03/05/photo-20210305.jpg" alt="">'
    return page(story, f'{heading(story)}{credit(story)}<div class="news-details">{picture}{body(story)}</div>')


@layout("no-date-but-text", date=None, section=False)
def text_dated(story: Story) -> str:
    """A poll behind the text has a date."""
    poll = '<div class="poll"><h4>আজকের জরিপ</h4><p>১২ মার্চ ২০২১, ১০:৩০</p><p>আপনি কি একমত?</p></div>'
    return page(story, f'{heading(story)}{credit(story)}<div class="news-details">{body(story)}</div>{poll}')
