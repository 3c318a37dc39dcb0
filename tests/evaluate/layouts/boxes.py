"""Boilerplate for the composed pages: boxes between the paragraphs of a text and after them."""

from __future__ import annotations

from evaluate.markup import HOST, SITE, link, links, text
from evaluate.page import Story


def boxes_between(story: Story) -> list[str]:
    """Return boxes that newspapers put between paragraphs."""
    first, second, _, fourth, *_ = story.others
    card = f'<a href="{HOST}/details/{second.key}"><img src="/t.jpg" alt=""><h5>{text(second.title)}</h5></a>'
    caption = f'<div class="caption">{text(story.gold.title)}। ছবি: সংগৃহীত</div>'
    signed = '&mdash; Desk (@desk) <a href="https://twitter.com/desk/1">May 1</a>'
    arrows = "<br>".join(f"» {link(each.key, each.title)}" for each in (first, second))
    return [
        f"<p><strong>আরও পড়ুন: </strong>{link('a1', first.title)}</p>",
        f'<div class="rel-box"><b>আরও খবর</b>{links(story, 3)}</div>',
        f"<h3>আরও পড়ুন</h3>{links(story, 2, 2)}",
        f'<div class="inline-card">{card}</div>',
        '<div class="adv-box"><span>বিজ্ঞাপন</span><ins class="adsbygoogle"></ins>'
        "<script>(adsbygoogle).push({})</script></div>",
        '<p><a href="https://news.google.com/x">গুগল নিউজে ফলো করুন নদীপথ</a></p>',
        f'<div class="photo"><img src="/p.jpg">{caption}</div>',
        "<figure><img src='/f.jpg'><figcaption>নদীর পাড়ে স্থানীয় মানুষের ভিড় | ছবি: নদীপথ</figcaption></figure>",
        f'<blockquote class="twitter-tweet"><p lang="en">Breaking news</p>{signed}</blockquote>',
        '<div class="video"><iframe src="https://www.youtube.com/embed/x"></iframe></div>',
        '<div class="newsletter"><p>প্রতিদিনের খবর ইমেইলে পেতে সাবস্ক্রাইব করুন</p><form><input name="mail"></form></div>',
        f'<p><span style="color:#c00">➤ {link("a3", fourth.title)}</span></p>',
        f"<p><b>এ বিষয়ে আরও খবর</b><br>{arrows}</p>",
        '<p>সর্বশেষ খবর পেতে নদীপথের <a href="https://whatsapp.com/x">হোয়াটসঅ্যাপ চ্যানেলটি ফলো করুন</a></p>',
        '<style>.x{color:red}</style><script type="application/ld+json">{"@type":"ImageObject","name":"x"}</script>',
    ]


def boxes_after(story: Story) -> list[str]:
    """Return boxes that newspapers put after a text."""
    older, newer = (text(each.title) for each in story.others[2:4])
    cards = "".join(f'<div class="card"><h3>{link(each.key, each.title)}</h3></div>' for each in story.others[3:7])
    answers = "<label>হ্যাঁ</label><label>না</label>"
    return [
        "<p>এমএইচ/জেআইএম</p>",
        '<div class="tags">ট্যাগ: <a href="/tag/1">নদী</a> <a href="/tag/2">ভাঙন</a></div>',
        '<ul class="share"><li><a>Facebook</a></li><li><a>Twitter</a></li><li><a>WhatsApp</a></li></ul>',
        f"<p>এই ওয়েবসাইটের কোনো লেখা, ছবি অনুমতি ছাড়া ব্যবহার বেআইনি। সর্বস্বত্ব সংরক্ষিত {SITE}</p>",
        f'<div class="post-nav"><a href="/1">আগের খবর: {older}</a><a href="/2">পরের খবর: {newer}</a></div>',
        f'<div class="related-news"><h2>এই বিভাগের আরও খবর</h2>{cards}</div>',
        '<div id="comments"><h3>মন্তব্য করুন</h3><p>আপনার ইমেইল প্রকাশ করা হবে না।</p><textarea></textarea></div>',
        '<div class="author-box"><img src="/w.jpg"><h4>লেখক পরিচিতি</h4>'
        "<p>প্রতিবেদনটি তৈরি করেছে নদীপথের ডেস্ক</p></div>",
        '<p>বিষয়: <a href="/t/1">নদীভাঙন</a>, <a href="/t/2">ত্রাণ</a></p>',
        "<div><h4>মন্তব্য (০)</h4><p>আপনার মতামত লিখুন</p></div>",
        f'<div class="poll"><h4>আজকের জরিপ</h4><p>আপনি কি একমত?</p><form>{answers}</form></div>',
        f"<p>সম্পাদক ও প্রকাশক: {SITE}</p>",
        f"<div><h3>সর্বশেষ সংবাদ</h3>{links(story, 5, 2)}</div>",
    ]
