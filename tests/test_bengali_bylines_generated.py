"""Bylines generated from known persons, roles and places."""

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.bengali.bylines import parse_byline
from crawler.bengali.text import normalize
from crawler.model.article import Author

PERSONS = [
    *["আশফাক রহমান", "নাজনীন আক্তার", "মো. রফিক উল্লাহ", "মোঃ জহিরুল ইসলাম", "ড. শাহনাজ পারভীন", "এ কে এম ফজলুল হক"],
    *["সুব্রত কুমার সাহা", "মং ওয়ে মারমা", "আবদুল কাদের", "জোবায়ের হোসেন", "অগ্নি রায়", "তানজিনা আক্তার মীম"],
    *["ডা. নূরে আলম", "পলাশ চন্দ্র দে", "এস এম আব্বাস", "আ. ন. ম. রেজাউল করিম", "Nazneen Akter", "Md. Rafiq Ullah"],
]
ROLES = [
    *["নিজস্ব প্রতিবেদক", "স্টাফ রিপোর্টার", "জ্যেষ্ঠ প্রতিবেদক", "বিশেষ প্রতিনিধি", "ক্রীড়া প্রতিবেদক", "কূটনৈতিক প্রতিবেদক"],
    *["সিনিয়র রিপোর্টার", "স্টাফ করেসপন্ডেন্ট", "জেলা প্রতিনিধি", "উপজেলা প্রতিনিধি", "নিজস্ব সংবাদদাতা", "আদালত প্রতিবেদক"],
]
PLACES = ["ঢাকা", "সাভার", "ময়মনসিংহ", "ব্রাহ্মণবাড়িয়া", "টেকনাফ (কক্সবাজার)", "শ্রীপুর (গাজীপুর)", "কলকাতা", "নিউইয়র্ক"]
ENDINGS = [
    *["", "", " | ২৩ আগস্ট ২০২৬, ১০:৩০", "\nপ্রকাশ: ২৩ আগস্ট ২০২৬", " | আপডেট: রোববার, ২৩ আগস্ট ২০২৬", " | ছবি: সজল বড়ুয়া"],
    *[" | desk@example.com", " | অনলাইন সংস্করণ", " ০১৭১২-৩৪৫৬৭৮", "\n০৩ মিনিট"],
]


@st.composite
def bylines(draw: st.DrawFn) -> tuple[str, list[Author]]:
    """Draw a byline and the authors it names."""
    one, other = draw(st.lists(st.sampled_from(PERSONS), min_size=2, max_size=2, unique=True))
    role, place, other_place = (draw(st.sampled_from(words)) for words in (ROLES, PLACES, PLACES))
    correspondent = f"{place} প্রতিনিধি"
    texts_of_one = [one, f"{one}, {role}", f"{one}, {role}, {place}", f"{one}, {place}", f"{one}, {correspondent}"]
    texts_of_one += [f"{role}: {one}", f"{role} {one}", f"{one} | {role}", f"{role} | {one}", f"{one}\n{role}, {place}"]
    texts_of_one += [f"লেখা: {one}", f"✍ {one}", f"প্রতিবেদকঃ {one}"]
    texts_of_two = [f"{one} ও {other}", f"{one}, {place} ও {other}, {other_place}", f"{one} এবং {other}"]
    texts, names, kind = draw(
        st.sampled_from(
            [
                (texts_of_one, [one], "person"),
                (texts_of_two, [one, other], "person"),
                ([role, f"{role}, {place}"], [role], "desk"),
                ([correspondent], [correspondent], "desk"),
            ]
        )
    )
    text = draw(st.sampled_from(texts)) + draw(st.sampled_from(ENDINGS))
    forms = [text, text.replace("য়", "\u09df").replace("ড়", "\u09dc"), text.replace(" ", "\u00a0")]
    return draw(st.sampled_from(forms)), [Author(normalize(name), kind) for name in names]


@settings(max_examples=500)
@given(bylines())
def test_a_generated_byline_yields_its_authors(byline):
    text, authors = byline
    assert parse_byline(text) == authors
