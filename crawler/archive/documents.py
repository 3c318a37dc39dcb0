"""JSON of unknown origin, and the check of a row against `article.schema.json`."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

INTEGER_DIGITS = 18
SCHEMA = Path(__file__).with_name("article.schema.json")
MESSAGE_CHARACTERS = 200
Check = Callable[[Any], Iterator[str]]


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
    import jsonschema_rs  # only commands that check rows need it

    validator = jsonschema_rs.validator_for(_schema())

    def check(row: Any) -> Iterator[str]:
        for error in validator.iter_errors(row):
            path = ".".join(map(str, error.instance_path)) or "row"
            yield f"{path} does not match the schema: {error.message[:MESSAGE_CHARACTERS]}"

    return check


def columns() -> dict[str, dict[str, Any]]:
    """Return the schema of each key of a row, in order, with references resolved. Raises OSError."""
    schema = _schema()
    defined = {f"#/$defs/{name}": part for name, part in schema["$defs"].items()}
    return {name: defined.get(part.get("$ref"), part) for name, part in schema["properties"].items()}


def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA.read_bytes())
    return schema
