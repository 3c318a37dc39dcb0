"""Pages of the portal, which imitate the Witter publishing system of Jadewits."""

from html import escape
from typing import Any

from crawler.demo.calendars import clock_half, long_date, masthead, time_of_day
from crawler.demo.cast import WIRE_CREDIT
from crawler.demo.layouts.common import Context, SectionPage, blocks, breadcrumbs, document, ld_json, properties
from crawler.demo.newspaper import PrintedArticle
from crawler.demo.words import digits, mixed, with_stray_joiners

STYLE = """
body { font-family: "Noto Sans Bengali", sans-serif; margin: 0 }
.main_wrap { max-width: 1080px; margin: auto; display: flex; gap: 28px }
.jw_detail_content_holder { flex: 3; line-height: 1.7 } .right_side { flex: 1 }
.each { position: relative; padding: 10px 0 } .link_overlay { position: absolute; inset: 0 }
"""


def article_page(context: Context, article: PrintedArticle) -> str:
    """Return an article's page with both forms of ড় ঢ় য়, and on some pages with stray joiners."""
    body = _body(context, article)
    if article.id % 10 == 3:
        body = with_stray_joiners(body)
    html = _page(
        context,
        f"{article.title} | {context.outlet.title}",
        _metadata(context, article),
        f"""<article class="jw_detail_content_holder jw_detail_content_holder_{article.id}">
{_heading(context, article)}
<div class="jw_article_body" itemprop="articleBody">
{body}
</div>
{_after(context, article)}
</article>
<aside class="right_side">{_latest(context, article)}</aside>""",
    )
    return mixed(html)


def section_page(context: Context, page: SectionPage) -> str:
    """Return a page of a section; an empty link covers each story."""
    rows = "".join(_row(article) for article in page.articles)
    html = _page(
        context,
        f"{page.section.name} | {context.outlet.title}",
        "",
        f"""<div class="listing"><h1 class="page_title">{page.section.name}</h1>
<div class="contents">
{rows}</div>
{_pagination(page)}</div>""",
    )
    return mixed(html)


def broken_page(context: Context) -> str:
    """Return an article's page after a redesign, whose text only a script would show."""
    script = '<script type="module" src="/portal/main.js"></script>'
    return _page(context, context.outlet.title, script, "<witter-story></witter-story>")


def _page(context: Context, title: str, metadata: str, main: str) -> str:
    menu = "".join(f'<a href="/portal/{section.slug}">{section.name}</a>\n' for section in context.outlet.sections)
    body = f"""<header class="header_wrap">
<div class="logo"><a href="/portal/">{context.outlet.title}</a></div>
<div class="date">{masthead(context.today)}</div>
<div class="menu">
{menu}<a href="/portal/archive/{context.today}">আর্কাইভ</a>
</div></header>
<div class="main_wrap">
{main}
</div>
<footer><p>© {digits(context.today.year)} {context.outlet.title} |
এই ওয়েবসাইটের কোনো লেখা বা ছবি অনুমতি ছাড়া ব্যবহার করা বেআইনি</p></footer>"""
    return document(context, title, metadata, "<body>", body)


def _metadata(context: Context, article: PrintedArticle) -> str:
    url = context.url(article)
    outlet = {
        "@type": "NewsMediaOrganization",
        "name": context.outlet.title,
        "url": f"{context.base}/portal/",
    }
    shown = {
        "og:title": article.title,
        "og:description": article.lead,
        "og:url": url,
        "og:type": "article",
        "og:site_name": context.outlet.title,
        "og:image": context.picture(article),
        "article:published_time": article.published.isoformat(),
        "article:section": article.section.name,
    }
    return f"""<meta name="generator" content="Witter v-4.0 (www.jadewits.com)">
<meta name="description" content="{escape(article.lead)}">
{properties(shown)}
<link rel="canonical" href="{escape(url)}">
{ld_json({"@context": "https://schema.org", **outlet})}
{ld_json(breadcrumbs(context, article, f"/portal/{article.section.slug}"))}
{ld_json(_story(context, article, outlet))}"""


def _story(context: Context, article: PrintedArticle, outlet: dict[str, str]) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": context.url(article),
        "headline": article.title,
        "image": [context.picture(article)],
        "datePublished": article.published.isoformat(),
        "dateModified": article.changed.isoformat(),
        "articleSection": article.section.name,
        "author": [{"@type": "Person", "name": article.byline.name}],
        "publisher": outlet,
        "description": article.lead,
    }


def _heading(context: Context, article: PrintedArticle) -> str:
    modified = f' data-modified="{article.modified.isoformat()}"' if article.modified else ""
    updated = f"আপডেট : {long_date(article.modified)}, {time_of_day(article.modified)}" if article.modified else ""
    title = escape(article.title)
    shown = f"{long_date(article.published)}, {clock_half(article.published)}"
    section = article.section
    return f"""<div class="breadcrumb">
<a href="/portal/{section.slug}"><strong>{section.name}</strong></a></div>
<h1 class="title mb10" itemprop="headline">{title}</h1>
<div class="author_and_time">
<div class="author"><a class="name" href="/portal/author/{article.id % 17}">{article.byline.printed}</a></div>
<span class="tts_time" itemprop="datePublished" data-published="{article.published.isoformat()}"{modified}>
প্রকাশ : {shown}</span>
<span class="update_time">{updated}</span>
</div>
<div class="featured_image"><img src="{context.picture(article)}" alt="{title}">
<span class="jw_media_caption">{article.place} | ছবি: সংগৃহীত</span></div>"""


def _body(context: Context, article: PrintedArticle) -> str:
    html = blocks(article.paragraphs)
    if len(html) > 3 and article.id % 2 == 0:
        other = context.others(article, 4)[article.id // 2 % 4]
        link = f'<a href="{other.path}"><b>{escape(other.title)}</b></a>'
        html.insert(2, f'<p class="inner_link">আরও পড়ুন: {link}</p>')
    if len(html) > 4:
        html.insert(4, '<div class="jw_ad"><span>বিজ্ঞাপন</span></div>')
    if article.wire:
        html.append(f"<p>{WIRE_CREDIT}</p>")
    if article.initials:
        html.append(f"<p>{article.initials}</p>")
    return "\n".join(html)


def _after(context: Context, article: PrintedArticle) -> str:
    rows = "".join(
        f"""<div class="each"><a class="link_overlay" href="{other.path}"></a>
<h3>{escape(other.title)}</h3></div>
"""
        for other in context.others(article, 7)[4:]
    )
    return f"""<div class="share_block">শেয়ার করুন <span class="copy_link">লিংক কপি করুন</span></div>
<div class="topic_list"><strong>বিষয়:</strong>
<a href="/portal/topic/{article.id % 40}">{article.place}</a></div>
<div class="related"><h2>সম্পর্কিত সংবাদ</h2>
{rows}</div>
<div class="comments">আপনার মতামত লিখুন</div>"""


def _latest(context: Context, article: PrintedArticle) -> str:
    rows = "".join(
        f"""<div class="each"><a class="link_overlay" href="{other.path}"></a>
<h4 class="title">{escape(other.title)}</h4>
<span class="time" data-published="{other.published.isoformat()}">{long_date(other.published)}</span></div>
"""
        for other in context.others(article, 6)
    )
    return f'<div class="widget"><h2>সর্বশেষ খবর</h2>\n{rows}</div>'


def _row(article: PrintedArticle) -> str:
    address = article.path.removeprefix("/portal/")
    return f"""<div class="each col_in"><a class="link_overlay" href="{address}"></a>
<h2 class="title">{escape(article.title)}</h2>
<div class="summery">{escape(article.lead)}</div>
<span class="time aitm" data-published="{article.published.isoformat()}">
{time_of_day(article.published)} | {long_date(article.published)}</span></div>
"""


def _pagination(page: SectionPage) -> str:
    if page.number >= page.pages:
        return ""
    address = f"/portal/{page.section.slug}?page={page.number + 1}"
    return f'<div class="pagination"><a class="next_page" href="{address}">আরও খবর</a></div>'
