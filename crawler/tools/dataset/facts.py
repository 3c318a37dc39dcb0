"""The facts about a data set: its card says them, and the data set has them as `facts.json`."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

NAME = "facts.json"
SPLITS = ("train", "validation", "test")
FILE = re.compile(rf"data/(?:{'|'.join(SPLITS)})-\d{{5}}-of-\d{{5}}\.parquet")
# Words of a text: the first number of each bucket.
BUCKETS = (0, 50, 100, 200, 400, 800, 1600)
# The reasons for which articles are left out, beside `warning:CODE`, in the order in which they are tried.
WITHHELD = "withheld"
OPT_OUTS = ("noai", "tdm-reservation", "content-signal", "content-usage")
LANGUAGE, SCOPE, LENGTH, WARNING, COPY = "language", "scope", "length", "warning:", "copy"


@dataclass
class SplitFacts:
    """The articles of a split, and the first and last moment of publication, RFC 3339 in UTC.

    An article that states only a day counts at the end of the day, an undated one when it was fetched.
    """

    rows: int = 0
    first: str | None = None
    last: str | None = None


@dataclass
class FileFacts:
    """A Parquet file of the data set."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass
class DatasetFacts:
    """Everything that the card says.

    `options` are those of `DatasetOptions.as_json`. `newest` is the newest `fetched_at`. `clusters` counts those of two
    or more articles before copies are left out, `clustered` the articles in them. `left_out` counts articles by
    reason, `withheld` has the SHA-256 of the IDs of those withheld. A gap has the keys `outlet`, `since`, `until` and
    `what`. A split without articles has no file. `lacking` counts the articles without text in a data set that was
    filled.
    """

    text: str
    options: dict[str, Any]
    archive: str | None
    khobor: str
    newest: str
    extractors: dict[str, int]
    splits: dict[str, SplitFacts]
    months: dict[str, int]
    outlets: dict[str, int]
    languages: dict[str, int]
    scopes: dict[str, int]
    lengths: dict[str, int]
    warnings: dict[str, int]
    clusters: int
    clustered: int
    left_out: dict[str, int]
    withheld: list[str]
    withdrawn: int
    gaps: list[dict[str, str]]
    files: list[FileFacts]
    lacking: int = 0

    @property
    def rows(self) -> int:
        return sum(split.rows for split in self.splits.values())

    def encoded(self) -> bytes:
        """Return the facts as JSON; equal facts give the same bytes."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def decoded(cls, data: bytes) -> Self:
        """Return the facts in JSON. Raises ValueError for anything else."""
        try:
            values = json.loads(data)
            values["splits"] = {name: SplitFacts(**split) for name, split in values["splits"].items()}
            values["files"] = [FileFacts(**file) for file in values["files"]]
            # `--fill` writes these files: of somebody else's data set, none may lie elsewhere.
            if wrong := [file.path for file in values["files"] if not FILE.fullmatch(file.path)]:
                raise ValueError(f"{wrong[0]!r} is no file of a data set")
            return cls(**values)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not the facts of a data set: {error!r}") from error


def withheld_digest(article: str) -> str:
    """Return the digest of the ID of a withheld article: nothing else of it is in a data set without it."""
    return hashlib.sha256(article.encode()).hexdigest()


def largest_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def bucket_of(words: int) -> str:
    """Return the bucket of a text with a number of words: `0-49`, `50-99`, …, `1600-`."""
    begin = max(first for first in BUCKETS if first <= words)
    following = [first for first in BUCKETS if first > words]
    return f"{begin}-{following[0] - 1 if following else ''}"
