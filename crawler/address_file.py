"""A file of addresses, one a line, as people make them: with BOM, comments, blank lines and mistakes."""

from __future__ import annotations

import sys
from pathlib import Path

from crawler.span import BadArgument


def decoded(line: bytes) -> str:
    """Return a line as text, "" when it is no UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return ""


def read_lines(file: str | None) -> list[bytes]:
    """Return the lines of a file that are neither blank nor comments. Raises BadArgument."""
    if not file:
        raise BadArgument("urls needs the file of addresses: -a file=PATH, or -a file=- for standard input.")
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise BadArgument(f"the addresses can't be read from {file}: {error.strerror}.") from error
    lines = (line.strip() for line in content.removeprefix(b"\xef\xbb\xbf").splitlines())
    return [line for line in lines if line and not line.startswith(b"#")]
