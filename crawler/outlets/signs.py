"""Signs of pages that are not articles or listings: marks in their code, titles and opening sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement
from parsel import Selector
from w3lib.encoding import html_to_unicode

from crawler.bengali.text import normalize, patterns

# Marks of challenges alone. Scripts in ordinary pages too (invisible.js, jsd/main.js) are not marks.
CHALLENGE_SCRIPTS = re.compile(
    r"_cf_chl_opt|cf_captcha_kind|/cdn-cgi/challenge-platform/h/[a-z]/orchestrate/|window\.gokuProps"
    r"|awsWafCookieDomainList|geo\.captcha-delivery\.com|ct\.captcha-delivery\.com|sucuri_cloudproxy_js"
    r"|distil_r_captcha|cf-browser-verification"
    r"|id=\"(?:sec-if-cpt|px-captcha|challenge-(?:form|running|error-title|stage)|cf-error-details)\""
)

# Each mark has one of these words, whose search is faster.
_CHALLENGE_WORDS = (
    "_cf_chl_opt", "cf_captcha_kind", "/orchestrate/", "gokuProps", "awsWaf", "captcha-delivery", "sucuri_cloudproxy",
    "distil_r_captcha", "cf-browser-verification", 'id="sec-if-cpt', 'id="px-captcha', 'id="challenge-',
    'id="cf-error',
)  # fmt: skip

# In ordinary pages of a guarded site as well: marks only if the page has no story.
GUARD_SCRIPTS = re.compile(r"_Incapsula_Resource|ddos-guard\.net/|id=\"(?:captcha-container|challenge-container)\"")
NOT_FOUND_CLASSES = frozenset({"error404", "error-404", "td-404-title", "container-404", "page-404"})
_THING = "(পাতা|পৃষ্ঠা|পেজ|পেইজ|লিংক|লিঙ্ক|সংবাদ|খবর|নিউজ|কনটেন্ট|কন্টেন্ট|প্রতিবেদন|পোস্ট|লেখা|তথ্য)(টি|টা)?"
_THIS = "((দুঃখিত|ওহো|উফ)\\W+)?((এই|আপনার|আপনি যে|অনুরোধ করা|অনুরোধকৃত|কাঙ্ক্ষিত|কাঙ্খিত|কোনো|কোন) ){0,2}"
_GONE = "((খুঁজে )?পাওয়া (যায়নি|যায় নি|যাচ্ছে না|গেল না|যায়না)|(আর )?নেই|(মুছে ফেলা|সরিয়ে ফেলা|সরিয়ে নেওয়া|ডিলিট করা) হয়েছে)"
_FRONT_SERVER = (
    "(web server is (down|returning an unknown error)|connection timed out|origin (is unreachable|dns error)"
    "|a timeout occurred|ssl handshake failed|invalid ssl certificate)"
)

# They match a whole title or heading without the site's name.
TITLES = {
    "challenge": patterns(
        r"just a moment|attention required|ddos-guard|access (is )?denied",
        r"please wait( a moment)?|one moment,? please",
        r"(sucuri )?(website )?firewall( access denied)?|sucuri website firewall",
        r"access denied sucuri website firewall",
        r"checking your browser( before accessing .{1,80})?|(human|bot|browser) (verification|check)|captcha",
        r"are you (a |an )?(human|robot)|pardon our interruption|(sorry, )?you have been blocked|blocked",
        r"verify(ing)? (that )?you are (a )?human|(403|error 403)?\W*forbidden",
        r"(error )?403|security (check|verification)",
        r"request (rejected|blocked|unsuccessful)|error 1\d{3}|making sure you're not a bot|robot check",
        r"(vercel )?security checkpoint|web application firewall|(your )?request (was|has been) (blocked|rejected)",
        r"access to this page has been (denied|blocked)|you are being redirected|nur einen moment|un instant",
        r"(log|sign) ?in|log in to continue.{0,40}|before you continue.{0,40}|cookie consent|we value your privacy",
        "((একটু|কিছুক্ষণ|দয়া করে|অনুগ্রহ করে) ){0,2}অপেক্ষা করুন|এক মুহূর্ত|ক্যাপচা|আপনি কি (মানুষ|রোবট)",
        "প্রবেশাধিকার (নেই|সংরক্ষিত|নিষিদ্ধ)|প্রবেশ (নিষেধ|নিষিদ্ধ)",
        "(নিরাপত্তা|মানব) যাচাই(করণ)?|আপনাকে ব্লক করা হয়েছে",
        "(পড়তে হলে )?সাবস্ক্রাইব করুন|লগ ?ইন( করুন)?|সাইন ?ইন( করুন)?|কুকি সম্মতি|আমরা আপনার গোপনীয়তাকে (মূল্য|গুরুত্ব) দিই",
        flags=re.I,
    ),
    "error-page": patterns(
        rf"((http )?(error|status) )?(code )?5\d\d\W*(internal server error|bad gateway|gateway time-?out"
        rf"|(server )?error|service (temporarily )?unavailable"
        rf"|resource limit is reached|{_FRONT_SERVER})?|resource limit is reached|{_FRONT_SERVER}( error code 5\d\d)?",
        r"(internal )?server error|bad gateway|service (temporarily )?unavailable|(504 )?gateway time-?out|error",
        r"(400\W*)?bad request|application error|database error|error establishing a database connection",
        r"(wordpress|php) .{0,3}error",
        r"(the )?(web)?site is (temporarily )?(down|offline|unavailable)",
        r"(the )?(web)?site (is )?(currently )?under maintenance",
        r"(we are |we're )?(currently )?under (maintenance|construction)",
        r"(scheduled )?maintenance( mode)?|coming soon",
        r"(oops\W+)?(an? (unexpected )?(error|exception) (has )?occurred|something went wrong)|errorexception",
        r"whoops\W*(there was an error|looks like something went wrong)?",
        r"welcome to nginx|iis windows server|account suspended",
        r"(this domain|the domain|[\w.-]+\.[a-z]{2,}) (name )?(is|may be) (for sale|parked|available)",
        r"domain (for sale|parked)",
        r"parked domain|index of /.{0,80}",
        "(ওয়েব)?সাইট(টি|টির)? (রক্ষণাবেক্ষণ|সংস্কার)|সাময়িক অসুবিধার জন্য (আন্তরিকভাবে )?দুঃখিত",
        "সার্ভার (ত্রুটি|সমস্যা|এরর)",
        "(সাইটে |ওয়েবসাইটে )?রক্ষণাবেক্ষণের কাজ চলছে|রক্ষণাবেক্ষণ|শিগগিরই আসছি|অভ্যন্তরীণ সার্ভার ত্রুটি|ত্রুটি",
        "ডোমেইনটি বিক্রি হবে|(এই )?ডোমেই?নটি বিক্রয়ের জন্য",
        flags=re.I,
    ),
    "not-found": patterns(
        r"(oops\W+|error\W*)?(404|৪০৪)\W*(error|এরর|(page )?not found|page|পাতা|পেজ)?\W*((page )?not found)?",
        r"(oops\W+|sorry\W+)?(error )?(page|article|story|file|post|content|news|requested url)? ?not found",
        r"nothing (was )?found|(oops\W+|sorry\W+)?(that|this|the) page (can't|cannot|could not|couldn't) be found",
        r"(oops\W+|sorry\W+)?(the |this )?(page|article) (you .{0,40})?(does not|doesn't|no longer) exists?",
        r"oops|sorry",
        f"(৪০৪|404)?\\W*{_THIS}{_THING} ((খুঁজছেন|চাচ্ছেন) (তা|সেটি) )?{_GONE}( ৪০৪| 404)?|দুঃখিত",
        "(কিছুই|কিছু) (খুঁজে )?পাওয়া যায়নি",
        flags=re.I,
    ),
}

# Titles of pages about the site, and of its lists of stories.
PAGES = {
    "static-page": patterns(
        r"about( us)?|contact( us)?|privacy( policy)?|terms( (and|&|of) (conditions|use|service))?|disclaimer|our team",
        r"advertise(ment)?( with us)?|(cookie|editorial|comments?|copyright) policy|careers?|(online )?polls?|e-?paper",
        "আমাদের (সম্পর্কে|কথা|পরিবার|পরিচিতি)|সম্পাদনা পরিষদ|সম্পাদকমণ্ডলী|পরিচালনা পর্ষদ|যোগাযোগ( করুন)?",
        "(প্রাইভেসি|গোপনীয়তা)(র| রক্ষার)? ?(নীতি|নীতিমালা|পলিসি)?|(সম্পাদকীয়|মন্তব্যের|কুকি) (নীতি|নীতিমালা)",
        "((ব্যবহারের|আমাদের) )?(শর্ত|শর্তাবলি|শর্তাবলী|নীতিমালা)( ও (শর্ত|শর্তাবলি|নীতিমালা))?|কপিরাইট( নীতি| নীতিমালা)?",
        "বিজ্ঞাপন(ের)?( মূল্যতালিকা| মূল্য তালিকা| রেট| হার| দিন| দর)?|দায়মুক্তি|ডিসক্লেইমার",
        "(অনলাইন |আজকের )?(জরিপ|ভোট|পোল)|ই-?পেপার|সাবস্ক্রাইব|সাবস্ক্রিপশন|subscri(be|ption)s?",
        flags=re.I,
    ),
    "listing": patterns(
        r"search( results?)?( for\b.*)?|archives?|all news|latest( news)?|tag ?:.*",
        r"(photo|video) ?galler(y|ies)|photos?|videos?",
        "(অনুসন্ধান|সার্চ)(ের)?( ফলাফল|ের ফলাফল)?(\\s*[:ঃ].*)?|আর্কাইভ(\\s*[:ঃ].*)?|সর্বশেষ( খবর| সংবাদ)?|সব খবর",
        "ছবি(ঘর)?|ফটো ?গ্যালারি|ভিডিও( গ্যালারি)?|ট্যাগ ?[:ঃ].*",
        flags=re.I,
    ),
}
# Addresses of lists of stories.
LISTING_PATHS = re.compile(
    r"/(?:tags?|topics?|authors?|search|label)/[^/]+/?$|/search/?(?:\?|$)|[?&](?:s|q|search)=", re.I
)

# They match the start of a heading or sentence in a page without a declared article.
SENTENCES = {
    "challenge": patterns(
        r"checking (your browser|if the site connection)|(please )?(enable|turn on) (js|javascript|cookies)\b.{0,60}",
        r"\S+ needs to review the security|(this website is using a security service)|sorry, you have been blocked",
        r"verify(ing)? (that )?you are|(let's )?confirm you are (a )?human|we need to verify that|press (&|and) hold",
        r"you are seeing this because the administrator|you (do not|don't) have permission to access",
        r"you are unable to access",
        r"request unsuccessful|please complete the (security check|captcha)",
        r"(our systems|we) have detected unusual (traffic|activity)|please confirm (that )?you are not a (ro)?bot",
        r"we('re| are) verifying your browser|your request (was|has been) (blocked|rejected)",
        r"the requested url was rejected",
        r"as you were browsing something|access (denied|to this (page|resource) )",
        r"complete the (captcha|security check)",
        r"we (and our partners |value your privacy|use cookies)|please (log|sign) ?in",
        r"(log|sign) in to (continue|read)",
        r"please enter your (email|e-mail|user)",
        "আপনি (যে )?(মানুষ|রোবট) (কি না|কিনা|নন|না)|আপনার আইপি|(অনুগ্রহ করে |দয়া করে )?(নিচের )?ক্যাপচা",
        "((পুরো|সম্পূর্ণ) )?(খবর|সংবাদ|লেখা)টি পড়তে .{0,60}(লগ ?ইন|সাইন ?ইন|সাবস্ক্রি|নিবন্ধন)|আমরা .{0,60}কুকি ব্যবহার",
        "(অনুগ্রহ করে |দয়া করে )?লগ ?ইন করুন",
        "(আপনার সংযোগ|আপনার ব্রাউজার).{0,40}(যাচাই|পরীক্ষা)|এগিয়ে যাওয়ার আগে",
        flags=re.I,
    ),
    "error-page": patterns(
        r"application error: a (server|client)-side exception|internal server error|error establishing a database",
        r"there has been a critical error on this website|server error in .{0,30}application",
        r"could not connect to the database",
        r"(php )?(fatal|parse) error\b|(sqlstate|errorexception|uncaught )",
        r"the server encountered an|the web server (is not|reported)",
        r"(our|this|the) (web)?site is (currently |temporarily )?(down|under|undergoing|unavailable|offline)",
        r"we (are|will be) (currently |back )?(performing|undergoing|soon|down for)|this account has been suspended",
        r"(this|the) domain\b.{0,60}(for sale|parked|expired)|briefly unavailable for scheduled maintenance",
        r"the server is temporarily unable|the page you are looking for is temporarily unavailable",
        r"web server is down|the (web)?site is temporarily unable to service",
        "(আমাদের|এই) (ওয়েব)?সাইট(টি|ে|টিতে|টির)? .{0,40}(রক্ষণাবেক্ষণ|সংস্কার|উন্নয়ন|সাময়িক)",
        "(ওয়েব)?সাইট(টি|ে|টিতে|টির) রক্ষণাবেক্ষণ.{0,40}(চলছে|হচ্ছে|বন্ধ আছে)\\W*$",
        "সাময়িক অসুবিধার জন্য (আমরা )?(আন্তরিকভাবে )?দুঃখিত|সার্ভারে (ত্রুটি|সমস্যা)|(এই )?ডোমেই?নটি (বিক্রি|বিক্রয়)",
        flags=re.I,
    ),
    "not-found": patterns(
        r"(oops|sorry)\b.{0,40}\b(page|article|story|content|post)\b.{0,60}(not|n't|no longer|cannot|missing)",
        r"the (page|article|story|post|requested url|resource)\b.{0,60}(not found|not be found|n't be found|n't exist"
        r"|not exist|no longer|been removed|cannot be found|can't be found)",
        r"it (looks like|seems) (that )?(nothing was found|we can't find)",
        r"we (can't|couldn't|could not) find (the|that) page",
        r"(that|this) page (can't|cannot|doesn't|could not)",
        f"{_THIS}{_THING} (খুঁজছেন|চাচ্ছেন|খুঁজেছেন|দেখতে চাইছেন)",
        f"((এই|আপনার (কাঙ্ক্ষিত|কাঙ্খিত|অনুরোধকৃত)?) ?){_THING} .{{0,40}}{_GONE}|দুঃখিত\\W.{{0,60}}{_GONE}",
        f"মনে হচ্ছে এখানে|{_THING} {_GONE}\\W*$",
        flags=re.I,
    ),
}
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<>]{1,200})</title", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:[|｜»«•·]+|::)\s*|\s+[-–—]\s+")
_SENTENCE_BREAK = re.compile(r"(?<=[।.!?…])\s+")
_EDGES = " .…!?।-–—:|*()[]\"'‘’“”"
_LONGEST = 300

# Signs in the place of a listing.
SAID = {"challenge": "a challenge", "error-page": "an error page"}
# No such page is longer.
MOST_BYTES = 1 << 18
MOST_LINES = 50

# Lines outside links: a link is a headline of an article.
LINES = (
    "//body | //body//*[self::h1 or self::h2 or self::h3 or self::p or self::center or self::div[not(*)]]"
    "[not(ancestor::a) and not(.//a)]"
)

# Boxes of forms and players, hidden until needed, say "error" in every page.
HIDDEN = frozenset({"hidden", "d-none", "hide", "modal", "toast", "popup", "sr-only"})
HIDING = re.compile(r"(?i)display:\s*none|visibility:\s*hidden")


def is_challenge(*marks: str) -> bool:
    likely = (mark for mark in marks if any(word in mark for word in _CHALLENGE_WORDS))
    return any(map(CHALLENGE_SCRIPTS.search, likely))


def raw_title(page: str) -> str:
    title = _TITLE.search(page)
    return title[1].strip() if title else ""


def title_reason(text: str) -> str | None:
    """Return why a page with this title, or with its first or last part, is refused."""
    if len(text) > _LONGEST:
        return None
    line = _line(text)
    parts = [part for part in _SEPARATOR.split(line) if part]
    names = {part.strip(_EDGES) for part in (line, *parts[:1], *parts[-1:])} - {""}
    return next((reason for reason, titles in TITLES.items() if any(map(titles.fullmatch, names))), None)


def page_reason(title: str) -> str | None:
    """Return why a page of the site itself, by its title, is refused."""
    name = first_part(title)
    return next((reason for reason, titles in PAGES.items() if name and titles.fullmatch(name)), None)


def first_part(title: str) -> str:
    parts = [part.strip(_EDGES) for part in _SEPARATOR.split(_line(title[:_LONGEST])) if part]
    return parts[0] if parts else ""


def sentence_reason(text: str) -> str | None:
    """Return why a page with a sentence that starts like this is refused."""
    line = _line(text[:_LONGEST]).lstrip(_EDGES)
    return next((reason for reason, sentences in SENTENCES.items() if sentences.match(line)), None)


def sentences_of(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_BREAK.split(text) if sentence.strip(_EDGES)]


def _line(text: str) -> str:
    return " ".join(normalize(text).replace("’", "'").split())


def complaint(body: bytes, content_type: str | None) -> str | None:
    """Return the fault of a page without articles, None without a sign of one; runs in a thread."""
    _, text = html_to_unicode(content_type, body[:MOST_BYTES], default_encoding="utf8")
    reason = "challenge" if is_challenge(text) else next((one for one in _reasons(text) if one in SAID), None)
    return f"it answered with {SAID[reason]} instead of a listing" if reason else None


def _reasons(text: str) -> Iterator[str | None]:
    yield title_reason(raw_title(text))
    shown = (line for line in Selector(text=text, type="html").xpath(LINES) if not _is_hidden(line.root))
    for line in islice(shown, MOST_LINES):
        words = _words(line)
        # Styles elsewhere often hide one or two words.
        is_shown = line.root.tag == "h1" or len(words.split()) > 2
        reasons = {sentence_reason(words), title_reason(words) if is_shown else None}
        # Ordinary listings too ask to wait, to log in or for consent to cookies.
        yield from reasons - ({"challenge"} if line.root.tag != "h1" else set())


def _is_hidden(element: HtmlElement) -> bool:
    # The marks of the body itself do not hide a page.
    around = [one for one in (element, *element.iterancestors()) if one.tag not in ("body", "html")]
    classes = {name for one in around for name in one.get("class", "").lower().split()}
    styles = " ".join(one.get("style", "") for one in around)
    return bool(classes & HIDDEN or HIDING.search(styles)) or any("hidden" in one.attrib for one in around)


def _words(line: Selector) -> str:
    return " ".join("".join(line.xpath("text()" if line.root.tag == "body" else ".//text()").getall()).split())
