"""Furniture for the composed pages: what stands between the paragraphs of a text, and right after them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evaluate.markup import HOST, SITE, link, links, text
from evaluate.page import Story

Box = Callable[[Story], str]


def _also(story: Story) -> str:
    return f"<p><strong>আরও পড়ুন: </strong>{link('a1', story.others[0].title)}</p>"


def _also_list(story: Story) -> str:
    return f'<div class="rel-box"><b>আরও খবর</b>{links(story, 3)}</div>'


def _card(story: Story) -> str:
    other = story.others[1]
    picture = '<img src="/t.jpg" alt="">'
    return (
        f'<div class="inline-card"><a href="{HOST}/details/{other.key}">{picture}<h5>{text(other.title)}</h5></a></div>'
    )


def _advert(story: Story) -> str:
    slot = '<ins class="adsbygoogle"></ins><script>(adsbygoogle).push({})</script>'
    return f'<div class="adv-box"><span>বিজ্ঞাপন</span>{slot}</div>'


def _follow(story: Story) -> str:
    return '<p><a href="https://news.google.com/x">গুগল নিউজে ফলো করুন নদীপথ</a></p>'


def _picture(story: Story) -> str:
    return (
        f'<div class="photo"><img src="/p.jpg"><div class="caption">{text(story.gold.title)}। ছবি: সংগৃহীত</div></div>'
    )


def _figure(story: Story) -> str:
    return "<figure><img src='/f.jpg'><figcaption>নদীর পাড়ে স্থানীয় মানুষের ভিড় | ছবি: নদীপথ</figcaption></figure>"


def _tweet(story: Story) -> str:
    signed = '&mdash; Desk (@desk) <a href="https://twitter.com/desk/1">May 1</a>'
    return f'<blockquote class="twitter-tweet"><p lang="en">Breaking news</p>{signed}</blockquote>'


def _video(story: Story) -> str:
    return '<div class="video"><iframe src="https://www.youtube.com/embed/x"></iframe></div>'


def _mail(story: Story) -> str:
    return '<div class="newsletter"><p>প্রতিদিনের খবর ইমেইলে পেতে সাবস্ক্রাইব করুন</p><form><input name="mail"></form></div>'


def _initials(story: Story) -> str:
    return "<p>এমএইচ/জেআইএম</p>"


def _tags(story: Story) -> str:
    return '<div class="tags">ট্যাগ: <a href="/tag/1">নদী</a> <a href="/tag/2">ভাঙন</a></div>'


def _share(story: Story) -> str:
    return '<ul class="share"><li><a>Facebook</a></li><li><a>Twitter</a></li><li><a>WhatsApp</a></li></ul>'


def _copyright(story: Story) -> str:
    return f"<p>এই ওয়েবসাইটের কোনো লেখা, ছবি অনুমতি ছাড়া ব্যবহার বেআইনি। সর্বস্বত্ব সংরক্ষিত {SITE}</p>"


def _turning(story: Story) -> str:
    one, two = (text(each.title) for each in story.others[2:4])
    return f'<div class="post-nav"><a href="/1">আগের খবর: {one}</a><a href="/2">পরের খবর: {two}</a></div>'


def _related(story: Story) -> str:
    cards = "".join(f'<div class="card"><h3>{link(each.key, each.title)}</h3></div>' for each in story.others[3:7])
    return f'<div class="related-news"><h2>এই বিভাগের আরও খবর</h2>{cards}</div>'


def _comments(story: Story) -> str:
    return '<div id="comments"><h3>মন্তব্য করুন</h3><p>আপনার ইমেইল প্রকাশ করা হবে না।</p><textarea></textarea></div>'


def _also_heading(story: Story) -> str:
    return f"<h3>আরও পড়ুন</h3>{links(story, 2, 2)}"


def _arrow(story: Story) -> str:
    return f'<p><span style="color:#c00">➤ {link("a3", story.others[3].title)}</span></p>'


def _arrows(story: Story) -> str:
    rows = "<br>".join(f"» {link(each.key, each.title)}" for each in story.others[:2])
    return f"<p><b>এ বিষয়ে আরও খবর</b><br>{rows}</p>"


def _channel(story: Story) -> str:
    return '<p>সর্বশেষ খবর পেতে নদীপথের <a href="https://whatsapp.com/x">হোয়াটসঅ্যাপ চ্যানেলটি ফলো করুন</a></p>'


def _data(story: Story) -> str:
    return '<style>.x{color:red}</style><script type="application/ld+json">{"@type":"ImageObject","name":"x"}</script>'


def _biography(story: Story) -> str:
    return (
        '<div class="author-box"><img src="/w.jpg"><h4>লেখক পরিচিতি</h4><p>প্রতিবেদনটি তৈরি করেছে নদীপথের ডেস্ক</p></div>'
    )


def _topics(story: Story) -> str:
    return '<p>বিষয়: <a href="/t/1">নদীভাঙন</a>, <a href="/t/2">ত্রাণ</a></p>'


def _no_comments(story: Story) -> str:
    return "<div><h4>মন্তব্য (০)</h4><p>আপনার মতামত লিখুন</p></div>"


def _poll(story: Story) -> str:
    answers = "<label>হ্যাঁ</label><label>না</label>"
    return f'<div class="poll"><h4>আজকের জরিপ</h4><p>আপনি কি একমত?</p><form>{answers}</form></div>'


def _publisher(story: Story) -> str:
    return f"<p>সম্পাদক ও প্রকাশক: {SITE}</p>"


def _latest(story: Story) -> str:
    return f"<div><h3>সর্বশেষ সংবাদ</h3>{links(story, 5, 2)}</div>"


FURNITURE_INSIDE: Sequence[Box] = (
    _also, _also_list, _also_heading, _card, _advert, _follow, _picture, _figure, _tweet, _video, _mail,
    _arrow, _arrows, _channel, _data,
)  # fmt: skip
FURNITURE_AFTER: Sequence[Box] = (
    _initials, _tags, _share, _copyright, _turning, _related, _comments, _biography, _topics, _no_comments, _poll,
    _publisher, _latest,
)  # fmt: skip
