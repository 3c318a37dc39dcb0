"""Witter, also called Jadewits: ittefaq, banglatribune, dhakatribune, deshrupantor."""

from crawler.spider import NewsSpider


class WitterSpider(NewsSpider):
    """Pages of Witter: times stand in data-published, with their offset."""

    container = "div.jw_article_body"
    date = "span.tts_time[data-published], span.time[data-published]"
    row_date = "[data-published]"
