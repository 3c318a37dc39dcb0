"""`scrapy room`: the reading room, in which people search, read and compare what the archive has."""

from __future__ import annotations

import argparse
import re
import sqlite3
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.exceptions import UsageError

from crawler.jobs.command import BaseCommand
from crawler.model.addresses import is_web_address
from crawler.model.exit_codes import FAILED, LOCKED, OK
from crawler.system.terminal import Interrupted, complain, complain_of, counted, say

if TYPE_CHECKING:
    import socket

    from crawler.room.room import Room

# The folder of the npm package, as `make room-ready` leaves it.
PLAYER = ".room/package"
HOST, PORT = "127.0.0.1", 8000
PREFIX = re.compile(r"(?:/[\w.~-]+)*", re.ASCII)


class Command(BaseCommand):
    """Open the archive in a browser: search, articles, versions, copies, coverage, replay.

    The index is an SQLite file in SPOOL_DIR/room. It is made from the archive, follows it while the room is open, and
    can be removed at any time. The room changes nothing in the archive. The address is printed when the index is ready;
    Ctrl-C closes the room.
    """

    usage = "[options]"
    examples = ("scrapy room", "scrapy room --host 0.0.0.0 --port 8000 --prefix /archive")
    exit_codes = {
        OK: "closed by Ctrl-C or SIGTERM",
        FAILED: "the archive, the index or the port can't be used",
        LOCKED: "another reading room fills the index",
    }

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--host", default=HOST, metavar="H", help=f"address to listen on (default: {HOST})")
        parser.add_argument(
            "--port", type=_port, default=PORT, metavar="N", help=f"port; 0 for a free one (default: {PORT})"
        )
        parser.add_argument(
            "--prefix", default="", metavar="PATH", help="path below which a reverse proxy has the room"
        )
        parser.add_argument(
            "--replay-origin",
            default="",
            metavar="URL",
            help="origin at which a reverse proxy has port N+1, where archived pages are replayed",
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.crawl.settings import PROJECT_ROOT
        from crawler.room.app import make_app
        from crawler.room.interfaces.player import is_player, make_player
        from crawler.room.room import Room
        from crawler.room.serving import kept_current, listen, serve

        prefix, origin = prefix_of(opts.prefix), origin_in(opts.replay_origin)
        storage = self.whole_archive()
        with ExitStack() as stack:
            listening = stack.enter_context(closing(listen(opts.host, opts.port)))
            database = self.deployment.spool / "room" / "index.sqlite"
            room = Room(database, storage, prefix, self.outlets, state_url=self.deployment.state_url)
            places = [(make_app(room), listening)]
            if is_player(package := PROJECT_ROOT / PLAYER):
                replaying = stack.enter_context(closing(listen(opts.host, opts.port and opts.port + 1)))
                room.replay_origin = origin or f":{replaying.getsockname()[1]}"
                places.append((make_player(room, package), replaying))
            self._fill(room)
            with closing(room), kept_current(room), suppress(Interrupted):
                serve(places, lambda: self._say_open(room, listening))
        return OK

    def _fill(self, room: Room) -> None:
        from crawler.jobs.output import progress_bar
        from crawler.room.index.filling import fill

        try:
            with progress_bar("files", of_bytes=False) as bar:
                filled = fill(room.storage, room.database, bar.advance)
        except sqlite3.Error as error:
            raise OSError(None, str(error), str(room.database)) from error
        complain_of(filled.problems, "problem")

    def _say_open(self, room: Room, listening: socket.socket) -> None:
        from crawler.room.search.articles import outlets
        from crawler.room.serving import is_loopback, origin_of

        with room.reading() as connection:
            counts = outlets(connection)
        for fault in self.outlets.faults:
            complain(f"{fault}; the room shows its articles without its name")
        if not is_loopback(listening):
            complain("everyone who reaches this address can read the archive; a reverse proxy can ask for passwords")
        kept = f"{counted(sum(counts.values()), 'article')} of {counted(len(counts), 'outlet')}"
        say(f"{origin_of(listening)}{room.prefix}/ has {kept}; Ctrl-C closes it")


def prefix_of(text: str) -> str:
    """Return a prefix with its first slash and without a last one. Raises UsageError for one that is no path."""
    prefix = f"/{text.strip('/')}" if text.strip("/") else ""
    if not PREFIX.fullmatch(prefix) or ".." in prefix.split("/"):
        raise UsageError(f"--prefix {text} is not a path like /archive")
    return prefix


def origin_in(text: str) -> str:
    """Return an origin without a last slash, empty for none. Raises UsageError for a text that is no origin."""
    origin = text.rstrip("/")
    parts = urlsplit(origin)
    if origin and (not is_web_address(origin) or f"{parts.scheme}://{parts.netloc}" != origin):
        raise UsageError(f"--replay-origin {text} is not an origin like https://replay.example.org")
    return origin


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)
