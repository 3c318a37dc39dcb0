"""Texts, numbers and dates of the reading room in Bengali and English."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

import crawler.room.language
from crawler.bengali.text import normalize
from crawler.room.language import languages, preferred
from crawler.tools.report.gaps import FAILED_FOR_GOOD, GIVEN_UP, OPEN, SPANS, Gap

FOLDER = Path(crawler.room.language.__file__).parent
WORDS = FOLDER / "words.toml"


@pytest.fixture
def bengali():
    return languages()["bn"]


@pytest.fixture
def english():
    return languages()["en"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "bn"),
        ("fr, de;q=0.9", "bn"),
        ("en-US,en;q=0.9", "en"),
        ("en-US,en;q=0.9,bn;q=0.8", "en"),
        ("bn-BD,bn;q=0.9,en-US;q=0.8,en;q=0.7", "bn"),
        ("en;q=0.5, bn;q=0.6", "bn"),
        ("bn;q=0, en", "en"),
        ("*", "bn"),
        ("en;q=none", "bn"),
        ("en;q=nan,bn;q=0.1", "bn"),
        ("," * 100_000 + "en", "bn"),
    ],
)
def test_the_browser_chooses_the_language(header, code):
    assert preferred(header) == code


@pytest.mark.parametrize(
    ("number", "bn", "en"),
    [
        (0, "০", "0"),
        (999, "৯৯৯", "999"),
        (1172, "১,১৭২", "1,172"),
        (52000, "৫২,০০০", "52,000"),
        (214380, "২,১৪,৩৮০", "214,380"),
        (12345678, "১,২৩,৪৫,৬৭৮", "12,345,678"),
        (-4321, "-৪,৩২১", "-4,321"),
    ],
)
def test_numbers_are_grouped_as_their_readers_expect(bengali, english, number, bn, en):
    assert (bengali.number(number), english.number(number)) == (bn, en)


def test_days_and_months(bengali, english):
    day = date(2022, 7, 12)
    assert bengali.day(day) == "১২ জুলাই ২০২২"
    assert bengali.whole_day("2022-07-12") == "মঙ্গলবার, ১২ জুলাই ২০২২"
    assert english.whole_day(day) == "Tuesday, 12 July 2022"
    assert (bengali.month("2022-07"), english.month(day)) == ("জুলাই ২০২২", "July 2022")
    assert (bengali.day_of_month(day), english.short_month(9)) == ("১২ জুলাই", "Sep")


@pytest.mark.parametrize(
    ("precision", "text"),
    [
        ("second", "১২ জুলাই ২০২২, ১০:৩০"),
        ("minute", "১২ জুলাই ২০২২, ১০:৩০"),
        ("day", "১২ জুলাই ২০২২"),
        ("month", "জুলাই ২০২২"),
        ("year", "২০২২"),
    ],
)
def test_a_date_is_as_exact_as_its_page(bengali, precision, text):
    assert bengali.dated({"at": "2022-07-12T10:30:15+06:00", "precision": precision}) == text


def test_a_capture_is_shown_in_the_time_of_dhaka(bengali, english):
    assert bengali.moment("2022-07-12T05:02:41.118000Z", "%H:%M:%S") == "১২ জুলাই ২০২২, ১১:০২:৪১"
    assert english.clock("2022-07-12T20:02:41.118000Z") == "02:02"


def test_a_text_has_the_form_of_its_number(bengali, english):
    assert english.text("articles", n=1) == "1 article"
    assert english.text("articles", n=2100) == "2,100 articles"
    assert bengali.text("articles", n=1172) == "১,১৭২টি খবর"


def test_codes_and_agencies_have_names(bengali, english):
    assert (bengali.name("national"), english.name("visible")) == ("জাতীয়", "text of the page")
    assert (bengali.agency("BSS"), english.agency("BSS"), bengali.agency("XYZ")) == ("বাসস", "BSS", "XYZ")
    assert bengali.name("text-dropped:gallery") == "text-dropped:gallery"


def test_a_value_is_no_format(bengali):
    assert bengali.text("results_for", query="{0.__class__}|{") == "{0.__class__}|{ — খোঁজ"


def test_both_languages_have_every_text_with_the_same_values():
    texts = tomllib.loads(WORDS.read_text("utf-8"))
    for key, text in {**texts, **texts["codes"]}.items():
        if key in ("codes", "agencies"):
            continue
        assert set(text) == {"bn", "en"}, key
        if isinstance(text["bn"], str):
            bn, en = (set(re.findall(r"\{(\w+)\}", text[code])) for code in ("bn", "en"))
            assert bn == en, key


@pytest.mark.parametrize(
    ("kind", "reasons", "bn", "en"),
    [
        (OPEN, {"without an article": 3}, "কোনো খবর নেই", "without an article"),
        (
            OPEN,
            {"without an article": 12, "with few articles": 1},
            "১২ দিন কোনো খবর নেই, ১ দিন খবর কম",
            "12 days without an article, 1 day with few articles",
        ),
        (GIVEN_UP, {"/feed lists nothing": 2}, "আর চেষ্টা করা হয়নি: /feed lists nothing", "given up: /feed lists nothing"),
        (FAILED_FOR_GOOD, {"http-500": 2}, "স্থায়ীভাবে ব্যর্থ: http-500 (২টি)", "failed permanently: 2 http-500"),
        (SPANS, {SPANS: 4}, "আরও সময়কাল (৪টি)", "4 more spans"),
    ],
)
def test_the_reasons_of_a_gap(kind, reasons, bn, en):
    gap = Gap("samakal", [], [], Counter(reasons), kind)
    assert languages()["bn"].gap(gap) == normalize(bn)
    assert languages()["en"].gap(gap) == gap.reason == en


def test_every_text_is_used_once_at_least():
    texts = tomllib.loads(WORDS.read_text("utf-8"))
    sources = "".join(path.read_text("utf-8") for path in FOLDER.rglob("*") if path.suffix in (".py", ".html", ".js"))
    used = set(re.findall(r"[\"'](\w+)[\"']", sources))
    prefixes = set(re.findall(r"[\"'](\w+_)[\"'] [~+]", sources))
    names = [
        key for key, text in texts.items() if isinstance(text, dict) and "bn" in text and isinstance(text["bn"], str)
    ]
    assert [key for key in names if key not in used and not key.startswith(tuple(prefixes))] == []


def test_bengali_is_in_one_unicode_form(bengali):
    every = [*bengali._texts["months"], *bengali._codes.values(), bengali.text("day_page"), bengali.short_month(2)]
    assert all(unicodedata.is_normalized("NFC", text) for text in every)
