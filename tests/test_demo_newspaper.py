"""The articles of the demo newspaper, and the story files."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest
from sandbox import TODAY

from crawler.demo.calendars import bangla
from crawler.demo.datafiles import DataFileError
from crawler.demo.newspaper import Newspaper
from crawler.demo.stories import read_stories


def sentences(text: str) -> list[str]:
    pieces = (piece.strip(" ‘’“”") for piece in re.split(r"[।?!\n]", text))
    return [piece for piece in pieces if piece]


@pytest.fixture(scope="module")
def newspaper() -> Newspaper:
    return Newspaper(TODAY)


def test_stories_vary_in_length_and_form(newspaper):
    kinds = Counter(paragraph.kind for article in newspaper.articles for paragraph in article.paragraphs)
    assert min(kinds[kind] for kind in ("heading", "item", "quote")) >= 5
    assert any(len(article.paragraphs) == 1 and len(article.text) < 400 for article in newspaper.articles)
    assert max(len(article.paragraphs) for article in newspaper.articles) >= 7


def test_bangla_dates_follow_the_calendar_of_2019():
    assert bangla(date(2022, 7, 12)) == "২৮ আষাঢ় ১৪২৯"
    assert bangla(date(2023, 2, 21)) == "৮ ফাল্গুন ১৪২৯"
    assert bangla(date(2023, 12, 16)) == "১ পৌষ ১৪৩০"
    assert bangla(date(2024, 4, 13)) == "৩০ চৈত্র ১৪৩০"


STORY = """
[[story]]
name = "fire"
figures.shops = [3, 9]
sums.total = ["shops"]
choices.goods = ["কাপড়"]
text = '''
= {village:এর} {shops} দোকানে আগুন

{goods:এর} {total:টি} দোকান পুড়েছে।
'''
"""


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('name = "fire"', "", "story 1: name is missing"),
        ('name = "fire"', 'name = "fire"\nplace = "x"', "story fire: place is not a known key"),
        ("figures", 'where = ["ভোলা", "x"]\nfigures', "story fire: where: x is not a district or upazila"),
        ("[3, 9]", "[9, 3]", "story fire: figures.shops must be [low, high] or [low, high, step], not [9, 3]"),
        ("[3, 9]", "3", "story fire: figures.shops must be [low, high] or [low, high, step], not 3"),
        ('["shops"]', '["carts"]', "story fire: sums.total adds carts, which is not in figures"),
        ('["কাপড়"]', "[]", "story fire: choices.goods must be a list of words, not []"),
        ("{village:এর}", "{hamlet}", "story fire: text: {hamlet} is not defined"),
        ("{village:এর}", "{village:টি}", "story fire: text: {village:টি} has an unknown ending"),
        ("{shops}", "{shops", "story fire: text: "),
        ("= {village", "~ {village", "story fire: text: an alternative (~) has no paragraph above it"),
        ("= {village", "{village", "story fire: text needs a headline (=) and a paragraph"),
        ("কাপড়", "কাপ\u09dc", "line 6 is not in NFC"),
        ("[[story]]", "[[tale]]", "expected only [[story]] tables, found tale"),
        ("[3, 9]", "[3, 9", "Unclosed array"),
    ],
)
def test_an_invalid_story_file_is_rejected_with_the_reason(tmp_path, old, new, fault):
    path = tmp_path / "fires.toml"
    path.write_text(STORY.replace(old, new, 1), "utf-8")
    with pytest.raises(DataFileError) as error:
        read_stories(path)
    assert str(error.value).startswith(f"{path}: {fault}")
