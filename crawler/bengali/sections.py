"""Map the sections of Bengali outlets, slugs and names alike, to scopes, IPTC Media Topics and genres."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar
from urllib.parse import unquote

from crawler.bengali.places import is_district
from crawler.bengali.text import fold, nfc, words
from crawler.model.article import Scope

# The lists below have the slugs and names of sections as outlets of Bangladesh and India use them, including their
# misspellings (islamic-lifestylie). An underscore is a space within a name.
_SCOPES: dict[Scope, str] = {
    "national": "জাতীয় বাংলাদেশ national bangladesh জাতীয়_খবর bangla-desh jatiyo jatio jatiya দেশ স্বদেশ desh",
    "local": """
        সারাদেশ সারাবাংলা দেশজুড়ে জেলা জেলার_খবর জেলা_সংবাদ জেলা_উপজেলা জেলায়_জেলায় রাজধানী মহানগর নগর নগরজীবন নগর-মহানগর বাংলার_জনপদ জনপদ
        গ্রামবাংলা মফস্বল প্রান্তিক লোকালয় দেশের_খবর আঞ্চলিক country whole-country saradesh sarabangla district districts zilla
        capital rajdhani dhaka-city city metro metropolitan local local-news country-news countrywide chattogram-city
        খুলনা_বিভাগ ঢাকা_বিভাগ deshjure mofossol পশ্চিমবঙ্গ রাজ্য জেলা_খবর দক্ষিণবঙ্গ উত্তরবঙ্গ samagrabangladesh সমগ্র_বাংলাদেশ
        priyo-desh country-village chayer-desh chattogram-pratidin west-bengal state kolkata কলকাতা chattogram chittagong
        chitagong rajshahi khulna barishal barisal sylhet rangpur mymensingh mymensing dhaka
    """,
    "international": """
        আন্তর্জাতিক বিশ্ব বিদেশ বহির্বিশ্ব বিশ্বসংবাদ বিশ্বজুড়ে সারাবিশ্ব দেশে_দেশে দেশে-বিদেশে পরবাস প্রতিবেশী এশিয়া দক্ষিণ_এশিয়া ভারত
        পাকিস্তান মধ্যপ্রাচ্য ইউরোপ আমেরিকা উত্তর_আমেরিকা লাতিন_আমেরিকা দক্ষিণ_আমেরিকা আফ্রিকা যুক্তরাষ্ট্র যুক্তরাজ্য চীন রাশিয়া অস্ট্রেলিয়া মিয়ানমার
        international world foreign antorjatik global bideshi bishwo overseas middle-east asia south-asia europe usa us
        america north-america south-america latin-america africa india pakistan china russia uk australia neighbour
        deshe-deshe
    """,
}

# The codes are the top level of the IPTC Media Topics (https://cv.iptc.org/newscodes/mediatopic/).
_POLITICS, _ECONOMY, _SPORT, _CULTURE = "11000000", "04000000", "15000000", "01000000"
_LAW, _DISASTER, _EDUCATION, _ENVIRONMENT = "02000000", "03000000", "05000000", "06000000"
_HEALTH, _HUMAN_INTEREST, _LABOUR, _LIFESTYLE = "07000000", "08000000", "09000000", "10000000"
_RELIGION, _SCIENCE, _SOCIETY, _CONFLICT, _WEATHER = "12000000", "13000000", "14000000", "16000000", "17000000"
_TOPICS = {
    _POLITICS: """
        রাজনীতি রাজনৈতিক নির্বাচন জাতীয়_নির্বাচন সংসদ জাতীয়_সংসদ সংসদ_নির্বাচন স্থানীয়_সরকার সরকার প্রশাসন ভোট ভোটের_মাঠ বিএনপি আওয়ামী_লীগ
        জামায়াত এনসিপি জাতীয়_পার্টি কূটনীতি politics political politics-news rajniti election elections city-election
        national-election parliament government administration vote bnp awami-league jamat-e-islam jamaat ncp
        other-politics diplomacy
    """,
    _ECONOMY: """
        অর্থনীতি অর্থ-বাণিজ্য অর্থ_ও_বাণিজ্য বাণিজ্য ব্যবসা ব্যবসা-বাণিজ্য শিল্প-বাণিজ্য শিল্প_ও_বাণিজ্য পুঁজিবাজার শেয়ারবাজার শেয়ার_বিজ ব্যাংক
        ব্যাংক-বিমা ব্যাংক-বীমা বীমা বিমা কৃষি কৃষি_ও_প্রকৃতি বাজেট বাজার বাজারদর কর্পোরেট করপোরেট আবাসন গার্মেন্টস পোশাকশিল্প বিশ্ববাণিজ্য জ্বালানি
        বিদ্যুৎ_ও_জ্বালানি টেলিকম অর্থ-শিল্প-বাণিজ্য ব্যাংক_ও_বীমা শিল্প_কারখানা আর্থিক_খাত economy economics business trade commerce bank
        banking banks stock stock-market share-market sharebazar capital-market agriculture agriculture-and-nature agri
        krishi budget market corporate insurance industry power-and-fuel energy finance money orthoniti banijjo banijya
        business-economy industry-business real-estate garments rmg telecom economy-business
    """,
    _SPORT: """
        খেলা খেলাধুলা খেলাধূলা খেলার_খবর খেলার_মাঠ ক্রীড়া ক্রীড়াঙ্গন মাঠে_ময়দানে ক্রিকেট ফুটবল_বিশ্বকাপ ক্রিকেট_বিশ্বকাপ টি-টোয়েন্টি_বিশ্বকাপ
        টি২০_বিশ্বকাপ ফিফা_বিশ্বকাপ fifa-world-cup t20-world-cup ফুটবল হকি টেনিস অন্য_খেলা অন্যান্য_খেলা বিশ্বকাপ বিপিএল আইপিএল
        অলিম্পিক দাবা sport sports khela kheladhula cricket football hockey tennis other-sports others-sports world-cup bpl
        ipl olympic olympics chess athletics sports-news local-sports
    """,
    _CULTURE: """
        বিনোদন আনন্দ আনন্দ_বিনোদন আনন্দনগর ঢালিউড বলিউড হলিউড টলিউড টালিউড চলচ্চিত্র সিনেমা নাটক টেলিভিশন টিভি ছোটপর্দা সংগীত সঙ্গীত
        গান ওটিটি মঞ্চ তারকা সাহিত্য শিল্প-সাহিত্য শিল্প-সংস্কৃতি শিল্প_ও_সংস্কৃতি শিল্প_ও_সাহিত্য সাহিত্য-সংস্কৃতি সাহিত্য_ও_সংস্কৃতি সংস্কৃতি
        শিল্পকলা কবিতা গল্প বইমেলা একুশে_বইমেলা গণমাধ্যম মিডিয়া সাময়িকী অন্য_আলো বই শোবিজ গ্লিটজ কালের_খেয়া entertainment binodon
        dhallywood bollywood hollywood tollywood tv television cinema film movie drama song songs music ott showbiz
        glitz celebrity culture art arts literature art-literature art-and-literature shahitto sahitya poem story
        book-fair book-fair-news ekushey-book-fair books new-books media onnoalo kaler-kheya tp-kaler-kheya
        silpo-sahitto theatre entertainment-photostory rangberang entertainment-interview
    """,
    _LAW: """
        আইন-আদালত আইন_ও_আদালত আইন_ও_বিচার আইন-বিচার আইন_ও_অপরাধ আইন আদালত আদালতপাড়া বিচার অপরাধ অপরাধ_ও_আইন অপরাধ_ও_দুর্নীতি দুর্নীতি
        মানবাধিকার আইন_শৃঙ্খলা crime law court courts law-courts law-court law-and-crime law-and-order crime-and-law crime-law
        law-crime legal justice law-justice ain-adalat oporadh aporadh crime-corruption corruption
    """,
    _DISASTER: "দুর্ঘটনা দুর্যোগ অগ্নিকাণ্ড ভূমিকম্প বন্যা সড়ক_দুর্ঘটনা accident accidents disaster disasters fire flood earthquake",
    _EDUCATION: """
        শিক্ষা শিক্ষাঙ্গন ক্যাম্পাস আমার_ক্যাম্পাস উচ্চশিক্ষা পড়াশোনা ভর্তি পরীক্ষা বৃত্তি বিশ্ববিদ্যালয় স্কুল_কলেজ শিক্ষা_ও_ক্যাম্পাস শিক্ষা-সাহিত্য শিক্ষাজগৎ
        education educations campus my-campus higher-education study admission examination scholarship university
        shikkha shiksha education-campus schools
    """,
    _ENVIRONMENT: """
        পরিবেশ জলবায়ু পরিবেশ_ও_জলবায়ু পরিবেশ-জলবায়ু জলবায়ু_পরিবর্তন প্রকৃতি প্রাণ_ও_প্রকৃতি প্রাণ-প্রকৃতি জীববৈচিত্র্য প্রকৃতি_ও_পরিবেশ
        পরিবেশ_ও_জীববৈচিত্র্য environment climate climate-change nature environment-climate wildlife biodiversity
    """,
    _HEALTH: """
        স্বাস্থ্য স্বাস্থ্যসেবা স্বাস্থ্য_ও_চিকিৎসা স্বাস্থ্যকথা সুস্থতা সুস্থ_থাকুন চিকিৎসা করোনা করোনাভাইরাস ডেঙ্গু ডাক্তার_বাড়ি health health-tips
        health-care corona coronavirus covid-19 dengue doctorbari medical shastho swasthya
    """,
    _HUMAN_INTEREST: """
        মানবিক বিচিত্র বিচিত্রা বিচিত্র_জগৎ অদ্ভুত ফিচার ফান রস_আলো মজার_খবর ভাইরাল ট্রেন্ডিং feature features fun odd oddnews viral
        trending bichitra human-interest offbeat
    """,
    _LABOUR: """
        চাকরি চাকরী চাকুরি চাকরির_খবর চাকরি_বাকরি নিয়োগ ক্যারিয়ার শ্রমবাজার শ্রমিক চাকরি_প্রার্থী job jobs jago-jobs chakri chakri-news
        chakri-suggestion employment career careers labour labor
    """,
    _LIFESTYLE: """
        জীবনযাপন জীবনযাত্রা জীবনধারা জীবনশৈলী লাইফস্টাইল ফ্যাশন রূপচর্চা সাজসজ্জা ভ্রমণ পর্যটন রান্না রান্নাঘর রেসিপি খাবার খাওয়াদাওয়া খাবারদাবার অন্দর
        অন্দরসজ্জা নকশা লুক সম্পর্ক গৃহসজ্জা রাশিফল বেড়ানো lifestyle life travel tour tourism travel-tour journey aviation
        hotel-resort fashion beauty food foodies recipe recipes cooking interior relation tips daily-life health-style
        horoscope leisure jibonjapon bhromon
    """,
    _RELIGION: """
        ধর্ম ইসলাম ধর্ম_ও_জীবন ধর্ম-দর্শন ধর্ম_ও_দর্শন ইসলাম_ও_জীবন ইসলামী_জীবন ইসলামি_জীবন ইসলামী_জগত
        ইসলাম_ধর্ম নামাজের_সময়সূচি ইসলামী_বিশ্ব হজ রমজান religion islam islamic islamic-life
        islamic-lifestyle islamic-lifestylie islam-and-life islam-life dharma dhormo hajj ramadan
    """,
    _SCIENCE: """
        তথ্যপ্রযুক্তি তথ্য_ও_প্রযুক্তি প্রযুক্তি বিজ্ঞান বিজ্ঞান_ও_প্রযুক্তি বিজ্ঞান-প্রযুক্তি আইটি আইসিটি টেক টেকলাইফ টেক_দুনিয়া এআই
        কৃত্রিম_বুদ্ধিমত্তা গেজেট গ্যাজেট মোবাইল সোশ্যাল_মিডিয়া সামাজিক_যোগাযোগমাধ্যম সামাজিক_মাধ্যম মহাকাশ tech technology science
        science-technology science-and-technology science-tech tech-and-gadget tech-news techlife it ict
        information-technology ai artificial-intelligence gadget gadgets mobile social-media projukti info-tech it-world
    """,
    _SOCIETY: """
        প্রবাস প্রবাসী প্রবাসের_খবর প্রবাস_জীবন নারী নারীমঞ্চ নারী_ও_শিশু সমাজ শিশু nrb kidz কিশোর তরুণ probash probas prabash
        expatriate expatriates diaspora nri women woman women-and-children society social kids children youth
    """,
    _CONFLICT: "যুদ্ধ সংঘাত যুদ্ধ_ও_সংঘাত ইউক্রেন_যুদ্ধ war conflict russia-ukraine-war ukraine-war war-and-conflict",
    _WEATHER: "আবহাওয়া আবহাওয়ার_খবর আবহাওয়া_ও_জলবায়ু weather weather-news",
}

# The genres of articles. All other sections have news.
_GENRES = {
    "editorial": "সম্পাদকীয় আজকের_সম্পাদকীয় editorial editorials sompadokiyo editorial-comments",
    "opinion": """
        মতামত মত অভিমত কলাম কলামিস্ট মন্তব্য_প্রতিবেদন উপসম্পাদকীয় সম্পাদকীয়_ও_মতামত মুক্তমঞ্চ মুক্তমত মুক্তচিন্তা মুক্তবাক মন্তব্য দৃষ্টিপাত বাতায়ন
        চতুরঙ্গ দৃষ্টিকোণ খোলা_মত খোলা_কলম ভিন্নমত প্রতিক্রিয়া স্মৃতিকথা ধারাভাষ্য অন্যমত সমকালীন_প্রসঙ্গ উপসম্পাদকীয়_ও_মতামত opinion opinions
        column columns op-ed sub-editorial views view comment comments muktadhara open-air-theater muktomoncha
        mukto-moncho muktomot chaturango reaction memoir motamot post-editorial
    """,
    "letter": "চিঠি চিঠিপত্র পাঠকের_চিঠি পাঠকের_লেখা letter letters readers-letter",
    "interview": "সাক্ষাৎকার আলাপ মুখোমুখি interview interviews entertainment-interview",
    "analysis": "বিশ্লেষণ ব্যাখ্যা analysis explainer",
    "feature": "ফিচার বিশেষ_ফিচার বিশেষ_আয়োজন feature features special-feature",
    "blog": "ব্লগ blog blogs",
    "fact-check": "ফ্যাক্টচেক ফ্যাক্ট_চেক ফ্যাক্ট-চেক তথ্য_যাচাই যাচাই fact-check factcheck",
    "review": "রিভিউ পর্যালোচনা সমালোচনা বই_আলোচনা review reviews book-review",
    "obituary": "শোক শোকবার্তা শোক_সংবাদ মৃত্যুবার্ষিকী obituary",
    "press-release": "বিজ্ঞপ্তি সংবাদ_বিজ্ঞপ্তি প্রেস_বিজ্ঞপ্তি প্রেস_রিলিজ press-release",
    "photo": "ছবি ছবিঘর ফটো ফটো_গ্যালারি ছবির_গল্প photo photos photogallery gallery photo-story entertainment-photostory",
    "video": "ভিডিও ভিডিও_গ্যালারি video videos video-gallery",
}

# These genres are formats and not sections: their articles can be of any place.
_FORMATS = frozenset({"photo", "video"})

# Outlets repeat their section words, a few hundred each, on every page.
_CACHED_WORDS = 2048
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a section's path: folded, its look-up keys, and its parts if it is an enumeration."""

    folded: str
    keys: tuple[str, str]
    parts: tuple[_Step, ...]


def _index(table: dict[_Value, str]) -> dict[str, list[_Value]]:
    """Return the values of a table by the folded names in it."""
    index: dict[str, list[_Value]] = {}
    for value, names in table.items():
        for name in words(names):
            values = index.setdefault(fold(name), [])
            if value not in values:
                values.append(value)
    return index


_SCOPE_INDEX, _TOPIC_INDEX, _GENRE_INDEX = _index(_SCOPES), _index(_TOPICS), _index(_GENRES)
_STEP_SEPARATOR = re.compile(r"[/>›»→|]+")
_CONJUNCTIONS = re.compile(nfc(r"\s+(?:ও|এবং|and|&)\s+|-and-|[,;&+]"))

# Words that outlets add to the name of a section: খেলার খবর, সর্বশেষ রাজনীতি. `tp` marks the printed edition.
_PADDING = re.compile(
    nfc(r"(?:এর|র)?(?:খবর|সংবাদ|নিউজ|জগত্|জগত|দুনিয়া|পাতা|news|(?:19|20)\d\d)$|^(?:সর্বশেষ|আজকের|latest|tp(?=[a-z]))")
)

# Words beside the name of a district: নাটোর জেলা, বৃহত্তর চট্টগ্রাম.
_ADMINISTRATIVE = re.compile(nfc(r"^(?:বৃহত্তর|greater)|(?:বিভাগ|জেলা|মহানগর|division|district)$"))


@lru_cache(maxsize=_CACHED_WORDS)
def scope_of(word: str) -> Scope | None:
    """Return the scope of a section's slug, path or name, or None if it is unknown.

    The first known step of a path decides. The names of districts and divisions are local.
    """
    for step in _steps(word):
        scopes = _look_up(step, _SCOPE_INDEX.get)
        if scopes:
            return scopes[0]
        if is_district(_ADMINISTRATIVE.sub("", step.folded)):
            return "local"
    return None


def topics_of(word: str) -> list[str]:
    """Return the IPTC Media Topics of a section's slug, path or name, such as `medtop:11000000`."""
    return list(_topics(word))


@lru_cache(maxsize=_CACHED_WORDS)
def _topics(word: str) -> tuple[str, ...]:
    codes = [code for step in _steps(word) for code in _look_up(step, _TOPIC_INDEX.get)]
    return tuple(f"medtop:{code}" for code in dict.fromkeys(codes))


@lru_cache(maxsize=_CACHED_WORDS)
def genre_of(word: str) -> str:
    """Return the genre of a section's slug, path or name; `news` if it is unknown.

    The last known step of a path decides.
    """
    for step in reversed(_steps(word)):
        genres = _look_up(step, _GENRE_INDEX.get)
        if genres:
            return genres[0]
    return "news"


def is_section(word: str) -> bool:
    """Return whether a word names a known section; photo and video are formats, not sections."""
    return bool(scope_of(word)) or _has_topic_or_genre(word)


def is_other(word: str) -> bool:
    """Return whether a word names a known section other than the national one: sport, world, opinion, a district."""
    scope = scope_of(word)
    return scope != "national" if scope else _has_topic_or_genre(word)


def _has_topic_or_genre(word: str) -> bool:
    return bool(_topics(word)) or genre_of(word) not in {"news", *_FORMATS}


# Cached because scope, topics and genre are requested for the same words.
@lru_cache(maxsize=_CACHED_WORDS)
def _steps(word: str) -> tuple[_Step, ...]:
    return tuple(step for step in map(_step, _STEP_SEPARATOR.split(unquote(word))) if step.folded)


def _step(text: str) -> _Step:
    folded = fold(text)
    key = folded.rstrip("ঃ")
    parts = _CONJUNCTIONS.split(text.strip())
    return _Step(folded, (key, _PADDING.sub("", key)), tuple(map(_step, parts)) if len(parts) > 1 else ())


def _look_up(step: _Step, values_of: Callable[[str], list[_Value] | None]) -> list[_Value]:
    """Return the values of a step, else those of the step without padding, else those of its parts."""
    found = next(filter(None, map(values_of, step.keys)), None)
    return found or [value for part in step.parts for value in _look_up(part, values_of)]
