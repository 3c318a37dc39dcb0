"""The index of the reading room: an SQLite file that can be made anew from the archive at any time.

A row's number has its day and minute in front, so that matches come newest first, and days are ranges of numbers,
without sorting.
"""

import os
import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from unicodedata import unidata_version

from crawler.room.index import captures

# An index of another version is made anew: raise it when tables, words or stems change. Words also depend on Python's
# Unicode, and leave the index only as they entered it.
VERSION = 4
UNICODE = int("".join(f"{int(number):02}" for number in unidata_version.split(".")))
USER_VERSION = VERSION * 1_000_000 + UNICODE
NAME = "room/index.sqlite"
WAIT_SECONDS = 30
# Of the write-ahead log, once a large file was read.
LOG_BYTES = 64 << 20
# Numbers of a minute, and those of a day, which begin with those of its minutes.
MINUTE_BITS, DAY_BITS = 8, 22
# Before each token of a row's facets, and between name and value.
MARK = "\ue000"

SCHEMA = """
-- Three compressed rows fill a page of this size.
PRAGMA page_size = 8192;
-- Files of the archive that were read: row files and index files. `month` is that of the segment, `replaced` are spans
-- of lines as JSON, `problem` says why the file was skipped.
CREATE TABLE files (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, outlet TEXT NOT NULL, month TEXT NOT NULL,
    sha256 TEXT NOT NULL, replaced TEXT NOT NULL, problem TEXT, read_at REAL NOT NULL
);
CREATE INDEX files_by_outlet ON files (outlet, month);
-- The numbers of files that no longer count and whose rows are still here.
CREATE TABLE gone (file INTEGER PRIMARY KEY);
-- Manifests, compressed: they never change, and a bucket is slow to read. `content` is NULL for a damaged one.
-- `is_done` says that all files of its outlet were read since.
CREATE TABLE manifests (
    key TEXT PRIMARY KEY, content BLOB, is_done INTEGER NOT NULL, read_at REAL NOT NULL
) WITHOUT ROWID;
-- One for each row that counts. `authors` and `agencies` are JSON. Only the newest row of an article is in `search`.
CREATE TABLE rows (
    number INTEGER PRIMARY KEY, id BLOB NOT NULL, file INTEGER NOT NULL, is_newest INTEGER NOT NULL,
    fetched REAL NOT NULL, outlet TEXT NOT NULL, section TEXT, authors TEXT NOT NULL, agencies TEXT NOT NULL,
    language TEXT NOT NULL, scope TEXT
);
CREATE INDEX rows_by_id ON rows (id);
CREATE INDEX rows_by_file ON rows (file);
CREATE INDEX rows_by_fetched ON rows (fetched);
-- The whole row as compressed JSON, apart so that `rows` stays narrow.
CREATE TABLE texts (number INTEGER PRIMARY KEY, row BLOB NOT NULL);
-- The articles of each outlet and day, by their newest row; the day is a proleptic ordinal.
CREATE TABLE coverage (
    outlet TEXT NOT NULL, day INTEGER NOT NULL, articles INTEGER NOT NULL, PRIMARY KEY (outlet, day)
) WITHOUT ROWID;
-- The withheld articles with their addresses, and the files that have rows of them.
CREATE TABLE withheld (id BLOB PRIMARY KEY, url TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE withheld_rows (id BLOB, file INTEGER, PRIMARY KEY (id, file)) WITHOUT ROWID;
-- MinHash signatures of the newest rows, and pairs of copies, each in both orders.
CREATE TABLE signatures (
    number INTEGER PRIMARY KEY, outlet TEXT NOT NULL, signature BLOB NOT NULL, is_paired INTEGER NOT NULL
);
CREATE INDEX signatures_unpaired ON signatures (number) WHERE NOT is_paired;
CREATE TABLE pairs (number INTEGER, other INTEGER, PRIMARY KEY (number, other)) WITHOUT ROWID;
-- What the index was filled with.
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- The words as search compares them: all for phrases, stems of the text, stems of the title, and what is marked: facets
-- and the stems of the title again.
-- Words come folded and separated by spaces, so that the simplest tokenizer reads them. A rowid is a row's number times
-- -1: newest first is the order in which FTS5 reads fastest.
CREATE VIRTUAL TABLE search USING fts5(exact, stem, title, facets, content='', tokenize='ascii');
-- Bytes of words that are kept before they are written: larger parts need less merging.
INSERT INTO search (search, rank) VALUES ('hashsize', 33554432);
INSERT INTO search (search, rank) VALUES ('pgsz', 8000);
"""


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection that only reads; another thread may use it later, one at a time. Raises sqlite3.Error."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
    return _prepared(connection)


def open_to_fill(path: Path) -> sqlite3.Connection:
    """Return the connection of the filler; make the file anew unless it has this version.

    Raises sqlite3.Error, OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not _is_current(path):
        remove(path)
        _make(path)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
    return _prepared(connection)


def remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error says that the file itself is wrong: its extended code begins with the kind."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")
    connection.execute("PRAGMA cache_size = -32000")
    return connection


def _is_current(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            return bool(connection.execute("PRAGMA user_version").fetchone()[0] == USER_VERSION)
    except sqlite3.DatabaseError:  # absent, damaged or not a database
        return False


def _make(path: Path) -> None:
    """Make an empty index that appears whole."""
    growing = path.with_name(path.name + ".open")
    growing.unlink(missing_ok=True)
    with closing(sqlite3.connect(growing)) as connection:
        connection.executescript(SCHEMA + captures.SCHEMA)
        connection.execute(f"PRAGMA user_version = {USER_VERSION}")
        connection.execute("PRAGMA journal_mode = WAL")
    os.replace(growing, path)


def first_number(day: date) -> int:
    """Return the first number of a day."""
    return day.toordinal() << DAY_BITS


def day_of_number(number: int) -> date:
    """Return the day of a row."""
    return date.fromordinal(number >> DAY_BITS)


def free_number(connection: sqlite3.Connection, at: datetime) -> int:
    """Return a free number for a row of this local time: of its minute, else of the rest of its day.

    Raises OverflowError for a day that has no number left.
    """
    begin, end = first_number(at.date()), first_number(at.date()) + (1 << DAY_BITS)
    minute = begin + ((at.hour * 60 + at.minute) << MINUTE_BITS)
    for first, after in ((minute, minute + (1 << MINUTE_BITS)), (begin + (1440 << MINUTE_BITS), end)):
        last = connection.execute("SELECT max(number) FROM rows WHERE number >= ? AND number < ?", (first, after))
        if (number := (last.fetchone()[0] or first - 1) + 1) < after:
            return number
    raise OverflowError(f"the index has no room for another row of {at.date()}")
