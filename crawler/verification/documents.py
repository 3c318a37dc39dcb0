"""JSON that may be anything."""

from __future__ import annotations

import json
from typing import Any

INTEGER_DIGITS = 18


def parsed(data: bytes) -> Any:
    """Return what a JSON text holds, all of which can be written down again.

    Raises ValueError; also for integers of more than 18 digits, NaN and infinities, halves of surrogate pairs, a key
    that stands twice in an object, and endless nesting.
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
    raise ValueError(f"{name} is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice in an object")
    return value


DECODER = json.JSONDecoder(parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object)
