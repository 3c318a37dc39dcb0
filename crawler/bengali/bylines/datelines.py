"""Find the place and date with which a body opens: "ঢাকা, ১২ জুলাই, ২০২২ (বাসস):"."""

import re
from collections.abc import Callable
from datetime import UTC
from functools import lru_cache

from crawler.bengali.bylines.names import parse_byline
from crawler.bengali.bylines.vocabulary import AGENCY, CORRESPONDENT, DESK, MODIFIER, MONTH, SENTENCE_WORDS
from crawler.bengali.dates import find_date
from crawler.bengali.places import is_place, is_town
from crawler.bengali.text import normalize, patterns
from crawler.model.article import Dateline

# Characters at the start of a body that are searched; more than the longest dateline with a byline before it.
_SEARCHED = 160

# Words of the longest places, which have a district or country beside them. A longer text is a sentence.
_MOST_PLACE_WORDS = 5

# Without the visarga, which ends datelines as a colon does.
_LETTER = "a-zA-Z\u0980-\u0982\u0985-\u09e3\u200c\u200d"
_PART = rf"[{_LETTER}][{_LETTER} .’'\-]{{1,40}}?(?: ?\([{_LETTER} ]{{2,30}}\))?"
_PLACE = rf"(?P<place>{_PART}(?:, ?{_PART})??)(?![{_LETTER}])"
_DAY = r"[০-৯\d]{1,2}(?: ?(?:লা|রা|ঠা|ই|শে))?"
_MONTH = rf"{MONTH}[{_LETTER}]*\.?"
_DATE = (
    rf"(?P<date>(?:[{_LETTER}]+বার,? ?)?(?:{_DAY},? ?{_MONTH}|{_MONTH} ?{_DAY})(?:,? ?[০-৯\d]{{4}})?)"
    r"(?:,? ?(?:ইং|খ্রি\.|খ্রিস্টাব্দ))?"
)
_SERVICES = rf"(?P<services>{AGENCY}(?: ?[/,–-] ?{AGENCY})*)(?: (?:ডেস্ক|রিপোর্ট))?"
_IN_BRACKETS = rf"[(\[] ?{_SERVICES}(?: ?[/,–-] ?[{_LETTER}]+)* ?[)\]]"
_ANY_BRACKETS = rf"\([{_LETTER} ./]{{2,25}}\)"
_COLON = rf" ?(?:[:ঃ](?!\d)|।।|॥|[—–]|-(?=[ {_LETTER}]))"
_STOP = rf"(?:{_COLON}| ?।)"
_ROLE = rf"(?:{MODIFIER} )*(?:{CORRESPONDENT}|{DESK})"


def _is_possible_place(place: str) -> bool:
    words = place.replace(",", " ").split()
    return len(words) <= _MOST_PLACE_WORDS and not any(w in SENTENCE_WORDS or w.endswith("বার") for w in words)


def _has_known_place(place: str) -> bool:
    return any(map(is_place, _names(place)))


def _are_all_towns(place: str) -> bool:
    return all(map(is_town, _names(place)))


def _names(place: str) -> list[str]:
    """Return the names in a place such as "সাভার (ঢাকা)" or "সাভার, ঢাকা"."""
    return [name for part in re.split(r"[,()]", place) if (name := part.strip())]


# The forms of a dateline, each with the test of its place. Beside an agency or a role, the place may be unknown.
_FORMS: list[tuple[re.Pattern[str], Callable[[str], bool]]] = [
    (patterns(expression, flags=re.IGNORECASE), accepts_place)
    for expression, accepts_place in [
        (rf"{_PLACE}(?:, ?| ){_DATE},? ?{_IN_BRACKETS}{_STOP}?", _is_possible_place),
        (rf"{_PLACE}(?:, ?| ){_DATE},? ?{_SERVICES}{_STOP}", _is_possible_place),
        (rf"{_PLACE},? ?{_IN_BRACKETS}{_COLON}", _is_possible_place),
        (rf"{_PLACE}, ?{_SERVICES}{_COLON}", _is_possible_place),
        (rf"{_SERVICES}, ?{_PLACE}(?:, ?{_DATE})?{_COLON}", _is_possible_place),
        (rf"{_PLACE}(?:, ?| ){_DATE}(?:,? ?{_ANY_BRACKETS})?{_COLON}", _has_known_place),
        (rf"{_ROLE}, ?{_PLACE}(?:, ?{_DATE})?{_COLON}", _is_possible_place),
        (rf"{_PLACE} ?(?:[:ঃ](?!\d)|।।|॥)", _are_all_towns),
    ]
]

# A byline and a town: "আশফাক রহমান, কলারোয়া:".
_AFTER_NAME = patterns(rf"(?P<name>[^:।\n]{{4,90}}?)[, ]+(?P<place>[{_LETTER}]+)(?:, ?{_DATE})? ?[:ঃ](?!\d)")

# Every dateline has one of these signs. Looking for them first is faster than trying all forms.
_SIGN = re.compile(r"[(\[:ঃ।॥—–-]")


# Cached because callers request dateline and agencies of the same body.
@lru_cache(maxsize=2)
def _opening(text: str) -> dict[str, str | None] | None:
    """Return `place`, `date` and `services`, as written, of the dateline at the start of a text, or None."""
    start = normalize(text).lstrip(" \n-–—")
    if not _SIGN.search(start):
        return None
    for pattern, accepts_place in _FORMS:
        match = pattern.match(start)
        if match and accepts_place(match["place"].strip()):
            return match.groupdict()
    match = _AFTER_NAME.match(start)
    if match and is_town(match["place"]) and parse_byline(match["name"]):
        return match.groupdict()
    return None


def find_dateline(text: str) -> Dateline | None:
    """Return the dateline at the start of a body, or None. It has a date only if the body states the year."""
    opening = _opening(text[:_SEARCHED])
    place = opening.get("place") if opening else None
    if opening is None or place is None:
        return None
    moment = find_date(opening.get("date") or "", UTC)
    return Dateline(place.strip(), moment.at.date().isoformat() if moment else None)


def dateline_services(text: str) -> str:
    """Return the agency names of the dateline at the start of a text, as written, or an empty string."""
    opening = _opening(text[:_SEARCHED])
    return (opening.get("services") or "") if opening else ""
