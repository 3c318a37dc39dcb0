"""Pages without meaningful class names, so that only position and structure separate the article."""

from __future__ import annotations

from evaluate.demo import clock_half, long_date
from evaluate.markup import SITE, blocks, body, credit, heading, interrupted, lines, link, links, page, shown_date, text
from evaluate.page import HOST, Story, layout

BUTTONS = (
    "আমাদের হোয়াটসঅ্যাপ চ্যানেলে যুক্ত হতে এখানে ক্লিক করুন",
    "মোবাইল অ্যাপ ডাউনলোড করুন",
    "খবরটি ভালো লাগলে শেয়ার করুন",
    "Follow us on Facebook",
)


def _excerpts(story: Story) -> str:
    rows = (f"<div class=ex>{link(each.key, each.title)}<p>{text(each.lead)}</p></div>" for each in story.others[:4])
    return "".join(rows)


@layout("unmarked-live-blog-over-story", credit=False, section=False)
def live_blog_over_story(story: Story) -> str:
    first, *rest = lines(story)
    entry = f"<div class=live><div class=entry><p>{first}</p></div></div>"
    article = "".join(f"<p>{line}</p>" for line in rest)
    return page(story, f"<article>{heading(story)}<div class=d>{shown_date(story)}</div>{entry}{article}</article>")


@layout("unmarked-boxes-beside", section=False)
def boxes_beside(story: Story) -> str:
    boxes = """<div class=b1><h4>নামাজের সময়সূচি</h4><table><tr><td>ফজর</td><td>৪:৩৮</td></tr></table></div>
<div class=b1><h4>আবহাওয়া</h4><p>ঢাকায় ২৯ ডিগ্রি, আকাশ মেঘলা। বিকেলে বৃষ্টির সম্ভাবনা আছে।</p></div>
<div class=b1><h4>অনলাইন ভোট</h4><p>নতুন সময়সূচি কি যাত্রীদের ভোগান্তি কমাবে বলে মনে করেন?</p><label>হ্যাঁ</label></div>"""
    head = f"{heading(story)}{credit(story)}<p>প্রকাশ: {shown_date(story)}</p>"
    left = f"<div class=l1>{head}<div class=t1>{body(story)}</div></div>"
    return page(story, f"<div class=w1>{left}<div class=r1>{links(story, 6)}{boxes}</div></div>")


@layout("unmarked-excerpts-beside", section=False)
def excerpts_beside(story: Story) -> str:
    left = f"<div class=c1>{heading(story)}{credit(story)}<div>{shown_date(story)}</div>{body(story)}</div>"
    return page(story, f"<div class=cols>{left}<div class=c2><h4>আলোচিত</h4>{_excerpts(story)}</div></div>")


@layout("unmarked-imprint", section=False)
def imprint(story: Story) -> str:
    left = (
        f"<div id=m>{heading(story)}{credit(story)}<span>{shown_date(story)}</span><div id=n>{body(story)}</div></div>"
    )
    foot = f"""<div id=ft><p>ভারপ্রাপ্ত সম্পাদক: রওশন আরা। প্রকাশক: মাহবুব আলী।</p>
<p>সম্পাদকীয় ও বাণিজ্যিক কার্যালয়: ৪০ নদীর পাড়, ঢাকা। ফোন: ০২-০০০০০০০</p><p>© ২০১৫ - ২০২৬ {SITE}</p></div>"""
    return page(story, left + foot, around=False)


@layout("unmarked-readers-comments", section=False)
def readers_comments(story: Story) -> str:
    comments = """<h3>পাঠকের মন্তব্য (২)</h3><div><b>রফিক</b><small>২ ঘণ্টা আগে</small>
<p>খবরটি পড়ে খুব খারাপ লাগল। কর্তৃপক্ষের নজর দেওয়া
উচিত।</p></div><div><b>শিউলি</b><small>৫ ঘণ্টা আগে</small><p>এলাকার মানুষ বহু দিন ধরে এ কথা বলে আসছেন।</p></div>"""
    return page(story, f"{heading(story)}{credit(story)}<p>{shown_date(story)}</p>{body(story)}{comments}")


@layout("unmarked-captions", section=False)
def captions(story: Story) -> str:
    below = '<p><img src="/2.jpg"></p><p class="cap">নদীর পাড়ে দাঁড়িয়ে গ্রামের মানুষ</p>'
    table = '<table><tr><td><img src="/3.jpg"></td></tr><tr><td>ভাঙনের মুখে থাকা একটি ঘর</td></tr></table>'
    article = interrupted(story, below, table)
    return page(story, f"{heading(story)}{credit(story)}<div>{shown_date(story)}</div><div class=c3>{article}</div>")


@layout("unmarked-buttons", section=False)
def buttons(story: Story) -> str:
    asked = "".join(f"<p>{each}</p>" for each in BUTTONS)
    main = f"{heading(story)}{credit(story)}<div>{shown_date(story)}</div><div class=c3>{body(story)}{asked}</div>"
    return page(story, main)


@layout("unmarked-landmarks", date="day", section=False)
def landmarks(story: Story) -> str:
    by = f"""<section role=region aria-labelledby=article-byline><strong>Article information</strong><ul>
<li>Author, <span>{text(story.gold.credit.name)}</span></li><li>Role, <span>নদীপথ নিউজ</span></li></ul></section>"""
    promo = """<section role=region aria-labelledby=podcast-promo><strong>পডকাস্ট</strong>
<p>কান পেতে রই: সপ্তাহের বাছাই খবর নিয়ে আমাদের সাপ্তাহিক আয়োজন</p></section>"""
    when = story.gold.published
    article = [f"<div dir=ltr>{each}</div>" for each in blocks(story.gold.blocks)]
    article.insert(2, promo)
    main = f"<div>{heading(story)}</div>{by}<div><time datetime={when:%Y-%m-%d}>{long_date(when)}</time></div>"
    return page(story, main + "".join(article))


@layout("unmarked-signed-with-agencies", credit=False, section=False, agencies=("AFP", "REUTERS"))
def signed_with_agencies(story: Story) -> str:
    article = f"<div class=s1>{body(story)}<p>এসিবি/জেডএইচ (এএফপি, রয়টার্স)</p></div>"
    return page(story, f"{heading(story)}<div>{shown_date(story)}</div>{article}")


@layout("unmarked-large-letters", date=None, credit=False, section=False)
def large_letters(story: Story) -> str:
    article = "<br><br>".join("&nbsp;&nbsp;" + line for line in lines(story))
    rows = "<br>".join(link(each.key, each.title) for each in story.others)
    head = f"<font size=5 color=red><b>{text(story.gold.title)}</b></font>"
    main = f"""<table><tr><td><a href=1.php>প্রথম পাতা</a><br><a href=2.php>সম্পাদকীয়</a></td>
<td>{head}<br><br><font size=3>{article}</font></td><td>{rows}</td></tr></table>"""
    return page(story, main, title=SITE)


@layout("unmarked-blogger", section=False)
def blogger(story: Story) -> str:
    when = story.gold.published
    by = f'<span class="post-author vcard">Posted by <span class=fn>{text(story.gold.credit.name)}</span></span>'
    at = f'<abbr class=published title="{when:%Y-%m-%dT%H:%M}+06:00">{when:%I:%M %p}</abbr>'
    main = f"""<div class="post hentry"><h3 class="post-title entry-title">{text(story.gold.title)}</h3>
<div class="post-body entry-content">{"<br /><br />".join(lines(story))}</div>
<div class=post-foot>{by} at {at}</div></div>"""
    return page(story, main, title=f"আমার ব্লগ: {story.gold.title}")


@layout("unmarked-day-and-time-apart")
def day_and_time_apart(story: Story) -> str:
    when = story.gold.published
    main = f"""<div class=e1><div>{heading(story)}</div><ul><li><a href=/c/1>{story.gold.section}</a></li>
<li>{long_date(when)}</li><li>{clock_half(when)}</li></ul>{credit(story)}
<div class=e2><div>{body(story)}</div></div></div>"""
    return page(story, main)


@layout("unmarked-section-link")
def section_link(story: Story) -> str:
    main = f"""<div class=k1><p class=k2><a href=/c/1>{story.gold.section}</a></p>{heading(story)}{credit(story)}
<p>প্রকাশ: {shown_date(story)}</p><div class=k3>{body(story)}</div>{links(story, 4)}</div>"""
    return page(story, main)


@layout("unmarked-breadcrumb")
def breadcrumb(story: Story) -> str:
    steps = f'<td><a href="{HOST}/">প্রচ্ছদ</a> | <a href=/c/1>{story.gold.section}</a></td>'
    head = (f"<h2>{text(story.gold.title)}</h2>", credit(story), shown_date(story))
    rows = "".join(f"<tr><td>{line}</td></tr>" for line in (*head, *lines(story)))
    return page(story, f"<table><tr>{steps}</tr></table><table>{rows}</table>")


@layout("unmarked-head-in-text", section=False)
def head_in_text(story: Story) -> str:
    head = (
        f"<div class=h1><span class=writer>{text(story.gold.credit.name)}</span><span>{shown_date(story)}</span></div>"
    )
    return page(story, f"{heading(story)}<div class=h2>{head}{body(story)}</div>")


@layout("unmarked-lines-and-boxes", section=False)
def lines_and_boxes(story: Story) -> str:
    box = f"<div class=b2><h4>আরও পড়ুন</h4>{links(story, 3)}</div>"
    first, *rest = lines(story)
    article = f"{first}<br><br>{box}" + "<br><br>".join(rest) + "<br><br>"
    main = f"{heading(story)}{credit(story)}<div>{shown_date(story)}</div><section class=q1>{article}</section>"
    return page(story, main + links(story, 5, 2))


@layout("unmarked-card-inside", section=False)
def card_inside(story: Story) -> str:
    other = story.others[0]
    card = f"<article class=i1><h4>{link(other.key, other.title)}</h4><p>{text(other.lead)}</p></article>"
    head = f"{heading(story)}{credit(story)}<p>{shown_date(story)}</p>"
    return page(story, f"<article>{head}{interrupted(story, card)}</article>")


@layout("unmarked-split-by-advert", section=False)
def split_by_advert(story: Story) -> str:
    *first, last = blocks(story.gold.blocks)
    one = f"<div class=blk>{heading(story)}{credit(story)}<p>{shown_date(story)}</p>{''.join(first)}</div>"
    return page(story, f'{one}<div class=x728><img src="/ad.jpg"></div><div class=blk>{last}</div>')


@layout("unmarked-label-in-heading", section=False)
def label_in_heading(story: Story) -> str:
    head = (
        f"<h1><span class=red>ব্রেকিং</span> {text(story.gold.title)}</h1>{credit(story)}<div>{shown_date(story)}</div>"
    )
    return page(story, f"<div>{head}<div class=z1>{body(story)}</div></div>", title=f"{story.gold.title} | বন্দর বার্তা")


@layout("unmarked-site-first-in-title", section=False)
def site_first_in_title(story: Story) -> str:
    head = f"<div class=hl1>{text(story.gold.title)}</div>{credit(story)}<div class=dtl>প্রকাশ: {shown_date(story)}</div>"
    article = "<br/><br/>".join(lines(story))
    return page(story, f"{head}<div class=nt1>{article}</div>", title=f":: নতুন সূর্য :: {story.gold.title}")
