"""JSON that may be anything."""

from __future__ import annotations

import json
from typing import Any

INTEGER_DIGITS = 18


def parsed(data: bytes) -> Any:
    """Return what a JSON text holds, all of which can be written down again.

    Raises ValueError; also for integers of more than 18 digits, halves of surrogate pairs, and endless nesting.
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


DECODER = json.JSONDecoder(parse_int=_integer)
