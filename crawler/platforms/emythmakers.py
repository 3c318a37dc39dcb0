"""eMythMakers, of Dhaka: samakal, bdnews24, daily-bangladesh, atnnewstv, dbcnews."""

from crawler.spider import NewsSpider


class EmythmakersSpider(NewsSpider):
    """Pages of eMythMakers; its JSON-LD gives the headline as author, so the byline is read from the page."""

    container = "#contentDetails, #DDetailsBody"
    byline = "div.writter"
    date = ".DPublishTime"
    pages = "?page={page}"
    row_date = ".publishTime"
