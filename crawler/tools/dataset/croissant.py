"""The description of a data set in Croissant 1.1: its files with their digests, and the columns of its records."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as arrow

from crawler.tools.dataset.facts import DatasetFacts
from crawler.tools.dataset.schema import Column, columns, fields_of

PARQUET = "application/x-parquet"
DATA_TYPES = {
    "string": "sc:Text",
    "int64": "cr:Int64",
    "double": "cr:Float64",
    "bool": "sc:Boolean",
    "timestamp[us, tz=UTC]": "sc:DateTime",
    "date32[day]": "sc:Date",
}
SHARDS, RECORDS, SPLITS = "shards", "articles", "splits"
# The field with the split of a record, which the name of its file says.
SPLIT = {
    "@type": "cr:Field",
    "@id": f"{RECORDS}/split",
    "name": "split",
    "description": "split of the article",
    "dataType": "sc:Text",
    "source": {
        "fileSet": {"@id": SHARDS},
        "extract": {"fileProperty": "filename"},
        "transform": {"regex": "^([a-z]+).*$"},
    },
    "references": {"field": {"@id": f"{SPLITS}/name"}},
}
# Prescribed by the specification, in which a reader looks each key up.
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant_of(facts: DatasetFacts, title: str, summary: str, rights: str, citation: str) -> bytes:
    """Return the description as JSON-LD; the same facts give the same bytes."""
    day = datetime.fromisoformat(facts.newest).date()
    described = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": title,
        "description": summary,
        "license": rights,
        "citeAs": citation,
        # The specification wants both; the day of the build would change the bytes.
        "version": f"{day:%Y.%-m.%-d}",
        "datePublished": str(day),
        "inLanguage": sorted(facts.languages),
        "isLiveDataset": False,
        "distribution": [*_files(facts), *_file_sets(facts)],
        "recordSet": [_splits(facts), _records()],
    }
    return (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode()


def _files(facts: DatasetFacts) -> Iterator[dict[str, Any]]:
    for file in facts.files:
        yield {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path,
            "description": f"{file.rows} articles",
            "contentUrl": file.path,
            "contentSize": f"{file.bytes} B",
            "encodingFormat": PARQUET,
            "sha256": file.sha256,
        }


def _file_sets(facts: DatasetFacts) -> Iterator[dict[str, Any]]:
    names = [name for name, split in facts.splits.items() if split.rows]
    for name in names:
        yield _file_set(name, f"The files of the split {name}", [f"data/{name}-*.parquet"])
    yield _file_set(SHARDS, "The files of all splits", [f"data/{name}-*.parquet" for name in names])


def _file_set(name: str, description: str, patterns: list[str]) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "description": description,
        "encodingFormat": PARQUET,
        "includes": patterns,
    }


def _splits(facts: DatasetFacts) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": SPLITS,
        "name": SPLITS,
        "dataType": "cr:Split",
        "key": {"@id": f"{SPLITS}/name"},
        "field": [{"@type": "cr:Field", "@id": f"{SPLITS}/name", "name": "name", "dataType": "sc:Text"}],
        "data": [{f"{SPLITS}/name": name} for name, split in facts.splits.items() if split.rows],
    }


def _records() -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": RECORDS,
        "name": RECORDS,
        "description": "One record for each article",
        "key": {"@id": f"{RECORDS}/id"},
        "field": [SPLIT, *map(_field, columns())],
    }


def _field(column: Column) -> dict[str, Any]:
    """Return a column; the fields of a struct are read from it by their names."""
    source = {"fileSet": {"@id": SHARDS}, "extract": {"column": column.name}}
    if parts := list(fields_of(column)):
        return _named(column) | {"subField": [_part(part, source) for part in parts]}
    return _named(column) | {"dataType": _data_type(column.type), "source": source}


def _part(part: Column, source: dict[str, Any]) -> dict[str, Any]:
    found = source | {"transform": {"jsonPath": part.name.rpartition(".")[2]}}
    return _named(part) | {"dataType": _data_type(part.type), "source": found}


def _named(column: Column) -> dict[str, Any]:
    array = {"isArray": True, "arrayShape": "-1"} if arrow.types.is_list(column.type) else {}
    return {
        "@type": "cr:Field",
        "@id": f"{RECORDS}/{column.name.replace('.', '/')}",
        "name": column.name.rpartition(".")[2],
        "description": column.description,
        **array,
    }


def _data_type(kind: Any) -> str:
    """Return the name of a type, that of a list's elements for a list."""
    kind = kind.value_type if arrow.types.is_list(kind) else kind
    return DATA_TYPES[str(kind)]
