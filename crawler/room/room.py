"""A reading room: what its pages read, and at which addresses they are."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from queue import Empty, Full, LifoQueue

from crawler.archive.storage.base import Storage
from crawler.bengali.text import fold
from crawler.outlets.loader import Outlets
from crawler.room.health import Health
from crawler.room.index.database import connect, is_damage, remove
from crawler.room.language import filter_codes
from crawler.room.search.query import Codes

logger = logging.getLogger(__name__)

# Connections that wait for the next page: each holds a cache.
IDLE = 4
# A page that reads the index longer is refused. The time is checked every STEPS of SQLite's virtual machine.
READ_SECONDS, STEPS = 10.0, 100_000


@dataclass
class Room:
    """The places of a room.

    `prefix` is the path below which a reverse proxy publishes it, such as `/news`, empty for none. `replay_origin` is
    the origin on which archived pages are replayed, or a port of the room's host such as `:8001`; None without the
    player. `state_url` is the state, which says how the outlets are.
    """

    database: Path
    storage: Storage
    prefix: str
    outlets: Outlets
    replay_origin: str | None = None
    state_url: str = ""
    health: Health = field(init=False, repr=False)
    # With the file that each connection reads.
    _idle: LifoQueue[tuple[sqlite3.Connection, int]] = field(default_factory=lambda: LifoQueue(IDLE), repr=False)

    def __post_init__(self) -> None:
        self.health = Health(self.state_url, self.outlets)

    @cached_property
    def codes(self) -> Codes:
        """The values of filters by their names: `outlet:সমকাল`, `agency:বাসস`."""
        named = {fold(name): one.name for one in self.outlets for name in (one.title, one.english) if name}
        return {**filter_codes(), "outlet": named}

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Provide a connection that reads the index for one page.

        Raises sqlite3.OperationalError without an index and for a page that reads too long, sqlite3.DatabaseError for
        a damaged index, which is removed: the next round makes it anew.
        """
        connection, file = self._connection()
        end = time.monotonic() + READ_SECONDS
        connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
        try:
            yield connection
        except BaseException as error:
            connection.close()
            if isinstance(error, sqlite3.Error) and is_damage(error):
                logger.warning("%s is damaged and will be made anew: %s", self.database, error)
                remove(self.database)
            raise
        try:
            self._idle.put_nowait((connection, file))
        except Full:
            connection.close()

    def _connection(self) -> tuple[sqlite3.Connection, int]:
        """Return a connection to the present file, and its number. A removed file would miss later take-downs."""
        try:
            present = self.database.stat().st_ino
        except FileNotFoundError:
            present = 0
        with suppress(Empty):
            while True:
                connection, file = self._idle.get_nowait()
                if file == present:
                    return connection, file
                connection.close()
        return connect(self.database), present

    def close(self) -> None:
        with suppress(Empty):
            while True:
                self._idle.get_nowait()[0].close()
