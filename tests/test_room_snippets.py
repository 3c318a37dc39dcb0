"""Snippets and marked titles: plain text, cut between words, never within a grapheme."""

import regex
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crawler.room.search.query import parse
from crawler.room.search.snippets import ELLIPSIS, marked, snippet

LETTERS = st.text(alphabet="কখগত র্যািেোঁ়ৎ\u200c\u200d\n .,-_<>&\"'১1aé\u0301👩", max_size=900)
WORDS = "ক খত রা ১ a"


def joined(parts):
    return "".join(part.text for part in parts)


def ends_of_graphemes(text):
    """Return the places between graphemes; a virama joins only letters of its script (UAX 29, GB9c)."""
    mark = r"\p{M}\u200c\u200d"
    patterns = r"\X", rf"(?V1)(?<![{mark}[\p{{Bengali}}&&\p{{L}}]])[{mark}]+"
    return {0, *(match.end() for pattern in patterns for match in regex.finditer(pattern, text))}


def places(parts, begin=0):
    """Return where the parts of a text begin and end."""
    ends = [begin]
    for part in parts:
        ends.append(ends[-1] + len(part.text))
    return ends


@given(LETTERS, st.sampled_from([WORDS, f'"{WORDS}"', ""]))
@example(" \u0981ক " * 200, WORDS)
@example("খ \u09cdক", WORDS)
def test_parts_are_the_text_and_no_grapheme_is_split(text, query):
    text = text.replace("👩", "👩🏽")
    assume(all(len(one) < 50 for one in regex.findall(r"\X", text)))
    title = marked(parse(query), text)
    assert joined(title) == text
    assert set(places(title)) <= ends_of_graphemes(text)
    parts = snippet(parse(query), text)
    shown = [part for number, part in enumerate(parts) if part.text != ELLIPSIS or 0 < number < len(parts) - 1]
    flat = text.replace("\n", " ")
    begins = [place for place in ends_of_graphemes(text) if flat.startswith(joined(shown), place)]
    assert any(set(places(shown, begin)) <= ends_of_graphemes(flat) for begin in begins)
    assert len(joined(parts)) < 400


def test_a_snippet_shows_the_densest_passage():
    text = "সেতু " + "কথা " * 100 + "পদ্মার সেতুতে টোল " + "কথা " * 100 + "সেতু"
    parts = snippet(parse("পদ্মা সেতু টোল"), text)
    assert [part.text for part in parts if part.is_match] == ["পদ্মার", "সেতুতে", "টোল"]
    assert (parts[0], parts[-1]) == ((ELLIPSIS, False), (ELLIPSIS, False))
    assert all(word in {"কথা", "পদ্মার", "সেতুতে", "টোল"} for word in joined(parts[1:-1]).split())
