"""Quintype: prothomalo."""

from crawler.spider import NewsSpider


class QuintypeSpider(NewsSpider):
    """Pages of Quintype: the body stands in several blocks, the dates in script#static-page."""

    container = "div.story-element-text"
