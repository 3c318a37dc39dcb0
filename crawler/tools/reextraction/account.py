"""Differences as tables: counts for each outlet and field, and rows side by side."""

from collections.abc import Iterator, Mapping
from typing import Any

from crawler.system.terminal import printable
from crawler.tools.reextraction.differences import OutletDifferences, Sample

COUNTS = ("outlet", "same", "changed", "gained", "lost", "changes by field")
COLUMNS = ("field", "in the archive", "this extractor")
# Shown of each row, changed or not.
ALWAYS = ("title", "published", "authors")


def counts_of(outlets: Mapping[str, OutletDifferences]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the table of counts."""
    for name, one in outlets.items():
        fields = ", ".join(f"{field} {count}" for field, count in one.fields.most_common())
        yield name, one.same, one.changed, one.gained, one.lost, fields


def sample_rows(sample: Sample) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of a table that compares two rows; of their texts the paragraphs gained and lost."""
    for name in dict.fromkeys((*ALWAYS, *sample.fields)):
        if name != "text":
            yield name, _shown(sample.old, name), _shown(sample.new, name)
    gained, lost = sample.paragraphs
    yield from (("paragraph lost", printable(one), "") for one in lost)
    yield from (("paragraph gained", "", printable(one)) for one in gained)


def _shown(row: Mapping[str, Any] | None, name: str) -> str:
    """Return a field as text, "" without a row."""
    value: Any = row.get(name) if row else ""
    if name == "published" and value:
        value = f"{value['at']} ({value['precision']}, {value['source']})"
    if name == "authors" and value:
        value = ", ".join(f"{one['name']} ({one['kind']})" for one in value)
    return printable("–" if value is None or value == [] else str(value))
