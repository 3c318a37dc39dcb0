"""The schema of a data set: the same columns in every data set, whatever its rows and its texts.

Columns are those of the Parquet export, and those that only a data set has. A column that is empty everywhere has its
type all the same.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as arrow

from crawler.tools.dataset.options import EXCERPT, FULL, NONE
from crawler.tools.export.parquet import row_schema

# The columns that a data set adds to those of the export.
ADDED = {
    "cluster": arrow.string(),
    "cluster_size": arrow.int64(),
    "is_first": arrow.bool_(),
    "bengali_share": arrow.float64(),
    "characters": arrow.int64(),
    "words": arrow.int64(),
}
SCHEMA = arrow.schema([*row_schema(), *ADDED.items()])
# The columns with words of the article, and those that are null in each form of the texts.
CONTENT = ("title", "subtitle", "description", "text", "authors", "dateline", "tags", "image")
HIDDEN: dict[str, tuple[str, ...]] = {FULL: (), EXCERPT: ("subtitle", "description"), NONE: CONTENT}

# By name; those of a struct's field by its path.
DESCRIPTIONS = {
    "id": "UUIDv5 of the outlet and the outlet's own key of the article; stable over repeated crawls",
    "outlet": "name of the outlet",
    "url": "address fetched",
    "canonical_url": "address without aliases and tracking parameters",
    "title": "title as published, without the name of the site",
    "subtitle": "subtitle as published",
    "description": "summary as published",
    "text": "paragraphs, headings and list items, separated by one line end",
    "authors": "names in the byline",
    "authors.name": "name as published",
    "authors.kind": "person, desk or agency",
    "agencies": "codes of the wire services that are credited, such as BSS or AFP",
    "dateline": "place and day with which the text opens; the opening is in the text too",
    "dateline.place": "place as published",
    "dateline.date": "day in the dateline",
    "section": "section, in the outlet's own word",
    "scope": "national, local or international; null if unknown",
    "topics": "IPTC Media Topic codes",
    "genre": "news, opinion and others; null if unknown",
    "tags": "keywords of the outlet",
    "published": "date of publication; null if the page has none",
    "published.at": "moment of publication in UTC",
    "published.precision": "second, minute, hour, day, month or year",
    "published.source": "part of the page from which the date was read",
    "published.at_text": "the moment in RFC 3339 with the outlet's offset; its first ten characters are the day",
    "modified": "date of the last change that the page states",
    "modified.at": "moment of the change in UTC; null if a timestamp cannot hold it",
    "modified.precision": "second, minute, hour, day, month or year",
    "modified.source": "part of the page from which the date was read",
    "modified.at_text": "the moment in RFC 3339 with the outlet's offset",
    "language": "BCP 47 tag of the text's language",
    "image": "address of the lead picture",
    "fetched_at": "moment of the capture in UTC",
    "http_status": "status of the response",
    "warc": "place of the WARC record from which the text was read",
    "warc.file": "path below the root of the archive",
    "warc.offset": "first byte of the record's gzip member",
    "warc.length": "bytes of the gzip member",
    "warc.record_id": "WARC-Record-ID",
    "warc.payload_digest": "digest of the payload",
    "text_digest": "SHA-256 of title and text, folded: equal for copies that differ in spaces or punctuation only",
    "version": "1, 2, … as the text of the article changes",
    "previous": "text_digest of the version before",
    "extractor": "program that read the article from the page",
    "extractor.name": "name of the program",
    "extractor.version": "version of the program",
    "extractor.keep": "parts of the page that were kept in the text on request",
    "warnings": "codes of what is doubtful about the article, and of the page's opt-out signals",
    "withdrawn": "since when the site answers that the article is gone; null if it does not",
    "cluster": "ID of the earliest article of the cluster of copies; the article's own ID without copies",
    "cluster_size": "articles in the cluster, those left out as copies included; 1 without copies",
    "is_first": "whether the article is the earliest of its cluster",
    "bengali_share": "share of Bengali letters and marks among those of the text, 0 to 1",
    "characters": "characters (code points) of the whole text",
    "words": "words of the whole text: runs of characters between white space",
}


class Column(NamedTuple):
    """A column: its name, its pyarrow type, and a description in English."""

    name: str
    type: Any
    description: str


def columns() -> list[Column]:
    """Return the columns of every data set, in order."""
    return [Column(field.name, field.type, DESCRIPTIONS[field.name]) for field in SCHEMA]


def fields_of(column: Column) -> Iterator[Column]:
    """Yield the fields of a column that is a struct or a list of structs; their names are whole paths."""
    kind = column.type.value_type if arrow.types.is_list(column.type) else column.type
    for field in kind if arrow.types.is_struct(kind) else ():
        path = f"{column.name}.{field.name}"
        yield Column(path, field.type, DESCRIPTIONS[path])
