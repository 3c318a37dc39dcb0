"""What the name of a file says, and which file stands beside it."""

from __future__ import annotations

import re

from crawler.recording.warc import OPEN

NAME = re.compile(r"(?P<run>khobor-(?P<outlet>.+)-(?P<stamp>\d{8}T\d{9})-[^/]*?)\.(?:warc\.gz|cdxj|jsonl\.gz|json)")


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


def warc_of(index: str) -> str:
    """Return the WARC that an index is of."""
    return "warc" + index.removeprefix("index").removesuffix(".cdxj") + ".warc.gz"


def index_of(warc: str) -> str:
    """Return the index of a WARC."""
    return "index" + warc.removeprefix("warc").removesuffix(".warc.gz") + ".cdxj"
