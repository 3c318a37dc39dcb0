"""Copies of one story across outlets, in made-up articles."""

import random
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from indexed_rows import article_row, write_segment

from crawler.archive.storage.directory import DirectoryStorage
from crawler.room.index.database import NAME, connect
from crawler.room.index.filling import fill
from crawler.room.search.copies import copies_of

START = datetime.fromisoformat("2026-11-20T06:00:00+06:00")
OUTLETS = ["samakal", "ittefaq", "jugantor", "bdnews"]
ARTICLES, COPIES = 1200, 100


class Newsroom:
    """Makes up texts from some thousand words."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        syllables = [consonant + sign for consonant in "কখগঘচজটডতদনপবমরলশসহ" for sign in ("", "া", "ি", "ে", "ো", "ু")]
        self.words = ["".join(self.chance.choices(syllables, k=self.chance.randint(2, 4))) for _ in range(8000)]

    def text(self, length=None):
        return self.chance.choices(self.words, k=length or self.chance.randint(120, 300))

    def cut(self, words):
        return words[: len(words) * 3 // 4]

    def halved(self, words):
        return words[: len(words) // 2]

    def led(self, words):
        return self.text(30) + words

    def shortened(self, words):
        return [word for word in words if self.chance.random() > 0.06]


def row(key, words, hours, outlet, **fields):
    at = (START + timedelta(hours=hours)).isoformat()
    return article_row(key, f"শিরোনাম {key}", " ".join(words), at, outlet=outlet, **fields)


@pytest.fixture(scope="module")
def stories(tmp_path_factory):
    """An index of unrelated articles and of copies of some; also the IDs of each pair by its kind."""
    folder, room = tmp_path_factory.mktemp("copies"), Newsroom(7)
    rows, pairs = [], {"cut": [], "led": [], "shortened": [], "halved": []}
    for number in range(ARTICLES):
        words, hours = room.text(), room.chance.uniform(0, 96)
        outlet, other = room.chance.sample(OUTLETS, 2)
        rows.append(row(number, words, hours, outlet, agencies=["BSS"]))
        if number < COPIES * len(pairs):
            kind = list(pairs)[number % len(pairs)]
            copy = row(f"{number}-copy", getattr(room, kind)(words), hours + room.chance.uniform(1, 30), other)
            pairs[kind].append((rows[-1]["id"], copy["id"]))
            rows.append(copy)
    for number, outlet in enumerate(OUTLETS):
        own = [one for one in rows if one["outlet"] == outlet]
        write_segment(folder / "archive", number, *own, outlet=outlet)
    assert fill(DirectoryStorage(folder / "archive"), folder / NAME).problems == []
    with closing(connect(folder / NAME)) as connection:
        yield connection, pairs, [one["id"] for one in rows]


def test_a_story_has_its_facts(stories):
    index, pairs, _ = stories
    original, copy = pairs["cut"][0]
    first, second = copies_of(index, copy)
    assert (first.id, first.agency, second.agency) == (original, "BSS", None)
    assert (second.id, second.similarity) == (copy, 1.0)
    assert 0.6 < first.similarity < 0.9
    assert first.published < second.published
    assert first.outlet != second.outlet
    assert copies_of(index, "no-id") == []


def test_later_articles_join_a_story_and_edited_ones_leave_it(tmp_path):
    room, archive = Newsroom(8), DirectoryStorage(tmp_path / "archive")
    words = room.text(200)
    rows = [row(number, words, number, outlet) for number, outlet in enumerate(OUTLETS)]
    far, same = row(8, words, 24 * 7, "samakal"), row(9, words, 2, "samakal")
    sizes = []
    for number, one in enumerate((*rows[:2], far, same, *rows[2:])):
        write_segment(archive.root, number, one, outlet=one["outlet"])
        fill(archive, tmp_path / NAME)
        with closing(connect(tmp_path / NAME)) as index:
            sizes.append(len(copies_of(index, rows[1]["id"])))
    # The third is of another week; the fourth is of the outlet of the first, and a copy of the second too.
    assert sizes == [0, 2, 2, 3, 4, 5]
    later = rows[0] | {
        "text": " ".join(room.text()),
        "fetched_at": "2026-11-25T05:00:00.000000Z",
        "text_digest": "sha256:" + "0" * 64,
    }
    write_segment(archive.root, 9, later, outlet="samakal")
    fill(archive, tmp_path / NAME)
    with closing(connect(tmp_path / NAME)) as index:
        assert len(copies_of(index, rows[1]["id"])) == 4
        assert copies_of(index, rows[0]["id"]) == []
