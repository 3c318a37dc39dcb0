"""Update stand-ins for many outlets, each on a loopback host of its own; print memory, time and database load."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

import psycopg
from bench.memory import memory_of
from interop import postgresql

from crawler.demo.control import Control
from crawler.demo.newspaper import Newspaper, dhaka_today
from crawler.demo.server import DemoServer, Handler
from crawler.demo.site import Site

ROOT = Path(__file__).resolve().parents[2]
LIKE = ("Daily", "Portal", "Tv")
MODULE = """
from crawler.demo.spiders.demo_{module} import Demo{name}Spider


class StandIn{number}Spider(Demo{name}Spider):
    name = "stand_in_{number}"
    home = "{home}"
    custom_settings = {{"DEMO_URL": home}}
"""
LOAD = "SELECT xact_commit + xact_rollback, tup_inserted + tup_updated FROM pg_stat_database WHERE datname = %s"
MOST_MEMORY = 3 << 30


class StandIn(DemoServer):
    """The demo newspaper on another address of this machine: politeness counts hosts."""

    def __init__(self, host: str, site: Site) -> None:
        ThreadingHTTPServer.__init__(self, (host, 0), Handler)
        self.site = site
        self.control = Control(site)

    @property
    def address(self) -> str:
        """The server's own address."""
        return "http://{}:{}".format(*self.server_address[:2])


@contextmanager
def stand_ins(folder: Path, number: int) -> Iterator[None]:
    """Serve so many outlets during the block, and write their modules into a folder."""
    site = Site(Newspaper(dhaka_today()))
    servers = [StandIn(f"127.0.1.{one}", site) for one in range(1, number + 1)]
    folder.mkdir()
    for one, server in enumerate(servers):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        name = LIKE[one % len(LIKE)]
        text = MODULE.format(module=name.lower(), name=name, number=one, home=server.address)
        (folder / f"stand_in_{one}.py").write_text(text, "utf-8")
    (folder / "__init__.py").touch()
    try:
        yield
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def update(place: Path, state: str, options: list[str]) -> tuple[int, float, int]:
    """Run an update; return its exit code, its seconds, and the most bytes of memory at any time."""
    settings = {"SPIDER_MODULES": "stand_ins", "ARCHIVE_URL": place / "archive", "SPOOL_DIR": place / "spool"}
    words = [part for name, value in {**settings, "STATE_URL": state}.items() for part in ("-s", f"{name}={value}")]
    environment = {**os.environ, "PYTHONPATH": str(place), "SCRAPY_PROJECT": "test"}
    began, most = time.monotonic(), 0
    process = subprocess.Popen([sys.executable, "-m", "scrapy", "update", *options, *words], cwd=ROOT, env=environment)
    while process.poll() is None:
        most = max(most, memory_of(process.pid))
        time.sleep(0.5)
    return process.returncode, time.monotonic() - began, most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outlets", type=int, default=50)
    parser.add_argument("options", nargs="*", help="options of `scrapy update`, after --")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, postgresql.running() as server:
        place, state = Path(temporary), server.new_database()
        database = state.partition("@/")[2].partition("?")[0]
        with stand_ins(place / "stand_ins", given.outlets):
            for run in ("first", "second"):
                code, seconds, most = update(place, state, given.options)
                with psycopg.connect(server.conninfo("postgres")) as connection:
                    load = connection.execute(LOAD, [database]).fetchone() or (0, 0)
                print(f"{run} update of {given.outlets} outlets: exit {code} in {seconds:.0f} s; {most >> 20} MiB")
                print(f"  PostgreSQL so far: {load[0]} transactions, {load[1]} rows written")
    print(f"target: below {MOST_MEMORY >> 20} MiB")


if __name__ == "__main__":
    sys.exit(main())
