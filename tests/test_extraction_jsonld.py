"""The reader of JSON-LD: what is JSON it reads as JSON, what is broken it repairs or leaves, and nothing stops it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from crawler.extraction.page.jsonld import json_ld, lenient_values, objects, plain, text_value, types, written_once

PIECES = [
    *('{"@type":"NewsArticle",', '"headline":"ক"', '"a":', "{", "}", "[", "]", ",", ":", '"', "'", "\\", "\\u"),
    *("&quot;", "&amp;", "&#123;", "&lt;", "<!--", "-->", "//<![CDATA[", "]]>", "null", "NaN", "1e999", "-", "\n"),
    *(" ", "\t", "\\ud800", "ড়", "\u200d", "\0", "\ud83d", "</script>", "/* a */", "undefined"),
]  # fmt: skip
TEXTS = st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=40).map("".join)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=20
)
# The first of a text: a number or a string alone is none of a page's objects, but it is read all the same.
CONTAINERS = st.lists(VALUES, max_size=4) | st.dictionaries(TEXTS, VALUES, max_size=4)


@given(TEXTS)
def test_any_text_gives_values_or_nothing(text: str) -> None:
    for value in lenient_values(text):
        for thing in objects(value):
            types(thing)
            text_value(thing)
            text_value(thing.get("headline"))


@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_json_is_read_as_json(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert lenient_values(text) == [json.loads(text)]


@given(CONTAINERS, CONTAINERS, st.sampled_from([" ", "\n", ";", ","]))
def test_objects_in_a_row_are_all_read(one: Any, other: Any, between: str) -> None:
    assert lenient_values(json.dumps(one) + between + json.dumps(other)) == [one, other]


@given(st.dictionaries(st.text("abক", min_size=1), st.text("abক \n\t"), min_size=1))
def test_raw_line_ends_and_a_comma_too_many_cost_nothing(value: dict[str, str]) -> None:
    text = json.dumps(value, ensure_ascii=False).replace("\\n", "\n").replace("\\t", "\t")
    assert lenient_values(text) == [value]
    assert lenient_values(text[:-1] + ", }") == [value]
    assert lenient_values(f"<!-- {text} -->") == [value]
    assert lenient_values(text.replace('"', "&quot;")) == [value]


@pytest.mark.parametrize(
    "hidden",
    [
        "/*<![CDATA[*/{}/*]]>*/",
        "/* <![CDATA[ */\n{}\n/* ]]> */",
        "// <![CDATA[\n{}\n// ]]>",
        "//<![CDATA[\n<!--\n{}\n//-->\n//]]>",
        "<!--//--><![CDATA[//><!--\n{}\n//--><!]]>",
        "//<!--\n{}\n//-->;",
    ],
)
def test_a_script_hidden_from_old_browsers_is_read(hidden: str) -> None:
    text = '{"a": [["//"]]}'
    assert lenient_values(hidden.format(text)) == lenient_values(text) == [{"a": [["//"]]}]


@given(st.lists(st.sampled_from(['{"a":', "[", "]", "}", '"b"', ",", "1"]), max_size=60))
def test_what_is_cut_off_is_left(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        expected = [json.loads(text)] if text else []
    except ValueError:
        lenient_values(text)
    else:
        assert lenient_values(text) == expected


@given(TEXTS)
def test_a_script_with_any_text_never_raises(text: str) -> None:
    script = text.replace("</", "<\\/").encode("utf-8", "ignore").decode().replace("\0", "")
    json_ld(document_fromstring(f'<body><script type="application/ld+json">x{script}</script></body>').iter("script"))
    plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "নদীর পানি বাড়ছে।\nপথঘাট ডুবেছে।",
        "নদীর পানি বাড়ছে।\r\n\r\nপথঘাট ডুবেছে।",
        "নদীর পানি বাড়ছে। \n পথঘাট ডুবেছে।",
        "The river rises.\nRoads are under water.",
        "<p>নদীর পানি বাড়ছে।</p><p>পথঘাট ডুবেছে।</p>",
        'তিনি বলেন, "পানি বাড়ছে"। ফাইলটি C:\\new এ।\nপথঘাট ডুবেছে।',
    ],
)
def test_a_doubly_encoded_json_text_is_decoded(text: str) -> None:
    for twice in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1].replace("/", "\\/")):
        assert written_once(twice) == text
    assert written_once(json.dumps(text)[1:-1].replace("<", "\\u003c").replace(">", "\\u003e")) == text


@pytest.mark.parametrize(
    "text",
    [
        r"তিনি C:\new ফোল্ডারে রাখেন।",
        r"তিনি C:\temp\new\bin এ রাখেন।",
        r'তিনি "C:\new\" নামের ফোল্ডারে রাখেন।',
        r"The file was in C:\notes.",
        "নদীর পানি\nবাড়ছে।",
    ],
)
def test_a_text_with_its_own_backslashes_is_unchanged(text: str) -> None:
    assert written_once(text) == text


PARTS = [
    '{"a":',
    "[",
    '["',
    ",",
    ", ",
    "\\",
    "\\u",
    "&quot;",
    "&amp;",
    "{",
    "}",
    " ",
    "<!--",
    "<a",
    "-->;",
    "//",
    "// ",
]


@pytest.mark.parametrize("piece", PARTS)
def test_a_megabyte_of_repeated_input_is_parsed_quickly(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    begun = time.process_time()
    lenient_values(text)
    lenient_values(f'{{"a":"{text}')
    lenient_values(f"{{{text}}}")
    lenient_values(f"{{--> {text}x")
    plain(text)
    assert time.process_time() - begun < 4
