"""The names of the archive's files, and the folders in which they belong."""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime

# The order in which files go to the archive: a record before its row, every file before the manifest that names it.
KINDS = ("warc", "index", "articles", "runs", "manifest")
OPEN = ".open"
PARTIAL = ".partial" + OPEN
NAME = re.compile(r"(?P<run>khobor-(?P<outlet>.+)-(?P<stamp>\d{8}T\d{9})-[^/]*?)\.(?:warc\.gz|cdxj|jsonl\.gz|json)")
# The most that file systems allow.
NAME_BYTES = 255
NAMED_SUFFIX = {"warc": ".warc.gz", "index": ".cdxj", "articles": ".jsonl.gz", "runs": ".json"}


def name_of(key: str) -> re.Match[str] | None:
    """Return the parts of a file's name, `run`, `outlet` and `stamp`; None if khobor did not give the name."""
    return NAME.fullmatch(key.rpartition("/")[2])


def outlet_of(key: str) -> str | None:
    """Return the outlet of a file: by its folder, else by its name."""
    kind, _, rest = key.partition("/")
    if kind in ("warc", "index"):
        return rest.partition("/")[0]
    if kind == "articles":
        return rest.partition("/")[0].removeprefix("outlet=")
    name = name_of(key.removesuffix(OPEN))
    return name["outlet"] if name else None


def folder_problem(key: str) -> str | None:
    """Return the error in a file's folder, None if it agrees with its name; the month of rows is not compared."""
    kind, _, rest = key.partition("/")
    name = name_of(key)
    if name is None:
        return "the file's name is not one that a run gives"
    month = f"{name['stamp'][:4]}/{name['stamp'][4:6]}"
    if kind == "articles":
        folder, found = f"outlet={name['outlet']}", rest.partition("/")[0]
    else:
        folder = month if kind in ("runs", "manifest") else f"{name['outlet']}/{month}"
        found = rest.rpartition("/")[0]
    return None if found == folder else f"the file's name belongs in {kind}/{folder}"


def is_key(text: str) -> bool:
    """Return whether a text can be the key of a file that manifests name."""
    kind, *parts = text.split("/")
    safe = bool(parts) and not {"", ".", ".."} & set(parts) and "\0" not in text
    safe = safe and all(len(part.encode(errors="replace")) <= NAME_BYTES for part in parts)
    return safe and kind in NAMED_SUFFIX and text.endswith(NAMED_SUFFIX[kind])


def warc_of(index: str) -> str:
    return "warc" + index.removeprefix("index").removesuffix(".cdxj") + ".warc.gz"


def index_of(warc: str) -> str:
    return "index" + warc.removeprefix("warc").removesuffix(".warc.gz") + ".cdxj"


def host_name() -> str:
    """Return this machine's short name, fit for a file name."""
    name = socket.gethostname().split(".")[0]
    return "".join(character if character.isalnum() else "-" for character in name) or "host"


def stamp(moment: datetime) -> str:
    """Return a moment in UTC to the millisecond, the form in names: 20261124T101500123."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y%m%dT%H%M%S}{utc.microsecond // 1000:03d}"


def started_of(run: str) -> datetime:
    """Return the moment in the name of a run. Raises ValueError for a name without one."""
    return datetime.strptime(run.split("-")[2] + "000+0000", "%Y%m%dT%H%M%S%f%z")


def run_name(outlet: str, started: datetime) -> str:
    """Return the name of a run; the names of its run, manifest and row files begin with it."""
    return f"khobor-{outlet}-{stamp(started)}-{host_name()}"


def warc_stem(outlet: str, opened: datetime, serial: int) -> str:
    """Return the name of a WARC file and of its index, without folder of the kind and suffix."""
    return f"{outlet}/{opened:%Y/%m}/khobor-{outlet}-{stamp(opened)}-{serial:05d}-{host_name()}"
