"""The state of Nuxt pages: the function that a page calls with its values, and the list of numbered values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.page.nuxt import function_values, payload_values


def test_function_arguments_replace_their_parameters() -> None:
    script = 'window.__NUXT__=(function(a,b){return {layout:"default",data:[{title:a,"body":b,tags:[b,1]}]}}("ক","খ"));'
    assert function_values(script) == [{"layout": "default", "data": [{"title": "ক", "body": "খ", "tags": ["খ", 1]}]}]


def test_assignments_before_the_return_are_in_the_value() -> None:
    script = "window.__NUXT__=(function(a,b){a.title='ক';a.id=5;return {news:a,shown:b}}({},!0))"
    assert function_values(script) == [{"news": {"title": "ক", "id": 5}, "shown": True}]


def test_escapes_words_and_calls_of_a_script_are_read() -> None:
    script = (
        r'window.__NUXT__=(function(){return {a:"\u003Cp\u003E\"x\"\n",b:void 0,c:null,d:new Date("2026"),e:.5}}())'
    )
    assert function_values(script) == [{"a": '<p>"x"\n', "b": None, "c": None, "d": "2026", "e": 0.5}]


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
    assert function_values(script) == []


@given(st.text(alphabet='(){}[]:,"a=!. 1\\function return'))
def test_no_script_makes_the_reader_fail(text: str) -> None:
    function_values(f"window.__NUXT__=(function(a){{{text}return {{{text}}}}}({text}))")


def test_payload_indexes_are_replaced_by_their_values() -> None:
    values = [
        {"data": 1},
        {"news": 2},
        {"title": 3, "author": 4, "at": 6},
        "শিরোনাম",
        ["Reactive", 5],
        {"name": 3},
        ["Date", "2026"],
    ]
    assert {"title": "শিরোনাম", "author": {"name": "শিরোনাম"}, "at": "2026"} in payload_values(values)


def test_a_payload_that_goes_round_in_circles_is_read() -> None:
    assert payload_values([{"a": 1}, ["Ref", 1], [2, 2], {"b": 99, "c": "x"}])


@given(
    st.recursive(
        st.integers(-2, 9) | st.text(max_size=3), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_no_payload_makes_the_reader_fail(values: object) -> None:
    payload_values(json.loads(json.dumps(values)))
