"""WordPress and the themes that newspapers use: Jannah, tagDiv, JNews."""

from crawler.spider import NewsSpider


class WordpressSpider(NewsSpider):
    """Pages of WordPress; the pages after a category's first are /page/2/ and so on."""

    container = ".entry-content, .td-post-content, .post-content"
    pages = "page/{page}/"
    row_date = ".post-item .date, time.entry-date, time[datetime]"
