"""khobor (খবর, "news"): keeps Bengali national news as exact captures and clean articles."""

from __future__ import annotations

__version__ = "0.2.0"
