"""What lines say that stand in an article's container and are no part of it, and how a text's lines end.

What a page says of itself in lines and sentences: titles of its boxes, notices, requests, addresses, who wrote.

What the lines of a page's widgets say: their titles, counters and controls, and the notes behind a text."""

from __future__ import annotations

import re

from crawler.bengali.bylines.vocabulary import MONTH
from crawler.bengali.text import any_of, nfc, patterns, words

# Lines that are one of these and nothing else (research bengali.md §4.3 and the theme texts of WordPress).
LABELS = patterns(
    "বিজ্ঞাপন( বিরতি|\\W*[\\d০-৯]+)?|সর্বশেষ|জনপ্রিয়|(সর্বাধিক )?পঠিত|ভিডিও( দেখুন)?( এখানে)?|প্রিন্ট|কপি করুন|লিংক কপি( করুন)?",
    r"(আপনার )?মন্তব্য( করুন| লিখুন)?( ?\([\d০-৯]+\)?)?|ট্যাগস?|বিষয়",
    "(অনলাইন|প্রিন্ট) (ভার্সন|সংস্করণ)|ই-পেপার|প্রথম পাতা|বিস্তারিত( পড়ুন)?|সম্পর্কিত( বিষয়| খবর| সংবাদ)?|গুগল নিউজ",
    "(খবরটি )?শেয়ার( করুন)?|লাইক দিন|ফলো করুন|সাবস্ক্রাইব করুন|আপনার মতামত( লিখুন)?|লোড হচ্ছে|নিউজ ?লেটার",
    r"\W*(advertisement|anzeige|publicidad|publicité|reklama|ads?|sponsored|share( this)?|tags?|print|copy link)\W*",
    r"related (articles?|posts?|news|stories)|leave a (reply|comment)|back to top( button)?|share via email|read next",
    r"less than a minute|\d+ minutes? read|follow us|subscribe|read more|show comments?|loading",
    "view this post on instagram",
    r"(ফন্ট|অক্ষরের?|লেখার) ?(সাইজ|আকার)?\W*|font size\W*",
    r"((এই|এ) )?(খবর|সংবাদ|নিউজ|পোস্ট)?(টি)? ?[\d০-৯,]+ ?(বার|জন) (পঠিত|পড়া|পড়েছেন|দেখা|দেখেছেন)( হয়েছে)?",
    r"((এই|এ) )?(খবর|সংবাদ|নিউজ|পোস্ট|প্রতিবেদন|লেখা)(টি|টা)? (মোট )?(পঠিত|পড়া|পড়েছেন|দেখা|দেখেছেন|শেয়ার)( হয়েছে)?"
    r"\W*[\d০-৯,.]+ ?(বার|জন)",
    r"((total|today'?s?|daily) )?(page ?)?(visits?|visitors?|views|hits) ?:? ?\d[\d,]*"
    r"(\W+(total|today'?s?|daily) .{0,20}\d)?",
    "(স্পনসর|স্পন্সর)(ড|্ড)?( (কনটেন্ট|কন্টেন্ট|পোস্ট|বিজ্ঞাপন))?|প্রচারণামূলক (কনটেন্ট|কন্টেন্ট|পোস্ট|বিজ্ঞাপন)",
    # Counters, in either order: পঠিত ৩২১ বার, ০ টি মন্তব্য.
    r"(মোট )?(পঠিত|পড়া|পড়েছেন|পাঠক|ভিজিটর|ভিউ|শেয়ার|মন্তব্য|লাইক|দেখা হয়েছে|views?|shares?|likes?|comments?)\W*"
    r"[\d০-৯,.]+ ?[kKmM]?( ?(বার|জন|টি))?",
    r"[\d০-৯,.]+ ?[kKmM]?( ?(বার|জন|টি))? ?(পঠিত|পাঠক|ভিউ|শেয়ার|মন্তব্য|লাইক|পড়া হয়েছে|দেখা হয়েছে)",
    r"([\d০-৯]+ মিনিট(ে|ের)? ?(পড়া|পাঠ|রিড|পড়ার).{0,15}|পড়ার সময়\W*[\d০-৯]+ মিনিট)",
    r"(#[^\s#]+[\s,]*)+",
    r"(এই |এ )?(খবর|সংবাদ|প্রতিবেদন|লেখা|নিউজ)(টি|টা) (আপনার )?(কেমন|কাজে) লা(গল|গলো|গছে).{0,10}",
    r"(post )?views: ?\d+|\d+ (shares?|comments?|likes?|views?)|share on \w+",
    r"save my name.*|your email address will not be published.*|required fields are marked.*",
    r"(facebook|twitter|linkedin|pinterest|whatsapp|messenger|email|print|share|\s)+",
    # Buttons side by side.
    r"((খবরটি |সংবাদটি )?((শুনুন|প্রিন্ট|শেয়ার|কপি|লিংক কপি|সেভ|ডাউনলোড)( করুন)?|ফেসবুক|টুইটার|ইমেইল|হোয়াটসঅ্যাপ|মেসেঞ্জার|অ[+-])\s*)+",
    # The hour over a post of a live blog.
    r"[\d০-৯]{1,2}:[\d০-৯]{2}( ?(এএম|পিএম|am|pm))?",
    r"[\d০-৯]+ ?(সেকেন্ড|মিনিট|ঘণ্টা|ঘন্টা|দিন|সপ্তাহ|মাস|বছর) (আগে|পূর্বে)|\d+ (minutes?|hours?|days?|months?) ago",
    flags=re.I,
)

# What a label right over a link to another story has in it.
OVER_LINKS = patterns(
    "খবর|সংবাদ|পড়ুন|দেখুন|সম্পর্কিত|সংশ্লিষ্ট|আর[ওো](?![\u0980-\u09ff])|প্রতিবেদন|related|more|read|news", flags=re.I
)

# What lines that are no sentence begin with.
PROMPTS = patterns(
    "আর[ওো] (যা )?পড়তে পারেন|আর[ওো] (বিস্তারিত )?(জানতে|পড়তে|দেখতে) (পড়ুন|দেখুন|ক্লিক)",
    "আর[ওো] ?(পড়ুন|দেখুন|খবর|সংবাদ|জানুন)|পড়ুন ?[:ঃ]|(এ|এই)[ –-]?(সম্পর্কিত|জাতীয়|বিভাগের|বিষয়ে) (আর[ওো]|অন্যান্য|খবর|সংবাদ)",
    "সম্পর্কিত (খবর|সংবাদ|বিষয়|পোস্ট)|সর্বশেষ (সংবাদ|খবর)|(বিষয়|ট্যাগ|ট্যাগস|ভিডিও|(ইনফো)?গ্রাফি(ক|ক্স|কস)) ?[:ঃ]|(ফাইল|সংগৃহীত) ছবি",
    r"((প্রধান|ভারপ্রাপ্ত) )?সম্পাদক (ও|এবং) প্রকাশক ?[:ঃ]|ছবি সংগৃহীত|আপনার মতামত|শেয়ার করুন|all rights reserved|a post shared by",
    r"(copyright|©|(কপিরাইট|স্বত্ব) ?([:ঃ©(]|[\d০-৯]|.{0,40}সংরক্ষিত)).{0,80}$",
    r"(also|must) read\b|read (also|more)\b|see also\b|you can also check|advertisement\b|leave a reply",
    r"(follow|find|like) us on\b|join our\b",
    r"(related|tags?|photo|image) ?[:/]",
    flags=re.I,
)

# Appeals are whole sentences: they are looked for anywhere in a paragraph, so they must be unmistakable.
APPEALS = patterns(
    "গুগল নিউজ.{0,40}(ফলো কর|অনুসরণ কর|ফিড|সঙ্গে থাকুন)|(ফলো|অনুসরণ|সাবস্ক্রাইব) কর.{0,30}গুগল নিউজ",
    "the post .{1,200} appeared first on|google news.{0,40}(follow|ফলো)|follow.{0,40}google news",
    "(ফেসবুক|ইউটিউব|টেলিগ্রাম|হোয়াটসঅ্যাপ|আমাদের).{0,50}(লাইক দিন|ফলো করুন|সাবস্ক্রাইব করুন|যুক্ত (থাকুন|হোন)|ভিজিট করুন)",
    "(ফেসবুক|ইউটিউব|টেলিগ্রাম|হোয়াটসঅ্যাপ|ভাইবার|আমাদের) .{0,30}(চ্যানেলে|গ্রুপে|পেজে|পেইজে|কমিউনিটিতে) "
    r"(যোগ দিন|জয়েন (করুন|দিন)|যুক্ত হ(ন|োন))( (এখানে|এই লিংকে|লিংকে|ক্লিক করে))?[\s:ঃ।!–—-]*(\S+\.\S+)?$",
    "(সর্বশেষ )?(খবর|সংবাদ) (সবার আগে )?পেতে.{0,60}(ফলো করুন|অনুসরণ করুন|সাবস্ক্রাইব করুন|যুক্ত হোন|চোখ রাখুন|(সঙ্গে|সাথে)ই? থাকুন)",
    "(ফেসবুক|ইউটিউব|টেলিগ্রাম|হোয়াটসঅ্যাপ).{0,30}(লাইক|ফলো|সাবস্ক্রাইব) (দিয়ে|করে).{0,30}(থাকুন|রাখুন)",
    "(প্রকাশিত|প্রচারিত|পোর্টালের|ওয়েবসাইটের) .{0,60}(অনুমতি ছাড়া|ছাড়া).{0,60}(বেআইনি|দণ্ডনীয়|নিষিদ্ধ|নিষেধ|যাবে না)",
    "(প্রতিবেদনের|সংবাদের|সাইটের) (কোনো|কোন) অংশ.{0,30}অনুমতি ছাড়া.{0,40}(যাবে না|নিষিদ্ধ|নিষেধ|দণ্ডনীয়)",
    "^\\W*(এই )?(লেখা|কলাম|মতামত|বক্তব্য)(টি|টির|র|ে)?.{0,40}লেখকের (একান্ত(ই)? )?(নিজস্ব|ব্যক্তিগত)",
    "(সর্বস্বত্ব|কপিরাইট).{0,20}সংরক্ষিত|(এই|এ) (ওয়েবসাইটের|ওয়েবসাইটের|সাইটের|পোর্টালের) (কোনো|কোন) (লেখা|সংবাদ|ছবি|তথ্য)",
    flags=re.I,
)

# Each appeal has one of these words, which are found faster than it.
APPEAL_WORDS = words("লেখকের ছাড়া গুগল google ফেসবুক ইউটিউব টেলিগ্রাম হোয়াটসঅ্যাপ আমাদের পেতে স্বত্ব কপিরাইট সাইটের পোর্টালের appeared")
CREDITED_CAPTION = patterns(
    r"(^|[/।|(\s])(ছবি|ফাইল ছবি|আলোকচিত্র)\s*[:ঃ-]\s*\S.{0,40}$",
    r"[/|(]\s*(সংগৃহীত|ফাইল ছবি)\s*\)?$",
)

# A line that ends in the name of a button tells the reader to press it.
BUTTONS = patterns(r"(ক্লিক|শেয়ার|ডাউনলোড|সাবস্ক্রাইব|লাইক|ফলো|ইনস্টল|ট্যাপ|চাপ|স্ক্রল|স্ক্রোল|সোয়াইপ) (করুন|দিন)\W*$")
IMPRINT_LINE = patterns("((প্রধান|ভারপ্রাপ্ত|নির্বাহী) )?(সম্পাদক|প্রকাশক|মুদ্রাকর)( (ও|এবং) \\S+)? ?[:ঃ]")

# What the last lines ask of the reader.
REQUESTS = patterns(r"(সঙ্গে|সাথে)ই? থাকুন\W*$|(করুন|পাঠান|জানান|লিখুন)\W*\S+@\S+$|@\S+ .{0,20}(করুন|পাঠান|জানান|লিখুন)\W*$")

# পাঠক সংখ্যা: ২৩৪৫
COUNTED = patterns(r"[^।:ঃ]{2,30}\s*[:ঃ]\s*[\d০-৯,]+(?: ?(?:বার|জন|টি))?")

# A day without a year may be a line of a timetable.
YEAR_OR_CLOCK = re.compile(r"[\d০-৯]{4}|[\d০-৯][:.][\d০-৯]{2}|আগে")
COMMENTS_HEADING = patterns(
    r"((পাঠকের|আপনার) )(মন্তব্য|মতামত)\W*[\d০-৯]*\W*|মন্তব্য(সমূহ| করুন|\W+[\d০-৯]+\W*)|[\d০-৯]+ ?টি মন্তব্য",
    r"(\d+ )?comments?\W*\d*\W*|leave a (reply|comment)|লেখক (সম্পর্কে|পরিচিতি)|about the author",
    flags=re.I,
)
IMPRINT = patterns("সম্পাদক.{0,40}[:ঃ].{0,80}প্রকাশক.{0,20}[:ঃ]|^(সম্পাদকীয়|বাণিজ্যিক|বার্তা)( (ও|এবং) \\S+)? (কার্যালয়|বিভাগ) ?[:ঃ]")

# Words to the reader of a box that is set apart from the text: a request, a form of you, a telephone or an address.
SPEAKS_TO_READER = patterns(
    "(?<![\\w\u0980-\u09ff])(করুন|পড়ুন|দেখুন|শুনুন|থাকুন|রাখুন|জানুন|লিখুন|চাপুন|কিনুন|খুলুন|আসুন|জিতুন|খেলুন|হোন)(?![\u0980-\u09ff])",
    r"(?<![\w\u0980-\u09ff])(নিন|বলুন)\W*(?:[।!,]|$)|(আমাদের|মতামত|লেখা|ছবি) (জানান|পাঠান)(?![\u0980-\u09ff])",
    r"(যোগ|লাইক|ভোট|মতামত|ক্লিক|সাড়া|ফোন|কল|অর্ডার|পাশে|জানিয়ে|পাঠিয়ে) (দিন|দাঁড়ান)",
    r"আমাদের (\S+ )?(চ্যানেল|পেজ|পেইজ|গ্রুপ|অ্যাপ|ওয়েবসাইট|পোর্টাল|নিউজ ?লেটার)",
    # A telephone, an address: 12 কারওয়ান বাজার, ঢাকা-১২১৫.
    r"[০0][১1][\d০-৯]{3}-?[\d০-৯]{6}|\S+@\S+\.\S+|(?<=[\u0980-\u09e5]) ?[-–] ?[১-৯][০-৯]{3}(?![০-৯])\W*$",
)
MEANS_READER = patterns(r"(?<![\w\u0980-\u09ff])(আপনা(র|কে|রা|দের)|আপনি)(?![\u0980-\u09ff])")

# What somebody said or did with the words of an appeal is news.
REPORTED = patterns("বলেন|বলেছেন|বলছেন|জানিয়েছেন|বলে জানান|জানান তিনি|(এ|এই|এমন) কথা|অভিযোগ|প্রতারণা")
PHOTO_CREDIT = patterns(r"(ছবি|ফাইল ছবি|আলোকচিত্র)\s*[:ঃ]\s*\S+(\s+\S+){0,3}")

# A caption whose sentences end in who took the picture: …। ছবি: পিটিআই।, … —ফাইল চিত্র।
SPOKEN_CAPTION = patterns(
    r"(^|[।!?–—-]\s*)(ফাইল |নিজস্ব |সংগৃহীত |প্রতীকী |প্রতিনিধিত্বমূলক )?(ছবি|চিত্র|আলোকচিত্র)\s*[:ঃ]\s*[^।:ঃ]{2,30}।$",
    r"(^|[।!?–—-]\s*)((ফাইল|নিজস্ব|সংগৃহীত|প্রতীকী|প্রতিনিধিত্বমূলক) (ছবি|চিত্র)|(ছবি|চিত্র) সংগৃহীত)\W*$",
)

# Class names and ids of what names an author; looked for from their first letters, as most hold none.
BYLINE_NAMES = re.compile(
    r"[abcrwABCRW](?:(?<![A-Za-z].)"
    r"(?i:(?<=a)uthor|(?<=b)yline|(?<=w)ritt?er|(?<=r)eporter|(?<=c)orrespondent|(?<=c)redit-name)"
    r"|(?<=[A-Za-z].)(?:(?<=A)uthor|(?<=B)yline|(?<=W)ritt?er|(?<=R)eporter|(?<=C)orrespondent))"
)
ADDRESS = re.compile(r"(https?://|www\.)\S+|[\w.+-]+@[\w-]+(\.[\w-]+)+")

# What a short last line ends in that is a sentence without its danda, and what names a source.
FINITE_VERB = patterns(
    "(ছে|ছেন|ছিল|ছিলেন|লেন|বেন|বে|নি|হয়|হবে|করে|বলেন|জানান|জানায়|যায়|থাকে|থাকেন|না|নেই|হলো|হল|গেল|করেন|রয়)\\W*$"
)
SOURCE = patterns("সূত্র|সৌজন্যে|অবলম্বনে|অনুবাদ|source|with reports? from|report(ing|ed) by", flags=re.I)

# The link under a teaser: বিস্তারিত, পুরো খবর পড়ুন.
READ_ON = patterns(
    "(আর[ওো] |পুরো |সম্পূর্ণ )?((খবর|সংবাদ|লেখা|প্রতিবেদন)(টি)? )?(বিস্তারিত|পড়ুন|দেখুন|জানুন)( (পড়ুন|দেখুন|জানুন))?",
    "(read )?more|details",
    flags=re.I,
)
AGO = patterns(
    r"[\d০-৯]+ ?(সেকেন্ড|মিনিট|ঘণ্টা|ঘন্টা|দিন|সপ্তাহ|মাস|বছর) (আগে|পূর্বে)|\d+ (minutes?|hours?|days?|months?) ago", flags=re.I
)
TWEET_SIGNATURE = re.compile(r"[—–-]\s*.{1,80}\(@\w{1,30}\).{0,40}")
WRITER_LINE = patterns(r"(লিখেছেন|লেখক|লেখা|প্রতিবেদক|written by|posted by)\s*[:ঃ]")
_SENTENCE_ENDS, _CLOSING_QUOTES = ("।", "!", "?", ".", "…"), "'’”\")»"

# (ঢাকাটাইমস/১৫অক্টোবর/এসএম)
BRACKETED_SIGN_OFF = re.compile(r"[(\[][^()\[\]।/]{2,30}(?:/[^()\[\]।/]{1,20}){1,3}[)\]]")

# রাইজিংবিডি/ঢাকা/১৩ আগস্ট ২০২৬/হাসান/সাইফ
DATED_SIGN_OFF = patterns(
    rf"[^/।:]{{2,25}}(?:/[^/।:]{{1,20}}){{0,2}}/\s*[\d০-৯]{{1,2}}\s?{MONTH}[^/।:]{{0,20}}(?:/[^/।:\d০-৯]{{1,20}}){{1,3}}",
    flags=re.I,
)
CLOCK_SIGN_OFF = patterns(r"^বাংলাদেশ সময়\s*[:ঃ,]?\s*[০-৯\d]{4}\s*(ঘণ্টা|ঘন্টা)")
LETTER = "(?:এইচ|এক্স|এফ|এল|এম|এন|এস|আই|আর|ইউ|ইএ|ই|এ|ওয়াই|ও|কিউ|কে|জেড|জি|জে|টি|ডব্লিউ|ডাব্লিউ|ডি|পি|বি|ভি|সি)"
SPELLED_INITIALS = re.compile(nfc(rf"^{LETTER}{{2,6}}/?\s*$"))
GLUED_INITIALS = re.compile(nfc(rf"(?<=[।!?’”'\"])\s+(?:{LETTER}{{1,6}}\s*/\s*){{1,3}}(?:{LETTER}{{1,6}})?\s*$"))


def ends_sentence(text: str) -> bool:
    """Tell a text that ends as a sentence does, quotes and brackets closed after it."""
    return text.rstrip(_CLOSING_QUOTES).endswith(_SENTENCE_ENDS)


# Titles of widgets: what follows them up to the next sentence of the text is theirs.
TITLES = patterns(
    "(অনলাইন |আজকের |পাঠক |মতামত )?(জরিপ|ভোট|পোল|কুইজ|মতামত জরিপ)|(আজকের )?(রাশিফল|কার্টুন|কুইজ)",
    "(পাঠকের|আপনার|আপনাদের) (মন্তব্য|মতামত|প্রতিক্রিয়া|পছন্দ).{0,12}|.{0,30}প্রতিক্রিয়া (কী|কি|জানান)\\W*",
    "মন্তব্য (করুন|লিখুন)|মন্তব্যসমূহ",
    "leave a (reply|comment)|comments?|related (articles?|posts?|news|stories)|previous (post|article)",
    "next (post|article)",
    "you (may|might) (also )?like|recommended( for you)?|more (news|stories|from .{2,30})|trending( now)?",
    "most (read|popular|viewed)",
    "(এ |এই )?(সম্পর্কিত|সংশ্লিষ্ট|প্রাসঙ্গিক|বিভাগের|বিষয়ে)( (আরও|আরো|অন্যান্য))?( (খবর|সংবাদ|বিষয়|প্রতিবেদন|লেখা|পোস্ট|নিউজ))?",
    "(আরও|আরো|অন্যান্য|আজকের|এ সপ্তাহের|সব|জেলার|.{2,15} বিভাগের( (আরও|আরো))?) (খবর|সংবাদ|নিউজ|প্রতিবেদন)",
    "আর[ওো] (দেখুন|পড়ুন|যা .{0,20})",
    "(সর্বাধিক|সবচেয়ে বেশি|বেশি) (পঠিত|পড়া|আলোচিত|দেখা)|(এই সপ্তাহের )?(জনপ্রিয়|পাঠকপ্রিয়)( (খবর|সংবাদ))?",
    "পাঠকের পছন্দ|আলোচিত|ট্রেন্ডিং",
    "সর্বশেষ( (খবর|সংবাদ))?|(পূর্ববর্তী|পূর্বের|পরবর্তী|আগের|পরের) (সংবাদ|খবর|নিবন্ধ|পোস্ট|লেখা)",
    "আপনার (জন্য|পছন্দ).{0,20}",
    "(ভিডিও|ভিডিও গ্যালারি|ফটো ?গ্যালারি|ছবিঘর|পডকাস্ট|অডিও|গ্যালারি|মাল্টিমিডিয়া)",
    "(আর্কাইভ|পুরোনো সংখ্যা|পুরনো সংখ্যা|পুরাতন সংখ্যা|ক্যালেন্ডার)|archives?|.{0,20}নিউজ ?লেটার|newsletter",
    "ট্যাগস?|এই প্রতিবেদনের বিষয়|বিষয়সমূহ|টপিক|ট্যাগসমূহ|(related )?(tags?|topics?)|এ সম্পর্কিত",
    "(সূচিপত্র|(এই|এ) (প্রতিবেদনে|লেখায়|খবরে) (যা|কী|কি) .{2,12})|(table of )?contents",
    "in this (article|story)",
    "(সর্বশেষ আপডেট|লাইভ আপডেট)|live updates?|লাইভ",
    "(শেয়ার|ফলো|অনুসরণ)( করুন)?|share( this)?|follow us|(আমাদের )?(সামাজিক মাধ্যম|সোশ্যাল মিডিয়া)(ে)?",
    "স্পন্সর্ড|স্পন্সরড|পৃষ্ঠপোষকতায়|বিজ্ঞাপনী প্রচারণা|sponsored( content)?|promoted|partner content|advertorial",
    "এক ক্লিকে.{0,30}|(জেলার|বিভাগের|সারাদেশের) খবর|এলাকার খবর",
    flags=re.I,
)

# Titles of widgets that an article may have too that is about the same.
TOPICS = patterns(
    "(আজকের |ঢাকার |সারাদেশের )?(আবহাওয়া(র (খবর|পূর্বাভাস))?|তাপমাত্রা)|weather",
    "(আজকের )?(নামাজের? (সময়সূচি|সময়|ওয়াক্ত)|সেহরি ও ইফতার(ের সময়সূচি)?|নামাজের সময়সূচী)",
    "(আজকের )?((মুদ্রার?|বৈদেশিক মুদ্রার?|ডলারের|সোনার|স্বর্ণের) (দর|দাম|বিনিময় হার)|মুদ্রা বিনিময় হার|শেয়ার ?বাজার|পুঁজিবাজার|বাজারদর)",
    "(লাইভ |সরাসরি )?(স্কোর(বোর্ড|কার্ড)?|খেলার ফল)|live score",
    flags=re.I,
)

# What promises other stories, as no line of a text over a list of its own does.
OTHER_STORIES = patterns(
    "(এ সম্পর্কিত |এ বিষয়ে )?আর[ওো] (পড়ুন|দেখুন|খবর|সংবাদ|পড়তে পারেন)|(সম্পর্কিত|সংশ্লিষ্ট|অন্যান্য) (খবর|সংবাদ)|পড়তে পারেন",
    "related (news|stories|posts|articles)|read (also|more)|also read|more news",
    flags=re.I,
)

# How a line begins that tells where in the site the page stands.
HOME = patterns(r"(প্রচ্ছদ|হোম|মূল ?পাতা|প্রথম পাতা|নীড়পাতা|home)([^\w\u0980-\u09ff].*)?", flags=re.I)

# Words of a page that speaks of itself: in a line they tell furniture where no sentence of the text has them.
_PAGE_WORDS = """
    বিজ্ঞাপন সাবস্ক্রাইব অ্যাপ নিউজলেটার নোটিফিকেশন ইমেইল ই-মেইল মেইল ওয়েবসাইট মন্তব্য শেয়ার ফলো
    ফেসবুক হোয়াটসঅ্যাপ টেলিগ্রাম ইউটিউব ইনস্টাগ্রাম টুইটার লগইন সাইন লগ নিবন্ধন গ্রাহক আর্কাইভ
    আবহাওয়া তাপমাত্রা জরিপ ভোট কুইজ পঠিত পাঠক পড়ুন দেখুন শুনুন গ্যালারি ভিডিও পডকাস্ট কপিরাইট
    স্বত্ব অধিকার গোপনীয়তা শর্তাবলি শর্তাবলী সম্পাদক প্রকাশক প্রতিক্রিয়া রেটিং আপডেট হালনাগাদ
    ব্রেকিং শিরোনাম সর্বশেষ জনপ্রিয় ট্রেন্ডিং ট্যাগ ক্লিক প্রিন্ট সংস্করণ পৃষ্ঠা পাতা লেখক
    প্রচারণা স্পন্সর ডাউনলোড ব্রাউজার কুকি কুকিজ কারিগরি সহায়তায় মিস
"""
PAGE_WORD = patterns(
    rf"(?<![\u0980-\u09ff])({any_of(words(_PAGE_WORDS))})(?:ের|র|টি|টির|ে|কে|গুলো|গুলোর)?(?![\u0980-\u09ff])"
)
ENGLISH_PAGE_WORD = patterns(
    r"\b(this (story|article|news|post|page)|click|subscribe|follow us|share|newsletter|download|sign (up|in))\b|©",
    r"\b(log ?in|comments?|advertisement|all rights|your (e-?mail|name|browser)|app store|google play)\b",
    flags=re.I,
)

# Sentences of the site about itself, its readers and its authors.
NOTICES = patterns(
    "(এই|আমাদের|আমরা|আপনি).{0,40}কুকিজ? ব্যবহার কর(ি|ে|ছি|ছে)\\W|কুকিজ?.{0,60}(সম্মত|সম্মতি)|(use|uses|using) (of )?cookies",
    "মতামত\\S* (একান্তই? |সম্পূর্ণ )?লেখকের( একান্ত| সম্পূর্ণ)?( নিজস্ব| ব্যক্তিগত)?\\s*([।,;]|$)",
    "(লেখার|মতামতের|মন্তব্যের) .{0,20}(দায়|দায়িত্ব) (একান্ত |সম্পূর্ণ )?(লেখকের|মন্তব্যকারীর)",
    "(লেখার|মতামতের|মন্তব্যের) .{0,40}(কর্তৃপক্ষ|সম্পাদক).{0,30}(দায়ী|দায়) (নয়|নন)",
    "সম্পাদকীয় নীতি.{0,30}(মিল|সঙ্গতি).{0,12}(নাও|না-ও|না ও) থাকতে",
    "(আপনার|your) (ই-?মেইল|ইমেইল|email)( address)? .{0,20}(প্রকাশ করা হবে না|will not be published)|save my name,? email",
    "required fields are",
    "^\\W*((এই|এ) )?(লেখা|প্রতিবেদন|নিবন্ধ|কলাম)(টি|টির|টা) .{0,60}আপনার (মতামত|মন্তব্য)",
    "^\\W*প্রিয় পাঠক, .{0,80}(লিখুন|পাঠান|জানান|পাঠাতে পারেন|জানাতে পারেন)\\W*$",
    "(অনুমতি|লিখিত সম্মতি) (ছাড়া|ব্যতীত|ব্যতিরেকে).{0,40}(লেখা|ছবি|প্রকাশ|ব্যবহার|অনুলিপি).{0,40}"
    "(বেআইনি|দণ্ডনীয়( অপরাধ)?|নিষিদ্ধ|নিষেধ)\\W*$",
    "^\\W*(লেখা|খবর|সংবাদ|প্রতিবেদন|পোস্ট)(টি|টা) .{0,40}শেয়ার (করুন|করতে পারেন)",
    "^\\W*(বিশেষ দ্রষ্টব্য|বি\\. ?দ্র\\.?)\\W.{0,60}(লেখকের|লেখাটি)",
    "আপনার ব্রাউজার.{0,30}(সমর্থন|সাপোর্ট) কর(ে|ছে) না",
    # What the site is: … দেশের অন্যতম জনপ্রিয় অনলাইন সংবাদমাধ্যম। আমরা …
    "^.{2,40} (দেশের|বাংলাদেশের|একটি|অন্যতম|জনপ্রিয়|বাংলা ভাষার) .{0,60}"
    "(সংবাদ ?মাধ্যম|গণমাধ্যম|(নিউজ|সংবাদ) ?পোর্টাল|পত্রিকা|সংবাদপত্র|দৈনিক).{0,15}। ?.{0,100}(আমরা|আমাদের) ",
    "(ভুল|অসংগতি|ত্রুটি).{0,60}আমাদের.{0,30}(জানান|জানাতে পারেন|রিপোর্ট করুন|লিখুন)\\W*$",
    flags=re.I,
)

# Each notice has one of these, which are found faster than it.
NOTICE_WORDS = words(
    "কুকি cookie দায় লেখক সম্পাদকীয় প্রতিবেদন নিবন্ধ কলাম সংবাদ খবর লেখা মেইল email পাঠক ভুল ত্রুটি fields"
    " ব্রাউজার অনুমতি সম্মতি শেয়ার দ্রষ্টব্য আমরা আমাদের"
)

# What a request to the reader ends in: verbs by name, as many nouns and names end like the polite imperative.
REQUEST = patterns(
    "(?<![\u0980-\u09ff])(করুন|পড়ুন|দেখুন|শুনুন|জানুন|লিখুন|ফিরুন|খুলুন|বসুন|ঘুরে আসুন|(সঙ্গেই|সাথেই) থাকুন|চোখ রাখুন)\\W*$",
    "(?<![\u0980-\u09ff])(ভোট|ক্লিক|লাইক|শেয়ার|মতামত|রেটিং|অর্ডার|জানিয়ে|পাঠিয়ে|বিজ্ঞাপন) দিন\\W*$",
    "(?<![\u0980-\u09ff])(হোন|নিন|(আমাদের|মতামত|মন্তব্যে) জানান|(লেখা|লিখে) পাঠান|ফিরে যান|এখানে যান)\\W*$",
)

# Whom a telephone, an address or a page of the site is for.
CONTACT = patterns(
    "(ফোন|টেলিফোন|মোবাইল|ফ্যাক্স|ই-?মেইল|ইমেইল|হটলাইন|যোগাযোগ|বিজ্ঞাপন|বার্তা (বিভাগ|কক্ষ)|নিউজ ?রুম|অফিস|ঠিকানা"
    r"|phone|tel|fax|e-?mail|contact)"
    r"(\s*\S{0,12})?\s*[:ঃ]\s*.{0,40}([\d০-৯+]{2}|@)",
    r"\S+@\S+\.\S+|(?<=[\u0980-\u09e5]) ?[-–] ?[১-৯][০-৯]{3}(?![০-৯])\W*$",
    r"(কল|ফোন) করুন\W{0,3}[\d০-৯+]",
    flags=re.I,
)

# Who somebody is, in a last line: নাম: সাংবাদিক ও কলাম লেখক.
WHO = patterns(
    "(লেখক|সাংবাদিক|কলামিস্ট|কলাম লেখক|গবেষক|শিক্ষক|শিক্ষার্থী|অধ্যাপক|প্রভাষক|কবি|কথাসাহিত্যিক|প্রাবন্ধিক|অর্থনীতিবিদ|বিশ্লেষক"
    "|আইনজীবী|চিকিৎসক|শিক্ষাবিদ|প্রকৌশলী|ব্যাংকার|উন্নয়নকর্মী|সমাজকর্মী|সংগঠক|সম্পাদক|রাজনীতিক|নাট্যকার|ইতিহাসবিদ)\\W*$"
)
EDITORS = patterns("^((প্রধান|ভারপ্রাপ্ত|নির্বাহী|ব্যবস্থাপনা|উপদেষ্টা) ){1,2}সম্পাদক( (ও|এবং) \\S+)? ?[:ঃ]|^সম্পাদক (ও|এবং) প্রকাশক ?[:ঃ]")
_NUMBER = r"[\d০-৯][\d০-৯,.]*( ?(হাজার|লাখ|[kKmM]\b))?( ?(বার|জন|টি))?"
_COUNTED = "(শেয়ার|লাইক|ফলো|ফলোয়ার|কমেন্ট|মন্তব্য|ভিউ|ভিউস|পঠিত|পাঠক|শেয়ারস|shares?|likes?|comments?|views?|followers?)"

# Lines that count, measure or page something, and are nothing else.
COUNTERS = patterns(
    rf"\W*({_COUNTED}\W{{0,3}}{_NUMBER}|{_NUMBER}\W{{0,2}}{_COUNTED}|{_COUNTED}|{_NUMBER})"
    rf"(\W*({_COUNTED}\W{{0,3}}{_NUMBER}|{_NUMBER}\W{{0,2}}{_COUNTED}))+\W*",
    rf"\W*{_NUMBER}\W{{0,2}}{_COUNTED}\W*|{_COUNTED}\W{{0,3}}{_NUMBER}",
    # How long reading or hearing it takes.
    "(পড়তে|পড়ার|শুনতে|পাঠের|পাঠ|শোনার).{0,20}[\\d০-৯]+ ?(মিনিট|সেকেন্ড|মি\\.)( লাগবে)?",
    "(আনুমানিক )?(সময় লাগবে|পড়ার সময়|পাঠকাল)\\W{0,3}[\\d০-৯]+ ?মিনিট",
    "[\\d০-৯]+ ?মিনিট(ে|ের)? ?(পড়ুন|পড়া|পাঠ|রিড|শুনুন).{0,12}",
    r"\d+ ?min(ute)?s?\.? ?(read|listen)( time)?|(reading|read) time\W{0,3}\d+.{0,12}",
    # The place in a gallery or among pages.
    r"(ছবি|পৃষ্ঠা|পাতা|স্লাইড|page|slide|photo|image)\W{0,2}[\d০-৯]{1,3} ?(/|of|এর|থেকে)"
    r" ?[\d০-৯]{1,3}( ?(টি ছবি|photos?|ছবি))?",
    r"[\d০-৯]+ ?টি ছবি|[\d০-৯]+ photos?",
    r"([\d০-৯]{1,3}\W+){2,}(পরবর্তী|পরের( পাতা)?|শেষ|next|last)\W*",
    r"(পরবর্তী|আগের|পরের|পূর্ববর্তী) (পাতা|পৃষ্ঠা)\W*|next page|previous page",
    r"[1১]\s+[2২](\s+[\d০-৯]{1,2})+",
    # How long a recording is, how far it has been played.
    r"[\d০-৯]{1,2}:[\d০-৯]{2}(:[\d০-৯]{2})?\W{0,3}/\W{0,3}[\d০-৯]{1,2}:[\d০-৯]{2}(:[\d০-৯]{2})?|\d(\.\d+)?x",
    "((শনি|রবি|সোম|মঙ্গল|বুধ|বৃহ|বৃহস্পতি|শুক্র)(বার)?\\W*){6,}",
    # Sizes of letters.
    r"((ফন্ট|অক্ষর|লেখা)(ের)? ?(সাইজ|আকার)?\W*)?(([অআকAa] ?[+\-−–]?|ছোট|মাঝারি|বড়|সাধারণ)\W+)"
    r"+([অআকAa] ?[+\-−–]?|ছোট|মাঝারি|বড়|সাধারণ)\W*",
    flags=re.I,
)

# Words of which a strip of buttons is made, written as one line.
_BUTTONS = """
    ফেসবুক টুইটার এক্স ইমেইল ই-মেইল মেইল হোয়াটসঅ্যাপ হোয়াটসঅ্যাপে মেসেঞ্জার লিংকডইন ইউটিউব
    ইনস্টাগ্রাম টেলিগ্রাম ভাইবার ইমো পিন্টারেস্ট থ্রেডস প্রিন্ট শেয়ার কপি লিংক লিঙ্ক সেভ সংরক্ষণ
    বুকমার্ক ডাউনলোড শুনুন অডিও ভিডিও লাইক কমেন্ট মন্তব্য ফলো অনুসরণ করুন দেখুন খবরটি সংবাদটি
    লেখাটি প্রতিবেদনটি হয়েছে অ এই আরও জুম বিরতি চালু বন্ধ গতি facebook twitter x email mail
    whatsapp messenger linkedin youtube instagram telegram viber pinterest threads reddit tumblr
    print share copy link save bookmark download listen play pause audio video like comment follow
    to this article story news speed tweet zoom in out more post report embed
"""
BUTTON_WORDS = frozenset(words(_BUTTONS))

# Lines of a player, an embedded post, a window: unmistakable wherever they stand.
CONTROLS = patterns(
    r"view (this )?(post|profile|more) on \w+|a post shared by\b.*|posted by .{2,60} on \w+day\b.*",
    r"watch (on|this on) youtube",
    r"your browser does ?n[o']t support.*|.{0,20}ব্রাউজার.{0,30}(সমর্থন|সাপোর্ট) করে না\W*|tap to unmute",
    r"play video|skip ad",
    r"(listen|listen to this (article|story|news))|unmute|mute|now playing|autoplay",
    r"share this (video|article|story)",
    r"(এই )?(ভিডিও|পোস্ট|অডিও|টুইট|ছবি)(টি|টা)? (ফেসবুকে|ইউটিউবে|এক্সে|টুইটারে|ইনস্টাগ্রামে|এখানে) (দেখুন|পড়ুন|শুনুন)",
    r"(\W*(shares?|tweet|pin|like|loading|liked?)\W*){1,4}|like this\W*|click to (share|print|email)\b.*",
    r"post views\b.*",
    r"\+? ?(অনুসরণ|ফলো|সাবস্ক্রাইব|follow|subscribe)( করুন)?",
    r"(লগ ?ইন|সাইন ?ইন|log ?in|sign ?in)\W*(নিবন্ধন|রেজিস্টার|রেজিস্ট্রেশন|sign ?up|register)?",
    "(মন্তব্য|কমেন্ট|মতামত) (করতে|দিতে|করার জন্য).{0,40}(লগ ?ইন|সাইন ?ইন|নিবন্ধন|রেজিস্ট্রেশন).{0,30}",
    r"you must (be )?log(ged)? in.*|(কপি|কপি করা) (হয়েছে|হলো)\W*|(google|গুগল) ?(play|প্লে)( ?(store|স্টোর))?",
    r"(app|অ্যাপ) ?(store|স্টোর)",
    r"(sponsored|promoted|partner) ?(content|post|by\b.*)?|paid (content|partnership)",
    r"(learn|read|see|view|show) (more|all)|(সব|আরও) দেখুন",
    r"(সংশ্লিষ্ট |সম্পর্কিত )?(ট্যাগ|টপিক|tag|topic)(সমূহ|গুলো|স|s)?\s*[:ঃ-]?\s[^।,]{2,30}(,[^।,]{2,30})+",
    r"(ads?|advertisement|বিজ্ঞাপন) ?(by|close|বন্ধ|লুকান|hide|সরান)?( করুন)?|continue reading.*",
    r"scroll to continue.*",
    r"(.{0,20} )?বিজ্ঞাপনের? (নিচে|পরে?|শেষে|পরবর্তী)( .{0,30}(খবর|সংবাদ|অংশ|পড়ুন|স্ক্রল).{0,20})?",
    r"subscribe to (our|the)\b.*|sign up (for|to)\b.*",
    r"get (the )?(latest|daily|breaking)\b.*(inbox|email|news)|join (us|our)\b.*",
    r"average rating.*|click on a star.*|গড় রেটিং\W*[\d০-৯].*|rate this\b.*|(no )?votes? (so far|count)\b.*",
    "আপনার (.{0,15} )?(প্রতিক্রিয়া|অনুভূতি|মতামত|ইমেইল|ই-মেইল|নাম|মন্তব্য)( (লিখুন|দিন|জানান))?[*:ঃ. ]*",
    "(জবাব|উত্তর|রিপ্লাই|সাড়া) (দিন|করুন)|reply",
    "(accept( all)?|decline|allow|later|no thanks)",
    "(↑|⬆|←|→|«|»)? ?(উপরে|ওপরে|শীর্ষে|প্রচ্ছদে|মূল পাতায়|আগের পাতায়|হোমে) ?(যান|ফিরুন|ফিরে যান|চলুন)",
    "(সব|সকল|আরও|আরো|পুরো|সম্পূর্ণ) .{0,25}(দেখুন|পড়ুন|জানুন)",
    "(এই )?লেখকের (সব|আরও|আরো|অন্যান্য) লেখা(গুলো)?.{0,10}",
    "(প্রথম|শেষ|খেলার|বিনোদন|সম্পাদকীয়|আজকের) (পাতা|পত্রিকা|সংখ্যা)|(আজকের )?(ই-?পেপার|ইপেপার|প্রিন্ট সংস্করণ).{0,20}",
    r"(.{0,20} )?বিজ্ঞাপন দিন\W*|বিজ্ঞাপন(ের জন্য| দিতে) (যোগাযোগ|ফোন|কল|মেইল|ক্লিক).*|[\d০-৯]{1,2} ?(ম|য়|র্থ|ষ্ঠ|তম) (পৃষ্ঠা|পাতা)",
    r"(আর[ওো] |এ সম্পর্কিত |এ বিষয়ে |সম্পর্কিত |এই বিষয়ে )?(পড়তে পারেন|দেখতে পারেন|পড়ুন)\s*[:ঃ»›>–—-]\s*\S+.*",
    r"(আর[ওো]|এ সম্পর্কিত|সম্পর্কিত|সংশ্লিষ্ট) (খবর|সংবাদ)\s*[:ঃ»›>–—-]\s*\S+.*",
    "প্রিন্ট ?(এর|ের)? (তারিখ|সময়).*|(এই )?(লেখা|খবর|সংবাদ|প্রতিবেদন)(টি|টা)? (প্রিন্ট|মুদ্রণ) (করা )?হয়েছে.*",
    "printed (from|on)\\b.*",
    flags=re.I,
)

# The end of an embedded post.
POSTED = patterns(r".*\b(pic\.twitter\.com|https?://t\.co)/\w+", flags=re.I)

# What names another story: a label and its title.
LABELLED_TITLE = patterns(
    "([^।:ঃ]{0,25} )?(বিস্তারিত|পড়ুন|পড়তে পারেন|দেখুন|জানুন)\\s*[:ঃ»›–—-]+\\s*(?!www|http)\\S.{10,}",
    "আর[ওো]( (খবর|সংবাদ|ভিডিও))?\\s*[:ঃ»›–—-]+\\s*\\S.{10,}",
)

# Titles on one line, with signs between them.
SEPARATED = patterns("[^।]{15,140}( [◈•●■»] [^।]{15,140}){2,}")
