"""Pages of the daily, which imitate the eMythMakers publishing system."""

from html import escape
from typing import Any

from crawler.demo.calendars import long_date, masthead, time_of_day
from crawler.demo.layouts.common import Context, SectionPage, blocks, breadcrumbs, document, ld_json, properties
from crawler.demo.newspaper import PrintedArticle
from crawler.demo.words import digits, precomposed

ENGLISH = "Probhatrekha"
STYLE = """
body { font-family: SolaimanLipi, "Noto Sans Bengali", sans-serif; margin: 0; color: #222 }
.container { max-width: 1100px; margin: auto; padding: 0 12px }
.row { display: flex; gap: 24px; flex-wrap: wrap }
.col-lg-9 { flex: 3; min-width: 300px } .col-lg-3 { flex: 1; min-width: 220px }
.dNewsDesc { font-size: 18px; line-height: 1.7 }
.CatListNews { border-bottom: 1px solid #ddd; padding: 8px 0 }
nav li { display: inline; margin-right: 12px }
"""


def article_page(context: Context, article: PrintedArticle) -> str:
    """Return an article's page.

    Its JSON-LD names the headline as author and gives local times without an offset.
    """
    html = _page(
        context,
        f"{article.title} ",
        _metadata(context, article),
        f"""<section class="details-page"><div class="container">
{_breadcrumb(article)}
<div class="row detailsBodyRowGutter"><div class="col-lg-9">
{_heading(context, article)}
<div class="dNewsDesc" id="contentDetails">
{_body(context, article)}
</div>
{_after(context, article)}
</div><div class="col-lg-3">{_latest(context, article)}</div></div>
</div></section>""",
    )
    return precomposed(html) if article.id % 3 else html


def section_page(context: Context, page: SectionPage) -> str:
    """Return a page of a section, which may end with an article of the print edition.

    Links are relative; every fifth is an alias.
    """
    rows = "".join(_row(article, number) for number, article in enumerate(page.articles))
    if page.printed:
        rows += _printed(page.printed)
    html = _page(
        context,
        f"{page.section.name} | {context.outlet.title}",
        "",
        f"""<div class="container">
<div class="heading-title"><h1>{page.section.name}</h1></div>
<div class="DArchivePageSec">
{rows}</div>
{_pagination(page)}</div>""",
    )
    return precomposed(html)


def broken_page(context: Context) -> str:
    """Return an article's page after a redesign, whose text only a script would show."""
    script = '<script defer src="/daily/app.js"></script>'
    return _page(context, context.outlet.title, script, '<div id="app-root" data-view="story"></div>')


def _page(context: Context, title: str, metadata: str, main: str) -> str:
    menu = "".join(
        f'<li><a href="/daily/{section.slug}">{section.name}</a></li>\n' for section in context.outlet.sections
    )
    body = f"""<header><div class="container">
<p class="DHeaderDate">ঢাকা, {masthead(context.today)}</p>
<a href="/daily/" class="logo">{context.outlet.title}</a>
<nav><ul>
{menu}<li><a href="/daily/archive">আর্কাইভ</a></li>
</ul></nav>
</div></header>
<main>
{main}
</main>
<footer>
<p>সম্পাদক ও প্রকাশক: {context.outlet.title}</p>
<p>© {context.today.year} {ENGLISH}. সর্বস্বত্ব সংরক্ষিত</p>
</footer>"""
    return document(context, title, metadata, "<body>", body)


def _metadata(context: Context, article: PrintedArticle) -> str:
    url = context.url(article)
    shown = {
        "og:site_name": f"{ENGLISH} | {context.outlet.title}",
        "og:title": article.title,
        "og:description": article.lead,
        "og:url": url,
        "og:type": "article",
        "og:image": context.picture(article),
    }
    return f"""<meta name="author" content="{ENGLISH.upper()}">
<meta name="Developer" content="eMythMakers.com">
<meta name="description" content="{escape(article.lead)}">
{properties(shown)}
<link rel="canonical" href="{escape(url)}">
{ld_json(breadcrumbs(context, article, f"/daily/{article.section.slug}"))}
{ld_json(_story(context, article))}"""


def _story(context: Context, article: PrintedArticle) -> dict[str, Any]:
    url = context.url(article)
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "url": url,
        "articleBody": article.lead,
        "articleSection": article.section.name,
        "keywords": f"{article.place}, {article.section.name}",
        "mainEntityOfPage": {"@type": "WebPage", "name": article.title, "@id": url},
        "headline": article.title,
        "image": {"@type": "ImageObject", "url": context.picture(article), "height": 800, "width": 450},
        "datePublished": f"{article.published:%Y-%m-%d %H:%M:%S}",
        "dateModified": f"{article.modified:%Y-%m-%d %H:%M:%S}" if article.modified else "",
        "author": {"@type": "Person", "name": article.title},
        "publisher": {"@type": "Organization", "name": ENGLISH},
        "description": article.lead,
    }


def _breadcrumb(article: PrintedArticle) -> str:
    return f"""<ol class="breadcrumb">
<li class="breadcrumb-item"><a href="/daily/">প্রচ্ছদ</a></li>
<li class="breadcrumb-item"><a href="/daily/{article.section.slug}">{article.section.name}</a></li>
</ol>"""


def _heading(context: Context, article: PrintedArticle) -> str:
    times = f"প্রকাশ: {long_date(article.published)} | {time_of_day(article.published)}"
    if article.modified:
        times += f" | আপডেট: {long_date(article.modified)} | {time_of_day(article.modified)}"
    title = escape(article.title)
    return f"""<div class="dheading">
<h2 class="DShoulder">{article.place}</h2><h1>{title}</h1><h2 class="DsubHead"></h2>
</div>
<div class="DNewsImg"><img src="{context.picture(article)}" alt="{title}"><p>ছবি: সংগৃহীত</p></div>
<div class="writter"><p>{article.byline.printed}</p></div>
<div class="dateAndTime DPublishTime"><p><i class="fa-regular fa-clock"></i> {times} </p></div>
<div class="DTextZoom"><button>-</button><button>অ</button><button>+</button></div>"""


def _body(context: Context, article: PrintedArticle) -> str:
    html = [block.replace("</p>", "&nbsp;</p>") for block in blocks(article.paragraphs)]
    if len(html) > 3 and article.id % 2:
        other = context.others(article, 3)[article.id % 3]
        link = f'<a href="{other.path}">{escape(other.title)}</a>'
        html.insert(2, f"<p><strong>আরও পড়ুন: {link}</strong></p>")
    if len(html) > 4 and article.id % 4 == 0:
        html.insert(3, '<div class="DetailsAdd"><p>বিজ্ঞাপন</p><div id="div-gpt-ad-1711866792759-0"></div></div>')
    return "\n\n".join(html)


def _after(context: Context, article: PrintedArticle) -> str:
    more = "".join(
        f'<div class="DRelatedList"><a href="{other.path}"><h4>{escape(other.title)}</h4></a></div>\n'
        for other in context.others(article, 6)[3:]
    )
    return f"""<div class="sharethis-wrap"><p>খবরটি শেয়ার করুন</p>
<a class="a2a_button_facebook">Facebook</a></div>
<div class="google-news"><p>{context.outlet.title} অনলাইনের খবর পেতে গুগল নিউজ চ্যানেল ফলো করুন</p></div>
<div class="DRelated"><h3>এ সম্পর্কিত খবর</h3>
{more}</div>"""


def _latest(context: Context, article: PrintedArticle) -> str:
    rows = "".join(
        f"""<div class="DlastNews-list"><a href="{other.path}"><h5>{escape(other.title)}</h5>
<span class="publishTime">{long_date(other.published)} | {time_of_day(other.published)}</span></a></div>
"""
        for other in context.others(article, 8)
    )
    return f'<div class="DlastNews"><div class="dlastHead"><h3>সর্বশেষ</h3></div>\n{rows}</div>'


def _row(article: PrintedArticle, number: int) -> str:
    link = f"/daily/article/{article.id}" if number % 5 == 4 else article.path
    return f"""<div class="CatListNews"><a href="{link}">
<div class="CatNameSP">{article.section.name}</div><h3>{escape(article.title)}</h3>
<div class="ListDesc"><p>{escape(article.lead)}</p></div>
<span class="publishTime">প্রকাশিতঃ {long_date(article.published)} | {time_of_day(article.published)}</span>
</a></div>
"""


def _printed(article: PrintedArticle) -> str:
    slug = article.path.rpartition("/")[2]
    return f"""<div class="CatListNews"><a href="/daily/print/article/{article.id}/{slug}">
<div class="CatNameSP">প্রিন্ট সংস্করণ</div><h3>{escape(article.title)}</h3>
<span class="publishTime">প্রকাশিতঃ {long_date(article.published)}</span>
</a></div>
"""


def _pagination(page: SectionPage) -> str:
    links = "".join(
        f'<li class="page-item"><a class="page-link" href="?page={number}">{digits(number)}</a></li>\n'
        for number in range(1, page.pages + 1)
    )
    following = f'<a rel="next" href="?page={page.number + 1}">পরের পাতা</a>' if page.number < page.pages else ""
    return f'<ul class="pagination">\n{links}</ul>{following}'
