"""Widgets, notices and posts whose lines look like those of the text."""

from __future__ import annotations

from evaluate.markup import SITE, heading, interrupted, lines, page, shown_date, text
from evaluate.page import Story, layout


def _set(story: Story, *within: str, before: str = "", behind: str = "") -> str:
    head = f"{heading(story)}<p>{text(story.gold.credit.name)} | প্রকাশ: {shown_date(story)}</p>"
    return page(story, f"<div>{head}<div>{before}{interrupted(story, *within)}{behind}</div></div>")


def _bold(*rows: str) -> str:
    return "".join(f"<p><strong>{line}</strong></p>" for line in rows)


@layout("widget-poll-in-paragraphs", section=False)
def poll(story: Story) -> str:
    return _set(story, _bold("আজকের ভোট", "ফেরি চলাচল কি রাতেও চালু রাখা উচিত?", "হ্যাঁ", "না", "ভোট দিন"))


@layout("widget-weather-in-paragraphs", section=False)
def weather(story: Story) -> str:
    return _set(story, "<p>আবহাওয়া</p><p>বরিশাল</p><p>২৬°সে</p><p>হালকা মেঘ</p><p>বাতাস: ৯ কিমি/ঘণ্টা</p>")


@layout("widget-counters", section=False)
def counters(story: Story) -> str:
    before = "<p>পড়তে সময় লাগবে ৩ মিনিট</p><div><span>৪১২ শেয়ার</span><span>১.৩ হাজার লাইক</span></div><p>অ- অ অ+</p>"
    return _set(story, "<div><img src=/a.jpg><div>২ / ৭</div></div>", before=before)


@layout("widget-notices", section=False)
def notices(story: Story) -> str:
    consent = "<div><p>আমরা এই ওয়েবসাইটে কুকি ব্যবহার করি।</p><button>ঠিক আছে</button></div>"
    opinion = "<p><em>প্রকাশিত লেখার মতামত লেখকের নিজস্ব, এর জন্য সম্পাদক দায়ী নন।</em></p>"
    return _set(story, before=consent, behind=f"{opinion}<p>মন্তব্য করতে লগইন করুন</p>")


@layout("widget-signs-of-advertisements", section=False)
def advertisements(story: Story) -> str:
    return _set(story, "<p><small>বিজ্ঞাপনের পর খবরের বাকি অংশ</small></p>", "<div>এই বিজ্ঞাপন বন্ধ করুন</div>")


@layout("widget-unlinked-cards", section=False)
def cards(story: Story) -> str:
    shown = "".join(
        f"<div onclick='go({each.key!r})'><span>{text(each.title)}</span></div>" for each in story.others[:3]
    )
    return _set(
        story, f"<div>{shown}</div>", behind=_bold("আরও খবর", *(text(each.title) for each in story.others[3:6]))
    )


@layout("widget-timeline", section=False)
def timeline(story: Story) -> str:
    rows = "".join(f"<li>{hour}:২০ {text(each.title)}</li>" for hour, each in zip("৭৮৯", story.others, strict=False))
    return _set(story, before=f"<div><h4>ঘটনাক্রম</h4><ol>{rows}</ol></div>")


@layout("widget-contents", section=False)
def contents(story: Story) -> str:
    steps = "".join(
        f'<li><a href="#part{number}">{name}</a></li>' for number, name in enumerate(("শুরুর কথা", "এরপর যা হবে"))
    )
    return _set(story, before=f"<p>এক নজরে</p><ul>{steps}</ul>")


@layout("widget-post-of-others", section=False)
def post(story: Story) -> str:
    said = "<blockquote><p>We are with the people of the chars.</p>— River Watch (@riverwatch) May 1, 2026</blockquote>"
    return _set(story, said, "<blockquote><div>View this post on Instagram</div></blockquote>")


@layout("widget-own-elements", section=False)
def own_elements(story: Story) -> str:
    rows = "".join(
        f"<rail-item>{number} {text(each.title)}</rail-item>" for number, each in enumerate(story.others[:3], 1)
    )
    return _set(story, f"<news-rail><rail-item>সর্বাধিক পঠিত</rail-item>{rows}</news-rail>")


@layout("widget-tags-in-list", section=False)
def tags(story: Story) -> str:
    return _set(story, behind="<ul><li>নদীভাঙন</li><li>বাঁধ</li><li>ত্রাণ</li></ul>")


@layout("widget-author-behind", section=False)
def author(story: Story) -> str:
    return _set(story, behind=f"<p><em>শাহানা পারভীন: গবেষক ও কলাম লেখক</em></p><div>{SITE} অ্যাপ নামিয়ে নিন</div>")


@layout("widget-bare-lines-behind", section=False)
def bare_lines(story: Story) -> str:
    article = "<br><br>".join(lines(story))
    asked = "লেখাটি কেমন লাগল?<br>ভালো ১২<br>মোটামুটি ৩<br>খারাপ ১<br>"
    head = f"{heading(story)}<div>{text(story.gold.credit.name)} | প্রকাশ: {shown_date(story)}</div>"
    return page(story, f"<div>{head}<div>{article}<br><br>{asked}</div></div>")
