"""Wire every component; the other layers change scalars only.

Only this module reads the environment. `AWS_*` is never copied: boto3 reads it.
"""

import os
from pathlib import Path

from scrapy.settings import default_settings

# Without this, Scrapy's cookie jar fetches the list of public suffixes, unrecorded. The library has its own copy.
os.environ.setdefault("TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS", "")


def _given(name: str, default: str = "") -> str:
    # Without the end of a line, which a file written on Windows leaves in a variable.
    return os.environ.get(f"KHOBOR_{name}", "").rstrip("\r\n") or default


BOT_NAME = "khobor"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
SPIDER_LOADER_CLASS = "crawler.outlets.loader.Outlets"
COMMANDS_MODULE = "crawler.commands"
# `scrapy genspider` writes an outlet.
TEMPLATES_DIR = str(Path(__file__).resolve().parents[1] / "crawler/templates")
ADDONS = {"crawler.crawl.identity.Identity": 100, "crawler.crawl.unrecorded.Unrecorded": 200}

# Deployment. Paths are relative to the folder of scrapy.cfg.
ARCHIVE_URL = _given("ARCHIVE_URL", "archive")
SPOOL_DIR = _given("SPOOL_DIR", "spool")
STATE_URL = _given("STATE_URL", "sqlite:///{SPOOL_DIR}/state.db")
CONTACT = _given("CONTACT")
ALLOW_PRIVATE_ADDRESSES = False
DEMO_URL = "http://127.0.0.1:8765"

# Recording
DOWNLOAD_HANDLERS = {
    "http": "crawler.crawl.handler.RecordingDownloadHandler",
    "https": "crawler.crawl.handler.RecordingDownloadHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
DOWNLOADER_MIDDLEWARES = {
    # Next to the downloader: the others see the content that a 304 confirms.
    "crawler.crawl.revisits.conditional.ConditionalGet": 845,
    # Inside retries and redirects: each request and answer counts.
    "crawler.crawl.ending.Silence": 840,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.crawl.decompression.Decompression": 590,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "crawler.crawl.large_bodies.MetaRefresh": 580,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.crawl.politeness.robots.RobotsTxt": 100,
    # Outermost: it sees the final response.
    "crawler.crawl.politeness.refusals.Refusals": 40,
    # Before robots.txt is requested.
    "crawler.crawl.page_resources.PageResources": 30,
}
# Uploads to an S3 bucket, in each process: bytes of a part, requests at the same time, bytes a second (0: no limit).
UPLOAD_PART_SIZE = 8 * 1024 * 1024
UPLOAD_PARTS_AT_ONCE = 4
UPLOAD_BYTES_PER_SECOND = 0
# The storage class of WARC files; the lock of all files (GOVERNANCE, COMPLIANCE) and its days.
S3_STORAGE_CLASS = ""
S3_OBJECT_LOCK = ""
S3_OBJECT_LOCK_DAYS = 0
# Days for which uploaded files stay in the spool, and bytes that may wait there for an unreachable store: a run ends
# when more wait (0: when the disk is full).
SPOOL_KEEP_DAYS = 0
SPOOL_MAX_BYTES = 50 * 1024**3
# A spool without a crawl for this long is lost: other machines that share its state refetch the articles that it did
# not upload. If spools survive, this must be longer than machines rest.
RUN_LEASE_SECONDS = 900
WARC_SIZE = 1_000_000_000
WARC_AGE = 3600
SEGMENT_HOURS = 0
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 60

# Articles
# Each starts when the others have enough to do.
EXTRACTION_PROCESSES = os.cpu_count() or 2
EXTRACT_KEEP = ""
# Without consoles, which nobody uses and which take a tenth of a second to load, even if EXTENSIONS sets them to None.
EXTENSIONS_BASE = {
    name: order
    for name, order in default_settings.EXTENSIONS_BASE.items()
    if not name.endswith((".RemoteControl", ".TelnetConsole"))
}
EXTENSIONS = {
    "crawler.crawl.ending.Ending": 5,
    "crawler.crawl.memory.Memory": 10,
    "crawler.crawl.recorder.Recorder": 20,
    "crawler.crawl.bookkeeper.Bookkeeper": 25,
    "crawler.crawl.politeness.turns.Turns": 30,
    "crawler.crawl.revisits.revisiting.Revisiting": 40,
    "crawler.crawl.health.facts.Observer": 50,
    "crawler.crawl.large_bodies.Garbage": 60,
}
ITEM_PIPELINES = {"crawler.crawl.pipelines.ArticlePipeline": 300}
# Each response starts this many tasks: the default of 100 halves the fetch rate.
CONCURRENT_ITEMS = 8

# No brotli and no zstd: warcio and many other tools can't verify or replay them.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "bn,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}
# Percent-encoded Bengali is long: no limit.
URLLENGTH_LIMIT = 0

# What is recorded beside articles, so that replay is not bare: `none`, `styles`, or `lead` (styles and lead pictures).
# After all articles, until this many bytes or seconds of a run are spent on it.
PAGE_RESOURCES = "none"
PAGE_RESOURCES_BYTES = 50 * 1024**2
PAGE_RESOURCES_SECONDS = 120

# Politeness
ROBOTSTXT_OBEY = True
# RFC 9309 §2.4 allows a day at most.
ROBOTSTXT_MAX_AGE = 86_400
CONCURRENT_REQUESTS = 8
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.0
RETRY_TIMES = 2
# A loop ends early; RFC 9309 §2.3.1.2 wants at least five for a robots.txt.
REDIRECT_MAX_TIMES = 5
# Consecutive refusals (403, challenges, …) before a crawl ends and updates pause the outlet.
REFUSALS_IN_A_ROW = 5
# Consecutive addresses without an answer before a crawl ends: its hosts hang or are gone.
UNANSWERED_IN_A_ROW = 5

# Revisits: hours after the first fetch of an article, and their largest share of a run's requests.
REVISIT_AFTER = [6, 24, 168]
REVISIT_SHARE = 0.34

# Updates
# Outlets that `scrapy update` crawls if none is named, separated by commas; empty: all.
OUTLETS = _given("OUTLETS")
# An outlet's crawl stops after this; the rest comes first in the next run.
OUTLET_MINUTES = 20
# After an outage, an update goes back to the last run that read its sources, this many days at most. It no longer
# waits for a source that was unreadable for longer.
LOOK_BACK_DAYS = 14
# Hours until a known problem is reported again: less than a day, so that a daily run reports it daily.
REPORT_AGAIN_HOURS = 23
# The Prometheus text file of each update, and the command that runs when an update or backfill goes wrong.
METRICS_FILE = _given("METRICS_FILE")
ALERT_COMMAND = _given("ALERT_COMMAND")

# Many machines: the PostgreSQL database of the queue, and when workers queue the updates of all outlets: minute, hour,
# day, month and weekday, as in a crontab, in UTC.
QUEUE_URL = _given("QUEUE_URL")
UPDATE_CRON = _given("UPDATE_CRON")

# Health: an outlet is compared with its own runs of the last days.
HEALTH_DAYS = 60
# A share of bad pages (no article, no date, a short text, not fetched) is reported if chance explains it in fewer than
# one in 10,000 runs (an outlet has 1,500 a month) and if it rose by this much.
HEALTH_CHANCE = 0.0001
HEALTH_RISE = 0.2
# This many new articles without a single row are reported, unless most gave none before. Articles out of scope count
# only when a whole day gave no row.
HEALTH_NEW = 5
# A source that usually lists fewer articles may be empty at times.
HEALTH_LISTED = 3
# A source is quiet if its newest article is older, and three times as old as ever before.
HEALTH_QUIET_HOURS = 24

LOG_LEVEL = "INFO"
LOG_FORMATTER = "crawler.crawl.logs.OneLineFormatter"
LOGSTATS_INTERVAL = 60.0
# A crawl ends with one line instead; its run file has all numbers.
STATS_DUMP = False
FEED_EXPORT_ENCODING = "utf-8"
