"""The demo newspaper on loopback: its outlets are listed here and nowhere else."""

from settings.base import *  # noqa: F403

# The one exception to "scalars only": the demo's spiders exist in this layer alone.
SPIDER_MODULES = ["spiders", "crawler.demo.spiders"]
ALLOW_PRIVATE_ADDRESSES = True
DOWNLOAD_DELAY = 0.2
