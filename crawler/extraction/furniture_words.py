"""What lines say that stand in an article's container and are no part of it, and how a text's lines end."""

from __future__ import annotations

import re

from crawler.bengali.bylines.vocabulary import MONTH
from crawler.bengali.text import nfc, patterns, words

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
