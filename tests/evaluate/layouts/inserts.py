"""Boilerplate that newspapers put between and around the paragraphs."""

from __future__ import annotations

from dataclasses import replace

from evaluate.markup import SITE, blocks, body, credit, heading, interrupted, link, links, meta, page, shown_date, text
from evaluate.page import Story, layout


def _set(story: Story, html: str, after: str = "", name: str = "news-details", **more: str) -> str:
    shown = f'<div class="time">প্রকাশ: {shown_date(story)}</div>'
    main = f'<div class="left">{heading(story)}{credit(story)}{shown}<div class="{name}">{html}</div>{after}</div>'
    return page(story, main, **more)


def _stories(story: Story) -> list[Story]:
    """Return the page's story and the next two, into which a reader scrolls."""
    return [replace(story, gold=gold) for gold in (story.gold, *story.others[:2])]


@layout("infinite-scroll", section=False)
def infinite_scroll(story: Story) -> str:
    return page(story, "".join(map(_article, _stories(story))))


def _article(story: Story) -> str:
    return f"""<article class="story">{heading(story)}{credit(story)}
<p class="time">প্রকাশ: {shown_date(story)}</p><div class="details">{body(story)}</div></article>"""


@layout("infinite-scroll-divs", section=False)
def infinite_scroll_divs(story: Story) -> str:
    parts = "".join(map(_scroll_item, _stories(story)))
    return page(story, f'<div id="scroll">{parts}</div>', meta(og__title=story.gold.title))


def _scroll_item(story: Story) -> str:
    return f"""<div class="scroll-item"><h2 class="headline">{text(story.gold.title)}</h2>{credit(story)}
<div class="time">প্রকাশ: {shown_date(story)}</div><div class="txt">{body(story)}</div></div>"""


@layout("read-more-paragraph", section=False)
def read_more_paragraph(story: Story) -> str:
    one, two, three = story.others[:3]
    return _set(story, interrupted(
        story,
        f"<p><strong>আরও পড়ুন: </strong>{link(one.key, one.title)}</p>",
        f"<p>আরও পড়ুন</p><p>{link(two.key, two.title)}</p>",
        f"<p><strong>{link(three.key, three.title)}</strong></p>",
    ))  # fmt: skip


@layout("read-more-block", section=False)
def read_more_block(story: Story) -> str:
    box = f'<div class="also"><span>আরো খবর</span>{links(story, 3)}</div>'
    quote = f"<blockquote><p>আরও পড়ুন</p><p>{link('7', story.others[3].title)}</p></blockquote>"
    return _set(story, interrupted(story, box, quote), f"<h3>এ সম্পর্কিত খবর</h3>{links(story, 4, 2)}")


@layout("read-more-colour", section=False)
def read_more_colour(story: Story) -> str:
    rows = (f'<p><span style="color:red">➤ {link(each.key, each.title)}</span></p>' for each in story.others[:2])
    return _set(story, interrupted(story, "<p><b>সম্পর্কিত খবর</b></p>" + "".join(rows)), name="details_view")


@layout("share-prompts", section=False)
def share_prompts(story: Story) -> str:
    follow = '<p>গুগল নিউজে নদীপথের খবর পেতে <a href="https://news.google.com/x">ফলো করুন</a></p>'
    page_of = "<p>সর্বশেষ খবর পেতে আমাদের ফেসবুক পেজে লাইক দিন</p>"
    share = '<div class="social"><span>শেয়ার করুন</span><a>ফেসবুক</a><a>টুইটার</a><a>লিংক কপি করুন</a></div>'
    return _set(story, share + interrupted(story, follow) + page_of, share)


@layout("advertisements", section=False)
def advertisements(story: Story) -> str:
    slot = '<div class="adv"><p>বিজ্ঞাপন</p><script>googletag.cmd.push(function(){})</script></div>'
    bare = "<p>বিজ্ঞাপন</p>"
    return _set(story, interrupted(story, slot, bare), slot)


@layout("tags-and-topics", section=False)
def tags(story: Story) -> str:
    words = ("নদীভাঙন", "বন্যা", "ত্রাণ")
    named = " ".join(f'<a href="/t/{word}">{word}</a>' for word in words)
    topics = f'<div class="tag-list"><b>বিষয়:</b> {named}</div>'
    return _set(story, body(story) + topics, topics)


@layout("comments-of-readers", section=False)
def comments(story: Story) -> str:
    said = "".join(
        f'<div class="comment"><b>{name}</b><p>এই খবরের সত্যতা নিয়ে আমার সন্দেহ আছে। প্রশাসন কী করছে, কেউ জানে না।</p></div>'
        for name in ("রাজু", "মিতা", "পথিক")
    )
    return _set(
        story, body(story), f'<section id="comment-list"><h3>মন্তব্য (৩)</h3>{said}<p>আপনার মতামত লিখুন</p></section>'
    )


@layout("desk-initials", section=False)
def initials(story: Story) -> str:
    return _set(story, body(story) + "<p>জেডএইচ/আইএফ</p>", name="content-details")


@layout("desk-initials-glued", section=False)
def initials_glued(story: Story) -> str:
    html = blocks(story.gold.blocks)
    return _set(
        story, "".join(html) + '<p><span style="color:#808080"><em>কেআর/এমএস/জেআইএম</em></span></p>' + "<p>&nbsp;</p>"
    )


@layout("copyright-in-holder", section=False)
def copyright_line(story: Story) -> str:
    line = f"<p>© ২০২৬ {SITE} কর্তৃক সর্বস্বত্ব সংরক্ষিত</p><p>এই ওয়েবসাইটের কোনো লেখা বা ছবি অনুমতি ছাড়া ব্যবহার বেআইনি</p>"
    return _set(story, body(story) + line)


@layout("title-suffix", section=False)
def title_suffix(story: Story) -> str:
    shown = f"{story.gold.title} | {SITE}"
    head = meta(og__title=shown, og__site_name=SITE)
    return _set(story, body(story), head=head, title=f"{shown} | Dainik Nodipoth")


@layout("title-suffix-without-heading", section=False)
def title_suffix_alone(story: Story) -> str:
    shown = f"{story.gold.title} - {SITE}"
    main = f"""<div class="t1">{text(story.gold.title)}</div>{credit(story)}
<div class="t2">{shown_date(story)}</div>
<div class="news-details">{body(story)}</div>"""
    return page(story, main, meta(og__title=shown), title=shown)


@layout("popular-beside", section=False)
def popular(story: Story) -> str:
    rows = "".join(
        f"<div class=item><h4>{link(each.key, each.title)}</h4><p>{text(each.lead)}</p></div>"
        for each in story.others[:5]
    )
    return _set(story, body(story), f'<div class="popular"><h3>সর্বাধিক পঠিত</h3>{rows}</div>', name="b3")


@layout("audio-and-font-controls", section=False)
def controls(story: Story) -> str:
    buttons = "<button>অ+</button><button>অ-</button>"
    bar = f'<div class="tools">{buttons}<span>খবরটি শুনুন</span><a>প্রিন্ট</a><a>কপি করুন</a></div>'
    return _set(story, bar + body(story))


@layout("title-again-in-text", section=False)
def title_again(story: Story) -> str:
    return _set(story, f"<p><strong>{text(story.gold.title)}</strong></p>{body(story)}", name="storybody")
