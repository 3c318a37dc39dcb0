"""Pages as heavy as those of real sites, with the demo newspaper's stories, served by nginx from files."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import cache
from pathlib import Path

from crawler.demo.newspaper import Newspaper, PrintedArticle

# Different pages; more addresses lead to the same ones.
DISTINCT = 200
# The other stories on a page.
CARDS = 40
DAY = date(2026, 11, 24)
AUTHOR = "কামাল হোসেন"
CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
events {{ worker_connections 256; }}
http {{
    access_log off; default_type text/html; charset utf-8;
    keepalive_requests 1000000; gzip_static always; etag off; if_modified_since off;
    client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
    server {{ listen 127.0.0.1:{port}; root {folder}/site; }}
}}
"""


@cache
def _stories() -> Sequence[PrintedArticle]:
    return Newspaper(DAY).articles


def page(number: int, body_class: str, cards: int = CARDS) -> bytes:
    """Return a page: scripts and styles, a menu, a story in an element with a class, cards of others, a footer.

    With fewer cards, more of its weight is in a script.
    """
    stories = _stories()
    first = number * 7 % (len(stories) - 60)
    story, *others = stories[first : first + 60]
    text = "".join(f"<p>{line}</p>" for one in stories[first : first + 3] for line in one.text.split("\n"))
    data = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": story.title}
    data |= {
        "datePublished": f"2026-11-24T{number % 24:02}:15:00+06:00",
        "author": {"@type": "Person", "name": AUTHOR},
    }
    listed = "".join(
        f'<div class="col"><div class="card shadow"><a href="/news/{n}0"><img src="/img/{n}.jpg" alt="{one.title}">'
        f'<h4 class="title">{one.title}</h4></a><span class="time"><i class="icon"></i>{n} ঘণ্টা আগে</span></div></div>'
        for n, one in enumerate(others[:cards])
    )
    menu = "".join(
        f'<li class="nav-item"><a class="nav-link" href="/section/{n}">বিভাগ {n}</a></li>' for n in range(20 + cards)
    )
    noise = hashlib.shake_128(b"%d" % number).digest(9000 + (CARDS - cards) * 500).hex()
    return (
        f'<!doctype html><html lang="bn"><head><meta charset="utf-8"><title>{story.title} | দৈনিক মাপ</title>'
        f'<meta property="og:title" content="{story.title}"><meta name="description" content="{story.title}">'
        f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'
        f"<style>.a{{color:red}}{noise[:6000]}</style><script>var state='{noise}'</script></head><body>"
        f'<header><nav><ul class="navbar-nav">{menu}</ul></nav></header><main><div class="container"><div class="row">'
        f'<div class="col-8"><h1>{story.title}</h1><div class="meta"><span class="author">{AUTHOR}</span></div>'
        f'<div class="{body_class}">{text}</div><div class="share"><a href="#">শেয়ার</a><a href="#">টুইট</a></div></div>'
        f'<aside class="col-4"><h3>আরও পড়ুন</h3>{listed}</aside></div></div></main>'
        f'<footer><div class="row"><ul>{menu}</ul><p>স্বত্ব © দৈনিক মাপ। সম্পাদক: {AUTHOR}।</p></div></footer>'
        f"</body></html>"
    ).encode()


@contextmanager
def nginx(folder: Path, pages: int, cards: int = CARDS) -> Iterator[tuple[str, int]]:
    """Serve `pages` addresses `/news/N` and `/unmarked/N`; yield the address of the server and the bytes of a page."""
    sizes = [_write(folder / "site" / name, body_class, pages, cards) for name, body_class in KINDS.items()]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, port=port))
    os.chmod(folder, 0o755)  # nginx serves as another user
    command = [shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"]
    with subprocess.Popen([*command, "-c", str(folder / "nginx.conf"), "-g", "user root;"]) as process:
        try:
            _wait(port)
            yield f"http://127.0.0.1:{port}", sum(sizes) // len(sizes)
        finally:
            process.terminate()


# The class of the story's element: one that a platform declares, and one that nobody knows.
KINDS = {"news": "entry-content", "unmarked": "c-8f3a"}


def _write(folder: Path, body_class: str, pages: int, cards: int) -> int:
    """Write the compressed pages of a kind; return the bytes of one, uncompressed."""
    folder.mkdir(parents=True)
    size = 0
    for number in range(min(DISTINCT, pages)):
        body = page(number, body_class, cards)
        size += len(body)
        (folder / f"{number}.gz").write_bytes(gzip.compress(body, 6, mtime=0))
    for number in range(DISTINCT, pages):
        os.link(folder / f"{number % DISTINCT}.gz", folder / f"{number}.gz")
    return size // min(DISTINCT, pages)


def _wait(port: int) -> None:
    for _ in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise SystemExit("nginx does not start")
