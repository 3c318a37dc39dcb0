"""Stories as JSON Lines and CSV."""

import codecs
import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any

from crawler.tools.copies.stories import Story, agency_of
from crawler.tools.export.tables import cell

# The keys of an article that are those of its row.
FACTS = ("url", "title", "published")
ARTICLE = ("id", "outlet", *FACTS, "agencies", "similarity")
CLUSTER = ("cluster", "agency")


def facts_of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in FACTS}


def write_lines(stories: Iterable[Story], stream: IO[bytes]) -> None:
    """Write a JSON object for each story."""
    for story in stories:
        fields = _cluster(story) | {"outlets": len({one.outlet for one in story}), "articles": list(_articles(story))}
        stream.write(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def write_csv(stories: Iterable[Story], stream: IO[bytes]) -> None:
    """Write a line for each article of each story, as `scrapy export` writes CSV."""
    writer = csv.writer(codecs.getwriter("utf-8-sig")(stream))
    writer.writerow((*CLUSTER, *ARTICLE))
    for story in stories:
        for article in _articles(story):
            fields = _cluster(story) | article
            writer.writerow([cell(fields[name]) for name in (*CLUSTER, *ARTICLE)])


# The format of a file by the ending of its name.
WRITERS: dict[str, Callable[[Iterable[Story], IO[bytes]], None]] = {".jsonl": write_lines, ".csv": write_csv}


def _cluster(story: Story) -> dict[str, Any]:
    return {"cluster": story[0].id, "agency": agency_of(story)}


def _articles(story: Story) -> Iterator[dict[str, Any]]:
    for one in story:
        fields = one._asdict() | one.facts | {"similarity": round(one.similarity, 3)}
        yield {name: fields[name] for name in ARTICLE}
