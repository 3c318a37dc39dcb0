"""Reading of the data files that lie beside the modules: TOML in NFC."""

import tomllib
import unicodedata
from pathlib import Path
from typing import Any


class DataFileError(Exception):
    """A data file of the demo newspaper is invalid; the message names the file."""


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file; raise `DataFileError` unless it is valid and in NFC."""
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if not unicodedata.is_normalized("NFC", line):
            raise DataFileError(f"{path}: line {number} is not in NFC")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise DataFileError(f"{path}: {fault}") from fault
