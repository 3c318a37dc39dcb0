"""The stories of the newspaper, read from the TOML files of this folder.

Each `[[story]]` of a file has the fields of `StoryTemplate`: `name`, `text`, and optionally `figures`, `sums`,
`choices`, `where` and `central`.
"""

from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

from crawler.demo.cast import is_standard_slot
from crawler.demo.datafiles import DataFileError, read_toml
from crawler.demo.grammar import StoryTemplate, split_blocks
from crawler.demo.names import places
from crawler.demo.words import ENDINGS, FIGURE_FORMS

FOLDER = Path(__file__).parent
REQUIRED = {"name", "text"}
KNOWN = REQUIRED | {"figures", "sums", "choices", "where", "central"}


def read_stories(path: Path) -> tuple[StoryTemplate, ...]:
    """Return the stories of a file; raise `DataFileError` with file, story and reason for an invalid one."""
    content = read_toml(path)
    if set(content) != {"story"}:
        raise DataFileError(f"{path}: expected only [[story]] tables, found {', '.join(content) or 'none'}")
    return tuple(_story(path, number, table) for number, table in enumerate(content["story"], 1))


def _story(path: Path, number: int, table: dict[str, Any]) -> StoryTemplate:
    if fault := next(_faults(table), None):
        raise DataFileError(f"{path}: story {table.get('name', number)}: {fault}")
    return StoryTemplate(**(table | {"where": tuple(table.get("where", ()))}))


def _faults(table: dict[str, Any]) -> Iterator[str]:
    yield from (f"{key} is missing" for key in sorted(REQUIRED - set(table)))
    yield from (f"{key} is not a known key" for key in sorted(set(table) - KNOWN))
    figures, sums, choices = (table.get(key, {}) for key in ("figures", "sums", "choices"))
    for slot, bounds in figures.items():
        if not _are_bounds(bounds):
            yield f"figures.{slot} must be [low, high] or [low, high, step], not {bounds}"
    for slot, parts in sums.items():
        yield from (f"sums.{slot} adds {part}, which is not in figures" for part in parts if part not in figures)
    for slot, options in choices.items():
        if not options or not isinstance(options, list):
            yield f"choices.{slot} must be a list of words, not {options!r}"
    known = {name for place in places() for name in (place.district, place.upazila)}
    yield from (f"where: {name} is not a district or upazila" for name in table.get("where", ()) if name not in known)
    yield from _text_faults(table["text"], {*figures, *sums}, set(choices))


def _are_bounds(value: Any) -> bool:
    if not isinstance(value, list) or len(value) not in (2, 3) or not all(isinstance(number, int) for number in value):
        return False
    return bool(value[0] < value[1] and min(value[2:], default=1) > 0)


def _text_faults(text: str, figures: set[str], choices: set[str]) -> Iterator[str]:
    try:
        titles, body = split_blocks(text)
        slots = [(slot, form) for _, slot, form, _ in Formatter().parse(text) if slot is not None]
    except ValueError as fault:
        yield f"text: {fault}"
        return
    if not titles or not body:
        yield "text needs a headline (=) and a paragraph"
    for slot, form in slots:
        if slot not in figures | choices and not is_standard_slot(slot):
            yield f"text: {{{slot}}} is not defined"
        if form and form not in (FIGURE_FORMS if slot in figures else ENDINGS):
            yield f"text: {{{slot}:{form}}} has an unknown ending"


def _read(*names: str) -> tuple[StoryTemplate, ...]:
    return tuple(story for name in names for story in read_stories(FOLDER / f"{name}.toml"))


# 41, a prime: the schedule's steps of 9 and 16 reach every story, and every outlet prints each.
NATIONAL = _read("accidents", "justice", "inspections", "nature", "farming", "health", "schools", "government")
OTHER = {
    "sports": _read("sports"),
    "entertainment": _read("culture"),
    "international": _read("world"),
    "economy": _read("economy"),
}
WIRE = _read("wire")
