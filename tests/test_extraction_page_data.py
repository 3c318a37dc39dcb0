"""Data in the scripts of pages: Nuxt's function and payload, React's flight rows, state, and bodies as HTML."""

from __future__ import annotations

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement, document_fromstring

from crawler.extraction.page.document import text_of
from crawler.extraction.page.page_data import HtmlWriter, Story, story_html, story_of
from crawler.outlets.scripts import function_value, payload_values, script_values

TITLE = "তিস্তার চরে ভুট্টার বাম্পার ফলন, খুশি কৃষক"
OTHER = "পদ্মায় ইলিশের আকাল, বিপাকে পড়েছেন জেলেরা"
LINES = [
    "তিস্তা নদীর জেগে ওঠা চরে এবার ভুট্টার বাম্পার ফলন হয়েছে বলে জানিয়েছে কৃষি বিভাগ।",
    "কৃষকেরা বলছেন, গত বছরের তুলনায় এবার দামও কিছুটা বেশি পাওয়া যাচ্ছে।",
    "উপজেলা কৃষি কর্মকর্তা জানান, চলতি মৌসুমে দুই হাজার হেক্টর জমিতে ভুট্টার আবাদ হয়।",
]
OTHERS = ["জেলেরা জানান, নদীতে জাল ফেলেও ইলিশের দেখা মিলছে না বলে তাঁরা ঋণ শোধ করতে পারছেন না।"] * 9
TAGGED = "".join(f"<p>{line}</p>" for line in LINES)


def scripts(*contents: str, kind: str = "") -> list[HtmlElement]:
    written = "".join(f"<script {kind}>{content}</script>" for content in contents)
    return list(document_fromstring(f"<html><body>{written}<p>x</p></body></html>").iter("script"))


def as_data(value: object) -> list[HtmlElement]:
    return scripts(json.dumps(value).replace("</", "<\\/"), kind='id="__NEXT_DATA__" type="application/json"')


def as_flight(*rows: object, size: int = 70) -> list[HtmlElement]:
    flight = "".join(f"{number:x}:{json.dumps(row)}\n" for number, row in enumerate(rows))
    parts = [flight[start : start + size] for start in range(0, len(flight), size)]
    return scripts(*(f"self.__next_f.push({json.dumps([1, part])})".replace("</", "<\\/") for part in parts))


def lines_of(markup: str) -> list[str]:
    """Return the texts of the paragraphs of a body."""
    tree = document_fromstring(f"<html><body>{markup}</body></html>")
    return [
        text
        for block in tree.iter("p", "div", "h2", "li")
        if len(block.xpath("p|div|li")) == 0 and (text := text_of(block))
    ]


def body_of(story: Story | None) -> list[str]:
    assert story is not None
    return lines_of(story.body)


def test_glued_paragraphs_of_a_long_line_are_parted() -> None:
    assert lines_of(story_html("".join(LINES * 3))) == LINES * 3
    assert lines_of(story_html("".join(LINES))) == ["".join(LINES)]


@pytest.mark.parametrize(
    "script",
    [
        "window.__STATE__ = DATA;",
        "var a=1;window.__OTHER__={};window.__APP_STATE__ = DATA;(function(){}());",
        'self["pageData"] = DATA',
        "window.initialState=DATA;",
    ],
)
def test_html_in_assigned_state_is_a_story(script: str) -> None:
    data = json.dumps({"a": {"title": TITLE, "body": html.escape(TAGGED)}}).replace("</", "<\\/")
    assert body_of(story_of(scripts(script.replace("DATA", data)), [TITLE])) == LINES


def test_assigned_state_may_be_a_text_of_json_or_undefined() -> None:
    data = json.dumps({"title": TITLE, "body": TAGGED})
    packed = f"window.__STATE__ = JSON.parse({json.dumps(data)});".replace("</", "<\\/")
    undefined = f'window.__STATE__ = {data[:-1]}, "a": undefined, "b": [undefined]}};'.replace("</", "<\\/")
    for script in (packed, undefined):
        assert body_of(story_of(scripts(script), [TITLE])) == LINES


@pytest.mark.parametrize(
    "data",
    [
        {"page": {"markup": TAGGED}},
        {"page": {"markup": html.escape(TAGGED)}},
        {"page": json.dumps({"markup": TAGGED})},
        {"page": {"lines": LINES}},
        {"page": {"lines": [{"id": 1, "paragraph": line} for line in LINES]}},
        {"page": {"parts": [{"text": line} for line in LINES]}, "tail": {"x": [{"text": "ক।"}] * 2}},
        {"description": " ".join(LINES * 3), "page": {"markup": TAGGED}},
        {"css": "p{a:b} " * 200 + "x.", "page": {"markup": TAGGED}},
        {"other": {"title": OTHER, "markup": "\n".join(OTHERS), "rows": OTHERS}, "page": {"markup": TAGGED}},
        {"page": {"markup": TAGGED}, "list": [{"title": OTHER, "text": line} for line in OTHERS]},
        {"site": {"title": "দৈনিক নদী", "page": {"markup": TAGGED}}},
    ],
)
def test_a_text_without_a_headline_is_found(data: object) -> None:
    story = story_of(as_data(data), [TITLE])
    assert body_of(story) == LINES
    assert story is not None
    assert story.headline == ""


@pytest.mark.parametrize(
    "data",
    [
        {"title": OTHER, "markup": "\n".join(OTHERS)},
        {"description": LINES[0] * 3},
        {"css": "p{a:b} " * 99, "a": "x" * 500, "b": "https://news.example/" + "a/" * 99, "c": LINES[0]},
        {"comments": [{"text": line} for line in LINES]},
        ["$", "meta", "1", {"name": "description", "content": LINES[0] * 3}],
    ],
)
def test_other_texts_are_no_story(data: object) -> None:
    assert story_of(as_data(data), [TITLE]) is None


def test_a_text_beside_the_title_is_better_than_a_longer_one() -> None:
    data = [{"x": {"markup": "\n".join(OTHERS)}}, {"title": TITLE, "page": {"markup": TAGGED}}]
    assert body_of(story_of(as_data(data), [TITLE])) == LINES


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([{"type": "paragraph", "data": {"text": "ক"}}, {"type": "image", "data": {"text": "ছবি"}}], ["ক"]),
        ([{"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "ক"}]}]}], ["ক"]),
        ([{"nodeType": "paragraph", "content": [{"nodeType": "text", "value": part} for part in "কখ"]}], ["কখ"]),
        ([{"type": "p", "children": [{"text": "ক "}, {"type": "a", "children": [{"text": "খ"}]}]}], ["ক খ"]),
        ([{"type": "list", "data": {"items": ["ক", "খ"]}}], ["ক", "খ"]),
        ([{"story-elements": [{"type": "text", "text": "<p>ক</p>"}, {"subtype": "cta", "text": "x"}]}], ["ক"]),
        ([1, None, "https://news.example/", "$L5", "ক"], ["ক"]),
    ],
)
def test_the_blocks_of_editors_are_lines(blocks: list[object], expected: list[str]) -> None:
    assert lines_of("".join(HtmlWriter().lines(blocks))) == expected


def paragraph(*children: object, tag: str = "p") -> list[object]:
    return ["$", tag, None, {"children": children[0] if len(children) == 1 else list(children)}]


def test_a_tree_of_react_elements_is_a_story() -> None:
    first = [
        LINES[0][:9],
        paragraph(LINES[0][9:20], tag="b"),
        [["$", "$L5", "k", {"href": "/x", "children": LINES[0][20:]}]],
    ]
    body = [paragraph(*first), paragraph(LINES[1]), ["$", "script", None, {"children": "a=1"}], "$L7"]
    markup = ["$", "p", None, {"dangerouslySetInnerHTML": {"__html": LINES[2]}}]
    menu = ["$", "nav", None, {"children": [paragraph("জাতীয়"), paragraph("খেলা")]}]
    rows = as_flight(["$", "main", None, {"children": [menu, paragraph([*body, markup], tag="div")]}], {"a": 1})
    assert body_of(story_of(rows, [TITLE])) == LINES


def test_html_in_a_property_of_a_react_element_is_a_story() -> None:
    tree = paragraph(["$", "div", None, {"dangerouslySetInnerHTML": {"__html": TAGGED}}], tag="main")
    assert body_of(story_of(as_flight(tree), [TITLE])) == LINES


def test_paragraphs_in_rows_of_their_own_are_a_story() -> None:
    assert body_of(story_of(as_flight(*map(paragraph, LINES)), [TITLE])) == LINES


def test_react_elements_beside_a_headline_are_its_body() -> None:
    news = {"title": TITLE, "content": [paragraph(line) for line in LINES], "author": {"name": "রওশন আরা"}}
    story = story_of(as_flight(["$", "$L2", None, news]), [TITLE])
    assert body_of(story) == LINES
    assert story is not None
    assert (story.headline, story.authors) == (TITLE, ["রওশন আরা"])


def test_several_pushes_in_one_script_are_all_read() -> None:
    row = f"0:{json.dumps(paragraph([paragraph(line) for line in LINES], tag='div'))}\n"
    text = "(self.__next_f=self.__next_f||[]).push([0]);" + "".join(
        f"self.__next_f.push({json.dumps([1, part])});" for part in (row[:50], row[50:])
    )
    assert body_of(story_of(scripts(text), [TITLE])) == LINES


@given(
    st.recursive(
        st.none() | st.text("ক।$<p>{[", max_size=6) | st.sampled_from([*LINES, TAGGED, "$", "p", "$L1", TITLE]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["title", "children", "text", "content", "cards", "type", "data"]), inner)
            | inner.map(
                lambda value: [
                    "$",
                    value if isinstance(value, list) else "p",
                    None,
                    {"children": value, "dangerouslySetInnerHTML": value},
                ]
            )
        ),
        max_leaves=20,
    )
)
def test_no_data_make_the_search_fail(value: object) -> None:
    for data in (as_data(value), as_flight(value), as_data([{"a": 1, "title": 0}, value])):
        for titles in ([TITLE], []):
            story_of(data, titles)
        list(script_values(data))


def test_function_arguments_replace_their_parameters() -> None:
    script = 'window.__NUXT__=(function(a,b){return {layout:"default",data:[{title:a,"body":b,tags:[b,1]}]}}("ক","খ"));'
    assert function_value(script) == {"layout": "default", "data": [{"title": "ক", "body": "খ", "tags": ["খ", 1]}]}


def test_escapes_words_and_calls_of_a_script_are_read() -> None:
    script = (
        r'window.__NUXT__=(function(){return {a:"\u003Cp\u003E\"x\"\n",b:void 0,c:null,d:new Date(2026),e:.5,f:1e3}}())'
    )
    assert function_value(script) == {"a": '<p>"x"\n', "b": None, "c": None, "d": None, "e": 0.5, "f": 1e3}


@pytest.mark.parametrize(
    "script",
    [
        "",
        "window.__NUXT__={}",
        "window.__NUXT__=(function(a){return {a",
        "window.__NUXT__=(function(a){return {a b}}(1))",
        "window.__NUXT__=(function(a){return " + "{a:" * 50_000 + "}}(1))",
    ],
)
def test_a_script_that_cannot_be_read_holds_nothing(script: str) -> None:
    assert function_value(script) is None


@given(st.text(alphabet='(){}[]:,"a=!. 1\\function return'))
def test_no_script_makes_the_reader_fail(text: str) -> None:
    function_value(f"window.__NUXT__=(function(a){{{text}return {{{text}}}}}({text}))")


def test_payload_indexes_are_replaced_by_their_values() -> None:
    values = [
        {"data": 1},
        {"news": 2},
        {"title": 3, "author": 4},
        "শিরোনাম",
        {"name": 3},
    ]
    assert {"title": "শিরোনাম", "author": {"name": "শিরোনাম"}} in payload_values(values)


def test_a_payload_that_goes_round_in_circles_is_read() -> None:
    assert payload_values([{"a": 1}, ["Ref", 1], [2, 2], {"b": 99, "c": "x"}])
