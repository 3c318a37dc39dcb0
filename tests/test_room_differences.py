"""Differences of two versions: complete, aligned, bounded in time, never within a grapheme."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from crawler.room.differences import compare, compare_words

PARTS = [
    "র‍্যাব",
    "ক্ষত্রিয়",
    "ক্ষ",
    "স্ত্র",
    "ি",
    "্",
    "\u200d",
    "\u200c",
    " ",
    "  ",
    "।",
    "‘",
    "৩",
    "a",
    "é",
    "👨‍👩‍👧",
    "\u0301",
    "\n",
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=14).map("".join)


def joined(pieces):
    return "".join(piece.text for piece in pieces)


def marked(pieces):
    return [piece.text for piece in pieces if piece.is_changed]


def kinds(old, new):
    return [pair.kind for pair in compare(old, new)]


def test_an_added_sign_is_marked_alone():
    old, new = compare_words("তিনি বলেন", "তিনি বলেন।")
    assert (marked(old), marked(new)) == ([], ["।"])


def test_more_space_is_no_change():
    assert kinds("এক  দুই", "এক দুই") == ["same"]


def test_an_edited_paragraph_beside_a_new_one_keeps_its_partner():
    old = "গত মৌসুমে তার লাভ হয়েছে ১১ লাখ টাকা।"
    new = "এটি একেবারে নতুন কথা, আগে ছিল না।\nগত মৌসুমে তার লাভ হয়েছে ১২ লাখ টাকা।"
    pairs = compare(old, new)
    assert [pair.kind for pair in pairs] == ["added", "changed"]
    assert marked(pairs[1].new) == ["১২"]


def test_unlike_paragraphs_are_not_paired():
    assert kinds("সকালে বৃষ্টি হয়েছে।", "খেলায় জয় পেল দল।") == ["removed", "added"]


@given(TEXTS, TEXTS)
def test_both_texts_stay_whole(old, new):
    pairs = compare(old, new)
    assert "\n".join(joined(pair.old) for pair in pairs if pair.kind != "added") == old
    assert "\n".join(joined(pair.new) for pair in pairs if pair.kind != "removed") == new


def test_enormous_texts_are_compared_in_time():
    begin = time.monotonic()
    words = " ".join(f"শব্দ{number % 7}" for number in range(20_000))
    compare(words, words.replace("শব্দ3", "কথা"))
    lines = "\n".join(f"সারি {number % 5}" for number in range(20_000))
    compare(lines, lines.replace("সারি 2", "ছত্র"))
    assert time.monotonic() - begin < 30


def test_long_changes_are_not_compared_by_words(monkeypatch):
    old = "\n".join(f"কথা {number} বলা" for number in range(9))
    assert {pair.kind for pair in compare(old, old.replace("বলা", "শোনা"))} == {"changed"}
    monkeypatch.setattr("crawler.room.differences.MOST_CHARACTERS", 100)
    assert {pair.kind for pair in compare(old, old.replace("বলা", "শোনা"))} == {"removed", "added"}
