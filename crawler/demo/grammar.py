"""The grammar of stories: templates with slots and alternatives, rendered differently on each turn."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from crawler.demo.cast import Cast

Kind = Literal["paragraph", "heading", "item", "quote", "note"]
MARKS: dict[str, Kind] = {"#": "heading", "*": "item", ">": "quote"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of an article's text and its kind."""

    text: str
    kind: Kind = "paragraph"


@dataclass(frozen=True, slots=True)
class RenderedStory:
    """One turn of a story: its headline, its paragraphs and the place of the event."""

    title: str
    paragraphs: tuple[Paragraph, ...]
    district: str
    upazila: str


@dataclass(frozen=True, slots=True)
class StoryTemplate:
    """A kind of event and the ways to report it.

    `text` holds blocks, separated by empty lines. The first character of a block gives its role: `=` a headline
    (several are alternatives), `~` an alternative of the block above, `?` a block of every other turn, `#` a heading,
    `*` a list item, `>` a quotation. Any other block is a paragraph. Slots: see `Cast`.

    `figures` maps a slot to its lowest and highest value and optionally a step, `sums` to the figures that it adds,
    `choices` to its options. `where` limits the districts or upazilas. A `central` story is always in the outlet's
    first national section.
    """

    name: str
    text: str
    figures: Mapping[str, Sequence[int]] = field(default_factory=dict)
    sums: Mapping[str, Sequence[str]] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    where: tuple[str, ...] = ()
    central: bool = False

    def render(self, turn: int, event: date) -> RenderedStory:
        """Return the story of a turn; nearby turns share no person, place or figure."""
        cast = self._cast(turn, event)
        titles, body = split_blocks(self.text)
        paragraphs = []
        for number, alternatives in enumerate(body, turn):
            block = alternatives[number % len(alternatives)]
            if number % 2 or not block.startswith("?"):
                paragraphs.append(_paragraph(block.removeprefix("?").strip(), cast))
        title = titles[turn % len(titles)].format_map(self._cast(turn, event))
        return RenderedStory(title, tuple(paragraphs), str(cast["district"]), str(cast["upazila"]))

    def _cast(self, turn: int, event: date) -> Cast:
        cast = Cast(self.name, turn, event, self.where)
        for slot, bounds in self.figures.items():
            cast.count(slot, *bounds)
        for slot, parts in self.sums.items():
            cast.add(slot, *parts)
        for slot, options in self.choices.items():
            cast.choose(slot, options)
        return cast


def split_blocks(text: str) -> tuple[list[str], list[list[str]]]:
    """Return the headlines of a template's text, and the alternatives of each block of its body."""
    titles: list[str] = []
    body: list[list[str]] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        line = " ".join(block.split())
        if line.startswith("="):
            titles.append(line[1:].strip())
        elif not line.startswith("~"):
            body.append([line])
        elif body:
            body[-1].append(line[1:].strip())
        else:
            raise ValueError("an alternative (~) has no paragraph above it")
    return titles, body


def _paragraph(block: str, cast: Cast) -> Paragraph:
    kind = MARKS.get(block[0], "paragraph")
    return Paragraph(block.lstrip("#*> ").format_map(cast), kind)
