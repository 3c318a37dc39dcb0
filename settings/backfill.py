"""Backfills: patient with slow servers."""

from settings.base import *  # noqa: F403

LOG_LEVEL = "WARNING"
DOWNLOAD_TIMEOUT = 120
RETRY_TIMES = 4
