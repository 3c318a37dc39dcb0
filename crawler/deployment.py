"""Where this deployment keeps things: settings that name places, made absolute."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.s3.options import Options
from crawler.storage import Storage, storage_for

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

# The folder of scrapy.cfg: relative places are relative to it, wherever the command was called from.
PROJECT_ROOT = Path(__file__).resolve().parent.parent


def spool_directory(settings: BaseSettings) -> Path:
    """Return the absolute SPOOL_DIR."""
    return PROJECT_ROOT / Path(str(settings["SPOOL_DIR"])).expanduser()


def archive_url(settings: BaseSettings) -> str:
    """Return ARCHIVE_URL: an `s3://` address as it is, a directory as an absolute path."""
    url = str(settings["ARCHIVE_URL"])
    # One with a slash too few is refused where a store is made of it.
    if "://" in url or url.startswith("s3:"):
        return url
    return str(PROJECT_ROOT / Path(url).expanduser())


def archive_of(settings: BaseSettings) -> Storage:
    """Return the store at ARCHIVE_URL, for those who put files into it. Raises StorageError."""
    return storage_for(archive_url(settings), Options.from_settings(settings, spool_directory(settings)))


def state_url(settings: BaseSettings) -> str:
    """Return STATE_URL with `{SPOOL_DIR}` filled in and an SQLite path made absolute."""
    url = str(settings["STATE_URL"]).replace("{SPOOL_DIR}", str(spool_directory(settings)))
    scheme, separator, path = url.partition("///")
    if scheme.startswith("sqlite") and separator and path and path != ":memory:":
        return f"{scheme}///{PROJECT_ROOT / path}"
    return url


def host_name() -> str:
    """Return this machine's short name, fit for a file name."""
    name = socket.gethostname().split(".")[0]
    return "".join(character if character.isalnum() else "-" for character in name) or "host"
