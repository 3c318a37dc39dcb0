"""The captions of a story in pictures, which are its text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lxml.html import HtmlElement

from crawler.bengali.text import normalize
from crawler.extraction.document import Document, text_of
from crawler.extraction.furniture_words import ends_sentence
from crawler.extraction.listings import is_linked

# Less is a credit, and, where nothing says whose a caption is, no sentence of a story.
_CAPTION, _SENTENCE = 30, 40


def captions_of(
    document: Document, headline: HtmlElement | None, containers: Iterable[list[HtmlElement]]
) -> tuple[list[str], list[HtmlElement]]:
    """Return the captions in the first of some containers, or the headline's <article>, that has several, with it.

    Else those that are sentences below the headline; one caption is no story.
    """
    around = [] if headline is None else [list(headline.iterancestors("article"))[:1]]
    for holders in (*containers, *around):
        told = _texts(_innermost(caption for holder in holders for caption in holder.iter("figcaption")))
        if len(told) > 1:
            return told, holders
    told = [text for text in _texts(_below(document, headline)) if len(text) >= _SENTENCE and ends_sentence(text)]
    return (told if len(told) > 1 else []), []


def _texts(captions: Sequence[HtmlElement]) -> list[str]:
    texts = filter(lambda text: len(text) >= _CAPTION, map(text_of, captions))
    return list(dict.fromkeys(map(normalize, texts)))


def _innermost(captions: Iterable[HtmlElement]) -> list[HtmlElement]:
    """Return the captions that hold no other: to read nested ones takes the square of their time."""
    return [caption for caption in captions if caption.find(".//figcaption") is None]


def _below(document: Document, headline: HtmlElement | None) -> list[HtmlElement]:
    """Return the captions from the headline to the next story's that lead to no other page and stand in no aside."""
    if headline is None:
        return []
    order, here = document.order, document.order[headline]
    end = min((order[head] for head in document.headlines(headline) if order[head] > here), default=len(order))
    below = _innermost(caption for caption in document.index.tagged("figcaption") if here < order[caption] < end)
    return [caption for caption in below if not is_linked(caption) and not document.asides.hold(caption)]
