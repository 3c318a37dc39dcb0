"""Title, dates, credits, section and the smaller fields of an article, each from named sources in a stated order.

Beside a value, a function returns the name of the source that gave it: `none` where no source has one; + joins several.
"""

from collections.abc import Mapping, Sequence


def united(sources: Mapping[str, Sequence[str]]) -> tuple[list[str], str]:
    """Return the values of all sources in their order, each once, and the names of the sources that have any."""
    values = dict.fromkeys(value for found in sources.values() for value in found)
    return list(values), "+".join(source for source, found in sources.items() if found) or "none"
