"""The options, facts and schema of a data set."""

import pyarrow
import pytest

from crawler.archive.documents import columns as columns_of_rows
from crawler.tools.dataset.facts import DatasetFacts, FileFacts, SplitFacts
from crawler.tools.dataset.options import DatasetOptions
from crawler.tools.dataset.schema import CONTENT, SCHEMA


def facts_of_one_file():
    return DatasetFacts(
        text="full",
        options=DatasetOptions().as_json(),
        archive=None,
        khobor="0.2.0",
        newest="2026-11-24T05:00:00.000000Z",
        extractors={"khobor 14": 3},
        splits={"train": SplitFacts(3, "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"), "validation": SplitFacts()},
        months={"2026-11": 3},
        outlets={"samakal": 3},
        languages={"bn": 3},
        scopes={"national": 3},
        lengths={"0-49": 3},
        warnings={},
        clusters=0,
        clustered=0,
        left_out={"withheld": 1},
        withheld=["7c0f8a7e-3a35-5d0c-9f5e-0f2f7c1f9f0b"],
        withdrawn=0,
        gaps=[{"outlet": "samakal", "since": "2026-11-03", "until": "2026-11-04", "what": "without an article"}],
        files=[FileFacts("data/train-00000-of-00001.parquet", 3, 1000, "ab" * 32)],
    )


def test_facts_are_read_back_from_their_json():
    facts = facts_of_one_file()
    assert DatasetFacts.decoded(facts.encoded()) == facts
    assert facts.rows == 3


@pytest.mark.parametrize("data", [b"[]", b"{}", b"null", b"{", b'{"splits": {}, "files": [{"path": 1}]}'])
def test_json_that_is_not_the_facts_is_an_error(data):
    with pytest.raises(ValueError, match=r"not the facts|Expecting|property name"):
        DatasetFacts.decoded(data)


def test_the_schema_has_the_columns_of_rows_with_real_times():
    assert SCHEMA.names[: len(columns_of_rows())] == list(columns_of_rows())
    assert set(CONTENT) <= set(SCHEMA.names)
    moment = pyarrow.timestamp("us", tz="UTC")
    assert {SCHEMA.field(name).type for name in ("fetched_at", "withdrawn")} == {moment}
    assert SCHEMA.field("published").type.field("at").type == moment
