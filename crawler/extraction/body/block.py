"""A block of a page: a paragraph, heading, list item or table row, with the features that rules look at."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from lxml.html import HtmlElement

from crawler.bengali.text import fold, normalize

Kind = Literal["paragraph", "heading", "item", "row"]
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

_SENTENCE_END = re.compile(r"[।॥.!?…:;。！？—][\"'”’»«“)\]）」』\s]*$")
# Chinese, Japanese and Korean characters say about twice as much as a letter.
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# A shorter line with a full stop may be a label; a longer one without is still prose.
_SHORTEST_SENTENCE, _LONGEST_LABEL = 35, 110
# A line with this share of linked characters is a list of links.
_MOSTLY_LINKED = 0.5


def ends_sentence(text: str) -> bool:
    return _SENTENCE_END.search(text) is not None


class Position(NamedTuple):
    """Where a block is: the block elements around it, outermost first, their class names and ids, and wrappers.

    `inside` maps a kind of wrapper (nav, li, figure, hidden, …) to the innermost element of this kind.
    """

    path: tuple[HtmlElement, ...]
    inside: Mapping[str, HtmlElement]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class TextPart:
    """A text node of a block and the element that holds it."""

    text: str
    element: HtmlElement


@dataclass(eq=False)
class Block:
    """One block; `rule` names the rule that dropped it, None while it is kept.

    `path`, `inside` and `names` are those of its Position.
    `pieces` are the raw text nodes of a short block, with their elements. `linked` counts linked characters.
    `is_marked` is true if markup says date, author or label. `box`, `is_card` and `is_pictured` are the results of
    `groups`.
    """

    index: int
    text: str
    path: tuple[HtmlElement, ...]
    inside: Mapping[str, HtmlElement]
    names: frozenset[str]
    linked: int
    is_marked: bool
    kind: Kind
    pieces: Sequence[tuple[str, HtmlElement]]
    rule: str | None = None
    is_card: bool = False
    is_pictured: bool = False
    box: str | None = None
    weight: int = field(init=False)

    def __post_init__(self) -> None:
        self.length = len(self.text) * (2 if _WIDE.search(self.text) else 1)
        self.share = min(1.0, self.linked / len(self.text))
        is_prose = self.share < _MOSTLY_LINKED and self.kind != "heading"
        is_whole = self.length >= _SHORTEST_SENTENCE and ends_sentence(self.text)
        self.is_sentence = is_prose and (is_whole or self.length >= _LONGEST_LABEL)
        self.weight = self.length if self.is_sentence else 0

    @cached_property
    def folded(self) -> str:
        return fold(self.text)

    @cached_property
    def parts(self) -> list[TextPart]:
        """The text nodes of a short block, without signs around them."""
        texts = ((normalize(" ".join(text.split())).strip(" |"), element) for text, element in self.pieces)
        return [TextPart(text, element) for text, element in texts if text]

    @property
    def element(self) -> HtmlElement:
        return self.path[-1]

    @property
    def level(self) -> str | None:
        """The tag of the heading that the block is in, such as h2."""
        return next((tag for tag in self.inside if tag in HEADINGS), None)

    @property
    def is_short(self) -> bool:
        return not self.is_sentence and self.length < _LONGEST_LABEL
