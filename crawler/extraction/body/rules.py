"""The rules that drop blocks: rules.toml is the table, this module holds what each rule looks at."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from crawler.bengali.bylines import is_credit, is_initials
from crawler.bengali.text import data_beside
from crawler.extraction import vocabulary
from crawler.extraction.body.block import Block, ends_sentence
from crawler.extraction.body.page import TextPage
from crawler.extraction.page.naming import words_of

_APPEAL = vocabulary.pattern("appeal")
_APPEAL_HOSTS = vocabulary.pattern("appeal_host")
_BYLINE = vocabulary.pattern("byline")
_CAPTION_TOKENS = vocabulary.tokens("caption")
_COMMENT_ITEM_TOKENS = vocabulary.tokens("comment")
_COMMENT_TOKENS = vocabulary.tokens("comments")
_CONSENT_TOKENS = vocabulary.tokens("consent")
_COOKIES = vocabulary.pattern("cookies")
_COPYRIGHT = vocabulary.pattern("copyright")
_CREDIT = vocabulary.pattern("credit")
_DATE = vocabulary.pattern("date")
_DATE_LABEL = vocabulary.pattern("date_label")
_EMBED_TOKENS = vocabulary.tokens("embed")
_IMPRINT = vocabulary.pattern("imprint")
_LABEL_TOKENS = vocabulary.tokens("label")
_LABEL_WORDS = vocabulary.name_words("label")
_POST_SIGNATURE = vocabulary.pattern("post_signature")
_PICTURE_CREDIT = vocabulary.pattern("picture_credit")
_PROMPT = vocabulary.line("prompt")
_SIGN_OFF = vocabulary.pattern("sign_off")
_WIDGET_TITLE = vocabulary.line("widget_title")
_WIDGET_TOKENS = vocabulary.tokens("widget")


@dataclass(frozen=True, slots=True)
class BlockRule:
    """A row of rules.toml; the rule drops a block to which `when` applies."""

    name: str
    reason: str
    when: Callable[[Block, TextPage], bool]
    example: str
    keep: str | None = None


# A line with this share of linked characters is a link, or a list of links.
_WHOLE_LINK, _MANY_LINKS = 0.85, 0.6
# Longest lines in characters: a label, a prompt, a credit line, a sign-off.
_LONGEST_LABEL, _LONGEST_PROMPT, _LONGEST_CREDIT, _LONGEST_SIGN_OFF = 100, 80, 160, 50
# A shorter linked line with a full stop is a title with a stop; "!" and "?" end titles too.
_LINKED_SENTENCE, _STOPS = 60, ("।", ".")
# The list of a byline has few items; a line before the text is short; a date has a weekday and a month.
_HEAD, _SHORT_LINE, _WORDS_OF_DATE = 4, 40, 2
# Comments are alike: two are among the first parts of their section.
_FIRST_PARTS = 40
# A heading in quotation marks is a pull quote.
_QUOTATION_MARKS = ("‘", "“", "'", '"', "«")
# A widget has few blocks, and at most a sentence or two.
_WIDGET, _WIDGET_WEIGHT = range(2, 9), 200
# A paragraph of this size without links is text even inside a box with a control.
_PARAGRAPH, _UNLINKED = 150, 0.1


def _is_within(block: Block, page: TextPage, kind: str) -> bool:
    return kind in block.inside and page.is_minor(block.inside[kind])


def _is_named(block: Block, page: TextPage, tokens: frozenset[str]) -> bool:
    """Return whether a block is in an element with one of the tokens and a link or button, but not the headline."""
    if tokens.isdisjoint(block.names):
        return False
    headline = page.blocks[page.headline].path if page.headline >= 0 else ()
    named = (element for element in block.path if not tokens.isdisjoint(page.tokens_of(element)))
    return any(element not in headline and next(element.iter("a", "button"), None) is not None for element in named)


def _is_comment(block: Block, page: TextPage) -> bool:
    if _COMMENT_TOKENS.isdisjoint(block.names) or block.index <= page.headline:
        return False
    around = (element for element in block.path if not _COMMENT_TOKENS.isdisjoint(page.tokens_of(element)))
    return any(page.is_minor(element) and _takes_comments(element, page) for element in around)


def _takes_comments(element: HtmlElement, page: TextPage) -> bool:
    """Return whether an element has a form, is a known plug-in by id, or holds several alike comments."""
    if element.get("id") in _COMMENT_TOKENS or next(element.iter("form", "textarea", "input"), None) is not None:
        return True
    first = islice(element.iter("li", "article", "div"), _FIRST_PARTS)
    items = (child for child in first if page.tokens_of(child) & _COMMENT_ITEM_TOKENS)
    return next(islice(items, 1, None), None) is not None


def _is_in_widget(block: Block, page: TextPage) -> bool:
    if block.is_sentence or block.kind == "heading" or _WIDGET_TOKENS.isdisjoint(block.names):
        return False
    return any(page.is_minor(element) and page.tokens_of(element) & _WIDGET_TOKENS for element in block.path)


def _is_caption(block: Block, page: TextPage) -> bool:
    if page.is_photo_story:
        return False
    figure = block.inside.get("figcaption", block.inside.get("figure"))
    if figure is not None:
        # WordPress puts tables and pull quotes into figures too.
        inner = block.path[block.path.index(figure) :]
        return all(element.tag not in ("table", "blockquote") for element in inner)
    return not _CAPTION_TOKENS.isdisjoint(page.tokens_of(block.element))


def _is_label(block: Block, page: TextPage) -> bool:
    if not block.is_short or block.length >= _LONGEST_LABEL or block.kind == "heading":
        return False
    if block.is_marked or _LABEL_TOKENS.isdisjoint(block.names):
        return block.is_marked
    around = (element for element in block.path if not _LABEL_TOKENS.isdisjoint(page.tokens_of(element)))
    return any(not page.weight_of(element) for element in around)


def _is_appeal(block: Block, page: TextPage) -> bool:
    if not _APPEAL.search(block.text):
        return False
    if block.is_short and not ends_sentence(block.text):
        return True
    links = block.element.iter("a") if block.index >= page.last else ()
    return any(_APPEAL_HOSTS.search(link.get("href") or "") for link in links)


def _is_signed_post(block: Block, page: TextPage) -> bool:
    if block.is_short and _POST_SIGNATURE.match(block.text):
        return True
    quote = block.inside.get("blockquote")
    return quote is not None and any(_POST_SIGNATURE.search(each.text) for each in page.under(quote)[-2:])


def _is_notice_of_cookies(block: Block, page: TextPage) -> bool:
    return block.box in ("box", "control") and bool(_COOKIES.search(block.text))


def _is_below_picture(block: Block, page: TextPage) -> bool:
    """Return whether a short line shares its paragraph with a picture, or is emphasised below one."""
    if page.is_photo_story or not block.is_short or block.kind != "paragraph" or ends_sentence(block.text):
        return False
    element = block.element
    if page.size_of(element) > 1:
        return False
    if element.tag == "p" and next(element.iter("img"), None) is not None:
        return True
    is_emphasised = len(element) == 1 and element[0].tag in ("em", "i") and not (element.text or "").strip()
    return is_emphasised and not (element[0].tail or "").strip() and page.is_below_picture(block)


def _is_credit(block: Block, page: TextPage) -> bool:
    if block.index > page.last and is_credit(block.text):
        return True
    if not block.is_short:
        return False
    is_at_edge = not page.first < block.index < page.last
    is_of_picture = bool(_PICTURE_CREDIT.match(block.text)) and (is_at_edge or page.is_below_picture(block))
    return is_of_picture or bool(_CREDIT.match(block.text))


def _is_imprint(block: Block, page: TextPage) -> bool:
    """Return whether a line names the editor, and is not one of a list of officers."""
    if block.index <= page.last or block.length >= _LONGEST_CREDIT or not _IMPRINT.match(block.text):
        return False
    before = page.blocks[block.index - 1] if block.index else block
    return not (before.is_short and before.rule is None and ":" in before.text)


def _is_sign_off(block: Block, page: TextPage) -> bool:
    if block.index <= page.last or block.length >= _LONGEST_SIGN_OFF:
        return False
    return is_initials(block.text) or bool(_SIGN_OFF.match(block.text))


def _is_title(block: Block, page: TextPage) -> bool:
    if block.folded == page.folded_title or block.index == page.headline:
        return True
    is_heading = block.level in ("h1", "h2") and block.index < page.first and block.length > 15
    return is_heading and page.is_like_title(block.text)


def _is_label_line(block: Block, page: TextPage) -> bool:
    if not block.is_short or block.kind != "paragraph" or block.length >= 90 or "p" in block.inside:
        return False
    return any(not _LABEL_WORDS.isdisjoint(words_of(element)) for element in block.path[-2:])


def _is_before_text(block: Block, page: TextPage) -> bool:
    if block.index >= page.first or not block.is_short:
        return False
    if block.kind == "heading":
        return _is_date(block.text)
    if block.kind != "paragraph":
        return _is_in_head(block, page)
    if _BYLINE.search(block.text):
        return True
    if page.is_beside_first(block):
        return _is_date(block.text)
    return block.length < _SHORT_LINE or bool(_DATE.search(block.text))


def _is_date(text: str) -> bool:
    """Return whether a line is a date: with a label, or with hardly a word beside the numbers."""
    words = [word for word in text.split() if word[0].isalpha()]
    return bool(_DATE.search(text)) and (bool(_DATE_LABEL.search(text)) or len(words) <= _WORDS_OF_DATE)


def _is_below_widget_title(block: Block, page: TextPage) -> bool:
    """Return whether a block is in a small box that begins with the title of a widget."""
    boxes = [element for element in block.path[-3:] if page.size_of(element) in _WIDGET]
    return any(_WIDGET_TITLE.match(page.under(box)[0].text) and page.weight_of(box) <= _WIDGET_WEIGHT for box in boxes)


def _is_above_contents(block: Block, page: TextPage) -> bool:
    if not block.is_short or block.index + 1 >= len(page.blocks):
        return False
    below = page.blocks[block.index + 1]
    links = below.element.iter("a") if below.share > _WHOLE_LINK else ()
    # A bare "#" is a link that a script handles.
    return any(re.match("#.", link.get("href") or "") for link in links)


def _is_in_head(item: Block, page: TextPage) -> bool:
    """Return whether an item is in a short list with a date: the byline of the article."""
    list_ = item.inside.get("ul", item.inside.get("ol"))
    items = page.under(list_) if list_ is not None else []
    is_short = 0 < len(items) <= _HEAD and all(each.length < _SHORT_LINE for each in items)
    return is_short and any(_is_date(each.text) for each in items)


def _is_tag_line(block: Block, page: TextPage) -> bool:
    is_labelled = ":" in block.text[:20] and _PROMPT.match(block.text.split(":")[0])
    return block.share > 0.35 and block.is_short and bool(is_labelled)


# What each rule of rules.toml looks at, by its name.
_WHEN: dict[str, Callable[[Block, TextPage], bool]] = {
    "unwanted": lambda block, page: bool(page.unwanted) and not page.unwanted.isdisjoint(block.path),
    "consent": lambda block, page: _is_named(block, page, _CONSENT_TOKENS) or "dialog" in block.inside,
    "nav": lambda block, page: _is_within(block, page, "nav"),
    "footer": lambda block, page: _is_within(block, page, "footer"),
    "aside": lambda block, page: _is_within(block, page, "aside"),
    "hidden": lambda block, page: _is_within(block, page, "hidden"),
    "comments": _is_comment,
    "comments-below": lambda block, page: block.index in page.comments,
    "embed": lambda block, page: _is_named(block, page, _EMBED_TOKENS) or _is_signed_post(block, page),
    "next-story": lambda block, page: block.index >= page.next_story,
    "box": lambda block, page: (
        block.box == "box" and not ("p" in block.inside and block.length > _PARAGRAPH and block.share < _UNLINKED)
    ),
    "cookies": _is_notice_of_cookies,
    "card": lambda block, page: block.is_card and block.index != page.headline,
    "linked-line": lambda block, page: (
        block.share > _WHOLE_LINK and (block.length < _LINKED_SENTENCE or not block.text.endswith(_STOPS))
    ),
    "links": lambda block, page: block.share > _MANY_LINKS and not block.text.endswith(_STOPS),
    "named-box": lambda block, page: block.box == "named" and block.is_short,
    "author-box": lambda block, page: block.box == "author" and block.index > page.headline >= 0,
    "picture": lambda block, page: block.box == "picture" and block.kind != "heading" and not page.is_photo_story,
    "widget": _is_in_widget,
    "caption": _is_caption,
    "label": _is_label,
    "title": _is_title,
    "repeat": lambda block, page: page.is_copy(block),
    "pull-quote": lambda block, page: page.is_pull_quote(block),
    "contents": _is_above_contents,
    "label-line": _is_label_line,
    "widget-title": _is_below_widget_title,
    "prompt": lambda block, page: block.is_short and block.length < _LONGEST_PROMPT and bool(_PROMPT.match(block.text)),
    "appeal": _is_appeal,
    "copyright": lambda block, page: (
        block.length < _LONGEST_CREDIT
        and bool(_COPYRIGHT.search(block.text))
        and (not block.is_sentence or block.index >= page.last)
    ),
    "tags": _is_tag_line,
    "imprint": _is_imprint,
    "below-picture": _is_below_picture,
    "credit": _is_credit,
    "sign-off": _is_sign_off,
    "before-text": _is_before_text,
    "empty-heading": lambda block, page: (
        block.index > page.first and block.index in page.orphans and not block.text.startswith(_QUOTATION_MARKS)
    ),
}


def _table(part: str) -> tuple[BlockRule, ...]:
    """Return the rules of a part of rules.toml, in its order."""
    return tuple(BlockRule(when=_WHEN[row["name"]], **row) for row in data_beside(__file__)[part])


STRUCTURE, EDGES = _table("structure"), _table("edges")
RULES = STRUCTURE + EDGES
# Rules that look at one box or wrapper. The page's own description is text, whatever is around it.
SOFT = frozenset({"card", "box", "named-box", "picture", "aside", "hidden"})


# Why blocks are dropped without a rule of the tables.
OTHER_REASONS = {
    "outside": "It is outside the container of the text.",
    "replaced": "The text was taken from the data in the page.",
}


def apply(rules: tuple[BlockRule, ...], blocks: list[Block], page: TextPage) -> None:
    """Give each kept block the name of the first rule that applies to it."""
    rules = tuple(rule for rule in rules if rule.keep not in page.keep)
    for block in blocks:
        if block.rule is None:
            block.rule = next((rule.name for rule in rules if rule.when(block, page)), None)
            if block.rule in SOFT and page.is_described(block):
                block.rule = None
