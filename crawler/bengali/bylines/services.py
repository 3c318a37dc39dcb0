"""Recognise the wire services and broadcasters that Bengali newspapers credit; each has one code."""

from __future__ import annotations

import re
from functools import cache

from crawler.bengali.text import any_of, nfc, patterns

# The agencies that newspapers of Bangladesh and India credit, in the spellings of these newspapers.
_AGENCIES = {
    "BSS": "বাসস|বাংলাদেশ সংবাদ সংস্থা|বিএসএস|bss",
    "UNB": "ইউএনবি|ইউ এন বি|ইউ.এন.বি|ইউনাইটেড নিউজ অব বাংলাদেশ|unb",
    "BDNEWS24": (
        "বিডিনিউজ টোয়েন্টিফোর ডটকম|বিডিনিউজ টোয়েন্টিফোর ডট কম|বিডিনিউজ টোয়েন্টিফোর|বিডিনিউজ টোয়েন্টি ফোর ডটকম|"
        "বিডিনিউজটোয়েন্টিফোর ডটকম|বিডিনিউজটোয়েন্টিফোর.কম|বিডিনিউজটোয়েন্টিফোর|বিডিনিউজ২৪ ডটকম|বিডিনিউজ২৪.কম|"
        "বিডিনিউজ২৪|বিডিনিউজ ২৪|বিডিনিউজ|bdnews24.com|bdnews24"
    ),
    "AFP": "এএফপি|এ এফ পি|এ.এফ.পি|এজেন্স ফ্রান্স প্রেস|agence france-presse|afp",
    "AP": "এপি|এ.পি|অ্যাসোসিয়েটেড প্রেস|এসোসিয়েটেড প্রেস|associated press|ap",
    "REUTERS": "রয়টার্স|রয়টারস|রয়টার|রয়র্টাস|reuters",
    "XINHUA": "সিনহুয়া|শিনহুয়া|জিনহুয়া|xinhua",
    "TASS": "তাস|tass",
    "SPUTNIK": "স্পুতনিক|স্পুটনিক|sputnik",
    "PTI": "পিটিআই|pti",
    "ANI": "এএনআই|ani",
    "IANS": "আইএএনএস|ians",
    "UNI": "ইউএনআই",
    "APP": "এপিপি",
    "DPA": "ডিপিএ|dpa",
    "EFE": "ইএফই",
    "ANADOLU": "আনাদোলু এজেন্সি|আনাদোলু|আনাদলু এজেন্সি|আনাদলু|anadolu agency|anadolu",
    "KYODO": "কিয়োদো|কিয়োডো|kyodo",
    "YONHAP": "ইয়োনহাপ|ইওনহাপ|yonhap",
    "IRNA": "ইরনা|irna",
    "WAFA": "ওয়াফা|wafa",
    "BLOOMBERG": "ব্লুমবার্গ|bloomberg",
    "BBC": "বিবিসি বাংলা|বিবিসি নিউজ|বিবিসি|bbc bangla|bbc news|bbc",
    "CNN": "সিএনএন|cnn",
    "ALJAZEERA": "আল-জাজিরা|আল জাজিরা|আলজাজিরা|আল–জাজিরা|al jazeera|al-jazeera|aljazeera",
    "DW": "ডয়চে ভেলে|ডয়েচে ভেলে|ডয়চেভেলে|ডয়েচেভেলে|ডিডাব্লিউ|ডিডব্লিউ|ডি ডব্লিউ|deutsche welle|dw",
    "VOA": "ভয়েস অব আমেরিকা|ভয়েস অফ আমেরিকা|ভিওএ|voice of america|voa",
}
CODES = {nfc(name): code for code, names in _AGENCIES.items() for name in names.split("|")}

# The names that contain no other name, each with the names that contain it. A text without any of these keys has no
# agency, so few searches exclude most texts.
_NAMES_BY_SHORTEST = {
    short: [name for name in CODES if short in name]
    for short in CODES
    if not any(other in short for other in CODES if other != short)
}

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


def names_within(text: str) -> list[str]:
    """Return the names of agencies in a lower-case text, including names inside other words."""
    return [name for short, names in _NAMES_BY_SHORTEST.items() if short in text for name in names if name in text]


def has_name(line: str, name: str) -> bool:
    """Return whether a lower-case line has the name of an agency as a word of its own."""
    return name in line and _whole_word(name).search(line) is not None


@cache
def _whole_word(name: str) -> re.Pattern[str]:
    return re.compile(rf"{re.escape(name)}(?<![{LETTER}]{re.escape(name)})(?={GENITIVE}?(?![{LETTER}]))")


def agency_code(name: str) -> str | None:
    """Return the code of the agency whose name, in any case, is the whole text, or None."""
    match = _WHOLE.fullmatch(nfc(name).strip(" \n()[]\"“”‘’'.।:ঃ"))
    # Case-insensitive patterns match İ for i and ſ for s. The lower case of such a name is unknown.
    return CODES.get(match["name"].lower()) if match else None


def agencies_named(text: str) -> list[str]:
    """Return the codes of the agencies whose names are words of their own in a text, in its order."""
    return [code for match in _NAMES_WITHIN.finditer(text) if (code := CODES.get(match[0].lower()))]
