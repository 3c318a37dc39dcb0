import pytest

from crawler.bengali.sections import genre_of, is_other, is_section, scope_of, topics_of

GENRE_WORDS = {
    "opinion": "মতামত | opinion | কলাম | উপসম্পাদকীয় | উপসম্পাদকী\u09df | মুক্তমঞ্চ | todays-print-edition/tp-muktomoncha",
    "editorial": "সম্পাদকীয় | editorial | opinion/editorial",
    "interview": "opinion/interview | সাক্ষাৎকার",
    "feature": "ফিচার",
    "analysis": "বিশ্লেষণ",
    "letter": "চিঠিপত্র",
    "fact-check": "ফ্যাক্টচেক",
    "video": "ভিডিও",
    "news": "জাতীয় | খেলা | ",  # The last word is empty.
}


NATIONAL = (
    "national | National | bangladesh | national-news | bangladesh/crime | /bangladesh/ | video/bangladesh | জাতীয়"
    " | জাতী\u09df | জাতীয়: | জাতীয়ঃ |  জাতীয়  | বাংলাদেশ | জাতীয় খবর | বাংলাদেশ » রাজনীতি"
    " | %E0%A6%9C%E0%A6%BE%E0%A6%A4%E0%A7%80%E0%A7%9F"
)
LOCAL = (
    "country | whole-country | saradesh | country/rajshahi | সারাদেশ | সারা দেশ | জেলার খবর | রাজধানী | মহানগর | নাটোর"
    " | নাটোর জেলা | রাজশাহী বিভাগ | বৃহত্তর চট্টগ্রাম | চট্টগ্রাম"
)
INTERNATIONAL = "international | world | foreign/usa | আন্তর্জাতিক | বিশ্ব | বিদেশ | world/middle-east | world-news"
OTHER_KINDS = "sports | খেলা | বিনোদন | রাজনীতি | মতামত | সম্পাদকীয় | ধর্ম"


@pytest.mark.parametrize("word", NATIONAL.split(" | "))
def test_national_sections_are_known_in_every_form(word):
    assert scope_of(word) == "national"
    assert is_section(word)
    assert not is_other(word)


@pytest.mark.parametrize(
    ("word", "scope"),
    [
        *((word, "local") for word in LOCAL.split(" | ")),
        *((word, "international") for word in INTERNATIONAL.split(" | ")),
        *((word, None) for word in OTHER_KINDS.split(" | ")),
    ],
)
def test_sections_that_are_not_national_are_other(word, scope):
    assert scope_of(word) == scope
    assert is_section(word)
    assert is_other(word)


@pytest.mark.parametrize(
    "word",
    ["", "/", "latest", "সর্বশেষ", "others", "প্রথম পাতা", "print-edition", "article", "video", "ছবি", "নদীপথ"],
)
def test_other_words_are_not_sections(word):
    assert scope_of(word) is None
    assert topics_of(word) == ()
    assert not is_section(word)
    assert not is_other(word)


@pytest.mark.parametrize(
    ("genre", "word"), [(g, word) for g, words in GENRE_WORDS.items() for word in words.split(" | ")]
)
def test_a_section_has_its_genre_and_is_news_otherwise(word, genre):
    assert genre_of(word) == genre
