"""Recognise the wire services and broadcasters that Bengali newspapers credit; each has one code."""

import re

from crawler.bengali.bylines.vocabulary import AGENCIES
from crawler.bengali.text import any_of, nfc, patterns, words

CODES = {name: code for code, names in AGENCIES.items() for name in words(names)}

# Letters and signs of names in both scripts, for a character set.
LETTER = "a-zA-Z\u0981-\u0983\u0985-\u09e3\u09f0-\u09f1"
AGENCY = rf"(?<![{LETTER}])(?:{any_of(CODES)})"

# Endings of the genitive, which Bengali credits use: বাসসের, বাসস-এর, এএফপি’র, রয়টার্সের.
GENITIVE = nfc("(?:[-–’']?(?:এর|ের|য়ের|র))")

# Descriptions before the name of an agency: ব্রিটিশ বার্তা সংস্থা রয়টার্স.
DESCRIPTION = (
    "(?:(?:বার্তা ?সংস্থা|সংবাদ ?সংস্থা|সংবাদ ?মাধ্যম|গণমাধ্যম|সম্প্রচারমাধ্যম|ব্রিটিশ|মার্কিন|ফরাসি|চীনা|ভারতীয়|রুশ|জার্মান|"
    "তুর্কি|কাতারভিত্তিক|লন্ডনভিত্তিক|রাষ্ট্রীয়|সরকারি|আন্তর্জাতিক) )*"
)
_WHOLE = patterns(
    rf"{DESCRIPTION}(?P<name>{AGENCY})(?: (?:ডেস্ক|অনলাইন|নিউজ|বাংলা|এজেন্সি|desk))?{GENITIVE}?(?![{LETTER}])",
    flags=re.IGNORECASE,
)
_NAMES_WITHIN = patterns(rf"{AGENCY}(?={GENITIVE}?(?![{LETTER}]))", flags=re.IGNORECASE)


def agency_code(name: str) -> str | None:
    """Return the code of the agency whose name, in any case, is the whole text, or None."""
    match = _WHOLE.fullmatch(nfc(name).strip(" \n()[]\"“”‘’'.।:ঃ"))
    # Case-insensitive patterns match İ for i and ſ for s. The lower case of such a name is unknown.
    return CODES.get(match["name"].lower()) if match else None


def agencies_named(text: str) -> list[str]:
    """Return the codes of the agencies whose names are words of their own in a text, in its order."""
    return [code for match in _NAMES_WITHIN.finditer(text) if (code := CODES.get(match[0].lower()))]
