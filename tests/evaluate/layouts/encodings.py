"""Pages with a missing or wrong declaration of their encoding, and damaged bytes."""

from __future__ import annotations

from evaluate.markup import body, credit, heading, ld_json, news_article, page
from evaluate.page import Story, layout

DECLARED = '<meta charset="utf-8">'


def _page(story: Story, declared: str = DECLARED) -> str:
    main = f'{heading(story)}{credit(story)}<div class="news-details">{body(story)}</div>'
    return page(story, main, ld_json(news_article(story))).replace(DECLARED, declared)


@layout("encoding-undeclared", date="second")
def undeclared(story: Story) -> bytes:
    return _page(story, "").encode()


@layout("encoding-wrong-in-page", date="second")
def wrong_in_page(story: Story) -> bytes:
    return _page(story, '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">').encode()


@layout("encoding-wrong-in-header", date="second", content_type="text/html; charset=ISO-8859-1")
def wrong_in_header(story: Story) -> bytes:
    return _page(story).encode()


@layout("encoding-byte-order-mark", date="second", content_type="text/html; charset=windows-1252")
def byte_order_mark(story: Story) -> bytes:
    return b"\xef\xbb\xbf" + _page(story, "").encode()


@layout("encoding-utf-16", date="second")
def utf_16(story: Story) -> bytes:
    return _page(story, "").encode("utf-16")


@layout("encoding-mojibake", date="second")
def mojibake(story: Story) -> bytes:
    """A page that was decoded as windows-1252 and saved again."""
    return "".join(_as_windows(byte) for byte in _page(story).encode()).encode()


def _as_windows(byte: int) -> str:
    try:
        return bytes([byte]).decode("windows-1252")
    except UnicodeDecodeError:
        return chr(byte)


@layout("encoding-entities", date="second")
def entities(story: Story) -> bytes:
    return _page(story).encode("ascii", "xmlcharrefreplace")


@layout("encoding-broken-bytes", date="second")
def broken_bytes(story: Story) -> bytes:
    """A heading of the sidebar is cut inside a character."""
    html = _page(story).encode()
    return html.replace("সর্বশেষ</h3>".encode(), "সর্বশেষ".encode()[:-1] + b"</h3>")
