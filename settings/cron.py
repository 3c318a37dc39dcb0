"""Scheduled runs: no output when all is well."""

from settings.base import *  # noqa: F403

LOG_LEVEL = "WARNING"
