"""Recognise the places of datelines and bylines: districts, towns, foreign cities and countries."""

from crawler.bengali.text import data_beside, fold, folded_words

_NAMES = {kind: folded_words(names) for kind, names in data_beside(__file__).items()}
_DISTRICTS = _NAMES["districts"]
_TOWNS = _DISTRICTS | _NAMES["towns"] | _NAMES["foreign_cities"] | _NAMES["english_names"]
_PLACES = _TOWNS | _NAMES["countries"]


def is_place(name: str) -> bool:
    """Return whether a text is the name of a known town, district or country, and nothing else."""
    return fold(name) in _PLACES


def is_town(name: str) -> bool:
    """Return whether a text is the name of a known town or district, and nothing else."""
    return fold(name) in _TOWNS


def is_district(name: str) -> bool:
    """Return whether a text is the name of a district or division of Bangladesh."""
    return fold(name) in _DISTRICTS
