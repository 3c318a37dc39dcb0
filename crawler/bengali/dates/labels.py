"""Find the labels of dates: those of the publication, of an update, and of other events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from crawler.bengali.dates.words import (
    LETTER,
    MERIDIEM,
    MONTH,
    NO_LETTER_AFTER,
    NO_LETTER_BEFORE,
    WEEKDAY,
    any_compared,
    compared,
    compared_words,
)
from crawler.bengali.text import any_of

Label = Literal["published", "updated", "other", "none"]

# The labels of newspapers, of their publishing systems, and of fields in page data (date_published).
_UPDATED = compared_words("""
    সর্বশেষ_আপডেট সবশেষ_আপডেট শেষ_আপডেট আপডেট_টাইম আপডেট_সময় আপডেটের_সময় আপডেটের_তারিখ আপডেট_তারিখ আপডেট_করা_হয়েছে
    আপডেট_হয়েছে আপডেটেড আপডেট সর্বশেষ_হালনাগাদ শেষ_হালনাগাদ হালনাগাদ_করা_হয়েছে হালনাগাদের_সময় হালনাগাদের_তারিখ হালনাগাদ সর্বশেষ_সম্পাদনা
    সম্পাদনার_তারিখ সংশোধনের_তারিখ পরিবর্তনের_তারিখ হালনাগাদ_তারিখ সম্পাদিত সংশোধিত পরিমার্জিত সর্বশেষ_পরিবর্তন last_updated last_update
    last_modified updated_on updated_at updated update_time update_date update modified_on modified_date modified
    date_modified date_updated
""")
_PUBLISHED = compared_words("""
    প্রকাশের_সময় প্রকাশের_তারিখ প্রকাশিত_হয়েছে প্রকাশিত_সময় প্রকাশিত_তারিখ প্রকাশ_করা_হয়েছে প্রকাশকাল প্রকাশ_কাল প্রকাশ_সময় প্রকাশ_তারিখ প্রকাশিত
    প্রকাশ আপলোড_সময় আপলোডের_সময় আপলোডের_তারিখ আপলোড_টাইম আপলোড পোস্ট_করা_হয়েছে পোস্টের_সময় পোস্টের_তারিখ পোস্ট_টাইম পোস্ট তারিখ
    published_on published_at publish_date published_date publication_date publish_time published publish posted_on
    posted_at post_date posted_date posted upload_date upload_time uploaded date_published date_posted
    date_of_publication article_date news_date created_date creation_date date_created publishing_date entry_date
    created_on created_at date প্রকাশনার_তারিখ প্রকাশনার_সময় প্রকাশনা প্রকাশ_করার_তারিখ প্রকাশ_হয়েছে প্রকাশ_পেয়েছে পোস্ট_করার_তারিখ পোস্ট_তারিখ
    আপলোড_তারিখ সংবাদের_তারিখ খবরের_তারিখ প্রতিবেদনের_তারিখ লেখার_তারিখ তৈরির_তারিখ
""")

# With a verb of the future, something else is published: প্রকাশিত হবে ৫ মে ২০২৬.
_FUTURE_VERBS = any_compared("হবে হবার হওয়ার করা_হবে করবে করবেন পাবে পাচ্ছে হচ্ছে হতে_যাচ্ছে করা_হতে_পারে হতে_পারে will to_be")

# Publications other than articles: "ফল প্রকাশ: ৫ মে ২০২৬" is the date of a result.
_RELEASES = any_compared("""
    ফল ফলাফল রেজাল্ট গেজেট প্রজ্ঞাপন তালিকা মেধাতালিকা বই বইটি গ্রন্থ গ্রন্থটি উপন্যাস কাব্যগ্রন্থ অ্যালবাম গান গানটি ট্রেলার টিজার পোস্টার সিনেমা ছবিটি
    রুটিন সূচি সময়সূচি তফসিল বিজ্ঞপ্তি নোটিশ প্রবেশপত্র ইশতেহার খসড়া সাময়িকী result results book album gazette
    """)

# Events whose date follows their name, with or without a colon.
_EVENTS = any_compared("""
    জন্ম জন্মতারিখ জন্মদিন মৃত্যু মৃত্যুবার্ষিকী শেষ শুরু শেষ_সময় সময়সীমা মেয়াদ স্থাপিত প্রতিষ্ঠিত প্রতিষ্ঠাকাল
    প্রতিষ্ঠা উদ্বোধন অনুষ্ঠিত হবে হয়েছিল কপিরাইট স্বত্ব copyright (c) born died deadline printed
    established since expires expiry valid_till valid_until joined মুদ্রিত নিবন্ধিত প্রতিষ্ঠাবার্ষিকী যোগ_দিয়েছেন ©
    """)

# Events whose names are also names of sections. They are labels only with a colon.
_SUBJECTS = any_compared("""
    পরীক্ষা আবেদন ভোট ভোটগ্রহণ নির্বাচন অনুষ্ঠান শুনানি মুক্তি নিবন্ধন ভর্তি ক্লাস ম্যাচ খেলা সভা বৈঠক ঘটনা বিয়ে
    সম্মেলন মেলা নিয়োগ যোগদান সফর ছাপা প্রিন্ট জমা দরপত্র টেন্ডার জরিপ ইফতার সেহরি সাহরি ডাউনলোড event exam release print
    """)

# Words for a date, and the words before them for which it is the date of an event.
_DATE_WORD = any_compared("তারিখ দিন দিনক্ষণ তারিখ_ও_সময়")
_QUALIFIERS = any_compared("শেষ জন্ম মৃত্যু সম্ভাব্য নির্ধারিত পরীক্ষা আবেদন ঘটনা বিয়ে মুক্তি ছাপা প্রিন্ট")
_FOLLOWED_BY_DATE = rf"(?= ?:| ?[-–—]? ?(?:\d|{MONTH}{NO_LETTER_AFTER}|{WEEKDAY}))"

# Any genitive before the word for a date: পরীক্ষার, শুনানির. Weekdays and these names of persons end like a genitive.
_LIKE_GENITIVES = any_compared("আক্তার আখতার সরকার মজুমদার তালুকদার হাওলাদার শিকদার খন্দকার আনোয়ার দেলোয়ার মনোয়ার সাত্তার জব্বার")
_GENITIVE = rf"(?!(?:{WEEKDAY}|{_LIKE_GENITIVES}) )[{LETTER}]{{1,30}}র"

# The date of an event: পরীক্ষার তারিখ, আবেদনের শেষ তারিখ, শুনানির দিন, exam date; not "রবিবার তারিখ".
_EVENT_DATE = rf"(?:{_GENITIVE}|{_QUALIFIERS}) {_DATE_WORD}{NO_LETTER_AFTER}|[a-z]{{2,20}} date(?![a-z])"
_LABEL = re.compile(
    rf"{NO_LETTER_BEFORE}(?<!সংবাদ )(?<!প্রেস )(?:"
    rf"(?P<release>{_RELEASES}(?:টি)?(?:এর|ের|র)? {any_of(_PUBLISHED)}{NO_LETTER_AFTER}"
    rf"|{any_of(_PUBLISHED)} {_FUTURE_VERBS}{NO_LETTER_AFTER}|date of (?!publi)[a-z]{{2,20}}"
    rf"|{compared('তারিখ ও')} (?!{compared('সময়')}))"
    rf"|(?P<updated>{any_of(_UPDATED)}){NO_LETTER_AFTER}"
    rf"|(?P<published>{any_of(_PUBLISHED)}){NO_LETTER_AFTER}"
    rf"|(?P<event>{_EVENT_DATE}|{_EVENTS}{NO_LETTER_AFTER}{_FOLLOWED_BY_DATE}|{_SUBJECTS} ?:))"
)

# A label follows the word before it directly where the markup has no space: "০৫:০৫ পিএমআপডেট:".
_RUN_TOGETHER = re.compile(rf"({any_of(MERIDIEM)})(?=(?:{any_of([*_UPDATED, *_PUBLISHED])}){NO_LETTER_AFTER})")

# A longer line is a sentence.
_LONGEST_LABEL = 60
_WORD = re.compile(r"\w")

# A separator after words, which ends the label of an event: "ভোট: চট্টগ্রাম | ১২ আগস্ট".
_EVENT_END = re.compile(r"(?:(?<=[^\W_])|(?<=[\u0980-\u09e3]))[ )]*[|\n•·]")


def labelled_parts(text: str) -> Iterator[tuple[Label, str]]:
    """Yield each label of a text in compared form with the text up to the next label; the first label is `none`."""
    text = _RUN_TOGETHER.sub(r"\1 ", text)
    label: Label = "none"
    start = 0
    for match in _LABEL.finditer(text):
        yield from _split_part(label, text[start : match.start()])
        label, start = _label(match), match.end()
    yield from _split_part(label, text[start:])


def _split_part(label: Label, text: str) -> Iterator[tuple[Label, str]]:
    """Yield a part; yield the text after the end of an event first, without a label."""
    end = _EVENT_END.search(text) if label == "other" else None
    if end:
        yield "none", text[end.end() :]
    yield label, text[: end.start()] if end else text


def _label(match: re.Match[str]) -> Label:
    return "updated" if match["updated"] else "published" if match["published"] else "other"


# Cached because several callers request the label of the same line.
@lru_cache(maxsize=64)
def _first_label(text: str) -> re.Match[str] | None:
    return _LABEL.search(compared(text))


def label_of(text: str) -> Label:
    """Return the first label of a text; `none` if it has no label."""
    match = _first_label(text)
    return _label(match) if match else "none"


def is_label(text: str) -> bool:
    """Return whether a line is nothing but a label, whose date is on the next line."""
    match = _first_label(text) if len(text) <= _LONGEST_LABEL else None
    if match is None or _WORD.search(match.string, match.end()):
        return False
    # The label of an event has other words before it (আবেদনের শেষ তারিখ).
    return _label(match) == "other" or not _WORD.search(match.string, 0, match.start())
