"""The articles of the demo newspaper, and the story files."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from sandbox import TODAY

from crawler.demo.calendars import bangla
from crawler.demo.datafiles import DataFileError
from crawler.demo.newspaper import Newspaper, PrintedArticle
from crawler.demo.outlets import OUTLETS
from crawler.demo.stories import read_stories


def sentences(text: str) -> list[str]:
    pieces = (piece.strip(" ‘’“”") for piece in re.split(r"[।?!\n]", text))
    return [piece for piece in pieces if piece]


def publish_day(article: PrintedArticle) -> date:
    return article.published.date()


@pytest.fixture(scope="module")
def newspaper() -> Newspaper:
    return Newspaper(TODAY)


def test_every_window_has_320_articles_and_240_national_ones():
    for today in (TODAY, date(2025, 2, 28), date(2024, 1, 3)):
        articles = Newspaper(today).articles
        assert len(articles) == 320
        assert sum(article.section.name == "জাতীয়" for article in articles) >= 240
        assert Counter(article.outlet for article in articles) == {"daily": 120, "portal": 110, "tv": 90}


def test_every_outlet_publishes_every_day_and_nothing_later(newspaper):
    days = {name: {publish_day(article) for article in newspaper.of(name)} for name in OUTLETS}
    expected = {TODAY - timedelta(days=back) for back in range(30)}
    assert days == dict.fromkeys(OUTLETS, expected)
    last = max(article.changed for article in newspaper.articles)
    assert (last.date(), last.hour) == (TODAY, 0)


@pytest.mark.parametrize("today", [TODAY, date(2026, 3, 1), date(2025, 8, 17)])
def test_only_wire_copy_repeats_sentences_or_headlines(today):
    by_text = {article.text: article for article in Newspaper(today).articles}
    pieces = Counter(piece for text in by_text for piece in sentences(text))
    assert [piece for piece, count in pieces.items() if count > 1] == []
    headlines = Counter(article.title for article in by_text.values())
    assert max(headlines.values()) == 1


def test_wire_copy_is_on_two_outlets_with_one_body(newspaper):
    copies: dict[str, list[PrintedArticle]] = {}
    for article in newspaper.articles:
        if article.wire:
            copies.setdefault(article.text, []).append(article)
    assert len(copies) == 10
    for pair in copies.values():
        assert sorted(article.outlet for article in pair) == ["portal", "tv"]
        assert len({article.title for article in pair}) == 1
        assert {article.byline.kind for article in pair} == {"agency"}


def test_a_day_is_the_same_in_every_newspaper_and_window(newspaper):
    assert Newspaper(TODAY).articles == newspaper.articles
    later = {(article.outlet, article.id): article.text for article in Newspaper(TODAY + timedelta(days=3)).articles}
    shared = [article for article in newspaper.articles if (article.outlet, article.id) in later]
    assert len(shared) == 320 * 27 // 30
    assert all(later[article.outlet, article.id] == article.text for article in shared)


def test_gold_text_is_nfc_with_its_joiners(newspaper):
    text = "\n".join(article.text for article in newspaper.articles)
    assert unicodedata.normalize("NFC", text) == text
    assert "র\u200d্যাব" in text
    assert "উদ্\u200cযাপন" in text
    assert not re.search("[\u200b\u00ad\ufeff\u09dc\u09dd\u09df]", text)


def test_stories_vary_in_length_and_form(newspaper):
    kinds = Counter(paragraph.kind for article in newspaper.articles for paragraph in article.paragraphs)
    assert min(kinds[kind] for kind in ("heading", "item", "quote")) >= 5
    assert any(len(article.paragraphs) == 1 and len(article.text) < 400 for article in newspaper.articles)
    assert max(len(article.paragraphs) for article in newspaper.articles) >= 7


def test_addresses_hold_encoded_joiners_and_both_forms_of_nukta(newspaper):
    paths = "\n".join(article.path for article in newspaper.articles)
    assert "%E2%80%8C" in paths
    assert "%E2%80%8D" in paths
    assert "%E0%A7%9F" in paths
    assert "%E0%A6%AF%E0%A6%BC" in paths


def test_bangla_dates_follow_the_calendar_of_2019():
    assert bangla(date(2022, 7, 12)) == "২৮ আষাঢ় ১৪২৯"
    assert bangla(date(2023, 2, 21)) == "৮ ফাল্গুন ১৪২৯"
    assert bangla(date(2023, 12, 16)) == "১ পৌষ ১৪৩০"
    assert bangla(date(2024, 4, 13)) == "৩০ চৈত্র ১৪৩০"


def test_slugs_begin_as_the_headlines_do(newspaper):
    for article in newspaper.of("portal"):
        slug = unicodedata.normalize("NFC", unquote(article.path.rpartition("/")[2]))
        assert slug.split("-")[0] in article.title


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


def test_a_valid_story_file_is_read(tmp_path):
    path = tmp_path / "fires.toml"
    path.write_text(STORY, "utf-8")
    [story] = read_stories(path)
    assert (story.name, story.figures, story.where) == ("fire", {"shops": [3, 9]}, ())


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
