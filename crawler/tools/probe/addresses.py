"""Learn the pattern of the articles' addresses from the links of listings.

Addresses are grouped by shape: the kind of each part of the path, and the names in the query. The stories are the group
with the most headlines. The key is the part that differs in all of them, the section a part with few values.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.bengali.sections import genre_of, is_section
from crawler.bengali.text import words
from crawler.tools.probe.pages import is_below, is_headline, unique

# Fewer addresses show no pattern.
FEWEST = 4
# This share of the values of a key are different; a section has at most this share.
_UNIQUE, _FEW = 0.9, 0.5
# With this share of one value, a part is literal, and addresses with another value are other pages.
_LITERAL = 0.85
OTHER_PAGES = frozenset(
    words("archive author category gallery page photo photo-gallery photos search tag tags topic video videos")
)
_REFUSED = frozenset(words("archive author gallery photo tag topic video"))
# The kinds of parts: a number, a number before or after a slug, a date, a text.
_KINDS = {
    "number": re.compile(r"\d+"),
    "date": re.compile(r"(?:19|20)\d\d-\d\d-\d\d"),
    "number-slug": re.compile(r"\d{3,}[-_.].+"),
    "slug-number": re.compile(r".*[^\d]\d{5,}(?:\.\w+)?"),
}
# A number is a key rather than a slug, and a slug rather than a short word.
_WORTH = {"number": 2, "text": 0}
_WIDTHS = {"year": r"\d{4}", "month": r"\d{1,2}", "day": r"\d{1,2}"}
_WORDS = "(?:[^/?#]+/){0,2}"
_DAY = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"

Role = Literal["literal", "section", "word", "year", "month", "day", "date", "key", "rest"]
_DATES: dict[Role, range] = {"year": range(1990, 2100), "month": range(1, 13), "day": range(1, 32)}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the addresses of a shape; `name` is that of a query's parameter, None in the path."""

    kind: str
    values: tuple[str, ...]
    name: str | None = None
    role: Role = "word"

    @property
    def is_unique(self) -> bool:
        return len(set(self.values)) >= _UNIQUE * len(self.values)

    @property
    def is_constant(self) -> bool:
        return len(set(self.values)) == 1

    @property
    def sections(self) -> float:
        """The share of values that are known sections."""
        return sum(map(is_section, self.values)) / len(self.values)


@dataclass(frozen=True, slots=True)
class Pattern:
    """The pattern of the articles' addresses, and the addresses that it was learned from.

    Without these it matches nothing. `false` are linked addresses without a headline that it matches as well.
    """

    expression: str = "(?!)"
    stories: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)

    def matches(self, url: str) -> bool:
        return re.match(self.expression, url) is not None


def learn(links: Mapping[str, str], home: str, further: Mapping[str, str] | None = None) -> Pattern | None:
    """Return the pattern of the stories among links with their texts, None if no shape has enough of them.

    Links of further pages decide between forms of the pattern that fit the first ones alike.
    """
    headlines, others = _apart(unique({**links, **(further or {})}))
    found = max(_groups(_apart(unique(links))[0], home), key=lambda each: len(each[0]), default=None)
    if found is None:
        return None
    urls, parts = found
    if any(part.role == "key" and part.kind != "text" for part in parts):
        # A short text may be a link to a story too.
        others = [url for url in others if _is_other(url) or _shape(url) != _shape(urls[0])]
    host = rf"^https?://(?:www\.)?{_literal(urlsplit(urls[0]).netloc.removeprefix('www.'))}"
    patterns = [Pattern(host + path) for path in _renderings(parts)]
    counted = [
        replace(each, stories=list(filter(each.matches, headlines)), false=list(filter(each.matches, others)))
        for each in patterns
    ]
    return max(counted, key=lambda each: (-len(each.false), len(each.stories)))


def _apart(links: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return the addresses with headlines, and those that may be of other pages."""
    headlines = [url for url, text in links.items() if is_headline(text) and not _is_other(url)]
    others = [url for url, text in links.items() if (text and not is_headline(text)) or _is_other(url)]
    return headlines, others


def _groups(headlines: Sequence[str], home: str) -> Iterator[tuple[list[str], list[Part]]]:
    """Yield the addresses of each shape that can be that of stories, and their parts with roles."""
    below, shapes = [url for url in headlines if is_below(url, home)], defaultdict(list)
    for url in below if len(below) >= FEWEST else headlines:
        shapes[_shape(url)].append(url)
    for urls in map(_without_outliers, shapes.values()):
        parts = _with_roles(_parts(urls), home)
        if parts and len(urls) >= FEWEST:
            yield urls, parts


def _is_other(url: str) -> bool:
    steps = urlsplit(url).path.strip("/").split("/")
    return any(step in OTHER_PAGES or genre_of(step) in ("photo", "video") for step in steps[:-1])


def _split(url: str) -> tuple[list[str], list[tuple[str, str]]]:
    parts = urlsplit(url)
    return [step for step in parts.path.split("/") if step], sorted(parse_qsl(parts.query))


def _kind(value: str) -> str:
    return next((kind for kind, form in _KINDS.items() if form.fullmatch(unquote(value))), "text")


def _shape(url: str) -> tuple[str, ...]:
    steps, query = _split(url)
    return *map(_kind, steps), *(f"?{name}={_kind(value) == 'number'}" for name, value in query)


def _parts(urls: Sequence[str]) -> list[Part]:
    split = [_split(url) for url in urls]
    steps = [Part(_kind(values[0]), values) for values in zip(*(path for path, _ in split), strict=True)]
    queries = zip(*(query for _, query in split), strict=True)
    return steps + [Part(_kind(pairs[0][1]), tuple(v for _, v in pairs), pairs[0][0]) for pairs in queries]


def _without_outliers(urls: list[str]) -> list[str]:
    """Return the addresses without those of other pages, where nearly all have one word at a place."""
    for part in _parts(urls):
        word, count = Counter(part.values).most_common(1)[0]
        if part.kind == "text" and not is_section(word) and _LITERAL * len(urls) <= count < len(urls):
            return _without_outliers([url for url, own in zip(urls, part.values, strict=True) if own == word])
    return urls


def _with_roles(parts: Sequence[Part], home: str) -> list[Part] | None:
    """Return the parts with their roles, None if no part can be the key."""
    dates = _date_roles(parts)
    unique = [place for place, part in enumerate(parts) if part.is_unique and place not in dates]
    if not unique:
        return None
    key = max(unique, key=lambda place: (_WORTH.get(parts[place].kind, 1), sum(map(len, parts[place].values))))
    prefix = len(_split(home)[0])
    found = [replace(part, role=_role(place, part, key, prefix, dates)) for place, part in enumerate(parts)]
    section = max((part for part in found if part.role == "section"), key=lambda part: part.sections, default=None)
    return [replace(part, role="word") if part.role == "section" and part is not section else part for part in found]


def _role(place: int, part: Part, key: int, prefix: int, dates: Mapping[int, Role]) -> Role:
    if place == key or place in dates:
        return dates.get(place, "key")
    is_word = part.kind == "text" and not part.sections and part.name is None
    if part.is_constant and (place < prefix or is_word):
        return "literal"
    is_few = len(set(part.values)) <= max(FEWEST, _FEW * len(part.values)) or part.sections >= _FEW
    if part.kind == "text" and (part.sections if part.name else is_few) and (place < key or part.name):
        return "section"
    return "rest" if part.name or place > key else "word"


def _date_roles(parts: Sequence[Part]) -> dict[int, Role]:
    found: dict[int, Role] = {place: "date" for place, part in enumerate(parts) if part.kind == "date"}
    for start in range(len(parts) - 2):
        three = list(zip(parts[start:], _DATES.items(), strict=False))
        if all(part.kind == "number" and all(int(one) in values for one in part.values) for part, (_, values) in three):
            found |= {start + place: role for place, (_, (role, _)) in enumerate(three)}
    return found


def _renderings(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the pattern of the path: as the group has it, with further words after the section, and without it."""
    key = next(part for part in parts if part.role == "key")
    if key.name is not None:
        yield _query(parts, key)
        return
    path = [part for part in parts if part.name is None]
    before, after = path[: path.index(key)], path[path.index(key) + 1 :]
    first = next((place for place, part in enumerate(before) if part.role != "literal"), len(before))
    steps, roles = [f"{_step(part)}/" for part in before], [part.role for part in before]
    head, tail = "".join(("/", *steps[:first], _refused(before[first:], key))), _key(key, after)
    whole = "".join((head, *steps[first:], tail))
    if "section" not in roles:
        yield whole
        return
    place = roles.index("section")
    rest = "".join(step for step, role in zip(steps[place + 1 :], roles[place + 1 :], strict=True) if role != "word")
    head, section = head + "".join(steps[first:place]), steps[place]
    # A listing may show only some depths: words that differ are often optional.
    forms = (whole, f"{head}{section}{_WORDS}{rest}{tail}", f"{head}(?:{section})?{rest}{tail}")
    yield from (forms[1], forms[0], forms[2]) if "word" in roles[place:] else forms


def _refused(before: Sequence[Part], key: Part) -> str:
    """Return the lookahead against other pages of the site, if the parts before the key may match them."""
    first = before[0] if before else key
    is_open = first.role in ("section", "word") or (first is key and key.kind == "text")
    if not is_open or any(part.role == "literal" for part in before):
        return ""
    return f"(?!(?:{'|'.join(sorted(_REFUSED - {*first.values}))})/)"


def _step(part: Part) -> str:
    if part.role == "literal":
        return _literal(part.values[0])
    if part.role == "date":
        return _DAY
    if part.role in _WIDTHS:
        return f"(?P<{part.role}>{_WIDTHS[part.role]})"
    if part.role == "word":
        return "[^/?#]+"
    is_ascii = all(re.fullmatch(r"[\w-]+", value, re.ASCII) for value in part.values)
    return r"(?P<section>[\w-]+)" if is_ascii else "(?P<section>[^/?#]+)"


def _key(key: Part, after: Sequence[Part]) -> str:
    if key.kind == "number":
        return r"(?P<key>\d+)(?:[/?#]|$)"
    if key.kind == "number-slug":
        return r"(?P<key>\d{3,})(?:[-_./?#]|$)"
    if key.kind == "slug-number":
        return r"(?:[^/?#]*\D)?(?P<key>\d{5,})(?:[./?#]|$)"
    endings = {ending[0] if (ending := re.search(r"\.[a-z]{3,5}$", value)) else "" for value in key.values}
    suffix = endings.pop() if len(endings) == 1 else ""
    stems = [value.removesuffix(suffix) for value in key.values]
    rest = "".join("/" + _step(part) for part in after if part.role == "literal")
    return f"(?P<key>{_slug(stems)}){_literal(suffix)}{rest}/?(?:[?#]|$)"


def _slug(values: Sequence[str]) -> str:
    """Return the pattern of keys that are texts, but for a few: slugs with hyphens, or codes of some lengths."""
    few = int((1 - _LITERAL) * len(values))
    hyphens, lengths = sorted(value.count("-") for value in values)[few], sorted(map(len, values))
    if hyphens:
        return f"(?:[^/?#-]+-){{{min(hyphens, 2)}}}[^/?#]+"
    if not all(re.fullmatch(r"[a-z0-9]+", value) for value in values):
        return "[^/?#]+"
    shortest, longest = lengths[few], lengths[-1 - few]
    return f"[a-z0-9]{{{shortest if shortest == longest else f'{shortest},{longest}'}}}"


def _query(parts: Sequence[Part], key: Part) -> str:
    """Return the pattern of an address whose key is a parameter; parameters may be in any order."""
    path = "/".join(_step(part) for part in parts if part.name is None)
    section = next((part for part in parts if part.name is not None and part.role == "section"), None)
    word = rf"(?:(?=[^#]*[?&]{_literal(section.name or '')}=(?P<section>[^&#]+)))?" if section else ""
    value = r"\d+" if key.kind == "number" else "[^&#]+"
    end = "" if "." in path else "/?"
    return rf"/{path}{end}{word}\?(?:[^#]*&)?{_literal(key.name or '')}=(?P<key>{value})(?:[&#]|$)"


def _literal(text: str) -> str:
    return re.escape(text).replace(r"\-", "-")
