"""The front matter of a card: what the Hugging Face Hub and `datasets` read, as YAML."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pyarrow as arrow

from crawler.tools.dataset.facts import DatasetFacts
from crawler.tools.dataset.options import EXCERPT, FULL, NONE
from crawler.tools.dataset.schema import SCHEMA

TASKS = {
    FULL: ["text-generation", "fill-mask", "summarization", "text-classification"],
    EXCERPT: ["text-classification"],
    NONE: ["text-classification"],
}
TAGS = ["news", "web-archive", "khobor"]
SIZES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B")
# Words that YAML reads as text; everything else is in quotes.
PLAIN = re.compile(r"(?!(?:true|false|null|yes|no|on|off|y|n)$)[a-z][a-z0-9_]*")
LANGUAGE = re.compile(r"[a-z]{2,3}")
TYPES = {"double": "float64", "date32[day]": "date32"}


def front_matter(facts: DatasetFacts, title: str) -> str:
    """Return the front matter of a data set, between its lines of dashes."""
    names = [name for name, split in facts.splits.items() if split.rows]
    values = {
        "pretty_name": title,
        "language": [tag for tag in sorted(facts.languages) if LANGUAGE.fullmatch(tag)],
        "license": "other",
        "license_name": "rights-of-the-publishers",
        "license_link": "LICENSE.md",
        "task_categories": TASKS[facts.text],
        "size_categories": [size_of(facts.rows)],
        "tags": TAGS,
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": name, "path": f"data/{name}-*.parquet"} for name in names],
            }
        ],
        "dataset_info": {
            "features": [_feature(field.name, field.type) for field in SCHEMA],
            # `datasets` caches a data set; another size makes it read the files again.
            "download_size": sum(file.bytes for file in facts.files),
        },
    }
    return "\n".join(["---", *_mapping(values, ""), "---", ""])


def size_of(rows: int) -> str:
    """Return the Hub's category of a number of rows."""
    return SIZES[min(max(len(str(rows)) - 3, 0), len(SIZES) - 1)]


def _feature(name: str, kind: Any) -> dict[str, Any]:
    """Return a column as `datasets` describes it."""
    if arrow.types.is_struct(kind):
        return {"name": name, "struct": [_feature(part.name, part.type) for part in kind]}
    if arrow.types.is_list(kind):
        element = _feature(name, kind.value_type)
        return {"name": name, "list": element.get("struct") or element["dtype"]}
    return {"name": name, "dtype": TYPES.get(str(kind), str(kind))}


def _mapping(values: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _mapping(value, indent + "  ")
        elif isinstance(value, list):
            yield f"{indent}{key}:{'' if value else ' []'}"
            yield from _items(value, indent)
        else:
            yield f"{indent}{key}: {_scalar(value)}"


def _items(values: list[Any], indent: str) -> Iterator[str]:
    for value in values:
        if isinstance(value, dict):
            first, *others = _mapping(value, indent + "  ")
            yield f"{indent}- {first.removeprefix(indent + '  ')}"
            yield from others
        else:
            yield f"{indent}- {_scalar(value)}"


def _scalar(value: str | int) -> str:
    """Return a text or a number; a text in the quotes of JSON is one in YAML too."""
    if isinstance(value, str) and not PLAIN.fullmatch(value):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
