"""JSON values in the scripts of a page: JSON scripts, assigned state, React's flight rows, Nuxt's payload and call.

JSON is read as pages have it: with raw newlines, entities for quotes and commas too many.
"""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

# Characters of a script that is read as data.
MOST_DATA = 5_000_000
# Comments and CDATA marks hide a script from old browsers.
_START = re.compile(r"(?<!<!)(?<!CDATA)[{\[\"]")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_UNDEFINED = re.compile(r"(?<=[:,\[])\s*undefined(?=\s*[,}\]])")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_PUSH = re.compile(r"__next_f\.push\(\s*(?=\[)")
# window.__APP_STATE__ = {…}, self["pageData"] = […], window.__DATA__ = JSON.parse("…")
_ASSIGNMENT = re.compile(
    r"(?:window|self|globalThis)\s*(?:\.|\[[\"'])(?:__\w+|\w*(?:[sS]tate|STATE|[dD]ata|DATA))(?:[\"']\])?\s*=\s*"
    r"(?:JSON\.parse\(\s*(?=\")|(?=[{\[]))"
)
# A page assigns its state a few times; each read goes to the end of the script.
_MOST_ASSIGNMENTS = 8
_ROW = re.compile(rb"([0-9a-f]+):(?:T([0-9a-f]+),)?")
# The function of Nuxt 2, and the parts of its script that JSON writes otherwise.
_CALL = re.compile(r"__NUXT__\s*=\s*\(?\s*function\s*\(([\w$,\s]*)\)\s*\{\s*return\s*(?=\{)")
_TOKEN = re.compile(
    r"\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)|void 0|![01]|new \w+\([\w\"]*\)"
    r"|(?<![\w.])(?:\.(?=\d)|[A-Za-z_$][\w$]*\s*:?)|\}\(|\)",
    re.S,
)
# ["Reactive", 5] wraps the value at 5, ["Date", "…"] a text.
_WRAPPERS, _MOST_WRAPPERS = frozenset({"Ref", "ShallowRef", "Reactive", "ShallowReactive"}), 4
_LITERALS = {"true": "true", "!0": "true", "false": "false", "!1": "false", ".": "0.", ")": "]", "}(": "}"}


def texts_of(scripts: Iterable[HtmlElement]) -> list[str]:
    """Return the texts of scripts; "" for those above `MOST_DATA` characters."""
    return [text if len(text := script.text or "") <= MOST_DATA else "" for script in scripts]


def json_value(text: str, hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """Return the first JSON value of a text, repaired where pages are known to break it; else None."""
    start = _START.search(text)
    if start is None:
        return None
    text = text[start.start() :]
    for repair in (str, _repaired, html.unescape):
        try:
            return json.JSONDecoder(object_hook=hook, strict=False).raw_decode(repair(text))[0]
        except (ValueError, RecursionError):
            continue
    return None


def _repaired(text: str) -> str:
    return _BAD_ESCAPE.sub(r"\\\\", _UNDEFINED.sub("null", _TRAILING_COMMA.sub(r"\1", text)))


def script_values(scripts: Sequence[HtmlElement]) -> Iterator[Any]:
    """Yield the JSON values in a page's scripts, without JSON-LD; flight data last, as one list of its rows."""
    flight: list[str] = []
    others = [script for script in scripts if "ld+json" not in (script.get("type") or "").lower()]
    for script, text in zip(others, texts_of(others), strict=True):
        if "__next_f" in text:
            # The head of a row may be a script of its own.
            flight += _pushed(text)
        elif script.get("id") == "__NUXT_DATA__":
            yield from payload_values(json_value(text))
        elif "json" in (script.get("type") or "").lower():
            yield json_value(text)
        else:
            yield from (*_assigned(text), function_value(text))
    if flight:
        yield flight_rows("".join(flight))


def objects(value: Any, without: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON value, each once, outer before inner, in order; leave out what is under some keys."""
    waiting, seen = [value], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        if isinstance(current, dict):
            seen.add(id(current))
            yield current
            waiting.extend(inner for key, inner in reversed(current.items()) if key not in without)
        elif isinstance(current, list):
            seen.add(id(current))
            waiting.extend(reversed(current))


def _pushed(text: str) -> Iterator[str]:
    for push in map(json_value, _PUSH.split(text)[1:]):
        yield from (part for part in push or () if isinstance(part, str))


def _assigned(text: str) -> Iterator[Any]:
    for assignment in islice(_ASSIGNMENT.finditer(text), _MOST_ASSIGNMENTS):
        value = json_value(text[assignment.end() :])
        yield json_value(value) if isinstance(value, str) else value


def flight_rows(flight: str) -> list[Any]:
    """Return the JSON rows of React's flight format, with the texts that they refer to in their place."""
    data = flight.encode("utf-8", "replace")
    lines, texts, position = list[bytes](), dict[Any, str](), 0
    while row := _ROW.match(data, position):
        if row[2]:
            position = row.end() + int(row[2], 16)
            texts[f"${row[1].decode()}"] = data[row.end() : position].decode("utf-8", "replace")
        else:
            position = data.find(b"\n", row.end()) + 1 or len(data)
            lines.append(data[row.end() : position])

    def with_texts(thing: dict[str, Any]) -> dict[str, Any]:
        return {key: texts.get(value, value) if isinstance(value, str) else value for key, value in thing.items()}

    return [json_value(line.decode("utf-8", "replace"), with_texts) for line in lines]


def payload_values(values: Any) -> list[dict[str, Any]]:
    """Return the objects of a Nuxt 3 payload, a list in which objects and lists, even in circles, hold places of it."""
    every = values if isinstance(values, list) else []

    def at(place: Any) -> Any:
        for _ in range(_MOST_WRAPPERS):
            value = every[place] if isinstance(place, int) and 0 <= place < len(every) else None
            if not (isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)):
                return value
            if value[0] not in _WRAPPERS:
                return value[1] if value[0] == "Date" else value
            place = value[1]
        return None

    for value in every:
        if isinstance(value, dict):
            value.update({key: at(place) for key, place in value.items()})
        elif isinstance(value, list) and value and not isinstance(value[0], str):
            value[:] = map(at, value)
    return [value for value in every if isinstance(value, dict)]


def function_value(script: str) -> Any:
    """Return the object that the function of a Nuxt 2 script returns, with its arguments put in; None without one."""
    call = _CALL.search(script) if "__NUXT__" in script else None
    if call is None:
        return None
    end = next((token.end() for token in _TOKEN.finditer(script, call.end()) if token[0] == "}("), len(script))
    arguments = json_value("[" + _as_json(script[end:], {}))
    known = dict(zip(call[1].replace(" ", "").split(","), arguments or (), strict=False))
    return json_value(_as_json(script[call.end() :], known))


def _as_json(script: str, known: Mapping[str, Any]) -> str:
    """Return a literal of a script as JSON, with known names replaced and unknown names as null."""

    def written(match: re.Match[str]) -> str:
        token = match[0]
        if token.endswith(":"):
            return json.dumps(token[:-1].strip()) + ":"
        if token[0] == '"':
            return token
        return _LITERALS.get(token) or json.dumps(known.get(token))

    return _TOKEN.sub(written, script)
