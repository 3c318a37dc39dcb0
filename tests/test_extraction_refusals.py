"""Challenges, errors, missing pages and listings are refused; stories that look like them are not."""

from __future__ import annotations

import time

import pytest
from article_pages import json_ld, page_of, read, refusal

from crawler.extraction import NotAnArticle

STORY = (
    "<p>বরগুনার পাথরঘাটায় সোমবার দুপুরে সংবাদ সম্মেলনে এ তথ্য জানান জেলা প্রশাসক রেহানা আক্তার।</p>"
    "<p>Officials said on Monday that the matter would be looked into within a week.</p>"
)
PARAGRAPHS = (
    "<p>নাটোরের বড়াইগ্রামে বাসের চাপায় মোটরসাইকেলের চালক নিহত হয়েছেন। সোমবার সকালে বনপাড়া বাইপাসে এ দুর্ঘটনা ঘটে।</p>"
    "<p>নিহত শফিকুল ইসলাম উপজেলার জোয়াড়ি গ্রামের বাসিন্দা। তিনি বাজারে সবজি বিক্রি করে বাড়ি ফিরছিলেন।</p>"
    "<p>হাইওয়ে থানার ওসি মাহবুব আলম বলেন, বাসটি জব্দ করা হয়েছে, তবে চালক ও সহকারী পালিয়ে গেছেন।</p>"
)
LATEST = "<div class=latest><h2>আরও পড়ুন</h2>{}</div>".format(
    "".join(
        f"<div class=post><h3><a href=/n/{number}>হাওরে ধান কাটা শুরু, পর্ব {number}</a></h3>"
        f"<p>কৃষকের মুখে হাসি ফুটেছে, বললেন কৃষি কর্মকর্তা, খবর {number}।</p></div>"
        for number in range(18)
    )
)
F5 = "<p>The requested URL was rejected. Please consult with your administrator. Your support ID is: 12345.</p>"
PASSWORD = "<form><input type=email><input type=password></form>"


def page(title: str, body: str, head: str = "") -> str:
    return page_of(body, title, head)


def story(title: str, head: str = "", body: str = STORY) -> str:
    return page(f"{title} | দৈনিক খবর", f"<h1>{title}</h1><div class=entry-content>{body}</div>", head)


TRUE_TITLES = [
    "৪০৪ কোটি টাকার প্রকল্প অনুমোদন একনেকে",
    "৪০৪ এরর কেন দেখায়",
    "404 dead in earthquake",
    "নিখোঁজ জেলেদের খবরটি পাওয়া যায়নি",
    "উদ্ধার করা ফোনে কোনো লিংক বা পৃষ্ঠা খুঁজে পাওয়া যায়নি: তদন্ত কমিটি",
    "‘Page not found’: why old Bangla news vanishes",
    "503 service holders lose jobs",
    "500 bad loans uncovered",
    "Service unavailable: passport office closed",
    "মেট্রোরেলে রক্ষণাবেক্ষণের কাজ চলছে",
    "Just a moment: নতুন গান",
    "Captcha is dying",
    "Are you human?",
    "Sucuri finds malware",
    "Cloudflare outage: ‘Attention required’ shown on half the web",
    "ক্লাউডফ্লেয়ারে বিভ্রাট, সাইটে লেখা ‘একটু অপেক্ষা করুন’",
    "সাইটটি রক্ষণাবেক্ষণের কাজে বন্ধ: বিপাকে পরীক্ষার্থীরা",
    "আমি দুঃখিত: রেলমন্ত্রী",
    "Vercel security checkpoint blocks readers of Bengali papers",
    "ওয়েব অ্যাপ্লিকেশন ফায়ারওয়াল কী, ‘Your request was blocked’ কেন দেখায়",
    "Web application firewall: ব্যাংকের নতুন নিয়ম",
    "508 resource limit is reached: ফলের ওয়েবসাইট অচল",
]


@pytest.mark.parametrize("title", [title for title in TRUE_TITLES if title != "Are you human?"])
def test_a_title_refuses_no_story_in_an_unknown_wrapper(title: str) -> None:
    assert "বনপাড়া" in read(page(f"{title} | দৈনিক খবর", f"<h1>{title}</h1><div>{PARAGRAPHS}</div>")).text


@pytest.mark.parametrize("title", ["Page not found", "৪০৪", "Just a moment...", "Error", "Under construction"])
def test_a_declared_article_may_have_the_title_of_an_error(title: str) -> None:
    head = json_ld(headline=title)
    assert read(page(title, f"<h1>{title}</h1><div>{PARAGRAPHS}</div>", head)).title.startswith(title.strip("."))


@pytest.mark.parametrize(
    "script",
    [
        "<script>a.src='/cdn-cgi/challenge-platform/h/g/scripts/alpha/invisible.js'</script>",
        "<script>window['__CF$cv$params']={r:'1'};a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'</script>",
        "<script src=/cdn-cgi/challenge-platform/h/b/scripts/jsd/7f1/main.js></script>",
        "<script defer src=https://static.cloudflareinsights.com/beacon.min.js data-cf-beacon='{}'></script>",
        "<script src=/cdn-cgi/scripts/5c5dd728/cloudflare-static/email-decode.min.js></script>",
        "<script src='/_Incapsula_Resource?SWJIYLWA=719d34d31c8e3a6e6fffd425f7e032f3'></script>",
    ],
)
def test_scripts_of_a_guard_in_every_page_refuse_no_story(script: str) -> None:
    assert read(story("সেতু খুলে দেওয়া হলো", script)).title == "সেতু খুলে দেওয়া হলো"


# The reason, title, body and head of pages that are no articles.
BAD = [
    (
        "challenge",
        "Vercel Security Checkpoint",
        "<p>We're verifying your browser</p><p>Website owner? Click here to fix. Vercel Security Checkpoint | "
        "bom1::1732-xxxx This page protects the site from automated traffic.</p>",
    ),
    ("challenge", "Web Application Firewall", f"<h1>Your request was blocked</h1>{F5}"),
    ("challenge", "", F5),
    (
        "challenge",
        "দৈনিক আলো",
        "<article><h1>দৈনিক আলো</h1><p>We have detected unusual activity from your network. To continue, please "
        "confirm that you are not a robot by solving the puzzle below before reading this page.</p></article>",
        "<meta property=og:type content=article>",
    ),
    (
        "error-page",
        "দৈনিক আলো",
        "<h1>508 Resource Limit Is Reached</h1><p>The website is temporarily unable to service your request as "
        "it exceeded resource limit. Please try again later.</p>",
    ),
    ("challenge", "Just a moment...", "<h1>news.example</h1><p>Enable JavaScript and cookies.</p>"),
    ("challenge", "Please Wait... | Cloudflare", "<h1>One more step</h1><p>Complete the check.</p>"),
    ("challenge", "Attention Required! | Cloudflare", f"<h1>Sorry</h1>{STORY}"),
    ("challenge", "news.example", "<h1>Checking your browser before accessing news.example.</h1><p>Wait.</p>"),
    ("challenge", "একটু অপেক্ষা করুন…", "<p>আপনি মানুষ কি না তা যাচাই করা হচ্ছে, একটু সময় লাগবে।</p>"),
    ("challenge", "একটু অপেক্ষা করুন…", "<p>যাচাই চলছে।</p><script>window._cf_chl_opt={cRay:'1'}</script>"),
    (
        "challenge",
        "Un momento…",
        f"{STORY}<script src=/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1></script>",
    ),
    (
        "challenge",
        "খবর",
        f"{STORY}<noscript>{PARAGRAPHS * 9}</noscript><script>window._cf_chl_opt={{cRay:'1'}}</script>",
    ),
    ("challenge", "Making sure you&#39;re not a bot!", f"<h1>Making sure you're not a bot!</h1>{STORY}"),
    ("challenge", "DDoS-Guard", "<h1>Checking your browser</h1><p>Please stand by for a while.</p>"),
    ("challenge", "Sucuri WebSite Firewall - Access Denied", "<h1>Access Denied - Sucuri Website Firewall</h1>"),
    ("challenge", "", "<iframe src='/_Incapsula_Resource?CWUDNSAI=9'>Request unsuccessful. Incident ID: 4</iframe>"),
    ("challenge", "", "<script>window.gokuProps={}</script><div id=challenge-container></div>"),
    ("challenge", "Human Verification", "<p>Let's confirm you are human. Complete the check.</p>"),
    ("challenge", "news.example", "<h1>নিরাপত্তা যাচাই</h1><p>আপনি রোবট নন তা নিশ্চিত করতে নিচের ক্যাপচা পূরণ করুন।</p>"),
    (
        "challenge",
        "news.example",
        "<p>আপনার আইপি ঠিকানা থেকে অনেক বেশি অনুরোধ আসায় প্রবেশ সাময়িকভাবে বন্ধ রাখা হয়েছে।</p>",
    ),
    ("error-page", "Server Error", "<div class=code>500</div><div>Server Error</div>"),
    ("error-page", "Whoops! There was an error.", "<h1>ErrorException</h1><p>Undefined variable in the view.</p>"),
    ("error-page", "", "<h2>Application error: a server-side exception has occurred while loading news.example.</h2>"),
    ("error-page", "Database Error", "<h1>Error establishing a database connection</h1>"),
    ("error-page", "দৈনিক খবর", "<p>আমাদের ওয়েবসাইটে রক্ষণাবেক্ষণের কাজ চলছে। কিছুক্ষণ পর আবার চেষ্টা করুন।</p>"),
    ("error-page", "oldnews.example", "<h1>This domain is for sale</h1><p>Click here to buy it now.</p>"),
    ("error-page", "Account Suspended", "<p>This account has been suspended. Contact your host.</p>"),
    (
        "not-found",
        "দৈনিক খবর",
        "<p>আপনি যে সংবাদটি খুঁজছেন তা আর নেই কিংবা সরিয়ে ফেলা হয়েছে। প্রচ্ছদ থেকে অন্য খবর পড়ুন।</p>",
    ),
    (
        "not-found",
        "খবর",
        "<div class=entry-content><p>দুঃখিত, আপনার কাঙ্ক্ষিত সংবাদটি খুঁজে পাওয়া যায়নি। প্রচ্ছদে যান।</p></div>",
    ),
    ("not-found", "খবর", f"<h2>সংবাদটি মুছে ফেলা হয়েছে</h2>{LATEST}"),
    ("not-found", "পাতাটি পাওয়া যায়নি", f"<h1>৪০৪</h1><p>প্রচ্ছদে ফিরে যান।</p>{LATEST}"),
    ("empty", "খবর", "<h1>দুঃখিত!</h1><p>ঠিকানাটি ভুল হতে পারে অথবা লেখাটি এখানে আর রাখা নেই।</p>"),
    ("not-found", "Page not found – খবর", f"<h1>Oops! That page can’t be found.</h1>{LATEST}"),
    ("challenge", "লগইন | দৈনিক খবর", f"<h1>লগইন করুন</h1><p>ই-মেইল ও পাসওয়ার্ড লিখুন এখানে।</p>{PASSWORD}"),
    ("challenge", "Log in — The Daily", f"<h1>Log in to continue reading</h1><p>It takes a minute.</p>{PASSWORD}"),
    ("challenge", "Before you continue", "<p>We use cookies to deliver and maintain services.</p>"),
    (
        "challenge",
        "কুকি সম্মতি",
        "<h1>আমরা আপনার গোপনীয়তাকে মূল্য দিই</h1><p>আমরা তথ্য রাখতে কুকি ব্যবহার করি।</p>",
    ),
]


@pytest.mark.parametrize(("reason", "parts"), [(reason, parts) for reason, *parts in BAD])
def test_a_page_that_only_looks_like_an_article_is_refused(reason: str, parts: list[str]) -> None:
    assert refusal(page(*parts)) == reason


AKAMAI = (
    '<H1>Access Denied</H1>You don\'t have permission to access "http://news.example/" on this server.'
    "<P>Reference #18.7d2c1402.1764"
)


def test_pages_without_a_head_are_refused() -> None:
    assert refusal(AKAMAI) == "challenge"


def test_a_page_that_wordpress_marks_as_missing_is_refused() -> None:
    assert refusal(page("খবর", f"<h1>Ooops</h1>{LATEST}").replace("<body>", "<body class='error404'>")) == "not-found"


@pytest.mark.parametrize("between", ["</p><p>", "<br><br>", "</p><div class=ad><ins></ins></div><p>"])
def test_a_story_with_many_teasers_is_no_listing(between: str) -> None:
    text = PARAGRAPHS.replace("</p><p>", between)
    article = read(page("বাসচাপায় নিহত ১", f"<h1>বাসচাপায় নিহত ১</h1><div>{text}</div>{LATEST}"))
    assert article.text.count("\n") == 2


def test_a_brief_on_a_page_of_type_website_is_kept() -> None:
    brief = "<p>ভোলার মনপুরায় মেঘনায় নৌকাডুবিতে তিন জেলে নিখোঁজ হয়েছেন। সোমবার ভোরে এ ঘটনা ঘটে।</p>"
    assert read(page("নৌকাডুবি", f"<h1>নৌকাডুবি</h1>{brief}", "<meta property=og:type content=website>")).text


def test_data_that_describes_another_story_declares_no_article() -> None:
    head = json_ld(headline="হাওরে ধান কাটা শুরু হয়েছে আগেভাগে")
    assert refusal(page("Page not found – খবর", f"<h1>Page not found</h1>{LATEST}", head)) == "not-found"


def test_a_declared_story_may_open_like_a_message() -> None:
    opening = "<p>The page you are looking for cannot be found, said thousands of screens on Monday.</p>"
    assert read(story("পুরোনো খবর কোথায় যায়", "", opening + PARAGRAPHS)).text


def test_a_login_page_is_refused() -> None:
    assert refusal(page("সদস্যদের পাতা", f"<h1>সদস্যদের পাতা</h1><p>নাম ও গোপন সংকেত লিখুন, তারপর প্রবেশ করুন।</p>{PASSWORD}"))


def test_a_section_with_teasers_stays_a_listing() -> None:
    assert refusal(page("সারাদেশ | দৈনিক খবর", f"<h1>সারাদেশ</h1>{LATEST}")) == "listing"


def test_comments_before_a_page_are_parsed_fast() -> None:
    start = time.process_time()
    assert read("<!-- a -->" * 200 + story("সেতু খুলে দেওয়া হলো")).text
    assert refusal(b"<?xml version='1.0'?>" + b"<!-- a --> " * 200 + b"<rss><channel></channel></rss>") == "not-html"
    assert time.process_time() - start < 5


@pytest.mark.parametrize("text", ["দুঃখিত " * 4000, "404 " * 4000, "the page " * 3000, "500 a" + " " * 20000])
def test_long_titles_and_sentences_are_judged_fast(text: str) -> None:
    start = time.process_time()
    with pytest.raises(NotAnArticle):
        read(page(text, f"<h1>{text}</h1>"))
    assert time.process_time() - start < 5


ABOUT = "<p>দৈনিক খবর একটি জনপ্রিয় সংবাদমাধ্যম। ২০১২ সালে যাত্রা শুরু করে প্রতিষ্ঠানটি।</p><p>আমরা সত্য প্রকাশে আপসহীন।</p>"


@pytest.mark.parametrize(
    "title", ["আমাদের সম্পর্কে", "যোগাযোগ", "গোপনীয়তার নীতি", "ব্যবহারের শর্তাবলি", "বিজ্ঞাপন মূল্যতালিকা", "জরিপ", "About us"]
)
def test_a_page_about_the_site_is_no_article(title: str) -> None:
    assert refusal(story(title, '<meta property="og:type" content="article">', ABOUT)) == "static-page"


def test_a_dated_story_with_a_static_page_title_is_kept() -> None:
    day = '<meta property="article:published_time" content="2026-11-20T10:34:00+06:00">'
    assert read(story("যোগাযোগ", day)).title == "যোগাযোগ"
    assert read(story("যোগাযোগ বন্ধ পাঁচ গ্রামের")).title == "যোগাযোগ বন্ধ পাঁচ গ্রামের"


def test_titles_and_excerpts_without_headings_are_a_listing() -> None:
    rows = "".join(
        f"<div class=r><a href=/n/{n}>হাওরে ধান কাটা শুরু, পর্ব {n}</a><p>কৃষকের মুখে হাসি ফুটেছে, বলেন কর্মকর্তা {n}।</p></div>"
        for n in range(9)
    )
    assert refusal(page("জাতীয় | দৈনিক খবর", rows)) == "listing"


def test_rows_of_cards_are_a_listing() -> None:
    card = "<div class=col><h3><a href=/n/{0}>হাওরে ধান কাটা শুরু, পর্ব {0}</a></h3></div>"
    rows = "".join(f"<div class=row>{''.join(map(card.format, range(n, n + 3)))}</div>" for n in (1, 4))
    described = f"<h1>খেলা</h1><p>এই বিভাগে খেলার সব খবর পাওয়া যায়, প্রতিদিন নতুন নতুন খবর যোগ হয়।</p><div>{rows}</div>"
    assert refusal(page("খেলা | দৈনিক খবর", described)) == "listing"


def test_a_writers_page_of_links_is_a_listing() -> None:
    rows = "".join(f"<li><a href=/n/{n}>হাওরে ধান কাটা শুরু, পর্ব {n}</a> ৩ নভেম্বর ২০২৬</li>" for n in range(9))
    assert refusal(page("আবদুর রহিম | দৈনিক খবর", f"<h2>আবদুর রহিম</h2><ul>{rows}</ul>")) == "listing"


CARD = {
    "title": "<div class=c1><h3><a href=/n/{n}>{title}</a></h3><p>{lead}</p></div>",
    "overlay": "<div class=c2><a class=cover href=/n/{n}></a><h3>{title}</h3><p>{lead}</p></div>",
    "picture": "<article><a href=/n/{n}><img src=/{n}.jpg></a><h2>{title}</h2><p>{lead}</p></article>",
    "whole": "<a class=c3 href=/n/{n}><h4>{title}</h4><p>{lead}</p></a>",
    "item": "<li><a href=/n/{n}><img src=/{n}.jpg></a><h4>{title}</h4><p>{lead}</p></li>",
}


@pytest.mark.parametrize("title", ["সারাদেশ", "বিষয়: ইলিশ", "রফিকুল ইসলাম", "খোঁজার ফল: সেতু", "Archive"])
@pytest.mark.parametrize("card", CARD)
def test_cards_of_an_unknown_site_are_a_listing(card: str, title: str) -> None:
    cards = "".join(
        CARD[card].format(n=n, title=f"হাওরে ধান কাটা শুরু হয়েছে, পর্ব {n}", lead=f"কৃষকের মুখে হাসি ফুটেছে, বলেন কর্মকর্তা {n}।")
        for n in range(12)
    )
    head = "<meta property=og:type content=article>"
    assert refusal(page(f"{title} | দৈনিক খবর", f"<h1>{title}</h1><div>{cards}</div>", head)) == "listing"


TITLED = "<h1>হাওরে আগাম বন্যায় ডুবেছে ধান</h1>"
FIGURE = "<figure><img src=/{n}.jpg><figcaption>হাওরের কৃষকেরা কোমরপানিতে নেমে ধান কাটছেন, ছবি {n}।</figcaption></figure>"
ITEM = "<h2>{n}. হাকালুকি হাওর</h2><p><img src=/{n}.jpg></p><p>এখানে {n} হাজার হেক্টর জমিতে বোরো ধানের চাষ হয়।</p>"
ENTRY = "<div class=entry><time>১০:{n}</time><p>পানি আরও {n} সেন্টিমিটার বেড়েছে বলে জানিয়েছে পাউবো।</p></div>"


@pytest.mark.parametrize("part", [FIGURE, ITEM, ENTRY], ids=["photo story", "list article", "live blog"])
def test_stories_in_parts_are_articles(part: str) -> None:
    parts = "".join(part.format(n=n) for n in range(11, 19))
    lines = read(page("হাওরে আগাম বন্যায় ডুবেছে ধান", f"{TITLED}<div>{parts}</div>")).text.split("\n")
    assert len([line for line in lines if line.endswith("।")]) == 8
