"""The checks that are made from the schema of rows agree with a validator that knows all of JSON Schema."""

import json

import pytest
from jsonschema import Draft202012Validator

from crawler.archive.documents import SCHEMA, row_check

VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
ROW = {
    "id": "3f2504e0-4f89-51d3-9a0c-0305e82c3301",
    "outlet": "samakal",
    "url": "https://samakal.com/1",
    "canonical_url": "https://samakal.com/1",
    "title": "শিরোনাম",
    "subtitle": None,
    "description": "এক",
    "text": "এক\nদুই",
    "authors": [{"name": "ক", "kind": "person"}],
    "agencies": ["BSS"],
    "dateline": {"place": "ঢাকা", "date": "2026-11-24"},
    "section": None,
    "scope": "national",
    "topics": ["medtop:11000000"],
    "genre": None,
    "tags": ["ক", "খ"],
    "published": {"at": "2026-11-24T10:00:00+06:00", "precision": "minute", "source": "json-ld"},
    "modified": None,
    "language": "bn",
    "image": None,
    "fetched_at": "2026-11-24T10:00:00.000000Z",
    "http_status": 200,
    "warc": {
        "file": "warc/a/x.warc.gz",
        "offset": 0,
        "length": 1,
        "record_id": "<urn:uuid:3f2504e0-4f89-41d3-9a0c-0305e82c3301>",
        "payload_digest": "sha1:A",
    },
    "text_digest": "sha256:" + "0" * 64,
    "version": 1,
    "previous": None,
    "extractor": {"name": "khobor", "version": "1"},
    "warnings": ["no-date"],
}
VALUES = [
    None,
    True,
    0,
    -1,
    99,
    600,
    "",
    "x",
    "ক\n\nখ",
    [],
    [None],
    ["a", "a"],
    {},
    {"at": 1},
    "2026-11-24",
]


def places(value, path=()):
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*path, key))


def changed(path, value):
    row = json.loads(json.dumps(ROW))
    part = row
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return row


@pytest.mark.parametrize("key", [*ROW])
def test_missing_and_additional_keys_fail(key):
    assert list(row_check()({name: value for name, value in ROW.items() if name != key}))
    assert list(row_check()({**ROW, key + "_": None}))
