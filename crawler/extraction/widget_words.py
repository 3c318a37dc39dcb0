"""What the lines of a page's widgets say: their titles, counters and controls, and the notes behind a text."""

from __future__ import annotations

import re

from crawler.bengali.text import patterns, words

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
