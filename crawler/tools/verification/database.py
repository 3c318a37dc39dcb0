"""A scratch database: facts that are looked up across files, on disk so that memory stays flat."""

import sqlite3
import tempfile
from collections.abc import Iterator
from typing import Any


class ScratchDatabase:
    """An SQLite database in a temporary file without a name, which ends with the process."""

    def __init__(self, tables: str = "") -> None:
        """Raise OSError if there is no directory for temporary files: blocks of long records are spooled there too."""
        tempfile.gettempdir()
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE", "cache_size=-32000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(tables)
        self.run("BEGIN")

    def run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def one(self, statement: str, *values: Any) -> Any:
        return self.run(statement, *values).fetchone()

    def add(self, table: str, *values: Any) -> None:
        self.add_all(table, [values])

    def add_all(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * len(rows[0]))
        self._connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)

    def keys(self, condition: str, *values: Any) -> Iterator[str]:
        """Yield the keys of files that meet a condition, in order; the table may change meanwhile."""
        return (key for (key,) in self.run(f"SELECT key FROM files WHERE {condition} ORDER BY key", *values))

    def close(self) -> None:
        self._connection.close()
