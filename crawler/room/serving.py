"""Serving a room: its sockets, its servers, and the thread that keeps its index current."""

from __future__ import annotations

import ipaddress
import logging
import socket
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import uvicorn

from crawler.archive.storage.base import StorageError
from crawler.room.index.filling import fill
from crawler.room.room import Room
from crawler.system.locks import Locked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

logger = logging.getLogger(__name__)

# Each round reads what is new of the last two months, each WHOLE_ROUNDS-th that of the whole archive.
FILL_SECONDS, WHOLE_ROUNDS = 60.0, 60
# Connections that are open when the room is closed get this time.
CLOSING_SECONDS = 3
# An address with a query of 10,000 words; the search says that it reads only the first ones.
REQUEST_BYTES = 1 << 20
WAITING = 128


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises OSError."""
    with ExitStack() as failing:
        try:
            family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listening = failing.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(place)
            listening.listen(WAITING)
        except OSError as error:
            raise OSError(error.errno, error.strerror, f"{host} port {port}") from error
        except UnicodeError as error:
            raise OSError(None, "not the name of a host", f"{host} port {port}") from error
        failing.pop_all()
    return listening


def origin_of(listening: socket.socket) -> str:
    """Return the address of a socket as browsers write it."""
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def is_loopback(listening: socket.socket) -> bool:
    return ipaddress.ip_address(listening.getsockname()[0]).is_loopback


class AnnouncedServer(uvicorn.Server):
    """A server that says when it is open: from then on, a signal ends it and raises nothing in the middle of it."""

    def __init__(self, config: uvicorn.Config, on_open: Callable[[], object]) -> None:
        super().__init__(config)
        self._on_open = on_open

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_open()


def serve(places: Sequence[tuple[ASGIApp, socket.socket]], on_open: Callable[[], object]) -> None:
    """Serve applications, each on its socket, until a signal; the first one is served by the main thread.

    `on_open` is called when all are open.
    """
    (first, first_listening), *others = places
    with ExitStack() as stack:
        for app, listening in others:
            stack.enter_context(_served(app, listening))
        AnnouncedServer(_config(first), on_open).run(sockets=[first_listening])


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        h11_max_incomplete_event_size=REQUEST_BYTES,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=CLOSING_SECONDS,
    )


@contextmanager
def _served(app: ASGIApp, listening: socket.socket) -> Iterator[None]:
    """Serve an application in a thread of its own."""
    server = uvicorn.Server(_config(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        # A signal among the main thread's imports may leave a lock behind, for which this thread waits.
        thread.join(CLOSING_SECONDS + 1)


@contextmanager
def kept_current(room: Room, seconds: float = FILL_SECONDS) -> Iterator[None]:
    """Read what is new of the archive into the index again and again, in a thread."""
    is_closed = threading.Event()

    def run() -> None:
        rounds = 0
        while not is_closed.wait(seconds):
            rounds += 1
            _refill(room, is_recent=rounds % WHOLE_ROUNDS != 0)

    # A daemon: a round that is under way leaves nothing behind but an open transaction.
    thread = threading.Thread(target=run, name="filling", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_closed.set()


def _refill(room: Room, is_recent: bool) -> None:
    """Read what is new. What fails is logged and tried again."""
    try:
        filled = fill(room.storage, room.database, is_recent=is_recent)
    except Locked:
        logger.info("another reading room fills the index")
        return
    except (StorageError, OSError, sqlite3.Error) as error:
        logger.warning("the index is not up to date, it will be tried again: %s", error)
        return
    for line in filled.problems:
        logger.warning("%s", line)
