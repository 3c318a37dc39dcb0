import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.bengali.language import is_legacy, language
from crawler.bengali.text import fold, normalize

ZWNJ, ZWJ = "\u200c", "\u200d"
RAB = "র\u200d\u09cd\u09afাব"


@pytest.mark.parametrize(
    "text",
    [
        RAB,
        "উদ্\u200cযাপন",
        "উদ্\u200cগার",
        "হৃদ্\u200cরোগ",
        "বাগ্\u200cধারা",
        "“উদ্ধৃতি”, ‘উক্তি’ — ড্যাশ – হাইফেন - \"সোজা\" 'একক' …",
        "৳১,২৩৪.৫০ টাকা | ১২৩ 456",
        "প্রথম অনুচ্ছেদ।\nদ্বিতীয় অনুচ্ছেদ।\n\nতৃতীয়।",
        "মোঃ রহিম, ডা. করিম; ১০:৩৪",
        "ৎ ং ঃ ঁ",
        "👨\u200d👩\u200d👧 ❤\u200d🔥",
        "می\u200cخواهم",
        "ৰ\u200d্যাব",
        "",
    ],
)
def test_a_normalized_text_is_unchanged(text):
    assert normalize(text) == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("বা\u09a1\u09be\u09bc", "বা\u09a1\u09bc\u09be"),
        ("হ\u09af\u09c7\u09bc\u099bে", "হ\u09af\u09bc\u09c7\u099bে"),
        ("সম\u09af\u09c7\u09be\u09bc", "সম\u09af\u09bc\u09cb"),
        ("দ\u09be\u0981\u09a1\u09be\u0981\u09bc", "দ\u09be\u0981\u09a1\u09bc\u09be\u0981"),
        ("প\u09a1\u09bc\u09bc", "প\u09a1\u09bc"),
    ],
)
def test_a_late_nukta_moves_to_its_consonant(raw, expected):
    assert normalize(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        f"র{joined}\u09afাব"
        for joined in ("\u200d\u09cd", "\u200c\u09cd", "\u200d\u200d\u09cd", "\u200c\u200d\u09cd", "\u09cd\u200d")
    ],
)
def test_ra_with_yaphala_has_one_zwj(raw):
    assert normalize(raw) == RAB


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("হ\u200cয়ে\u200cছে", "হয়েছে"),
        ("ডিএম\u200cপি", "ডিএমপি"),
        ("ক\u200dরা", "করা"),
        ("ব\u200c্যাংক", "ব্যাংক"),
        ("\u200cখবর\u200d", "খবর"),
        ("উদ্\u200c ", "উদ্ "),
        ("ঢাকা\u200c।", "ঢাকা।"),
        ("উদ্\u200c\u200cযাপন", "উদ্\u200cযাপন"),
        ("abc\u200ddef", "abcdef"),
        ("১\u200c২", "১২"),
    ],
)
def test_joiners_without_meaning_are_dropped(raw, expected):
    assert normalize(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("হঠাত্\u200d", "হঠাৎ"),
        ("উত্\u200dসব", "উৎসব"),
        ("ভবিষ্যত্\u200d কী", "ভবিষ্যৎ কী"),
        ("উত্তর", "উত্তর"),
    ],
)
def test_old_khanda_ta_becomes_the_letter(raw, expected):
    assert normalize(raw) == expected


def test_half_of_a_character_becomes_the_replacement_character():
    assert normalize("\ud83dখবর \udc00\U0001f600") == "\ufffdখবর \ufffd\U0001f600"


BENGALI_LETTERS = st.text(
    st.sampled_from("কতদযডরঢ়য়হ\u09bc\u09cd\u09be\u09bf\u09c7\u09d7\u0981\u09ceৰ\u200c\u200d\u200b \n।a👨❤\u0301")
)
# With lone surrogates, which JSON may have.
ANY_CHARACTERS = st.text(st.characters())


@settings(max_examples=500)
@given(st.one_of(st.text(), BENGALI_LETTERS, ANY_CHARACTERS))
@example("ত\u200c্\u200dক")
@example("র\u200c্\u200d\u09af")
@example("্\u200d\u09bcক")
@example("\u0301\u200d\u09cd\u200d\u09df")
@example("\ud800র\u200c\u09cd\u09af")
@example("ক\u09be\u0301\u09bc")
def test_normalizing_is_idempotent(text):
    once = normalize(text)
    assert normalize(once) == once
    assert fold(once) == fold(text)
    assert len(once) <= 3 * len(text)


@settings(max_examples=300)
@given(st.lists(st.sampled_from([RAB, "উদ্\u200cযাপন", "হৃদ্\u200cরোগ", "বাগ্\u200cধারা", "হয়েছে", "ৰ\u200d্যাব"]), min_size=1))
def test_meaningful_joiners_are_kept(words):
    text = "।\n".join(words)
    assert normalize(text) == text
    assert normalize(text.replace("য়", "\u09df")) == text
    assert normalize(f"\ufeff{text}\u200d") == text


@settings(max_examples=200)
@given(st.one_of(st.text(), BENGALI_LETTERS))
def test_folding_is_idempotent_and_keeps_only_letters_and_digits(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert not set(folded) & set(" \n।,.\u200c\u200d\u200b-–—")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (RAB, "র্যাব"),
        ("উদ্\u200cযাপন", "উদ্যাপন"),
        ("উৎসব", "উত্সব"),
        ("উৎসব", "উত্\u200dসব"),
        ("হ\u09dfে\u200cছে", "হ\u09af\u09bcেছে"),
        ("তিনি বলেন, ‘আসুন’।", 'তিনি  বলেন "আসুন"'),
        ("১২ জুলাই ২০২২", "12 জুলাই 2022"),
        ("ই-গভর্ন্যান্স", "ই গভর্ন্যান্স"),
        ("BTRC", "btrc"),
        ("প্রথম\nদ্বিতীয়", "প্রথম দ্বিতীয়"),
        ("ঢাকা\u00a0মহানগর", "ঢাকামহানগর"),
        ("«ঢাকা» £১৫ [+৫%]", "ঢাকা ১৫ ৫"),
        ("ঢাকা 👉🏽 €৫০", "ঢাকা ৫০"),
        ("ক\u09c7«\u09be»", "ক\u09cb"),
        ("«\u09a1»\u09bc #ঢাকা", "\u09dcঢাকা"),
        ("ঢাকা «»£[]+<>=@#$*&_{}~^`´•■●€©® কথা", "ঢাকা কথা"),
        ("ঢাকা \u0627\u0653، \u0645\u0631", "ঢাকা\u0622\u0645\u0631"),
    ],
)
def test_copies_that_differ_only_in_form_fold_alike(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("প্রধানমন্ত্রী আজ সংসদে নতুন বাজেট উপস্থাপন করেছেন।", "bn"),
        ("শেয়ারবাজারে দরপতন", "bn"),
        ("এখন সেই সব দিন নেই", "bn"),
        ("গুগলের নতুন AI মডেল Gemini 2.0 এখন বাংলাদেশে ব্যবহার করা যাচ্ছে বলে জানিয়েছে প্রতিষ্ঠানটি", "bn"),
        ("মুখ্যমন্ত্ৰীয়ে আজি গুৱাহাটীত নতুন দলং উদ্বোধন কৰে আৰু ৰাইজক সম্বোধন কৰে।", "as"),
        ("তেওঁ কৈছে যে হৈছে", "as"),
        ("The prime minister said on Monday that the new budget will be placed in the parliament.", "en"),
        ("Der Ministerpräsident hat am Montag erklärt, dass der Haushalt vorgelegt wird.", "und"),
        ("Ami banglay gan gai, ami banglar gan gai", "und"),
        ("प्रधानमंत्री ने आज संसद में नया बजट पेश किया।", "und"),
        ("১২৩ ৪৫৬", "und"),
        ("", "und"),
        ("অসমিয়া লিপিতে র-এর জায়গায় ৰ লেখা হয়, আর বাংলার রূপটি সেখানে দেখা যায় না।", "bn"),
        ("আসামের নেতা হিমাংশু শৰ্মা আজ ঢাকায় বলেছেন, দুই দেশের নদীপথ আবার চালু হবে।", "bn"),
        ("আঁই হাইলা বাজারত গেইলাম, তুঁই কডে যাইবা? আঁরার বাড়িত আইয়ো।", "bn"),
        ("আমি কিতা করতাম, তুমি কই যাইরায়? আমরার বাড়িত আইও।", "bn"),
        ("সেতুটি নিয়ে এখন নানা কথা, না হলে সবাই আজই যেত", "bn"),
        ("পৰিয়ালৰ সদস্যসকলে নদীৰ ঘাটত", "as"),
        ("তেওঁ কৈছিল যে সকলো গৈছে পাছত", "as"),
        ("এই ঘটনাত এজনৰ মৃত্যু হৈছে, তেওঁ রাতি আহিছে", "as"),
        ("The word নদী means river, and it was the name of a boat in this story.", "en"),
        ("नदी का पुल आज से खुला है, मंत्री ने कहा।", "und"),
    ],
)
def test_language_follows_script_and_common_words(text, code):
    assert language(text) == code


@pytest.mark.parametrize("unit", ["র‍্যাব আর হয়েছে। ", "ড\u09be\u09bc", "ক\u200c", "\u200c", "্\u200cক", "ত\u200c", "ক়া়"])
def test_normalizing_takes_linear_time(unit):
    text = unit * (200_000 // len(unit))
    started = time.process_time()
    normalize(text)
    assert time.process_time() - started < 2


BIJOY = [
    "b`xi av‡i AvR mKv‡j †bŠKv †g‡i RvB wb‡q ¯‹z‡j wM‡q‡Q †Q‡jiv|",
    "gš¿x e‡j‡Qb, †mZzwU †Lvjv n‡”Q AvMvgx gv‡m|",
    "AwaKvsk QvÎ-QvÎx K¬v‡m wQj, wkÿKiv ‡`wi‡Z Av‡mb|",
]


@pytest.mark.parametrize("text", BIJOY)
def test_text_for_bijoy_fonts_is_legacy(text):
    assert is_legacy(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "“Quote” — dash – • one • two … ‘three’ ® © ™ “four” “five”",
        "L’été à la carte, naïve façade — “ça va”, 5 €, • un • deux",
        "Öffentlichkeit über Österreich, Übung macht den Meister, 20° im Schatten",
        "iPhone and YouTube beat eBay and JavaScript; McDonald’s ©2024",
        "Tiếng Việt là ngôn ngữ của người Việt, nói ở nhiều nơi",
        "নদীর ধারে আজ সকালে নৌকা এসেছে †",
        "¿Qué pasó? ¡Nada! «Bien», dijo él. £5, ½ kg, 20°C",
    ],
)
def test_other_writing_is_not_legacy(text):
    assert not is_legacy(text)
