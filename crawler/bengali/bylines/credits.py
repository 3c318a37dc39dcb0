"""Credits to agencies: a source line, খবর …-এর, "… জানায়", a sign-off, a dateline or the byline itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.bengali.bylines.agencies import AGENCY, GENITIVE, LETTER, agencies_named, agency_code
from crawler.bengali.bylines.datelines import dateline_services
from crawler.bengali.bylines.names import parse_byline
from crawler.bengali.text import normalize, patterns

_KIND = (
    "(?:(?:বার্তা ?সংস্থা|সংবাদ ?সংস্থা|সংবাদ ?মাধ্যম|গণমাধ্যম|সম্প্রচারমাধ্যম|ব্রিটিশ|মার্কিন|ফরাসি|চীনা|ভারতীয়|রুশ|জার্মান|"
    "তুর্কি|কাতারভিত্তিক|লন্ডনভিত্তিক|রাষ্ট্রীয়|সরকারি|আন্তর্জাতিক) )*"
)
_ONE = rf"{_KIND}{AGENCY}(?: (?:বাংলা|নিউজ|অনলাইন|এজেন্সি|news|bangla))?"
_SEVERAL = rf"{_ONE}(?:(?:, ?| ও | এবং | ?/ ?){_ONE})*"
_NO_LETTER = f"(?![{LETTER}])"
_END = r" ?[।.]?[\"”’)\]]*(?= *(?:\n|$))"
_SOURCE = patterns(
    rf"(?<![{LETTER}])(?<!ছবি )(?<!ছবির )(?<!ভিডিও )"
    r"(?:তথ্যসূত্র|তথ্য সূত্র|খবর সূত্র|সূত্র|সৌজন্যে|সোর্স|source)\s*[:ঃ—–-]+\s*(?P<list>[^।\n]{1,300})",
    flags=re.IGNORECASE,
)
_CREDITS = patterns(
    # খবর বাসসের। খবর: এএফপি ও রয়টার্স
    rf"(?<![{LETTER}])খবর ?[:ঃ]? ?{_SEVERAL}{GENITIVE}?{_NO_LETTER}{_END}",
    rf"(?<![{LETTER}])খবর ?[:ঃ]? ?{_SEVERAL}{GENITIVE}?(?= ?[।)\]])",
    # এএফপি জানায়; রয়টার্স এক প্রতিবেদনে এ তথ্য জানিয়েছে
    rf"{_SEVERAL}(?: (?:এক|একটি|এই|এ|তথ্য|খবর|তথ্যটি|খবরটি|প্রতিবেদনে|খবরে|এসব|এমন|আরও|আরো|বিষয়টি|বরাত))*"
    rf" (?:জানায়|জানিয়েছে|জানাচ্ছে|জানিয়েছিল|খবর দিয়েছে|তথ্য দিয়েছে){_NO_LETTER}",
    # রয়টার্সের প্রতিবেদনে বলা হয়
    rf"{_SEVERAL}{GENITIVE}(?: \S+){{0,2}} (?:প্রতিবেদনে|খবরে)"
    rf" (?:বলা|জানানো|উল্লেখ|এ তথ্য|এসব তথ্য|এই তথ্য){_NO_LETTER}",
    # এ খবর জানিয়েছে বিবিসি।
    rf"(?:জানিয়েছে|জানায়|খবর দিয়েছে|তথ্য দিয়েছে|খবর প্রকাশ করেছে) {_SEVERAL}{_NO_LETTER}(?= ?[।.,\n]|$)",
    # … উপস্থিত ছিলেন। —বাসস
    rf"(?:^|(?<=[।?!”’\"\n]))[ \n]*[—–-]+ ?{_SEVERAL}{_NO_LETTER}{_END}",
    rf"(?<=[।?!”]) ?{_SEVERAL}{_NO_LETTER}{_END}",
    rf"(?<= )[—–]+ ?{_SEVERAL}{_NO_LETTER}{_END}",
    # (বাসস) at the end; after the agency's own full name it is an abbreviation
    rf"(?<!সংস্থা)(?<!সংস্থা )(?<!এজেন্সি )(?<!প্রেস )(?<!বাংলাদেশ )[(\[] ?{_SEVERAL}{GENITIVE}? ?[)\]]{_END}",
    flags=re.IGNORECASE | re.MULTILINE,
)
_LISTED = patterns(r"[,;/।]| ও | এবং | and |&", flags=re.IGNORECASE)
_SHORT_LINE = 60
_SENTENCE_ENDS = ("।", "?", "!")


def agencies(text: str) -> list[str]:
    """Return the codes of the agencies a body or byline credits, in its order; a mention is no credit."""
    text = normalize(text)
    return list(dict.fromkeys(code for _, code in sorted(_credited(text), key=lambda credit: credit[0])))


def _credited(text: str) -> Iterator[tuple[int, str]]:
    """Yield the place of each credit in the text, and the agency's code."""
    yield from ((0, code) for code in agencies_named(dateline_services(text)))
    for match in _SOURCE.finditer(text):
        codes = map(agency_code, _LISTED.split(match["list"]))
        yield from ((match.start(), code) for code in codes if code)
    for match in _CREDITS.finditer(text):
        yield from ((match.start(), code) for code in agencies_named(match[0]))
    yield from _of_bylines(text)


def _of_bylines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the agencies of lines that are bylines: short, and nothing but names."""
    position = 0
    for line in text.split("\n"):
        if len(line) <= _SHORT_LINE and not line.rstrip().endswith(_SENTENCE_ENDS):
            names = [author.name for author in parse_byline(line) if author.kind == "agency"]
            yield from ((position, code) for code in map(agency_code, names) if code)
        position += len(line) + 1
