"""The system of East West Media Group: kalerkantho, bd-pratidin, banglanews24, news24bd."""

from crawler.spider import NewsSpider


class EastWestMediaSpider(NewsSpider):
    """Pages of East West Media Group, new and old; most put the day into the article's address."""

    container = "article[class*=detailsBody], div.newsArticle, article"
