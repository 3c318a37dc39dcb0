"""Memory stays flat whatever a site sends."""

import os
import subprocess
import time
import zlib
from pathlib import Path

from origin import Origin
from place import Place

from crawler.crawl.settings import PROJECT_ROOT

PAGES = 60
MOST_MB = 250


def gzip_bomb():
    """Return gzip of a gigabyte in 3.5 MB."""
    packer = zlib.compressobj(wbits=-15)
    megabyte = packer.compress(b"<p>abc</p>" * 104_858) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08" + bytes(7) + megabyte * 1024 + packer.flush() + b"\xff" * 8


def page(body, *fields):
    fields = (b"HTTP/1.1 200 OK", b"Content-Type: text/html", b"Content-Length: %d" % len(body), *fields)
    return [b"\r\n".join(fields) + b"\r\n\r\n" + body]


def test_gzip_bombs_and_large_pages_leave_no_memory_behind(tmp_path):
    bomb, other = page(gzip_bomb(), b"Content-Encoding: gzip"), page(b"%PDF" + b"large " * 600_000)
    routes = {f"/{number}": bomb if number % 2 else other for number in range(PAGES)}
    with Origin(routes) as origin:
        given = tmp_path / "given"
        given.write_text("".join(f"{origin.base}{path}\n" for path in routes))
        words = Place(tmp_path, origin.base).command("crawl", "urls", "-a", f"file={given}")
        words += ["-s", "ROBOTSTXT_OBEY=False", "-s", "LOG_LEVEL=CRITICAL"]
        environment = {**os.environ, "SCRAPY_PROJECT": "test", "KHOBOR_CONTACT": "desk@archive.example"}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        most = 0
        with subprocess.Popen(words, cwd=PROJECT_ROOT, env=environment, **pipes) as process:
            while process.poll() is None:
                most = max(most, most_memory(process.pid))
                time.sleep(0.05)
            said = process.stdout.read()
    assert process.returncode == 3, said
    assert f"{PAGES // 2} too-large" in said
    assert 0 < most < MOST_MB * 1024, most


def most_memory(process):
    """Return the most kilobytes that a process has had; what `wait4` says counts those of this one too."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)
