"""Name the publishing system of a site, and read the site's own names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.bengali.language import bengali_share
from crawler.extraction.page.document import Document
from crawler.model.addresses import host_of

# The signs of publishing systems in the code of a page.
_SYSTEMS = {
    "WordPress": r"/wp-content/|/wp-json|content=\"WordPress",
    "Next.js": r"__NEXT_DATA__|self\.__next_f",
    "Nuxt": r"__NUXT__|__NUXT_DATA__",
}
_SEPARATOR = re.compile(r"\s+[|–—-]\s+|\s*(?:\||::)\s*")
_BENGALI = 0.5
# Longer names in capitals alone are not abbreviations.
_ACRONYM = 4
_KINDS = (
    ("channel", r"চ্যানেল|টিভি|টেলিভিশন|\btv\b|channel|television"),
    ("daily", r"দৈনিক|পত্রিকা|\bdaily\b|dainik"),
    ("agency", r"সংবাদ সংস্থা|news agency"),
    ("magazine", r"সাপ্তাহিক|মাসিক|weekly|magazine"),
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The names and kind of a site; `missing` names the attributes that the site does not state."""

    title: str
    english: str
    kind: str
    country: str
    missing: list[str]


def system_of(pages: Sequence[bytes]) -> str | None:
    """Return the name of the publishing system whose signs most pages have."""
    texts = [page.decode("utf-8", "replace") for page in pages]
    counts = {name: sum(re.search(sign, text) is not None for text in texts) for name, sign in _SYSTEMS.items()}
    return next((name for name, count in counts.items() if 2 * count > len(texts)), None)


def identity_of(pages: Sequence[Document], url: str) -> Identity:
    """Return the names that pages state for their site, empty ones where they state none."""
    stated = [part for page in pages for name in page.structured.site_names for part in _SEPARATOR.split(name)]
    titles = [page.structured.title for page in pages]
    parts = [part for name in stated + titles for each in _SEPARATOR.split(name) if (part := each.strip())]
    repeated = [part for part in parts if part in stated or sum(part in title for title in titles) > 1]
    title = next((part for part in repeated if bengali_share(part) >= _BENGALI), "")
    english = next((part for part in repeated if part.isascii() and "/" not in part), "")
    english = english.title() if english.isupper() and len(english) > _ACRONYM else english
    kinds = [kind for kind, words in _KINDS if re.search(words, " ".join((title, english, url)), re.I)]
    country = "IN" if host_of(url).endswith(".in") else "BD"
    missing = [name for name, value in (("title", title), ("english", english), ("kind", kinds)) if not value]
    return Identity(title or english, english, kinds[0] if kinds else "portal", country, [*missing, "publisher"])
