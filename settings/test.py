"""The demo newspaper on loopback, whose outlets only this layer has."""

from settings.base import *  # noqa: F403

# The one exception to "scalars only".
SPIDER_MODULES = ["spiders", "crawler.demo.spiders"]
ALLOW_PRIVATE_ADDRESSES = True
DOWNLOAD_DELAY = 0.2
