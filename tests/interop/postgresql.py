"""Run a PostgreSQL server for the tests, on a socket in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import psycopg

from crawler.system.processes import die_with_parent

SECONDS = 30.0
QUICK = ("fsync=off", "full_page_writes=off", "max_connections=60", "listen_addresses=", "autovacuum=off")


@dataclass
class Server:
    """A PostgreSQL server; `folder` has its data and its socket."""

    folder: Path
    account: str | None
    process: subprocess.Popen[bytes] = field(init=False)
    numbers: count[int] = field(default_factory=count)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = [part for setting in QUICK for part in ("-c", setting)]
        command = [program("postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), *settings]
        self.process = subprocess.Popen(
            command,
            user=self.account,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509 (no threads here)
        )
        end = time.monotonic() + SECONDS
        while True:
            try:
                psycopg.connect(self.conninfo("postgres")).close()
            except psycopg.OperationalError:
                assert time.monotonic() < end, "PostgreSQL did not start"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop the server without waiting for its clients."""
        self.process.send_signal(2)
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(SECONDS)

    def conninfo(self, database: str) -> str:
        """Return the connection string of a database for psycopg."""
        return f"host={self.folder} user=khobor dbname={database}"

    def new_database(self) -> str:
        """Create a database and return its SQLAlchemy URL."""
        name = f"state_{next(self.numbers)}"
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://khobor@/{name}?host={self.folder}"


@contextmanager
def running() -> Iterator[Server]:
    """Run a server during the block."""
    # PostgreSQL refuses to run as root. The path of its socket must be short, and its account must own the folder.
    account = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="khobor-pg-"))
    try:
        if account:
            shutil.chown(folder, account)
        initdb = [program("initdb"), "-D", str(folder / "data"), "-U", "khobor", "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run(
            [*initdb, "--locale=C"], user=account, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=120
        )
        server = Server(folder, account)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs, which Debian keeps out of PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    found = str(debian[-1]) if debian else shutil.which(name)
    assert found, f"{name} is missing: run tests/interop/need.sh pg_ctlcluster postgresql"
    return found
