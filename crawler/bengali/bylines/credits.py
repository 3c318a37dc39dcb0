"""Find credits to agencies: source lines, খবর …-এর, "… জানায়", signatures, datelines and bylines."""

import re
from collections.abc import Iterator

from crawler.bengali.bylines.datelines import dateline_services
from crawler.bengali.bylines.names import parse_byline
from crawler.bengali.bylines.vocabulary import AGENCY, DESCRIPTION, GENITIVE, LETTER, agencies_named, agency_code
from crawler.bengali.text import normalize, patterns

# One name of an agency, and several in a list. The bound keeps searches linear.
_SERVICE = rf"{DESCRIPTION}{AGENCY}(?: (?:বাংলা|নিউজ|অনলাইন|এজেন্সি|news|bangla))?"
_SERVICES = rf"{_SERVICE}(?:(?:, ?| ও | এবং | ?/ ?){_SERVICE}){{0,5}}"
_NO_LETTER = f"(?![{LETTER}])"
_END = r" ?[।.]?[\"”’)\]]* *$"
_SOURCE_LABEL = r"(?:তথ্যসূত্র|তথ্য সূত্র|খবর সূত্র|সূত্র|সৌজন্যে|সোর্স|source)\s*[:ঃ—–-]+\s*"

# The source of a picture is not that of the text.
_SOURCE = patterns(
    rf"(?<![{LETTER}])(?<!ছবি )(?<!ছবির )(?<!ভিডিও ){_SOURCE_LABEL}(?P<list>[^।]{{1,300}})",
    flags=re.IGNORECASE,
)
_CREDITS = patterns(
    # খবর বাসসের। খবর: এএফপি ও রয়টার্স
    rf"(?<![{LETTER}])খবর ?[:ঃ]? ?{_SERVICES}{GENITIVE}?{_NO_LETTER}{_END}",
    rf"(?<![{LETTER}])খবর ?[:ঃ]? ?{_SERVICES}{GENITIVE}?(?= ?[।)\]])",
    # এএফপি জানায়; রয়টার্স এক প্রতিবেদনে এ তথ্য জানিয়েছে
    rf"{_SERVICES}(?: (?:এক|একটি|এই|এ|তথ্য|খবর|তথ্যটি|খবরটি|প্রতিবেদনে|খবরে|এসব|এমন|আরও|আরো|বিষয়টি|বরাত))*"
    rf" (?:জানায়|জানিয়েছে|জানাচ্ছে|জানিয়েছিল|খবর দিয়েছে|তথ্য দিয়েছে){_NO_LETTER}",
    # রয়টার্সের প্রতিবেদনে বলা হয়
    rf"{_SERVICES}{GENITIVE}(?: \S+){{0,2}} (?:প্রতিবেদনে|খবরে)"
    rf" (?:বলা|জানানো|উল্লেখ|এ তথ্য|এসব তথ্য|এই তথ্য){_NO_LETTER}",
    # রয়টার্সের বরাত দিয়ে
    rf"{_SERVICES}{GENITIVE}? বরাত(?:ে| দিয়ে){_NO_LETTER}",
    # এ খবর জানিয়েছে বিবিসি।
    rf"(?:জানিয়েছে|জানায়|খবর দিয়েছে|তথ্য দিয়েছে|খবর প্রকাশ করেছে) {_SERVICES}{_NO_LETTER}(?= ?[।.,]|$)",
    # … উপস্থিত ছিলেন। —বাসস
    rf"(?:^|(?<=[।?!”’\"])) ?[—–-]{{1,3}} ?{_SERVICES}{_NO_LETTER}{_END}",
    rf"(?<=[।?!”]) ?{_SERVICES}{_NO_LETTER}{_END}",
    rf"(?<= )[—–] ?{_SERVICES}{_NO_LETTER}{_END}",
    # বাসস/এমআর/১৮৩০, the signature of the agency
    rf"^{AGENCY}(?:/[^/ ]+)+$",
    flags=re.IGNORECASE,
)
_OPENING = patterns(rf"{_SERVICES} ?[:ঃ]", flags=re.IGNORECASE)
_IN_BRACKETS = patterns(rf"[(\[] ?{_SERVICES}{GENITIVE}? ?[)\]]{_END}", flags=re.IGNORECASE)

# Brackets after the last word of an agency's full name have its abbreviation, which is not a credit.
_FULL_NAME_END = patterns(
    rf"(?:সংস্থা|এজেন্সি|প্রেস|অব বাংলাদেশ|ভেলে|করপোরেশন|নেটওয়ার্ক|agency|press)[{LETTER}]* ?$", flags=re.IGNORECASE
)

# Characters before brackets in which such a word ends.
_LONGEST_NAME_END = 25
_LISTED = patterns(r"[,;/।]| ও | এবং | and |&", flags=re.IGNORECASE)

# A line that is only a credit: সূত্র: বাসস। —বাসস (ইউএনবি) খবর রয়টার্সের
_CREDIT_ALONE = patterns(
    rf"[(\[]?{_SOURCE_LABEL}[^।]{{1,60}}{_END}",
    rf"[(\[—–-]* ?(?:খবর ?[:ঃ]? ?)?{_SERVICES}{GENITIVE}? ?[)\]]?{_END}",
    flags=re.IGNORECASE,
)
_LABEL_ALONE = patterns(r"\s*(?:তথ্যসূত্র|সূত্র|source)\s*[:ঃ]\s*", flags=re.IGNORECASE)

# A line can be a byline up to this length. A longer one is a sentence.
_LONGEST_BYLINE = 60
_SENTENCE_ENDS = ("।", "?", "!")


def agencies(text: str) -> list[str]:
    """Return the codes of the agencies that a body or byline credits, in its order and each once.

    A mention is not a credit: "রয়টার্সে কাজ করেছেন" has none.
    """
    text = normalize(text)
    if not agencies_named(text):
        return []
    opening = _OPENING.match(text)
    codes = agencies_named(dateline_services(text) or (opening[0] if opening else ""))
    for line in _lines_with_agencies(text):
        codes += [code for _, code in sorted(_credits_of(line), key=lambda credit: credit[0])]
    return list(dict.fromkeys(codes))


def is_credit(line: str) -> bool:
    """Return whether a line is nothing but a credit with at least one agency."""
    line = normalize(line).strip()
    return _CREDIT_ALONE.fullmatch(line) is not None and bool(agencies(line))


def _lines_with_agencies(text: str) -> Iterator[str]:
    """Yield the lines with the name of an agency. A label on the line before is put before its line."""
    label = ""
    for line in text.split("\n"):
        if agencies_named(line):
            yield label + line
        label = line if _LABEL_ALONE.fullmatch(line) else ""


def _credits_of(line: str) -> Iterator[tuple[int, str]]:
    """Yield the offset and the agency's code of each credit in a line."""
    for match in _SOURCE.finditer(line):
        codes = map(agency_code, _LISTED.split(match["list"]))
        yield from ((match.start(), code) for code in codes if code)
    for match in _CREDITS.finditer(line):
        yield from ((match.start(), code) for code in agencies_named(match[0]))
    for match in _IN_BRACKETS.finditer(line):
        if not _FULL_NAME_END.search(line[max(0, match.start() - _LONGEST_NAME_END) : match.start()]):
            yield from ((match.start(), code) for code in agencies_named(match[0]))
    if len(line) <= _LONGEST_BYLINE and not line.rstrip().endswith(_SENTENCE_ENDS):
        names = [author.name for author in parse_byline(line) if author.kind == "agency"]
        yield from ((line.find(name), code) for name in names if (code := agency_code(name)))
