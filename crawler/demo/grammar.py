"""The grammar of stories: templates with slots and alternatives, told once a turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from crawler.demo.cast import Cast

Kind = Literal["paragraph", "heading", "item", "quote", "note"]
MARKS: dict[str, Kind] = {"#": "heading", "*": "item", ">": "quote"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of an article's text and how it is set."""

    text: str
    kind: Kind = "paragraph"


@dataclass(frozen=True, slots=True)
class Telling:
    """One turn of a story: its headline, paragraphs and the place it happened."""

    title: str
    paragraphs: tuple[Paragraph, ...]
    district: str
    upazila: str


@dataclass(frozen=True, slots=True)
class Story:
    """A kind of event and the ways to tell it.

    `text` holds blocks parted by empty lines. A block opens with `=` (a headline; several are
    alternatives), `~` (an alternative of the block above), `?` (told on every other turn), `#` (a
    heading), `*` (a list item), `>` (a quotation), or is a paragraph. Slots: see `Cast`.
    """

    name: str
    text: str
    figures: Mapping[str, Sequence[int]] = field(default_factory=dict)
    sums: Mapping[str, Sequence[str]] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    where: tuple[str, ...] = ()
    central: bool = False

    def tell(self, turn: int, event: date) -> Telling:
        """Return the story's telling of a turn; tellings of near turns share no person, place or figure."""
        cast = self._cast(turn, event)
        titles, body = self._blocks()
        paragraphs = []
        for number, alternatives in enumerate(body):
            paragraph = _paragraph(alternatives[(turn + number) % len(alternatives)], cast, (turn + number) % 2)
            if paragraph:
                paragraphs.append(paragraph)
        title = titles[turn % len(titles)].format_map(self._cast(turn, event))
        return Telling(title, tuple(paragraphs), str(cast["district"]), str(cast["upazila"]))

    def _cast(self, turn: int, event: date) -> Cast:
        cast = Cast(self.name, turn, event, self.where)
        for slot, bounds in self.figures.items():
            cast.count(slot, *bounds)
        for slot, parts in self.sums.items():
            cast.add(slot, *parts)
        for slot, options in self.choices.items():
            cast.choose(slot, options)
        return cast

    def _blocks(self) -> tuple[list[str], list[list[str]]]:
        titles: list[str] = []
        body: list[list[str]] = []
        for block in self.text.strip().split("\n\n"):
            line = " ".join(block.split())
            if line.startswith("="):
                titles.append(line[1:].strip())
            elif line.startswith("~"):
                body[-1].append(line[1:].strip())
            else:
                body.append([line])
        return titles, body


def _paragraph(block: str, cast: Cast, told: int) -> Paragraph | None:
    if block.startswith("?"):
        if not told:
            return None
        block = block[1:].strip()
    kind = MARKS.get(block[0], "paragraph")
    return Paragraph(block.lstrip("#*> ").format_map(cast), kind)
