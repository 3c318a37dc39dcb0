"""khobor (খবর, "news"): keeps Bengali national news as exact captures and clean articles."""

__version__ = "0.2.0"
