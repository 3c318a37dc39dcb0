"""Title, dates, credits, section and the smaller fields of an article, each from named sources in a stated order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Found(Generic[Value]):
    """A value, and the name of the source that gave it, `none` where no source has one; + joins several sources."""

    value: Value
    source: str = "none"


def united(sources: Mapping[str, Sequence[str]]) -> Found[list[str]]:
    """Return the values of all sources in their order, each once, and the names of the sources that have any."""
    values = dict.fromkeys(value for found in sources.values() for value in found)
    return Found(list(values), "+".join(source for source, found in sources.items() if found) or "none")
