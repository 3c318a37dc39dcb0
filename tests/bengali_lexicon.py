"""A made-up lexicon with all forms of its nouns, and documents of them, for the quality of search.

Many nouns are easily confused with another.
"""

import unicodedata

# People, things and places.
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


def lexicon_documents(chance):
    """Return documents: the nouns of each, and its words, some forms of these nouns among others."""
    documents = []
    for _ in range(3000):
        nouns = chance.sample(sorted(LEXICON), 6)
        words = [misspelled(chance.choice(LEXICON[noun]), chance) for noun in nouns]
        documents.append((nouns, [*words, *chance.sample(REST.split(), 8)]))
    return documents


def lexicon_queries(chance, is_inflected):
    """Return a query for each noun: its base form, or one of its other forms."""
    return {noun: chance.choice(forms[1:]) if is_inflected else noun for noun, forms in LEXICON.items()}
