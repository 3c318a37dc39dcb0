"""The system of East West Media Group: kalerkantho, bd-pratidin, banglanews24, news24bd.

eMythMakers, of Dhaka: samakal, bdnews24, daily-bangladesh, atnnewstv, dbcnews.

Quintype: prothomalo.

Witter, also called Jadewits: ittefaq, banglatribune, dhakatribune, deshrupantor.

WordPress and the themes that newspapers use: Jannah, tagDiv, JNews."""

from __future__ import annotations

from crawler.outlets.outlet import Outlet


class EastWestMedia(Outlet):
    """Pages of East West Media Group, new and old; most put the day into the article's address."""

    container = "article[class*=detailsBody], div.newsArticle, article"


class Emythmakers(Outlet):
    """Pages of eMythMakers; its JSON-LD gives the headline as author, so the byline is read from the page."""

    container = "#contentDetails, #DDetailsBody"
    byline = "div.writter"
    date = ".DPublishTime"
    pages = "?page={page}"
    row_date = ".publishTime"


class Quintype(Outlet):
    """Pages of Quintype: the body stands in several blocks, the dates in script#static-page."""

    container = "div.story-element-text"


class Witter(Outlet):
    """Pages of Witter: times stand in data-published, with their offset."""

    container = "div.jw_article_body"
    date = "span.tts_time[data-published], span.time[data-published]"
    row_date = "[data-published]"


class Wordpress(Outlet):
    """Pages of WordPress; the pages after a category's first are /page/2/ and so on."""

    container = ".entry-content, .td-post-content, .post-content"
    pages = "page/{page}/"
    row_date = ".post-item .date, time.entry-date, time[datetime]"
