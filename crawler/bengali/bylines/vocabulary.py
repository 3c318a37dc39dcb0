"""The words of bylines on pages of Bengali newspapers: roles, desks, labels, editions and newspapers."""

from __future__ import annotations

import re

from crawler.bengali.text import any_of, folded_words, patterns, word_set, words

# Roles of reporters, in the spellings of newspapers. An underscore is a space within a name, here and below.
_CORRESPONDENTS = """
    প্রতিবেদক প্রতিনিধি প্রতিনিধিরা সংবাদদাতা রিপোর্টার করেসপন্ডেন্ট করেসপনডেন্ট করেস্পন্ডেন্ট করেসপন্ডেট করসপন্ডেন্ট কারেসপন্ডেন্ট
    করেসপন্ডেণ্ট সংবাদকর্মী প্রতিবেদকেরা প্রতিবেদকরা correspondent correspondents reporter reporters representative
"""

# Parts of an editorial office that write without a name.
_DESKS = """
    ডেস্ক ওয়েবডেস্ক নিউজডেস্ক অনলাইনডেস্ক স্পোর্টসডেস্ক ডেক্স রিপোর্ট প্রতিবেদন ব্যুরো অফিস টিম নিউজরুম নিউজ_রুম বার্তাকক্ষ সম্পাদকীয় বিজ্ঞপ্তি
    desk report bureau office newsroom team newsdesk editorial
"""

# Words before a role: ranks, subjects and areas.
_MODIFIERS = """
    নিজস্ব বিশেষ জ্যেষ্ঠ সিনিয়র জুনিয়র স্টাফ চিফ প্রধান কূটনৈতিক ডিপ্লোম্যাটিক ক্রীড়া খেলা বিনোদন অর্থনৈতিক অর্থনীতি বাণিজ্য রাজনৈতিক আদালত
    সংসদ বিশ্ববিদ্যালয় ক্যাম্পাস জেলা উপজেলা মহানগর নগর সিটি ডিস্ট্রিক্ট স্পেশাল স্পেশ্যাল অনলাইন স্পোর্টস আন্তর্জাতিক আইটি প্রযুক্তি লাইফস্টাইল ফিচার
    সারাদেশ নিউজ ওয়েব সোশ্যাল মিডিয়া ভ্রাম্যমাণ আঞ্চলিক শিক্ষা স্বাস্থ্য আইন বিজ্ঞান সাহিত্য বিশ্ব জাতীয় সংবাদ মাল্টিমিডিয়া ডিজিটাল ভিডিও টেক
    জীবনযাপন ইসলাম ধর্ম অপরাধ ক্রাইম মফস্বল আবহাওয়া প্রবাস কৃষি পরিবেশ চাকরি ডেস্ক প্রেস সাব নির্বাহী সহকারী বার্তা staff special senior
    junior chief own sports online news district diplomatic crime city web international feature entertainment business
    university our a desk
"""

# Roles and professions that follow the name of a person, and are never authors themselves.
_TITLES = """
    সম্পাদক সহ-সম্পাদক সহসম্পাদক উপসম্পাদক উপ-সম্পাদক সাংবাদিক লেখক লেখিকা কলামিস্ট গবেষক শিক্ষক
    শিক্ষার্থী অধ্যাপক প্রভাষক কবি কথাসাহিত্যিক সাহিত্যিক প্রাবন্ধিক অর্থনীতিবিদ বিশ্লেষক আইনজীবী
    চিকিৎসক শিক্ষাবিদ প্রকৌশলী ইনচার্জ ইন-চার্জ এডিটর ফটোগ্রাফার আলোকচিত্রী চিত্রগ্রাহক ক্যামেরাপারসন প্রদায়ক কন্ট্রিবিউটর
    কনট্রিবিউটর editor author writer columnist researcher professor journalist contributor photographer creator developer
"""
MODIFIER, CORRESPONDENT, DESK, TITLE = (
    any_of(words(names)) for names in (_MODIFIERS, _CORRESPONDENTS, _DESKS, _TITLES)
)

# Every name of a desk, and every unnamed correspondent, has one of these words.
DESK_WORDS = frozenset(word.lower() for word in words(_CORRESPONDENTS + _DESKS))

# Words of institutions, which are in designations and never in names of persons.
ORGANISATION_WORD = patterns(
    r"(?:^|\s)(?:বিশ্ববিদ্যালয়|কলেজ|স্কুল|ইনস্টিটিউট|মন্ত্রণালয়|বিভাগ|ফাউন্ডেশন|লিমিটেড|ব্যাংক|হাসপাতাল|ক্লাব|"
    r"সমিতি|কমিশন|অধিদপ্তর|অনুষদ|সদর(?= (?!উদ্দ)|$)|university|college|institute|department|ministry)",
    flags=re.IGNORECASE,
)

# Words of the names of newspapers, broadcasters and sites, which sites give as authors.
MEDIA_WORD = patterns(
    r"(?:^|[\s-])(?:টিভি|টেলিভিশন|নিউজ|পত্রিকা|অনলাইন|টাইমস|ট্রিবিউন|পোস্ট|ডটকম|ডট কম|ওয়েবসাইট|ম্যাগাজিন|এজেন্সি|"
    r"নিউজ২৪|চ্যানেল|রেডিও|ডেইলি|দৈনিক|মিডিয়া|ব্লগ|প্রতিদিন|বার্তা|জার্নাল|বাংলা|বাংলাদেশ|গেজেট|মিরর|এক্সপ্রেস|টুডে|কাগজ|"
    r"news|times|tribune|online|tv|daily|post|media|bangla|bangladesh|dainik|doinik|patrika|kagoj|barta|protidin|pratidin|"
    r"protidiner|sa(?:m|ng)bad|khobor|khabar|khabor|gazette|mirror|herald|statesman|standard|express|today|journal|channel)"
    r"(?:$|[\s-])|নিউজ|টিভি(?:$|[\s-])",
    flags=re.IGNORECASE,
)

# The address of a site, in both scripts.
SITE = patterns(r"\S*\.\s?(?:com|net|org|tv|news|bd|info|কম|নেট|টিভি|নিউজ)(?!\w)\S*|\S*\.কম", flags=re.IGNORECASE)

# Newspapers and broadcasters that have their own name in bylines. It names no author.
_PAPERS = """
    প্রথম_আলো যুগান্তর কালের_কণ্ঠ বাংলাদেশ_প্রতিদিন বিডি_প্রতিদিন সমকাল ইত্তেফাক বাংলা_ট্রিবিউন ঢাকা_ট্রিবিউন বাংলানিউজ বাংলানিউজ২৪
    বাংলানিউজটোয়েন্টিফোর জাগো_নিউজ jago_news ঢাকা_পোস্ট রাইজিংবিডি বণিক_বার্তা নয়া_দিগন্ত দৈনিক_সংগ্রাম মানবজমিন ইনকিলাব জনকণ্ঠ ভোরের_কাগজ
    দেশ_রূপান্তর আজকের_পত্রিকা আমার_দেশ আগামীর_সময় খবরের_কাগজ রূপালী_বাংলাদেশ ঢাকা_মেইল কালবেলা আমাদের_সময় আলোকিত_বাংলাদেশ দৈনিক_বাংলা
    ডেইলি_বাংলাদেশ সময়ের_আলো ঢাকা_টাইমস সারাবাংলা বার্তা২৪ অর্থসূচক শেয়ার_বিজ বাংলাদেশ_জার্নাল মানবকণ্ঠ যায়যায়দিন প্রতিদিনের_সংবাদ পূর্বপশ্চিম
    সময়_টিভি সময়_নিউজ যমুনা_টিভি চ্যানেল_২৪ এনটিভি আরটিভি একাত্তর_টিভি চ্যানেল_আই একুশে_টিভি এটিএন_নিউজ ডিবিসি_নিউজ বাংলাভিশন মাছরাঙা
    দীপ্ত_টিভি ডেইলি_স্টার দ্য_ডেইলি_স্টার টিবিএস আনন্দবাজার আনন্দবাজার_পত্রিকা এই_সময় সংবাদ_প্রতিদিন আজকাল গণশক্তি দ্য_ওয়াল পার্সটুডে এনএইচকে
    বর্তমান এবিপি_আনন্দ abp_আনন্দ জাতীয়_অর্থনীতি জবান টেকশহর আজাদী দৈনিক_আজাদী পূর্বকোণ দৈনিক_পূর্বকোণ পূর্বাঞ্চল দৈনিক_পূর্বাঞ্চল করতোয়া
    দৈনিক_করতোয়া ঢাকাপ্রকাশ নবচেতনা যুগশঙ্খ পুবের_কলম আপনজন স্যন্দন দি_ওয়াল এশিয়ানেট ওয়ান_ইন্ডিয়া prothom_alo samakal jugantor ittefaq
    kaler_kantho bangladesh_pratidin bd_pratidin bangla_tribune dhaka_tribune dhaka_post dhaka_mail daily_star
    the_daily_star naya_diganta manab_zamin mzamin inqilab janakantha bhorer_kagoj desh_rupantor ajker_patrika
    bonik_barta amar_desh rising_bd kalbela ei_samay abp_ananda amader_shomoy amader_somoy manab_kantha manob_kantha
    jai_jai_din samoyer_alo shomoyer_alo agamir_somoy somoyer_alo new_age the_wall natun_somoy dhaka_prokash puber_kalom
    aaj_tak republic_world etv_bharat
"""

# Foreign media from which texts are taken or translated. In a byline without other authors they are the agency.
_FOREIGN_MEDIA = """
    দ্য_গার্ডিয়ান গার্ডিয়ান নিউইয়র্ক_টাইমস দ্য_নিউইয়র্ক_টাইমস ওয়াশিংটন_পোস্ট দ্য_ওয়াশিংটন_পোস্ট এনডিটিভি হিন্দুস্তান_টাইমস দ্য_হিন্দু
    টাইমস_অব_ইন্ডিয়া ডন জিও_নিউজ স্কাই_নিউজ ফক্স_নিউজ সিএনবিসি ইএসপিএন দ্য_ইকোনমিস্ট আল_আরাবিয়া মিডল_ইস্ট_আই দ্য_টেলিগ্রাফ টেলিগ্রাফ
    ডেইলি_মেইল প্রজেক্ট_সিন্ডিকেট লাইভ_সায়েন্স আরটি প্রেস_টিভি
"""
PAPERS, FOREIGN_MEDIA = folded_words(_PAPERS), folded_words(_FOREIGN_MEDIA)

# The first letters of each month, in all spellings.
MONTH = (
    "(?:জানু|ফেব্রু|মার্চ|এপ্রি|মে(?![^\\W\\d_])|জুন|জুলা|আগ[সষ]্ট|অগ[সা]|সেপ্টে|অক্টো|নভে|ডিসে|"
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
)

# English words before an author's name.
BY = "(?:(?:written|posted|authored|reported|translated|story|words) )?by"

# Labels before the name of an author.
LABEL = patterns(
    r"(?:লেখা ও ছবি|লেখা|লিখেছেন|লেখক|প্রতিবেদক|প্রতিবেদন তৈরি করেছেন|প্রতিবেদন|রিপোর্ট|রিপোর্টার|সংবাদদাতা|অনুবাদ|অনুবাদক|"
    r"গ্রন্থনা|ভাষান্তর|অনুলিখন|সাক্ষাৎকার নিয়েছেন|সাক্ষাৎকার গ্রহণ|সাক্ষাৎকার|"
    rf"{BY}|author|reporter)\s*[:ঃ\-–—]\s*",
    rf"(?:লিখেছেন|{BY})\s+",
    flags=re.IGNORECASE,
)

# Labels before the names of other people than authors.
OTHER_CREDIT = patterns(
    r"(?:ছবি|আলোকচিত্র|আলোকচিত্রী|ফটো|ভিডিও|গ্রাফিক্স|গ্রাফিকস|কার্টুন|অলংকরণ|অলঙ্করণ|সম্পাদনা|মডেল|পোশাক|সাজ|photo|video)"
    r"\s*[:ঃ]",
    r"\bedited by\b",
    # The editors and publishers of the newspaper.
    r"(?:^|(?<=\s))(?:(?:ভারপ্রাপ্ত|প্রধান|নির্বাহী|উপদেষ্টা|বার্তা|যুগ্ম)\s+)?(?:সম্পাদক|প্রকাশক|মুদ্রাকর|editor|publisher)"
    r"(?:\s+(?:ও|এবং|and|&)\s+\S+)?\s*[:ঃ]",
    flags=re.IGNORECASE,
)

# Editions, credits of pictures, labels and placeholders that sites show in the place of an author.
EDITIONS = folded_words("""
    অনলাইন_ভার্সন অনলাইন_সংস্করণ প্রিন্ট_সংস্করণ প্রিন্ট_ভার্সন ছাপা_সংস্করণ মুদ্রিত_সংস্করণ অনলাইন প্রিন্ট ই-পেপার প্রকাশ প্রকাশিত আপডেট সংগৃহীত
    ফাইল_ছবি ফাইল_ফটো সংগৃহীত_ছবি ছবি_সংগৃহীত প্রতীকী_ছবি ছবি নাম_প্রকাশে_অনিচ্ছুক অজানা অজ্ঞাত সংযুক্ত উৎস সৌজন্য সংগ্রহ ভাষা পাঠ পাঠক ঘণ্টা
    সকাল দুপুর বিকাল বিকেল সন্ধ্যা রাত ফাইল প্রতীকী আলোকচিত্র অনুবাদ reporter_name correspondent_name রিপোর্টার_নাম প্রতিবেদক_নাম
    প্রতিনিধি_নাম john_doe jane_doe lorem_ipsum online_version print_version online_edition print_edition admin
    administrator editor webmaster superadmin root user author unknown anonymous none null na
""")

# Words of sentences that are never in names, to reject headlines and bodies.
SENTENCE_WORDS = word_set("""
    থেকে নিয়ে করে করেছে করেছেন করলেন করা করতে করবে করছে করছেন হয়ে হয়েছে হয়েছেন হবে হলো হলেন হচ্ছে জন্য কেন কী না নেই বললেন
    বলেছেন বলেন বলে গেল গেলেন দিল দিলেন দিয়েছে দিয়েছেন দেন দিতে নিতে নিহত আহত আটক গ্রেপ্তার গ্রেফতার উদ্ধার মামলা অভিযোগ দাবি যাবে
    ছিলেন ছিল আজ কাল গত এই সেই যে তার তাঁর তিনি এবার আরও আরো মধ্যে পর পরে আগে সঙ্গে সাথে শুরু শেষ নতুন চায় এক দুই তিন চার পাঁচ ছয় সাত আট
    নয় দশ শত শতাধিক হাজার লাখ কোটি চান পেলেন পেল যাচ্ছে আসছে জানান জানিয়েছেন জানুয়ারি ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর
    অক্টোবর নভেম্বর ডিসেম্বর সোমবার মঙ্গলবার বুধবার বৃহস্পতিবার শুক্রবার শনিবার রবিবার রোববার বাড়ছে কমছে বাড়ল বাড়বে কমবে কমলো বাড়লো নাকি কীভাবে
    যেভাবে কেমন কোথায় আবারও আবার তখন এখন যখন রাখুন নিন হোন জেনে পেতে পারে পারবে পারেন দেবে দেবেন দিচ্ছে নিচ্ছে মুছে ধরে হারল জিতল করুন
    the of for with from says after is are was were how why what by at on
    """)

# Words of headlines and of page controls that are rarely in names.
HEADLINE_WORDS = word_set("""
    দাম মৃত্যু বিদায় লাশ মরদেহ হত্যা শুনানি বিতরণ উন্মোচন উদ্বোধন জমা ভাইরাল বিধ্বস্ত সন্ধান কর্মস্থল উধাও আত্মসাৎ গ্রেপ্তারি কারাদণ্ড মৃত্যুদণ্ড জরিমানা
    অভিযান সংঘর্ষ বিক্ষোভ মিছিল ধর্মঘট হামলা আগুন দুর্ঘটনা ধর্ষণ নির্যাতন চুরি ডাকাতি ছিনতাই আটকা ঘোষণা বৈঠক আলোচনা আহ্বান প্রস্তাব সিদ্ধান্ত চুক্তি
    প্রতিবাদ নিয়োগ পদত্যাগ বরখাস্ত প্রত্যাহার স্থগিত বাতিল বৃদ্ধি সম্প্রসারণ বিনিয়োগ বৃক্ষরোপণ প্রদর্শনী অনুষ্ঠিত জয়ী পরাজয় রেকর্ড মার্কিন সরকারি
    বেসরকারি সাবেক জনৈক নির্বাচন সমাবেশ মানববন্ধন সম্মেলন দুদক বিএনপি জামায়াত এনসিপি আওয়ামী খবর সংবাদ পাতা সংস্থা ক্লিক share follow read
    more comment comments reply facebook twitter whatsapp messenger youtube admin administrator webmaster login
    """)

# Words of page labels and tools that are rarely in names.
PAGE_WORDS = word_set("""
    নাম লাইভ সময় টাইম তারিখ আপডেট হালনাগাদ প্রকাশকাল আপলোড সর্বশেষ সবশেষ সর্বাধিক সর্বোচ্চ পঠিত পড়ার পড়া সংখ্যা ভিউ ভিউজ শেয়ার প্রিন্ট কপি
    লিংক লিঙ্ক ফন্ট সাইজ আকার ফলো মিনিট সংস্করণ ভার্সন গ্যালারি ভিডিও অডিও শিরোনাম হোম প্রচ্ছদ মেনু সরাসরি এইমাত্র ব্রেকিং এক্সক্লুসিভ জনপ্রিয়
    আলোচিত নির্বাচিত বিজ্ঞাপন স্পন্সর স্পন্সরড সাবস্ক্রাইব মন্তব্য কমেন্ট কমেন্টস লাইক ডাউনলোড লগইন লগ সাইন নিবন্ধন রেজিস্ট্রেশন যোগাযোগ আর্কাইভ
    ট্যাগ ট্যাগস ক্যাটাগরি বিষয় বিস্তারিত সম্পর্কিত সংশ্লিষ্ট প্রাসঙ্গিক পরবর্তী পূর্ববর্তী শুনুন দেখুন পড়ুন গোপনীয়তা গোপনীয়তার শর্তাবলি সর্বস্বত্ব
    কপিরাইট স্বত্ব মোড পৃষ্ঠা মুদ্রণ মুদ্রিত সেকেন্ড বঙ্গাব্দ হিজরি খ্রিস্টাব্দ ইংরেজি কার্টুন গ্রাফিক গ্রাফিক্স ইনফোগ্রাফিক পডকাস্ট কোলাজ স্ক্রিনশট চিত্র
    অভিযুক্ত ঘটনাস্থল গুগল ফেসবুক টুইটার ইউটিউব টেলিগ্রাম হোয়াটসঅ্যাপ মেসেঞ্জার ইনস্টাগ্রাম শহর রাজধানী উত্তর দক্ষিণ পূর্ব পশ্চিম পার্বত্য ঢাবি রাবি
    চবি জবি জাবি খুবি ইবি কুবি বুয়েট চুয়েট কুয়েট রুয়েট শাবিপ্রবি হাবিপ্রবি নোবিপ্রবি অ্যাডমিন এডমিন কর্মকর্তা নোটিশ বোর্ড ব্রিফিং তথ্য
    বিবরণী আইডি name time date updated update updates modified published publish posted upload last latest total count
    view views viewed read reading print copy links font size text pages home menu version language live breaking top
    trending popular featured related image photo video gallery story stories user log sign like us subscribe pick picks
    your select space sponsored advertisement bengal dhaka source google download privacy policy rights listen now
    previous next article edition mode email e-mail zoom note
    """)

# Inflected words, which are not in names: genitives, accusatives, locatives, plurals and finite verbs.
INFLECTED = patterns(
    r"\S+(?:ের|গুলো|গুলোকে|গুলি|সমূহ|দেরকে|দেরও|চ্ছে|চ্ছেন|েছে|েছেন|ছিল|ছিলেন|েনি|লেও|তেই|কেই|ওয়ার|ানোর|ায়ও|াসহ)",
    r"\S{3,}(?:তে|কে|(?<!পাধ্য)ায়)",
    r"\S{4,}ে",
)

# Names that end like inflected words.
NAMES_LIKE_INFLECTED = word_set("""
    কাদের তাহের নাসের জাহের নাদের জাবের সাবের জাকের শাকের বাহের খাদের ছাদের সাদের আছের আখের বশের নাজের হাজের জুবায়ের জোবায়ের যুবায়ের যোবায়ের
    খায়ের শমসের সমশের শের মুনতাসের মোতাহের মুতাহের আজহের মাহের জোবের জুবের ইয়াসের মুদ্দাসসের মোদাচ্ছের মোদাব্বের মোকাব্বের উম্মে আশিকে
    হাফিজে আনজুমানে আঞ্জুমানে রেহানে সাদেকে নূরে নুরে ফজলে মঈনে মেনলে আন্দ্রে
    """)

# The most frequent parts of names in Bangladesh and West Bengal, and titles. Most long names have one of them.
COMMON_NAMES = word_set("""
    মো মো. মোঃ মোছা. মোছাঃ মোসা. মোহাম্মদ মোহাম্মাদ মুহাম্মদ মুহাম্মাদ মোহাং আহমদ আহমেদ আহাম্মদ আহম্মেদ রহমান ইসলাম হোসেন হোসাইন হাসান হক উদ্দিন
    উদ্দীন আলী আলি আলম খান চৌধুরী মিয়া মিঞা ভূঁইয়া ভূইয়া সরকার শেখ সৈয়দ কাজী আবু আবুল আব্দুল আবদুল আব্দুর আবদুর আব্দুস আবদুস আল উল্লাহ উল্যাহ করিম
    রশিদ মাহমুদ মাহবুব তালুকদার মজুমদার হাওলাদার শিকদার সিকদার খন্দকার মোল্লা মণ্ডল প্রামাণিক বিশ্বাস আক্তার আখতার বেগম খাতুন খানম সুলতানা ইয়াসমিন পারভীন
    নাহার জাহান ফেরদৌস ফেরদৌসী কুমার চন্দ্র কান্তি রানী রাণী নাথ দাস দাশ দত্ত দেব দেবনাথ রায় সাহা সেন ঘোষ বসু পাল শীল সূত্রধর চক্রবর্তী ভট্টাচার্য
    মুখোপাধ্যায় বন্দ্যোপাধ্যায় চট্টোপাধ্যায় চাকমা মারমা ত্রিপুরা বড়ুয়া অধ্যাপক ড. ডা. ডক্টর ব্যারিস্টার অ্যাডভোকেট
    """)
