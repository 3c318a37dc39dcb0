import pytest

from crawler.bengali.sections import genre_of, is_other, scope_of, topics_of


@pytest.mark.parametrize(
    "word",
    [
        "national",
        "National",
        "bangladesh",
        "জাতীয়",
        "জাতী\u09df",
        "জাতীয়:",
        "জাতীয়ঃ",
        " জাতীয় ",
        "বাংলাদেশ",
        "জাতীয় খবর",
        "national-news",
        "bangladesh/crime",
        "/bangladesh/",
        "video/bangladesh",
        "%E0%A6%9C%E0%A6%BE%E0%A6%A4%E0%A7%80%E0%A7%9F",
        "বাংলাদেশ » রাজনীতি",
    ],
)
def test_a_national_section_is_known_in_every_form(word):
    assert scope_of(word) == "national"
    assert not is_other(word)


@pytest.mark.parametrize(
    "word",
    [
        "country",
        "whole-country",
        "saradesh",
        "সারাদেশ",
        "সারা দেশ",
        "জেলার খবর",
        "রাজধানী",
        "মহানগর",
        "country/rajshahi",
        "নাটোর",
        "নাটোর জেলা",
        "রাজশাহী বিভাগ",
        "বৃহত্তর চট্টগ্রাম",
        "চট্টগ্রাম",
    ],
)
def test_the_country_outside_and_inside_the_capital_is_local(word):
    assert scope_of(word) == "local"
    assert is_other(word)


@pytest.mark.parametrize(
    "word",
    ["international", "world", "foreign/usa", "আন্তর্জাতিক", "বিশ্ব", "বিদেশ", "world/middle-east", "world-news"],
)
def test_the_world_is_international(word):
    assert scope_of(word) == "international"
    assert is_other(word)


@pytest.mark.parametrize(
    ("word", "topic"),
    [
        ("politics", "11000000"),
        ("রাজনীতি", "11000000"),
        ("নির্বাচন", "11000000"),
        ("economy", "04000000"),
        ("অর্থনীতি", "04000000"),
        ("অর্থ ও বাণিজ্য", "04000000"),
        ("শেয়ারবাজার", "04000000"),
        ("শে\u09dfারবাজার", "04000000"),
        ("sports", "15000000"),
        ("খেলাধুলা", "15000000"),
        ("sports/cricket", "15000000"),
        ("world-cup", "15000000"),
        ("ক্রীড়া", "15000000"),
        ("ক্রী\u09dcা", "15000000"),
        ("খেলার খবর", "15000000"),
        ("ফুটবল বিশ্বকাপ", "15000000"),
        ("World Cup 2022", "15000000"),
        ("বিনোদন জগৎ", "01000000"),
        ("রাজনীতির পাতা", "11000000"),
        ("entertainment", "01000000"),
        ("বিনোদন", "01000000"),
        ("শিল্প ও সংস্কৃতি", "01000000"),
        ("law-courts", "02000000"),
        ("law-and-crime", "02000000"),
        ("আইন-আদালত", "02000000"),
        ("দুর্ঘটনা", "03000000"),
        ("education", "05000000"),
        ("ক্যাম্পাস", "05000000"),
        ("পরিবেশ", "06000000"),
        ("স্বাস্থ্য", "07000000"),
        ("ফিচার", "08000000"),
        ("চাকরি", "09000000"),
        ("jobs", "09000000"),
        ("lifestyle", "10000000"),
        ("জীবনযাপন", "10000000"),
        ("ধর্ম", "12000000"),
        ("Islamic-lifestylie", "12000000"),
        ("ইসলাম ও জীবন", "12000000"),
        ("তথ্যপ্রযুক্তি", "13000000"),
        ("technology", "13000000"),
        ("প্রবাস", "14000000"),
        ("যুদ্ধ", "16000000"),
        ("আবহাওয়া", "17000000"),
        ("আবহাও\u09dfা", "17000000"),
    ],
)
def test_a_section_has_its_media_topic(word, topic):
    assert topics_of(word) == [f"medtop:{topic}"]


def test_a_path_or_an_enumeration_has_the_topics_of_its_parts():
    assert topics_of("bangladesh/crime") == ["medtop:02000000"]
    assert topics_of("বিজ্ঞান ও শিক্ষা") == ["medtop:13000000", "medtop:05000000"]
    assert topics_of("politics/election") == ["medtop:11000000"]


@pytest.mark.parametrize("word", ["sports", "খেলা", "বিনোদন", "রাজনীতি", "মতামত", "সম্পাদকীয়", "ধর্ম"])
def test_a_known_section_of_another_kind_is_other_than_national(word):
    assert scope_of(word) is None
    assert is_other(word)


@pytest.mark.parametrize(
    "word",
    ["", "/", "latest", "সর্বশেষ", "others", "প্রথম পাতা", "print-edition", "article", "video", "ছবি", "নদীপথ"],
)
def test_a_word_that_tells_no_section_is_neither_national_nor_other(word):
    assert scope_of(word) is None
    assert topics_of(word) == []
    assert not is_other(word)


@pytest.mark.parametrize(
    ("word", "genre"),
    [
        ("মতামত", "opinion"),
        ("opinion", "opinion"),
        ("কলাম", "opinion"),
        ("উপসম্পাদকীয়", "opinion"),
        ("উপসম্পাদকী\u09df", "opinion"),
        ("মুক্তমঞ্চ", "opinion"),
        ("todays-print-edition/tp-muktomoncha", "opinion"),
        ("সম্পাদকীয়", "editorial"),
        ("editorial", "editorial"),
        ("opinion/editorial", "editorial"),
        ("opinion/interview", "interview"),
        ("সাক্ষাৎকার", "interview"),
        ("ফিচার", "feature"),
        ("বিশ্লেষণ", "analysis"),
        ("চিঠিপত্র", "letter"),
        ("ফ্যাক্টচেক", "fact-check"),
        ("ভিডিও", "video"),
        ("জাতীয়", "news"),
        ("খেলা", "news"),
        ("", "news"),
    ],
)
def test_a_section_has_its_genre_and_is_news_otherwise(word, genre):
    assert genre_of(word) == genre
