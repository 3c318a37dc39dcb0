"""The process pool around extraction: real workers that die, hang and outlive nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from crawler.crawl import extraction_pool as pool
from crawler.crawl.extraction_pool import ExtractionPool
from crawler.crawl.spider import NewsSpider
from crawler.extraction import NotAnArticle
from crawler.model.article import Article
from crawler.model.listing import Page

ROOT = Path(__file__).resolve().parent.parent
TEXT = "শহরের পুরোনো পাঠাগারটি তিন বছর সংস্কারের পর আবার খুলে দেওয়া হয়েছে, পাঠকেরা খুশি।"


class FragileSpider(NewsSpider):
    """An outlet whose pages do to their worker what their headline says."""

    name = "fragile"

    @classmethod
    def prepare(cls, document: Any) -> None:
        headline = document.findtext(".//h1") or ""
        if "মরো" in headline:
            os.kill(os.getpid(), signal.SIGKILL)
        if "যাও" in headline:
            sys.exit("আসি")
        if "থামো" in headline:
            time.sleep(60)
        if "ধীরে" in headline:
            time.sleep(int(headline.split()[1]))
        if "বড় হও" in headline:
            bytearray(b"x") * (pool.MOST_KILOBYTES << 10)
        if "কে তুমি" in headline:
            document.find(".//p").text = f"{TEXT} আমি {os.getpid()} নম্বর প্রক্রিয়া।"

    @classmethod
    def finish(cls, article: Article, document: Any) -> None:
        if "অদ্ভুত" in article.title:
            raise LookupError(lambda: None)
        if "ভুল" in article.title:
            raise LookupError("no such heading")
        if "শেষ" in article.title:
            next(iter(()))
        if "ফাইল" in article.title:
            raise FileNotFoundError(2, "No such file")
        if "একমুখী" in article.title:
            raise LookupError(OneWay())
        if "সংখ্যা" in article.title:
            article.topics = [5j]  # type: ignore[list-item]


class OneWay:
    """It can be pickled, and does not come back."""

    def __reduce__(self) -> tuple[Any, ...]:
        return int, ("one",)


def page(headline: str) -> Page:
    return Page("fragile", "https://news.example/a/1", f"<h1>{headline} আজ সকালে</h1><p>{TEXT}</p>".encode())


@pytest.fixture(scope="module")
def two() -> Iterator[ExtractionPool]:
    """Return a pool that survives whatever the tests do to its processes, each of which takes a second to start."""
    workers = ExtractionPool(2)
    yield workers
    workers.close()


def test_articles_and_refusals_come_back_from_other_processes(two: ExtractionPool) -> None:
    article, refused = two.submit(page("কে তুমি"), FragileSpider), two.submit(Page("x", "x", b"{}"), FragileSpider)
    assert str(os.getpid()) not in article.result(60).text
    with pytest.raises(NotAnArticle) as caught:
        refused.result(60)
    assert caught.value.reason == "not-html"


def test_a_page_that_kills_its_worker_costs_that_page_only(two: ExtractionPool) -> None:
    headlines = ["পাঠাগার খুলেছে", "মরো", "নতুন বই এসেছে", "পাঠক বেড়েছে", "সময় বাড়ল"]
    futures = [two.submit(page(headline), FragileSpider) for headline in headlines]
    outcomes = [future.exception(60) for future in futures]
    assert [getattr(error, "reason", None) for error in outcomes] == [None, "crash", None, None, None]
    assert two.submit(page("পরের পাতা এল"), FragileSpider).result(60).title == "পরের পাতা এল আজ সকালে"


def test_a_page_does_not_wait_behind_a_slow_one_while_a_process_is_idle(two: ExtractionPool) -> None:
    for each in [two.submit(page("ধীরে 1"), FragileSpider) for _ in range(2)]:
        each.result(60)
    for seconds in (1, 3):
        two.submit(page(f"ধীরে {seconds}"), FragileSpider)
    time.sleep(0.5)
    # The process that is done after a second takes both, for the other one is busy for two more.
    slow, following = (two.submit(page(headline), FragileSpider) for headline in ("ধীরে 8", "পরের পাতা"))
    assert following.result(60).title == "পরের পাতা আজ সকালে"
    assert not slow.done()
    assert slow.result(60).title == "ধীরে 8 আজ সকালে"
    # The process that read the slow page has the other one too; no answer is taken for that of another page.
    headlines = [f"পাতা {number}" for number in range(6)]
    futures = [two.submit(page(headline), FragileSpider) for headline in headlines]
    assert [future.result(60).title for future in futures] == [f"{headline} আজ সকালে" for headline in headlines]


def test_a_process_that_cannot_be_started_breaks_the_pool_and_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(24, "Too many open files")

    workers = ExtractionPool(1)
    with monkeypatch.context() as patched:
        patched.setattr(pool, "fork_server", full)
        futures = [workers.submit(page("সুস্থ আছি"), FragileSpider) for _ in range(3)]
        assert all(isinstance(future.exception(60), BrokenProcessPool) for future in futures)
    assert workers.submit(page("সুস্থ আছি"), FragileSpider).result(60).title
    workers.close()


def test_a_page_that_times_out_lets_the_next_be_read() -> None:
    workers = ExtractionPool(1, seconds_per_page=2)
    hanging, following = workers.submit(page("থামো"), FragileSpider), workers.submit(page("চলছে সব"), FragileSpider)
    error = hanging.exception(60)
    assert isinstance(error, NotAnArticle)
    assert error.reason == "timeout"
    assert following.result(60).title == "চলছে সব আজ সকালে"
    workers.close()


def test_a_worker_that_dies_or_times_out_disturbs_no_other() -> None:
    workers = ExtractionPool(2, seconds_per_page=3)
    workers.submit(page("শুরু হলো"), FragileSpider).result(60)
    begun = time.monotonic()
    hanging = workers.submit(page("থামো"), FragileSpider)
    time.sleep(1)
    neighbour = workers.submit(page("মরো"), FragileSpider)
    assert [getattr(future.exception(60), "reason", None) for future in (neighbour, hanging)] == ["crash", "timeout"]
    assert time.monotonic() - begun < 30
    workers.close()


def test_workers_are_replaced_after_their_share_of_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "PAGES_PER_PROCESS", 2)
    workers = ExtractionPool(1)
    texts = [workers.submit(page("কে তুমি"), FragileSpider).result(60).text for _ in range(6)]
    workers.close()
    assert len(set(texts)) == 3


def test_a_closed_pool_takes_no_page() -> None:
    workers = ExtractionPool(1)
    workers.close()
    with pytest.raises(RuntimeError):
        workers.submit(page("দেরি হলো"), FragileSpider)


PARENT = """
import sys, time
sys.path.insert(0, {tests!r})
from test_crawl_extraction_pool import ExtractionPool, FragileSpider, page
if __name__ == "__main__":
    workers = ExtractionPool(2)
    texts = [workers.submit(page("কে তুমি"), FragileSpider).result(60).text for _ in range(4)]
    print(*(text.split("আমি ")[1].split()[0] for text in texts), flush=True)
    time.sleep(60)
"""


def running(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_their_parent_whichever_way_it_ends(number: int, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(tests=str(ROOT / "tests")), "utf-8")
    command = [sys.executable, str(script)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        workers = {int(word) for word in parent.stdout.readline().split()}
        assert workers
        assert all(map(running, workers))
        parent.send_signal(number)
        parent.wait(30)
    deadline = time.monotonic() + 60
    while any(map(running, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(running, workers))
