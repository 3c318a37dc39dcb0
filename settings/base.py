"""The one place where every component is wired; the other layers change scalars only.

Deployment facts come from the environment, here and nowhere else. `AWS_*` is never copied: boto3 reads it.
"""

import os

from scrapy.settings import default_settings

# Scrapy's cookie jar asks the web for a list of public suffixes, past the recorder, unless told of no place
# to ask; the list that comes with the library does.
os.environ.setdefault("TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS", "")

BOT_NAME = "khobor"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
SPIDER_LOADER_CLASS = "crawler.outlets.loader.OutletLoader"
COMMANDS_MODULE = "crawler.commands"
ADDONS = {"crawler.crawl.identity.HiddenCredentials": 50, "crawler.crawl.identity.Identity": 100}

# Deployment. Relative paths are relative to the folder of scrapy.cfg.
ARCHIVE_URL = os.environ.get("KHOBOR_ARCHIVE_URL") or "archive"
SPOOL_DIR = os.environ.get("KHOBOR_SPOOL_DIR") or "spool"
STATE_URL = os.environ.get("KHOBOR_STATE_URL") or "sqlite:///{SPOOL_DIR}/state.db"
CONTACT = os.environ.get("KHOBOR_CONTACT") or ""
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
# Next to the downloader: whatever looks at bodies sees the content that a 304 confirms.
DOWNLOADER_MIDDLEWARES = {
    "crawler.crawl.revisits.conditional.ConditionalGet": 845,
    # Inside of retries and redirects: each try and each answer counts.
    "crawler.crawl.ending.Silence": 840,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.crawl.decompression.Decompression": 590,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.crawl.politeness.robots.RobotsTxt": 100,
    # Outermost: they see what came of a request in the end.
    "crawler.crawl.politeness.refusals.Refusals": 40,
}
# Files on their way to an S3 bucket, in each process: parts of so many bytes, so many at once, so many bytes a second.
UPLOAD_PART_SIZE = 8 * 1024 * 1024
UPLOAD_PARTS_AT_ONCE = 4
UPLOAD_BYTES_PER_SECOND = 0
# How a bucket keeps them: the storage class of WARC files; a lock (GOVERNANCE, COMPLIANCE) and for how many days.
S3_STORAGE_CLASS = ""
S3_OBJECT_LOCK = ""
S3_OBJECT_LOCK_DAYS = 0
# How many days finished files stay in the spool after they have gone up. While the store is away they wait there: a
# run ends when they are more bytes than this (0: when the disk is full).
SPOOL_KEEP_DAYS = 0
SPOOL_MAX_BYTES = 50 * 1024**3
# When no crawl in a spool has lived for so long, crawls elsewhere that share its state take what it had not brought up
# for lost, and fetch it again. Where spools survive, this must be longer than machines rest.
RUN_LEASE_SECONDS = 900
WARC_SIZE = 1_000_000_000
WARC_AGE = 3600
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 60

# Articles
EXTRACTION_PROCESSES = max(1, (os.cpu_count() or 2) - 1)
# Without the consoles into a crawl: nobody sits at ours, and to load what they need takes a tenth of a second. One that
# EXTENSIONS turns off with None is loaded all the same.
EXTENSIONS_BASE = {
    name: order
    for name, order in default_settings.EXTENSIONS_BASE.items()
    if not name.endswith((".RemoteControl", ".TelnetConsole"))
}
EXTENSIONS = {
    "crawler.crawl.ending.Ending": 5,
    "crawler.crawl.memory.Memory": 10,
    "crawler.crawl.recorder.Recorder": 20,
    "crawler.crawl.recorder.SpoolRoom": 22,
    "crawler.crawl.bookkeeper.Bookkeeper": 25,
    "crawler.crawl.politeness.turns.Turns": 30,
    "crawler.crawl.revisits.revisiting.Revisiting": 40,
    "crawler.crawl.health.facts.Observer": 50,
}
ITEM_PIPELINES = {
    "crawler.crawl.pipelines.ExtractionPipeline": 100,
    "crawler.crawl.pipelines.SelectionPipeline": 200,
    "crawler.crawl.pipelines.RowsPipeline": 300,
}
# Every response starts this many tasks: the default of 100 halves the fetch rate.
CONCURRENT_ITEMS = 8

# No brotli and no zstd: warcio, and with it much of the field, can't check or replay them.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "bn,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}
# Percent-encoded Bengali is long: an address is asked for whatever its length.
URLLENGTH_LIMIT = 0

# Politeness
ROBOTSTXT_OBEY = True
# A day is the most that RFC 9309 §2.4 allows.
ROBOTSTXT_MAX_AGE = 86_400
CONCURRENT_REQUESTS = 8
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.0
RETRY_TIMES = 2
# So many refusals (403, challenges, …) without one answer that is let through, and an outlet is left alone.
REFUSALS_IN_A_ROW = 5
# So many requests that nobody answered, retries included, and a crawl ends: its hosts hang or are gone.
UNANSWERED_IN_A_ROW = 5

# Re-visits: articles are asked for again so many hours after they were first seen, and take up no more than
# this share of a run's requests.
REVISIT_AFTER = [6, 24, 168]
REVISIT_SHARE = 0.34

# Updates
# The outlets that `scrapy update` crawls when none is named, with commas between them; empty for all there are.
OUTLETS = os.environ.get("KHOBOR_OUTLETS") or ""
# An outlet that takes longer is ended; what is left of it comes first in the next run.
OUTLET_MINUTES = 20
# After an outage an update looks back to the day of the last run that could read its sources, no further than this.
# A source that could not be read for so long is broken for good: nobody waits for it any more.
LOOK_BACK_DAYS = 14
# What was told of an outlet is told again after so many hours: a daily run tells it daily, whenever it ends.
REPORT_AGAIN_HOURS = 23
# Which command a crawl runs under; update and backfill tell their children.
RUN_COMMAND = "crawl"
# Where a Prometheus text file is written after each update, and what is run when one ends with anything but 0.
METRICS_FILE = os.environ.get("KHOBOR_METRICS_FILE") or ""
ALERT_COMMAND = os.environ.get("KHOBOR_ALERT_COMMAND") or ""

# Health: when something is wrong with an outlet, by its own runs of the last days.
HEALTH_DAYS = 60
# A share of bad pages (no article, no date, a short text, not fetched) is told when chance explains it in fewer
# than one in 10,000 such runs (an outlet has 1,500 a month), and when it has risen by this much.
HEALTH_CHANCE = 0.0001
HEALTH_RISE = 0.2
# So many new articles of which not one gave a row are told, unless most gave none before; what is out of scope counts
# only when a whole day gave no row.
HEALTH_NEW = 5
# A source that usually lists fewer may be empty at times.
HEALTH_LISTED = 3
# A source whose newest article is older, and three times as old as it ever was, has gone quiet.
HEALTH_QUIET_HOURS = 24

LOG_LEVEL = "INFO"
LOG_FORMATTER = "crawler.crawl.logs.OneLineFormatter"
LOGSTATS_INTERVAL = 60.0
FEED_EXPORT_ENCODING = "utf-8"
