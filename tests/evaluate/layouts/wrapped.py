"""Boxes without meaningful class names in the text's column and behind it."""

from __future__ import annotations

from evaluate.markup import MENU, SITE, blocks, body, heading, interrupted, lines, page, shown_date, text
from evaluate.page import Story, layout


def _head(story: Story) -> str:
    label = f'<div class="k1"><a href="/c/3">{story.gold.section}</a></div>'
    return f'{label}{heading(story)}<p class="k2">{text(story.gold.credit.name)} | প্রকাশ: {shown_date(story)}</p>'


def _boxed(story: Story, *boxes: str, behind: str = "", head: str | None = None) -> str:
    article = f'<div class="k3">{interrupted(story, *boxes)}</div>'
    return page(story, f'<div class="k0">{head or _head(story)}{article}{behind}</div>')


@layout("boxed-poll")
def poll(story: Story) -> str:
    asked = "<h5>জরিপ</h5><p>নতুন সেতুর টোল কি বেশি ধরা হয়েছে?</p><ul><li>হ্যাঁ (৬১%)</li><li>না (৩৯%)</li></ul>"
    return _boxed(story, f'<div class="k4">{asked}</div>')


@layout("boxed-advertisement")
def advertisement(story: Story) -> str:
    shop = "<p>কিস্তিতে আসবাব কিনুন নদীপথ ফার্নিচারে। শোরুম খোলা থাকে রাত ৯টা পর্যন্ত।</p>"
    prize = "<p>কুইজে অংশ নিন, জিতে নিন দুজনের কক্সবাজার ভ্রমণ।</p>"
    return _boxed(story, f'<div class="k4">{shop}</div>', f'<div class="k5">{prize}</div>')


@layout("boxed-excerpt-card")
def excerpt_card(story: Story) -> str:
    cards = (
        f'<div class="k4"><a href="/n/{each.key}"><img src="/t.jpg"></a><div><a href="/n/{each.key}">{text(each.title)}'
        f"</a><p>{text(each.lead)}</p></div></div>"
        for each in story.others[:2]
    )
    return _boxed(story, *cards)


@layout("boxed-rates")
def rates(story: Story) -> str:
    return _boxed(story, '<div class="k4"><div>মুদ্রার দর</div><div>ডলার ১২২.৫০</div><div>ইউরো ১৪১.৯০</div></div>')


@layout("boxed-prayer-times")
def prayer_times(story: Story) -> str:
    times = "<h4>নামাজের সময়সূচি</h4><ul><li>ফজর: ৪:১২</li><li>জোহর: ১২:০৫</li><li>আসর: ৪:৩৬</li></ul>"
    return _boxed(story, f'<div class="k4">{times}</div>')


@layout("boxed-quotation")
def quotation(story: Story) -> str:
    said = f"<div class=k4><span>“</span><p>{text(story.gold.lead)}</p><b>সভায় উপস্থিত একজন</b></div>"
    return _boxed(story, said)


@layout("boxed-sign-up")
def sign_up(story: Story) -> str:
    form = "<h5>দিনের খবর ইমেইলে</h5><p>প্রতিদিন সকালে বাছাই খবর। যেকোনো সময় বন্ধ করা যায়।</p><form><input></form>"
    return _boxed(story, f'<div class="k4">{form}</div>')


@layout("boxed-later-story")
def later_story(story: Story) -> str:
    later = "".join(
        f'<div class="k0"><div class=k1><a href="/c/1">মতামত</a></div><h2>{text(each.title)}</h2>'
        f'<p class="k2">নিউজ ডেস্ক | {shown_date(story)}</p><div class="k3"><p>{text(each.lead)}</p></div></div>'
        for each in story.others[:2]
    )
    return page(story, f'<div class="k0">{_head(story)}<div class="k3">{body(story)}</div></div>{later}')


@layout("boxed-notes-behind")
def notes_behind(story: Story) -> str:
    card = f'<div class="k6"><img src="/u.jpg"><b>{SITE}</b><p>এক যুগ ধরে নদীপারের মানুষের খবর দিচ্ছে।</p></div>'
    app = "<div class=k7><h4>খবর পড়ুন মুঠোফোনে</h4><p>অ্যান্ড্রয়েড ও আইফোনে বিনা মূল্যে।</p></div>"
    desk = "<div class=k8><p>৪৮ নদীর পাড়, ঢাকা-১২১৫</p></div>"
    return _boxed(story, behind=card + app + desk)


@layout("boxed-in-one-form", date="minute")
def in_one_form(story: Story) -> str:
    main = f"""<form method="post" id="form1"><div><a href="Default.aspx">প্রচ্ছদ</a></div><div>{_head(story)}
<div id="lblBody">{body(story)}</div></div><input type="text"></form>"""
    return page(story, main, around=False)


@layout("boxed-menu-of-few-words")
def menu_of_few_words(story: Story) -> str:
    menu = "".join(f'<a href="/m/{number}">{name}</a>' for number, name in enumerate(MENU[:3]))
    main = f"""<div class="k9"><a href="/">হোম</a>{menu}</div><div class="k0"><div class="kk">বিশেষ আয়োজন</div>
{_head(story)}<div class="k3">{body(story)}</div></div>"""
    return page(story, main, around=False)


@layout("boxed-section-word-below")
def section_word_below(story: Story) -> str:
    by = f"<div class=k2>{text(story.gold.credit.name)}</div><div class=k5>{shown_date(story)}</div>"
    main = f"{heading(story)}<div class=k1>{story.gold.section}</div>{by}<div class=k3>{body(story)}</div>"
    return page(story, f'<div class="k0">{main}</div>')


@layout("boxed-terms")
def terms(story: Story) -> str:
    name = text(story.gold.credit.name)
    head = f"<dl><dt>প্রতিবেদক</dt><dd>{name}</dd><dt>প্রকাশ</dt><dd>{shown_date(story)}</dd></dl>"
    return _boxed(story, head=f'<p><a href="/c/3">{story.gold.section}</a></p>{heading(story)}{head}')


@layout("boxed-first-and-last-apart")
def first_and_last_apart(story: Story) -> str:
    first, *rest, last = blocks(story.gold.blocks)
    parts = f'<div class="k3">{first}</div><img src="/a.jpg"><div class="k4">{"".join(rest)}</div><ins></ins>'
    return page(story, f'<div class="k0">{_head(story)}{parts}<div class="k5">{last}</div></div>')


@layout("boxed-paragraph-set-apart")
def paragraph_set_apart(story: Story) -> str:
    article = [f"<p>{line}</p>" for line in lines(story)]
    article[1] = f'<div class="k4">{article[1]}</div>'
    return page(story, f'<div class="k0">{_head(story)}<div class="k3">{"".join(article)}</div></div>')
