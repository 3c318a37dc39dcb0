"""The stylesheets and pictures of the demo newspaper, made without a library."""

import struct
import zlib
from html import escape

from crawler.demo.replies import Reply

WIDTH, HEIGHT = 480, 270
EMBLEM = 'body > header { background: url("emblem.svg") no-repeat right top / contain }\n'


def stylesheet(style: str) -> Reply:
    """Return a layout's style, with the emblem."""
    return Reply(200, (style + EMBLEM).encode(), "text/css; charset=utf-8")


def emblem(title: str) -> Reply:
    """Return a letter, the first one of the last word of a title, as SVG."""
    letter = escape(title.rsplit(" ", 1)[-1][0])
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><circle cx="32" cy="32" r="30" fill="#ebe6da"/>'
        f'<text x="32" y="43" font-size="32" text-anchor="middle" fill="#a32">{letter}</text></svg>\n'
    )
    return Reply(200, svg.encode(), "image/svg+xml")


def photo(number: int) -> Reply:
    """Return a picture as PNG: a sky, with its own colour, above a dark river."""
    shade = number * 37 % 96
    rows = []
    for y in range(HEIGHT):
        is_sky = y < HEIGHT * 2 // 3
        colour = (90 + shade + y // 4, 140 + y // 4, 230 - shade) if is_sky else (40, 60 + shade // 2, 70 + y // 5)
        rows.append(b"\0" + bytes(colour) * WIDTH)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    return Reply(200, b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts), "image/png")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
