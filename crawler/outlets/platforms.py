"""Platforms: the publishing systems that several outlets share."""

from crawler.outlets.outlet import Outlet


class DesktopDetail(Outlet):
    """The system of jugantor, jamuna.tv and bhorerkagoj, whose name is not known. Its classes begin with this word."""

    container = "div.desktopDetailBody"
    byline = "p.desktopDetailReporter"
    date = "p.desktopDetailPTime"


class EastWestMedia(Outlet):
    """East West Media Group: kalerkantho, bd-pratidin, banglanews24, news24bd. Most addresses have the day."""

    container = "article[class*=detailsBody], div.newsArticle, article"


class Emythmakers(Outlet):
    """eMythMakers: samakal, bdnews24, daily-bangladesh, atnnewstv, dbcnews. Its JSON-LD has the headline as author."""

    container = "#contentDetails, #DDetailsBody"
    byline = "div.writter"
    date = ".DPublishTime"
    pages = "?page={page}"
    row_date = ".publishTime"


class Quintype(Outlet):
    """Quintype: prothomalo. The body is in several blocks, the dates are in script#static-page."""

    container = "div.story-element-text"


class Witter(Outlet):
    """Witter, also Jadewits: ittefaq, banglatribune, deshrupantor, ekattor, itvbd. data-published has an offset."""

    container = "div.jw_article_body, .jw_detail_content_holder"
    date = "span.tts_time[data-published], span.time[data-published]"
    row_date = "[data-published]"


class Wordpress(Outlet):
    """WordPress with newspaper themes: Jannah, tagDiv, JNews. A category continues at /page/2/."""

    container = ".entry-content, .td-post-content, .post-content"
    pages = "page/{page}/"
    row_date = ".post-item .date, time.entry-date, time[datetime]"


PLATFORMS: tuple[type[Outlet], ...] = (DesktopDetail, EastWestMedia, Emythmakers, Quintype, Witter, Wordpress)
