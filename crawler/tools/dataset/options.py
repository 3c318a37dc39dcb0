"""What a data set holds: how much of the texts, and which articles."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from crawler.model.span import DateRange

FULL, EXCERPT, NONE = TEXTS = ("full", "excerpt", "none")


@dataclass(frozen=True, slots=True)
class DatasetOptions:
    """The options of a data set; a list that is empty leaves no article out.

    `without_copies` keeps the earliest article of each cluster, `with_opted_out` those whose page opts out.
    """

    text: str = FULL
    outlets: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    languages: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    min_words: int | None = None
    max_words: int | None = None
    without_warnings: tuple[str, ...] = ()
    without_copies: bool = False
    with_opted_out: bool = False

    def __post_init__(self) -> None:
        for name in ("outlets", "languages", "scopes", "without_warnings"):
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))

    @property
    def days(self) -> DateRange:
        return DateRange(self.since, self.until)

    def as_json(self) -> dict[str, Any]:
        """Return the options as values of JSON."""
        return {
            name: str(value) if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


def words_of(options: Mapping[str, Any]) -> str:
    """Return options, as `DatasetOptions.as_json` gives them, as the words of a command line."""
    words = ["--text", options["text"]]
    for name, option in LISTS.items():
        if options[name]:
            words += [option, *options[name]]
    for name, option in VALUES.items():
        if options[name] is not None:
            words += [option, str(options[name])]
    words += [option for name, option in SWITCHES.items() if options[name]]
    return shlex.join(words)


LISTS = {
    "outlets": "--outlet",
    "languages": "--language",
    "scopes": "--scope",
    "without_warnings": "--without-warning",
}
VALUES = {"since": "--since", "until": "--until", "min_words": "--min-words", "max_words": "--max-words"}
SWITCHES = {"without_copies": "--no-copies", "with_opted_out": "--opted-out"}
