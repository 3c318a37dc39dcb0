"""The words of bylines on pages of Bengali newspapers: roles, desks, labels, editions, newspapers and agencies."""

import re

from crawler.bengali.text import any_of, data_beside, folded_words, nfc, patterns, word_set, words

_LISTS = data_beside(__file__)

MODIFIER, CORRESPONDENT, DESK, TITLE = (
    any_of(words(_LISTS[kind])) for kind in ("modifiers", "correspondents", "desks", "titles")
)
PAPERS, FOREIGN_MEDIA, EDITIONS = (folded_words(_LISTS[kind]) for kind in ("papers", "foreign_media", "editions"))
SENTENCE_WORDS, HEADLINE_WORDS, PAGE_WORDS = (
    word_set(_LISTS[kind]) for kind in ("sentence_words", "headline_words", "page_words")
)
NAMES_LIKE_INFLECTED, COMMON_NAMES = word_set(_LISTS["names_like_inflected"]), word_set(_LISTS["common_names"])

# The codes of wire services and broadcasters by their names.
CODES: dict[str, str] = {name: code for code, names in _LISTS["agencies"].items() for name in words(names)}

# Every name of a desk, and every unnamed correspondent, has one of these words.
DESK_WORDS = frozenset(word.lower() for word in words(_LISTS["correspondents"] + _LISTS["desks"]))

# Words of institutions, which are in designations and never in names of persons.
ORGANISATION_WORD = patterns(
    r"(?:^|\s)(?:বিশ্ববিদ্যালয়|কলেজ|স্কুল|ইনস্টিটিউট|মন্ত্রণালয়|বিভাগ|ফাউন্ডেশন|লিমিটেড|ব্যাংক|হাসপাতাল|ক্লাব|"
    r"সমিতি|কমিশন|অধিদপ্তর|অনুষদ|সদর(?= (?!উদ্দ)|$)|university|college|institute|department|ministry)",
    flags=re.IGNORECASE,
)

# Words of the names of newspapers, broadcasters and sites, which sites give as authors.
MEDIA_WORD = patterns(
    r"(?:^|[\s-])(?:টিভি|টেলিভিশন|নিউজ|পত্রিকা|অনলাইন|টাইমস|ট্রিবিউন|পোস্ট|ডটকম|ডট কম|ওয়েবসাইট|ম্যাগাজিন|এজেন্সি|"
    r"নিউজ২৪|চ্যানেল|রেডিও|ডেইলি|দৈনিক|মিডিয়া|ব্লগ|প্রতিদিন|বার্তা|জার্নাল|বাংলা|বাংলাদেশ|গেজেট|মিরর|এক্সপ্রেস|টুডে|কাগজ|"
    r"news|times|tribune|online|tv|daily|post|media|bangla|bangladesh|dainik|doinik|patrika|kagoj|barta|protidin|pratidin|"
    r"protidiner|sa(?:m|ng)bad|khobor|khabar|khabor|gazette|mirror|herald|statesman|standard|express|today|journal|channel)"
    r"(?:$|[\s-])|নিউজ|টিভি(?:$|[\s-])",
    flags=re.IGNORECASE,
)

# The address of a site, in both scripts.
SITE = patterns(r"\S*\.\s?(?:com|net|org|tv|news|bd|info|কম|নেট|টিভি|নিউজ)(?!\w)\S*|\S*\.কম", flags=re.IGNORECASE)

# The first letters of each month, in all spellings.
MONTH = (
    "(?:জানু|ফেব্রু|মার্চ|এপ্রি|মে(?![^\\W\\d_])|জুন|জুলা|আগ[সষ]্ট|অগ[সা]|সেপ্টে|অক্টো|নভে|ডিসে|"
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
)

# English words before an author's name.
BY = "(?:(?:written|posted|authored|reported|translated|story|words) )?by"

# Labels before the name of an author.
LABEL = patterns(
    r"(?:লেখা ও ছবি|লেখা|লিখেছেন|লেখক|প্রতিবেদক|প্রতিবেদন তৈরি করেছেন|প্রতিবেদন|রিপোর্ট|রিপোর্টার|সংবাদদাতা|অনুবাদ|অনুবাদক|"
    r"গ্রন্থনা|ভাষান্তর|অনুলিখন|সাক্ষাৎকার নিয়েছেন|সাক্ষাৎকার গ্রহণ|সাক্ষাৎকার|"
    rf"{BY}|author|reporter)\s*[:ঃ\-–—]\s*",
    rf"(?:লিখেছেন|{BY})\s+",
    flags=re.IGNORECASE,
)

# Labels before the names of other people than authors.
OTHER_CREDIT = patterns(
    r"(?:ছবি|আলোকচিত্র|আলোকচিত্রী|ফটো|ভিডিও|গ্রাফিক্স|গ্রাফিকস|কার্টুন|অলংকরণ|অলঙ্করণ|সম্পাদনা|মডেল|পোশাক|সাজ|photo|video)"
    r"\s*[:ঃ]",
    r"\bedited by\b",
    # The editors and publishers of the newspaper.
    r"(?:^|(?<=\s))(?:(?:ভারপ্রাপ্ত|প্রধান|নির্বাহী|উপদেষ্টা|বার্তা|যুগ্ম)\s+)?(?:সম্পাদক|প্রকাশক|মুদ্রাকর|editor|publisher)"
    r"(?:\s+(?:ও|এবং|and|&)\s+\S+)?\s*[:ঃ]",
    flags=re.IGNORECASE,
)

# Inflected words, which are not in names: genitives, accusatives, locatives, plurals and finite verbs.
INFLECTED = patterns(
    r"\S+(?:ের|গুলো|গুলোকে|গুলি|সমূহ|দেরকে|দেরও|চ্ছে|চ্ছেন|েছে|েছেন|ছিল|ছিলেন|েনি|লেও|তেই|কেই|ওয়ার|ানোর|ায়ও|াসহ)",
    r"\S{3,}(?:তে|কে|(?<!পাধ্য)ায়)",
    r"\S{4,}ে",
)

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
