"""The reader of JSON-LD: what is JSON it reads as JSON, what is broken it repairs or leaves, and nothing stops it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from crawler.extraction.page.structured import json_ld, plain, text_value, types
from crawler.outlets.scripts import json_value, objects

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
CONTAINERS = st.lists(VALUES, max_size=4) | st.dictionaries(TEXTS, VALUES, max_size=4)


@given(TEXTS)
def test_any_text_gives_values_or_nothing(text: str) -> None:
    for thing in objects(json_value(text)):
        types(thing)
        text_value(thing)
        text_value(thing.get("headline"))


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
    assert json_value(hidden.format(text)) == {"a": [["//"]]}


@given(TEXTS)
def test_a_script_with_any_text_never_raises(text: str) -> None:
    script = text.replace("</", "<\\/").encode("utf-8", "ignore").decode().replace("\0", "")
    json_ld(document_fromstring(f'<body><script type="application/ld+json">x{script}</script></body>').iter("script"))
    plain(text)


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
    json_value(text)
    json_value(f'{{"a":"{text}')
    json_value(f"{{{text}}}")
    json_value(f"{{--> {text}x")
    plain(text)
    assert time.process_time() - begun < 4
