"""What the name of a file says, and which file stands beside it."""

from __future__ import annotations

import re

from crawler.recording.warc import OPEN

NAME = re.compile(r"(?P<run>khobor-(?P<outlet>.+)-(?P<stamp>\d{8}T\d{9})-[^/]*?)\.(?:warc\.gz|cdxj|jsonl\.gz|json)")
NAME_BYTES = 255
NAMED_SUFFIX = {"warc": ".warc.gz", "index": ".cdxj", "articles": ".jsonl.gz", "runs": ".json"}


def name_of(key: str) -> re.Match[str] | None:
    """Return the parts of a file's name, `run`, `outlet` and `stamp`; None when it is none of ours."""
    return NAME.fullmatch(key.rpartition("/")[2])


def outlet_of(key: str) -> str | None:
    """Return the outlet whose file it is: by its folder, else by its name."""
    kind, _, rest = key.partition("/")
    if kind in ("warc", "index"):
        return rest.partition("/")[0]
    if kind == "articles":
        return rest.partition("/")[0].removeprefix("outlet=")
    name = name_of(key.removesuffix(OPEN))
    return name["outlet"] if name else None


def folder_problem(key: str) -> str | None:
    """Return what is wrong with where a file lies; its folder is what its name says, but for the month of rows."""
    kind, _, rest = key.partition("/")
    name = name_of(key)
    if name is None:
        return "the file's name is none that a run gives"
    month = f"{name['stamp'][:4]}/{name['stamp'][4:6]}"
    if kind == "articles":
        folder, found = f"outlet={name['outlet']}", rest.partition("/")[0]
    else:
        folder = month if kind in ("runs", "manifest") else f"{name['outlet']}/{month}"
        found = rest.rpartition("/")[0]
    return None if found == folder else f"the file's name belongs into {kind}/{folder}"


def is_key(text: str) -> bool:
    """Tell whether a text may name one of the files that manifests name."""
    kind, *parts = text.split("/")
    safe = bool(parts) and not {"", ".", ".."} & set(parts) and "\0" not in text
    # As much as file systems take.
    safe = safe and all(len(part.encode(errors="replace")) <= NAME_BYTES for part in parts)
    return safe and kind in NAMED_SUFFIX and text.endswith(NAMED_SUFFIX[kind])


def warc_of(index: str) -> str:
    """Return the WARC that an index is of."""
    return "warc" + index.removeprefix("index").removesuffix(".cdxj") + ".warc.gz"


def index_of(warc: str) -> str:
    """Return the index of a WARC."""
    return "index" + warc.removeprefix("warc").removesuffix(".warc.gz") + ".cdxj"
