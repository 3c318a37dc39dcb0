"""Stems of words, by cases and by a made-up lexicon with all forms of its nouns."""

import random
import unicodedata

import pytest

from crawler.bengali.stems import search_words, stems, stems_of


def are_alike(one, other):
    return not set(stems(one)).isdisjoint(stems(other))


@pytest.mark.parametrize(
    "forms",
    [
        "সেতু সেতুর সেতুতে সেতুকে সেতুটি সেতুটির সেতুটিতে সেতুগুলো সেতুগুলোর সেতুও সেতুরও সেতুতেই",
        "বাজার বাজারে বাজারের বাজারটি বাজারগুলোতে বাজারেও বাজারেরই",
        "বৈঠক বৈঠকে বৈঠকের বৈঠকটিতে বৈঠকেও",
        "ছেলে ছেলের ছেলেকে ছেলেরা ছেলেদের ছেলেটি ছেলেটিকে",
        "কর্মকর্তা কর্মকর্তার কর্মকর্তারা কর্মকর্তাদের কর্মকর্তাদেরকেও",
        "কমিটি কমিটির কমিটিতে কমিটিকে কমিটিগুলো",
        "জুলাই জুলাইয়ে জুলাইয়ের জুলাইও",
        "ঢাকা ঢাকায় ঢাকার ঢাকাতে ঢাকাকে ঢাকাসহ",
        "আঘাত আঘাতে আঘাতের আঘাতটি",
        "ভবিষ্যৎ ভবিষ্যতের ভবিষ্যতে ভবিষ্যৎকে ভবিষ্যৎও",
        "১২ ১২টি 12 ১২ই ১২টির",
        "BNP BNPর bnpকে",
        "প্রতিষ্ঠান প্রতিষ্ঠানসমূহ প্রতিষ্ঠানসমূহের প্রতিষ্ঠানে",
    ],
)
def test_every_form_is_found_by_its_first_one(forms):
    first, *others = forms.split()
    assert [form for form in others if not are_alike(first, form)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("দেশ", "দেশি"),
        ("চাল", "চালক"),
        ("কর", "করিম"),
        ("মা", "মাকে"),  # one letter is too little for a stem
        ("চিত্র", "চিৎ"),
        ("রাষ্ট্র", "রাষ্ট্রপতি"),
        ("কারখানা", "কার"),
        ("জনগণ", "জন"),
        ("১২", "১২৩"),
    ],
)
def test_other_words_are_not_alike(one, other):
    assert not are_alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("উদ্\u200cযাপন", "উদ্যাপন"),
        ("র\u200d্যাবের", "র্যাব"),
        ("বা\u09dcি", "বা\u09a1\u09bcি"),
        ("সম\u09df", "সম\u09af\u09bcে"),
        ("হঠা\u09ce", "হঠাত্"),
        ("উ\u09ceসব", "উত্\u200dসব"),
        ("রাষ্ট্র\u200bপতি", "রাষ্ট্রপতি"),
        ("২০২২", "2022"),
        ("Dhaka", "DHAKA"),
    ],
)
def test_spellings_of_one_word_are_alike(one, other):
    assert are_alike(one, other)


def test_words_are_separated_by_everything_else():
    text = "‘আওয়ামী-লীগ’ বলেছে: “না”।ঢাকা/চট্টগ্রাম a_b\tc"
    words = "আওয়ামী লীগ বলেছে না ঢাকা চট্টগ্রাম a b c"
    assert search_words(text) == [unicodedata.normalize("NFC", word) for word in words.split()]


@pytest.mark.parametrize("text", ["", " ", "\u200c\u200d", "\ud800", "\0", "্", "\u0301", "ও", "ই", "টি", "ের"])
def test_odd_texts_have_stems(text):
    assert all(stems(text))


def test_a_word_without_end_is_cut():
    (word,) = search_words("ক" * 10**6)
    assert len(word) == 64
    assert len(stems_of(word)) == 1


# A lexicon for the quality of search: people, things and places. Many nouns are easily confused with another.
PEOPLE = """কর্মকর্তা শিক্ষক চালক কৃষক সাংবাদিক নাগরিক মন্ত্রী শিক্ষার্থী ছেলে মেয়ে জেলে নেতা চিকিৎসক শ্রমিক
ব্যবসায়ী আইনজীবী বিচারপতি পুলিশ সদস্য যাত্রী সম্পাদক শহীদ আসাদ করিম রহিম সুলতানা ভাই গবেষক প্রতিনিধি রোগী"""
THINGS = """সেতু সড়ক বাজার বৈঠক ব্যাংক চাল ফল ফলক সন সনদ কর দল দলিল মামলা অভিযোগ আঘাত সংঘাত আদালত খবর সরকার
বিচার অধিকার পরিবার বাজেট কমিটি নির্বাচন সংসদ আইন ভোট বিদ্যুৎ ভবিষ্যৎ উৎসব বন্যা নদী জমি ফসল ধান পানি তেল গ্যাস
দুর্ঘটনা হামলা প্রতিবাদ মিছিল সভা সময় উপায় বিদ্যালয় হাসপাতাল ওষুধ টিকা পরীক্ষা ফলাফল বই রেডিও কারখানা পোশাক রপ্তানি
ঋণ মুদ্রা দাম চুক্তি প্রকল্প রেলওয়ে ট্রেন বিমান জাহাজ বন্দর নাটক দশক শতক উপজেলা জুলাই চেহারা পাহারা সাহারা ঘটনা"""
PLACES = """ঢাকা চট্টগ্রাম খুলনা রাজশাহী সিলেট বরিশাল রংপুর ময়মনসিংহ কুমিল্লা সাতক্ষীরা মাগুরা শহর গ্রাম জেলা
বাড়ি পাহাড় ভারত মিয়ানমার জাপান ফরিদপুর"""
REST = """এবং করে বলেন জানান হয়েছে করা গত এই তিনি কথা জন্য থেকে পর্যন্ত নতুন আরও বলেছেন ছিল হবে করতে দিয়ে নিয়ে যায়
সেখানে তখন মধ্যে পরে আগে কিছু প্রায় অনেক মোট"""
INDEPENDENT, SIGNS = "অআইঈউঊএঐওঔ", "ািীুূৃেৈোৌ"


def forms_of(noun, kind):
    """Return the forms of a noun, the first without an ending."""
    soft = noun.removesuffix("ৎ") + "ত" if noun.endswith("ৎ") else noun
    if noun[-1] in INDEPENDENT:
        genitive, locative = f"{noun}য়ের", f"{noun}য়ে"
    elif noun[-1] in SIGNS:
        genitive, locative = f"{noun}র", f"{noun}য়" if noun[-1] == "া" else f"{noun}তে"
    else:
        genitive, locative = f"{soft}ের", f"{soft}ে"
    found = [noun, genitive, genitive, f"{noun}কে", f"{noun}ও", f"{genitive}ও", f"{noun}ই"]
    if kind == "person":
        joint = "য়ে" if noun[-1] in INDEPENDENT else "" if noun[-1] in SIGNS else "ে"
        return [*found, f"{noun}{joint}রা", f"{noun}দের", f"{noun}দেরকে", f"{noun}টিকে", f"{noun}রাও"]
    found += [locative, locative, f"{locative}ও", f"{locative}ই", f"{noun}সহ"]
    if kind == "thing":
        endings = ["টি", "টির", "টিতে", "টা", "গুলো", "গুলোর", "গুলোতে", "গুলোও", "সমূহের"]
        found += [f"{noun}{ending}" for ending in endings]
    return found


LEXICON = {
    noun: forms_of(unicodedata.normalize("NFC", noun), kind)
    for kind, nouns in (("person", PEOPLE), ("thing", THINGS), ("place", PLACES))
    for noun in nouns.split()
}


def misspelled(word, chance):
    """Return a word as some site writes it: with another form of a nukta or ৎ, or with a joiner."""
    changes = [
        ("\u09af\u09bc", "\u09df"),
        ("\u09a1\u09bc", "\u09dc"),
        ("\u09ce", "\u09a4\u09cd"),
        ("\u09cd", "\u09cd\u200c"),
    ]
    old, new = chance.choice(changes)
    return word.replace(old, new) if chance.random() < 0.5 else word


def test_search_finds_forms_of_a_noun_and_no_others():
    chance = random.Random(26)
    documents = [
        (
            nouns := chance.sample(sorted(LEXICON), 6),
            [misspelled(chance.choice(LEXICON[noun]), chance) for noun in nouns],
        )
        for _ in range(3000)
    ]
    indexed = [set(stems(" ".join((*words, *chance.sample(REST.split(), 8))))) for _, words in documents]
    for is_inflected in (False, True):
        recalls, precisions = [], []
        for noun, forms in LEXICON.items():
            wanted = set(stems(chance.choice(forms[1:]) if is_inflected else noun))
            found = {number for number, have in enumerate(indexed) if wanted & have}
            right = {number for number, (nouns, _) in enumerate(documents) if noun in nouns}
            recalls.append(len(found & right) / len(right))
            precisions.append(len(found & right) / max(1, len(found)))
        recall, precision = sum(recalls) / len(recalls), sum(precisions) / len(precisions)
        assert recall >= 0.9
        assert precision >= 0.95
