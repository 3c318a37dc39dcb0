"""JSON of unknown origin, and the check of a row against `article.schema.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

INTEGER_DIGITS = 18
SCHEMA = Path(__file__).with_name("article.schema.json")
TYPES = {"string": str, "integer": int, "array": list, "object": dict, "null": type(None)}

# Annotations; a `pattern` repeats each `format`.
NOTES = {"$schema", "$id", "$defs", "title", "description", "format"}
PARTS = {"properties", "required", "additionalProperties", "items"}
Check = Callable[[Any], Iterator[str]]
Test = Callable[[Any], bool]


def parsed(data: bytes) -> Any:
    """Return the value of a JSON text, which can be written as JSON again.

    Raises ValueError; also for integers of more than 18 digits, NaN and infinities, halves of surrogate pairs, a key
    that appears twice in an object, and endless nesting.
    """
    try:
        value = DECODER.decode(data.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if b"\\u" in data:
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _integer(digits: str) -> int:
    if len(digits) > INTEGER_DIGITS:
        raise ValueError(f"an integer of {len(digits)} digits")
    return int(digits)


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a duplicate key in an object")
    return value


DECODER = json.JSONDecoder(parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object)


@cache
def row_check() -> Check:
    """Return the check that yields the errors of a row; it is compiled once from the schema. Raises OSError."""
    schema = _schema()
    return _compiled(schema, schema, "row")


def columns() -> dict[str, dict[str, Any]]:
    """Return the schema of each key of a row, in order, with references resolved. Raises OSError."""
    schema = _schema()
    return {name: _resolved(part, schema) for name, part in schema["properties"].items()}


def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA.read_bytes())
    return schema


def _resolved(part: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    resolved: dict[str, Any] = root["$defs"][part["$ref"].removeprefix("#/$defs/")] if "$ref" in part else part
    return resolved


def _compiled(schema: dict[str, Any], root: dict[str, Any], path: str) -> Check:
    schema = _resolved(schema, root)
    tests = [_test(name, value) for name, value in schema.items() if name not in {*NOTES, *PARTS}]
    parts = {
        name: _compiled(part, root, f"{path}.{name}".removeprefix("row."))
        for name, part in schema.get("properties", {}).items()
    }
    items = _compiled(schema["items"], root, f"an item of {path}") if "items" in schema else None
    wanted, only = schema.get("required", []), schema.get("additionalProperties", True)

    def check(value: Any) -> Iterator[str]:
        if False in [test(value) for test in tests]:
            yield f"{path} does not match the schema: {str(value)[:100]}"
        elif isinstance(value, dict):
            if not (value.keys() >= set(wanted) and (only or value.keys() <= parts.keys())):
                yield f"{path} does not have the keys of the schema"
            for name, part in parts.items():
                if name in value:
                    yield from part(value[name])
        elif isinstance(value, list) and items is not None:
            for item in value:
                yield from items(item)

    return check


def _test(name: str, value: Any) -> Test:
    tests: dict[str, Callable[[Any], Test]] = {
        "type": _type,
        "enum": lambda allowed: lambda found: any(found == one and type(found) is type(one) for one in allowed),
        "pattern": _pattern,
        "minLength": lambda least: lambda found: not isinstance(found, str) or len(found) >= least,
        "minimum": lambda least: lambda found: type(found) is not int or found >= least,
        "maximum": lambda most: lambda found: type(found) is not int or found <= most,
        "uniqueItems": lambda _: lambda found: not isinstance(found, list) or _are_unique(found),
        "not": lambda schema: _negated([_test(*keyword) for keyword in schema.items()]),
    }
    return tests[name](value)


def _type(names: str | list[str]) -> Test:
    types = {TYPES[name] for name in ([names] if isinstance(names, str) else names)}
    # By the exact type: true is not a number.
    return lambda found: type(found) in types


def _pattern(text: str) -> Test:
    search = re.compile(text.removesuffix("$") + r"\Z" if text.endswith("$") else text).search
    return lambda found: not isinstance(found, str) or search(found) is not None


def _negated(tests: list[Test]) -> Test:
    return lambda found: not all(test(found) for test in tests)


def _are_unique(found: list[Any]) -> bool:
    return len({json.dumps(one, sort_keys=True) for one in found}) == len(found)
