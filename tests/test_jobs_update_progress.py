"""What an update shows on a terminal, and what it says about the segments of killed runs."""

import pytest
from killing import killed
from paper import Updates


@pytest.fixture
def place(tmp_path, demo):
    return Updates(tmp_path, demo.url)


def test_an_update_mentions_recovered_segments_once(place):
    killed(place)
    done = place.scrapy("update", "demo_tv")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("; 1 segment of killed runs recovered\n")
    again = place.scrapy("update", "demo_tv")
    assert again.returncode == 0
    assert "recovered" not in again.stdout
