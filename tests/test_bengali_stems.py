"""Stems of words, by cases and by a made-up lexicon."""

import random
import unicodedata

import pytest
from bengali_lexicon import lexicon_documents, lexicon_queries

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
        "শুটিং শুটিংয়ে শুটিংয়ের শুটিংকে শুটিংয়েও শুটিংটি",
        "শান্ত শান্তর শান্তকে শান্তরা শান্তও",
        "আমানুল্লাহ আমানুল্লাহর আমানুল্লাহকে",
        "ঠাকুরগাঁ ঠাকুরগাঁর ঠাকুরগাঁয়ে ঠাকুরগাঁয়ের",
        "এলাকা এলাকাগুলোয় এলাকাগুলোতে",
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
        ("বহ", "বহর"),
        ("পাত", "পাতর"),
        ("উত্তর", "উত্তরা"),
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


def test_search_finds_forms_of_a_noun_and_no_others():
    chance = random.Random(26)
    documents = lexicon_documents(chance)
    indexed = [set(stems(" ".join(words))) for _, words in documents]
    for is_inflected in (False, True):
        recalls, precisions = [], []
        for noun, query in lexicon_queries(chance, is_inflected).items():
            wanted = set(stems(query))
            found = {number for number, have in enumerate(indexed) if wanted & have}
            right = {number for number, (nouns, _) in enumerate(documents) if noun in nouns}
            recalls.append(len(found & right) / len(right))
            precisions.append(len(found & right) / max(1, len(found)))
        recall, precision = sum(recalls) / len(recalls), sum(precisions) / len(precisions)
        assert recall >= 0.9
        assert precision >= 0.95
