"""A reading room on an archive, with the endpoints that a test needs, and Starlette's client for it."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from crawler.archive.storage.directory import DirectoryStorage
from crawler.outlets.loader import Outlets
from crawler.room.index.filling import fill
from crawler.room.room import Room


def room_of(archive: Path, folder: Path) -> Room:
    """Return the room of an archive, its index in a folder."""
    storage, database = DirectoryStorage(archive), folder / "room" / "index.sqlite"
    assert fill(storage, database).problems == []
    return Room(database, storage, "", Outlets([]))


def client_of(room: Room, *routes: BaseRoute, path: str = "") -> TestClient:
    """Return a client that follows no redirect."""
    app = Starlette(routes=list(routes))
    app.state.room = room
    return TestClient(app, "http://room.example", follow_redirects=False, root_path=path)
