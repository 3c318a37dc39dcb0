"""The one place where every component is wired; the other layers change scalars only.

Deployment facts come from the environment, here and nowhere else. `AWS_*` is never copied: boto3 reads it.
"""

import os

# Scrapy's cookie jar asks the web for a list of public suffixes, past the recorder, unless told of no place
# to ask; the list that comes with the library does.
os.environ.setdefault("TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS", "")

BOT_NAME = "khobor"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "crawler.commands"
ADDONS = {"crawler.recording.redaction.HiddenCredentials": 50, "crawler.identity.Identity": 100}

# Deployment. Relative paths are relative to the folder of scrapy.cfg.
ARCHIVE_URL = os.environ.get("KHOBOR_ARCHIVE_URL") or "archive"
SPOOL_DIR = os.environ.get("KHOBOR_SPOOL_DIR") or "spool"
STATE_URL = os.environ.get("KHOBOR_STATE_URL") or "sqlite:///{SPOOL_DIR}/state.db"
CONTACT = os.environ.get("KHOBOR_CONTACT") or ""
ALLOW_PRIVATE_ADDRESSES = False
DEMO_URL = "http://127.0.0.1:8765"

# Recording
DOWNLOAD_HANDLERS = {
    "http": "crawler.recording.handler.RecordingDownloadHandler",
    "https": "crawler.recording.handler.RecordingDownloadHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
# Next to the downloader: whatever looks at bodies sees the content that a 304 confirms.
DOWNLOADER_MIDDLEWARES = {
    "crawler.recording.conditional.ConditionalGet": 845,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.politeness.robots.RobotsTxt": 100,
}
WARC_SIZE = 1_000_000_000
WARC_AGE = 3600
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 60

# Articles
EXTRACTION_PROCESSES = max(1, (os.cpu_count() or 2) - 1)
EXTENSIONS = {
    "crawler.memory.Memory": 10,
    "crawler.recording.recorder.Recorder": 20,
    "crawler.politeness.turns.Turns": 30,
}
ITEM_PIPELINES = {
    "crawler.pipelines.ExtractionPipeline": 100,
    "crawler.pipelines.SelectionPipeline": 200,
    "crawler.pipelines.RowsPipeline": 300,
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

LOG_LEVEL = "INFO"
LOG_FORMATTER = "crawler.logs.OneLineFormatter"
LOGSTATS_INTERVAL = 60.0
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
FEED_EXPORT_ENCODING = "utf-8"
