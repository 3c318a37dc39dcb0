"""Pages of the television channel, which imitate WordPress with the Jannah theme."""

from html import escape
from typing import Any

from crawler.demo.calendars import clock_spoken, masthead, month_first
from crawler.demo.cast import WIRE_CREDIT
from crawler.demo.layouts.common import Context, SectionPage, blocks, breadcrumbs, document, ld_json, properties
from crawler.demo.newspaper import PrintedArticle
from crawler.demo.outlets import DemoSection

STYLE = """
body { font-family: "Noto Sans Bengali", sans-serif; margin: 0 }
.container { max-width: 1100px; margin: auto }
.main-content-row { display: flex; gap: 30px } .main-content { flex: 3 } .sidebar { flex: 1 }
.entry-content { line-height: 1.8 } .screen-reader-text { position: absolute; left: -9999px }
"""
POST_CLASSES = (
    "post-template-default single single-post single-format-standard is-standard-format "
    "sidebar-right has-sidebar post-layout-1 narrow-title-narrow-media"
)
SHARES = ("Facebook", "Twitter", "LinkedIn", "Share via Email", "Print")


def article_page(context: Context, article: PrintedArticle) -> str:
    """Return an article's page with all the boilerplate of the theme; its JSON-LD names the desk's login."""
    return _page(
        context,
        f"{article.title} - {context.outlet.title}",
        _metadata(context, article),
        f"{POST_CLASSES} postid-{article.id}",
        f"""<div id="main-content-row" class="tie-row main-content-row">
<div class="main-content tie-col-md-8 tie-col-xs-12" role="main">
<article id="the-post" class="container-wrapper post-content tie-standard">
{_heading(context, article)}
<div class="entry-content entry clearfix">
{_body(article)}
{_tags(article)}
</div>
{ld_json(_story(context, article))}
{_shares(context, article)}
</article>
{_components(context, article)}
</div>
{_sidebar(context, article)}
</div>""",
    )


def section_page(context: Context, page: SectionPage) -> str:
    """Return a page of a category."""
    rows = "".join(_row(context, article) for article in page.articles)
    name = page.section.name
    return _page(
        context,
        f"{name} Archives - {context.outlet.title}",
        "",
        f"archive category category-{page.section.slug}",
        f"""<header class="entry-header-outer"><h1 class="page-title">{name}</h1></header>
<ul id="posts-container" class="posts-items">
{rows}</ul>
{_pagination(page)}""",
    )


def about_page(context: Context) -> str:
    """Return the page about the outlet, which has an article's markup but is not an article."""
    return _page(
        context,
        f"আমাদের কথা - {context.outlet.title}",
        "",
        "page-template-default page page-id-2",
        f"""<article id="the-post"><h1 class="post-title entry-title">আমাদের কথা</h1>
<div class="entry-content"><p>{context.outlet.title} একটি কল্পিত সংবাদমাধ্যম, এর প্রতিটি খবরও কল্পিত।</p></div>
</article>""",
    )


def broken_page(context: Context) -> str:
    """Return an article's page after a redesign, whose text only a script would show."""
    script = '<script src="/tv/wp-content/themes/block/app.js"></script>'
    return _page(context, context.outlet.title, script, "block-theme", '<div class="wp-site-blocks"></div>')


def _page(context: Context, title: str, metadata: str, classes: str, main: str) -> str:
    breaking = "".join(
        f'<li class="news-item"><a href="{other.path}">{escape(other.title)}</a></li>\n' for other in context.latest[:3]
    )
    menu = "".join(f'<li class="menu-item">{_category(section)}</li>\n' for section in context.outlet.sections)
    body = f"""<div id="tie-container" class="site tie-container">
<header id="theme-header" class="theme-header"><nav id="top-nav" aria-label="Secondary Navigation">
<div class="topbar-today-date tie-icon">{masthead(context.today)}</div>
<div class="breaking"><span class="breaking-title-text">Breaking News</span>
<ul class="breaking-news">
{breaking}</ul></div></nav>
<a id="logo" href="/tv/">{context.outlet.title}</a>
<ul id="menu-main" class="menu">
{menu}<li class="menu-item"><a href="/tv/about-us/">আমাদের কথা</a></li>
</ul></header>
<div id="content" class="site-content container">
{main}
</div>
<footer id="footer"><div id="site-info">
© Copyright {context.today.year}, All Rights Reserved &nbsp;|&nbsp; {context.outlet.title}
</div></footer>
<a id="go-to-top" class="go-to-top-button" href="#go-to-tie-body">
<span class="screen-reader-text">Back to top button</span></a>
</div>"""
    return document(context, title, metadata, f'<body id="tie-body" class="{classes}">', body)


def _category(section: DemoSection, classes: str = "") -> str:
    return f'<a{classes} href="/tv/category/{section.slug}/">{section.name}</a>'


def _metadata(context: Context, article: PrintedArticle) -> str:
    url = context.url(article)
    title = f"{article.title} - {context.outlet.title}"
    shown = {
        "og:locale": "bn_BD",
        "og:type": "article",
        "og:title": title,
        "og:url": url,
        "og:site_name": context.outlet.title,
        "article:published_time": article.published.isoformat(),
        "article:modified_time": article.changed.isoformat(),
        "og:image": context.picture(article),
    }
    return f"""<meta name="robots" content="index, follow, max-image-preview:large">
<link rel="canonical" href="{escape(url)}">
{properties(shown)}
{ld_json({"@context": "https://schema.org", "@graph": _graph(context, article, title)})}
<meta name="generator" content="WordPress 6.8.3">
<link rel="shortlink" href="{context.base}/tv/?p={article.id}">"""


def _graph(context: Context, article: PrintedArticle, title: str) -> list[dict[str, Any]]:
    page = {
        "@type": "WebPage",
        "@id": context.url(article),
        "url": context.url(article),
        "name": title,
        "datePublished": article.published.isoformat(),
        "dateModified": article.changed.isoformat(),
        "inLanguage": "bn-BD",
    }
    return [page, {"@type": "WebSite", "@id": f"{context.base}/tv/#website", "name": context.outlet.title}]


def _story(context: Context, article: PrintedArticle) -> dict[str, Any]:
    return {
        "@context": "http://schema.org",
        "@type": "NewsArticle",
        "dateCreated": article.published.isoformat(),
        "datePublished": article.published.isoformat(),
        "dateModified": article.changed.isoformat(),
        "headline": article.title,
        "name": article.title,
        "url": context.url(article),
        "articleSection": article.section.name,
        "articleBody": "\r\n\r\n".join(paragraph.text for paragraph in article.paragraphs),
        "author": {"@type": "Person", "name": "newsdesk", "url": f"{context.base}/tv/author/newsdesk/"},
        "publisher": {"@type": "Organization", "name": context.outlet.title},
        "image": {"@type": "ImageObject", "url": context.picture(article), "width": 1200, "height": 675},
    }


def _heading(context: Context, article: PrintedArticle) -> str:
    title = escape(article.title)
    post_category = _category(article.section, ' class="post-cat"')
    shown = f"{month_first(article.published)}, {clock_spoken(article.published)}"
    return f"""<header class="entry-header-outer">
<nav id="breadcrumb"><a href="/tv/">Home</a><em class="delimiter">/</em>{_category(article.section)}
<em class="delimiter">/</em><span class="current">{title}</span></nav>
{ld_json(breadcrumbs(context, article, f"/tv/category/{article.section.slug}/"))}
<div class="entry-header"><span class="post-cat-wrap">{post_category}</span>
<h1 class="post-title entry-title">{title}</h1>
<div class="post-meta clearfix"><span class="author-meta single-author"><span class="meta-author">
<a href="/tv/author/newsdesk/" class="author-name tie-icon">{article.byline.printed}</a></span></span>
<span class="date meta-item tie-icon">{shown}</span>
<span class="meta-reading-time meta-item">Less than a minute</span></div></div></header>
<div class="featured-area"><figure class="single-featured-image">
<img src="{context.picture(article)}" alt="">
<figcaption class="single-caption-text">ছবি: সংগৃহীত</figcaption></figure></div>"""


def _body(article: PrintedArticle) -> str:
    html = blocks(article.paragraphs)
    if article.wire:
        html[-1] = html[-1].removesuffix("</p>") + f" {WIRE_CREDIT}</p>"
    return "\n".join(html)


def _tags(article: PrintedArticle) -> str:
    return f"""<div class="post-bottom-meta post-bottom-tags"><div class="post-bottom-meta-title">Tags</div>
<span class="tagcloud"><a href="/tv/tag/{article.id % 60}/" rel="tag">{article.place}</a></span></div>"""


def _shares(context: Context, article: PrintedArticle) -> str:
    address = escape(context.url(article))
    links = "".join(
        f"""<a href="https://share.example/?to={number}&amp;u={address}" class="share-btn">
<span class="social-text">{name}</span></a>
"""
        for number, name in enumerate(SHARES)
    )
    return f"""<div id="share-buttons-bottom" class="share-buttons"><div class="share-links">
{links}</div></div>"""


def _components(context: Context, article: PrintedArticle) -> str:
    related = "".join(
        f"""<div class="related-item tie-standard">
<h3 class="post-title"><a href="{other.path}">{escape(other.title)}</a></h3>
<div class="post-meta"><span class="date meta-item tie-icon">{month_first(other.published)}</span></div></div>
"""
        for other in context.others(article, 3)
    )
    return f"""<div class="post-components"><div id="related-posts" class="container-wrapper">
<div class="mag-box-title"><h3>Related Articles</h3></div>
<div class="related-posts-list">
{related}</div></div>
<div id="comments" class="comments-area"><div id="respond" class="comment-respond">
<h3 id="reply-title">Leave a Reply</h3>
<form><p class="comment-notes">Your email address will not be published. Required fields are marked *</p>
<textarea name="comment"></textarea>
<p>Save my name, email, and website in this browser for the next time I comment.</p>
</form></div></div></div>"""


def _sidebar(context: Context, article: PrintedArticle) -> str:
    rows = "".join(
        f"""<li class="widget-post-list">
<a class="post-title the-subtitle" href="{other.path}">{escape(other.title)}</a>
<span class="date meta-item tie-icon">{month_first(other.published)}</span></li>
"""
        for other in context.others(article, 8)[3:]
    )
    return f"""<aside class="sidebar tie-col-md-4"><div class="widget"><h4>সর্বশেষ সংবাদ</h4>
<ul class="posts-list-items">
{rows}</ul></div></aside>"""


def _row(context: Context, article: PrintedArticle) -> str:
    url = context.url(article)
    return f"""<li class="post-item tie-standard"><div class="post-details">
<span class="post-cat">{article.section.name}</span>
<h2 class="post-title"><a href="{url}">{escape(article.title)}</a></h2>
<div class="post-meta"><span class="date meta-item tie-icon">{month_first(article.published)}</span></div>
<p class="post-excerpt">{escape(article.lead[:140])}&hellip;</p>
<a class="more-link button" href="{url}">Read More »</a></div></li>
"""


def _pagination(page: SectionPage) -> str:
    if page.number >= page.pages:
        return ""
    address = f"/tv/category/{page.section.slug}/page/{page.number + 1}/"
    return f'<div class="pages-nav"><a class="next page-numbers" href="{address}">Next page »</a></div>'
