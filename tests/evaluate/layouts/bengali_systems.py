"""Publishing systems of Bangladesh: Quintype, eMythMakers, East West Media, Witter, Jago, BSS."""

from __future__ import annotations

from datetime import UTC, datetime

from evaluate.demo import WEEKDAYS, clock_half, digits, long_date, month_first, time_of_day
from evaluate.markup import (
    SITE,
    as_json,
    blocks,
    body,
    credit,
    crumbs,
    heading,
    interrupted,
    ld_json,
    lines,
    links,
    meta,
    news_article,
    page,
    shown_date,
    stamp,
    text,
)
from evaluate.page import HOST, Story, layout


def _milliseconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)


def _static_page(story: Story) -> str:
    gold = story.gold
    elements = [{"type": "text", "text": html} for html in blocks(gold.blocks)]
    data = {
        "headline": gold.title,
        "first-published-at": _milliseconds(gold.published),
        "last-published-at": _milliseconds(story.fetched_at),
        "authors": [{"name": gold.credit.name}],
        "sections": [{"slug": "x", "display-name": gold.section}],
        "cards": [{"story-elements": elements}],
    }
    state = as_json({"qt": {"data": {"story": data}}})
    return f'<script id="static-page" type="application/json">{state}</script>'


@layout("quintype", platform="quintype", date="second")
def quintype(story: Story) -> str:
    cards = "".join(
        f'<div class="story-element story-element-text"><div>{each}</div></div>' for each in blocks(story.gold.blocks)
    )
    also = f'<div class="story-element story-element-also-read"><a href="{HOST}/a">{story.others[0].title}</a></div>'
    main = f'<div class="story-content">{heading(story)}{credit(story, "contributor-name")}{cards}{also}</div>'
    return page(story, main + _static_page(story), meta(og__title=f"{story.gold.title} | {SITE}"))


@layout("quintype-script-only", platform="quintype", date="second")
def quintype_script_only(story: Story) -> str:
    return page(story, f'<div id="container"></div>{_static_page(story)}', title=f"{story.gold.title} | {SITE}")


@layout("emythmakers", platform="emythmakers", date="second")
def emythmakers(story: Story) -> str:
    naive = f"{story.gold.published:%Y-%m-%d %H:%M:%S}"
    author = {"@type": "Person", "name": story.gold.title}
    head = ld_json(news_article(story, datePublished=naive, author=author))
    moment = f"{long_date(story.gold.published)} | {time_of_day(story.gold.published)}"
    main = f"""{crumbs(story)}{heading(story)}<div class="writter">{text(story.gold.credit.name)}</div>
<p class="DPublishTime">{moment}</p><div id="contentDetails" class="dNewsDesc">{body(story)}</div>{links(story, 3)}"""
    return page(story, main, head)


@layout("emythmakers-updated", platform="emythmakers", section=False)
def emythmakers_updated(story: Story) -> str:
    shown = f"প্রকাশ: {shown_date(story)} | আপডেট: {stamp(story.fetched_at)}"
    main = f"""{heading(story)}<div class="writter">{text(story.gold.credit.name)}</div>
<div class="DPublishTime">{shown}</div><div id="DDetailsBody">{body(story)}</div>{links(story, 5)}"""
    return page(story, main)


@layout("emythmakers-english-date", platform="emythmakers", section=False)
def emythmakers_english_date(story: Story) -> str:
    shown = f"Published : {story.gold.published:%d %b %Y, %I:%M %p}"
    main = f"""{heading(story)}<div class="writter">{text(story.gold.credit.name)}</div>
<div class="DPublishTime">{shown}</div><div id="contentDetails">{body(story)}</div>"""
    return page(story, main)


@layout("east-west-media", platform="east_west_media")
def east_west_media(story: Story) -> str:
    day, later = (
        f"{WEEKDAYS[moment.weekday()]}, {long_date(moment)} {time_of_day(moment)}"
        for moment in (story.gold.published, story.fetched_at)
    )
    main = f"""{crumbs(story)}<div class="news-top">{heading(story)}{credit(story, "author")}
<div class="n_author">প্রকাশ: {day} | আপডেট: {later}</div></div>
<article class="my-5 detailsBody_x1">{body(story)}</article><div class="related">{links(story, 5)}</div>"""
    return page(story, main)


@layout("east-west-media-day-in-address", platform="east_west_media", date="day", section="national",
        address=lambda story: f"{HOST}/national/{story.gold.published:%Y/%m/%d}/{story.gold.key}")  # fmt: skip
def east_west_media_day_in_address(story: Story) -> str:
    desk = "<p>বিডি প্রতিদিন/ফারজানা</p>"
    main = f"{heading(story)}{credit(story)}<article>{body(story)}{desk}</article>{links(story, 4)}"
    return page(story, main)


@layout("banglanews-sign-off", platform="east_west_media", section=False)
def banglanews_sign_off(story: Story) -> str:
    when = story.gold.published
    signed = f"<p>বাংলাদেশ সময়: {digits(f'{when:%H%M}')} ঘণ্টা, {month_first(when)}<br>এমএস/এমজে</p>"
    return page(story, f"{heading(story)}{credit(story)}<article>{body(story)}{signed}</article>")


@layout("witter", platform="witter", date="second")
def witter(story: Story) -> str:
    when = story.gold.published
    times = (
        f'<span class="tts_time" itemprop="datePublished" data-published="{when.isoformat()}">{long_date(when)}</span>'
    )
    related = "".join(
        f'<div class="each"><a class="link_overlay" href="{HOST}/{other.key}">{other.title}</a>'
        f'<span class="time" data-published="{other.published.isoformat()}"></span></div>'
        for other in story.others[:4]
    )
    inline = f'<div class="jw_detail_inline_related"><h4>আরও পড়ুন</h4>{related}</div>'
    main = f"""{crumbs(story)}{heading(story)}<div class="author"><a class="name">{story.gold.credit.name}</a></div>
{times}
<div class="jw_article_body">{interrupted(story, inline)}</div><div class="more_news">{related}</div>"""
    return page(story, main, ld_json(news_article(story, datePublished=None, author=None)))


@layout("jago", date="minute")
def jago(story: Story) -> str:
    box = f'<div class="multi-read-box"><div class="read-more-label">আরও পড়ুন</div>{links(story, 2)}</div>'
    main = f"""<div class="content-details">{crumbs(story)}{heading(story)}{credit(story, "author-name")}
<div class="date">প্রকাশিত: {clock_half(story.gold.published)}, {long_date(story.gold.published)}</div>
{interrupted(story, box)}<p><em>এমএইচ/জেআইএম</em></p></div>"""
    return page(story, main)


@layout("state-agency", agencies=("BSS",), section=False)
def state_agency(story: Story) -> str:
    when = story.gold.published
    shown = f"{long_date(when)}, {clock_half(when)}"
    main = f"""{heading(story)}{credit(story)}<ul class="entry-meta"><li>প্রকাশ : {shown}</li></ul>
<div class="details">{"".join(f"<p>{line}</p>" for line in lines(story))}<p>সূত্র: বাসস</p></div>"""
    return page(story, main, title=f"{story.gold.title} | বাংলাদেশ সংবাদ সংস্থা (বাসস)")
