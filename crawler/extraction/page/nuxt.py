"""The state that Nuxt puts into its pages: a function called with its values (2), a list of numbered values (3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crawler.extraction.page.limits import MOST_DATA

_CALL = re.compile(r"__NUXT__\s*=\s*\(?\s*(?:function\s*\(([\w$,\s]*)\)|\(([\w$,\s]*)\)\s*=>)\s*\{")
_RETURN = re.compile(r"return\s*(?=\{)")
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[\w$]+|\S", re.S)
_WORDS = {"true": True, "false": False, "null": None, "undefined": None, "NaN": None}
_STRING_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.S)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_WRAPPERS = frozenset({"Reactive", "ShallowReactive", "Ref", "ShallowRef", "Date"})
_DEPTH = 5
_MOST_VALUES = 1_000_000


def function_values(script: str) -> list[Any]:
    """Return the object that a script's function returns, the values it is called with put in; [] when unread."""
    call = _CALL.search(script) if len(script) <= MOST_DATA else None
    returned = _RETURN.search(script, call.end()) if call else None
    if call is None or returned is None:
        return []
    try:
        # Once to find where it ends, and once with what follows there.
        reader = _Reader(script[returned.end() :], {})
        reader.value()
        arguments = list(reader.arguments())
        names = (call[1] or call[2] or "").replace(" ", "").split(",")
        known = dict(zip(names, arguments, strict=False))
        _Reader(script[call.end() : returned.start()], known).assign()
        reader.known, reader.at = known, 0
        return [reader.value()]
    except (IndexError, ValueError, RecursionError):
        return []


def payload_values(values: Any) -> list[Any]:
    """Return the objects of a list in which every object holds the places of its values, these put in."""
    if not isinstance(values, list):
        return []
    payload = _Payload(values)
    # What an object holds stands after it: the innermost first, for they are cut off at `_DEPTH` inside others.
    places = [place for place, value in enumerate(values) if isinstance(value, dict)]
    return [payload.revived(place, _DEPTH) for place in reversed(places)]


class _Payload:
    """A payload being read; places may lead round in circles."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values
        self.left = _MOST_VALUES

    def revived(self, place: Any, depth: int) -> Any:
        """Return the value at a place; None below `depth`, out of the list, or when too much has been read."""
        self.left -= 1
        if self.left < 0 or not isinstance(place, int) or not 0 <= place < len(self.values):
            return None
        value = self.values[place]
        if not isinstance(value, dict | list) or not value:
            return value
        if not depth:
            return None
        if isinstance(value, dict):
            return {key: self.revived(inner, depth - 1) for key, inner in value.items()}
        return self._listed(value, depth)

    def _listed(self, value: list[Any], depth: int) -> Any:
        """Return a list, or what a wrapper (["Reactive", 5], ["Date", "2026"]) holds."""
        if not isinstance(value[0], str):
            return [self.revived(inner, depth - 1) for inner in value]
        told = value[1] if value[0] in _WRAPPERS and len(value) > 1 else None
        return told if isinstance(told, str) else self.revived(told, depth - 1)


class _Reader:
    """A piece of script read as the literals it holds; names stand for what is known of them, else for None."""

    def __init__(self, script: str, known: Mapping[str, Any]) -> None:
        self.tokens: list[str] = _TOKEN.findall(script)
        self.known = known
        self.at = 0

    def value(self) -> Any:
        token = self._next()
        if token == "{":
            return self._object()
        if token == "[":
            return list(self._values("]"))
        if token[0] in "\"'":
            return _text(token)
        if token[0].isdigit() or (token[0] in "-." and len(token) > 1):
            return _number(token)
        return self._named(token)

    def _named(self, token: str) -> Any:
        """Return what a name or an operator before a value stands for; of a call, its first argument."""
        if token in {"!", "void", "new"}:
            told = self.value()
            return not told if token == "!" else told if token == "new" else None
        if self.at < len(self.tokens) and self.tokens[self.at] == "(":
            self.at += 1
            return next(iter(list(self._values(")"))), None)
        return self.known.get(token, _WORDS.get(token))

    def arguments(self) -> Iterator[Any]:
        while self._next() != "(":
            continue
        return self._values(")")

    def assign(self) -> None:
        """Carry out assignments to the properties of known names: a.title="…"."""
        while self.at + 4 < len(self.tokens):
            name, point, key, equals = self.tokens[self.at : self.at + 4]
            holder = self.known.get(name)
            if point == "." and equals == "=" and isinstance(holder, dict):
                self.at += 4
                holder[key] = self.value()
            else:
                self.at += 1

    def _next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def _values(self, end: str) -> Iterator[Any]:
        while self.tokens[self.at] != end:
            if self.tokens[self.at] == ",":
                self.at += 1
            else:
                yield self.value()
        self.at += 1

    def _object(self) -> dict[str, Any]:
        told: dict[str, Any] = {}
        while (key := self._next()) != "}":
            if key == ",":
                continue
            if self._next() != ":":
                raise ValueError("an object's key is followed by no value")
            told[_text(key) if key[0] in "\"'" else key] = self.value()
        return told


def _text(token: str) -> str:
    return _STRING_ESCAPE.sub(_unescaped, token[1:-1])


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1]
    if code[0] in "ux" and len(code) > 1:
        return chr(int(code[1:], 16))
    return _CONTROLS.get(code, code)


def _number(token: str) -> int | float:
    try:
        return int(token)
    except ValueError:
        return float(token)
