"""Texts, numbers and dates of the reading room in Bengali and English."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
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
