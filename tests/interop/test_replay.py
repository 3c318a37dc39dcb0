"""pywb, with its own index, replays every capture as the server sent it."""

from collections import defaultdict

import pytest
from test_recording_exchanges import AMBIGUOUS, CUT_SHORT

from interop.foreign import Answer, answer_in, path_of, wayback

# Routes that pywb does not replay, and why.
BEYOND_PYWB = {
    "/absurd-chunks": "a chunk's head of several kB",
    "/bengali-location": "a Location that is not ASCII",
    "/chunk-extensions": "trailers after the last chunk, read as part of the body",
    "/length-and-chunks": "both Content-Length and chunks",
    "/reason": "a reason phrase that is not Latin",
}
# Incomplete answers, and heads that readers interpret differently.
NOT_PAGES = {*CUT_SHORT, *AMBIGUOUS}
REPLAYABLE = {"200", "301", "302", "303", "307", "308"}


def sent_answers(crawled):
    """Return the complete answers to GET for each address, in order, from the server's log."""
    answers = defaultdict(list)
    for logged in crawled.log:
        if logged.received.startswith(b"GET ") and (found := answer_in(logged.sent)):
            answers[crawled.base + logged.target].append(found)
    return answers


def test_pywb_replays_every_awkward_page_and_redirect(awkward, tmp_path):
    sent, same, different = sent_answers(awkward), set(), set()
    with wayback(tmp_path / "pywb", awkward.warcs) as server:
        for stamp, fields in awkward.lines:
            url, path = fields["url"], path_of(fields["url"])
            if fields["status"] in REPLAYABLE and url in sent and path not in NOT_PAGES:
                answer, _ = server.get(stamp, url)
                (same if answer in sent[url] else different).add(path)
    assert different <= BEYOND_PYWB.keys()
    assert len(same) > 25


def test_a_second_crawl_is_replayed_from_its_revisits(twice, tmp_path):
    sent, visits, kinds = sent_answers(twice), defaultdict(list), defaultdict(int)
    for stamp, fields in sorted(twice.lines, key=lambda line: line[0]):
        visits[fields["url"]].append((stamp, fields))
    with wayback(tmp_path / "pywb", twice.warcs) as server:
        for url, seen in visits.items():
            if path_of(url) == "/robots.txt":
                continue
            for (stamp, fields), answer in zip(seen, sent[url], strict=True):
                kinds[fields["mime"] == "warc/revisit", fields["status"]] += 1
                # A 304 confirms the first answer.
                expected = sent[url][0] if answer.status == 304 else answer
                assert server.get(stamp, url) == (expected, stamp), url
    # Eight new pages and one changed page; seven revisits, three of them by a 304.
    assert kinds == {(False, "200"): 9, (True, "200"): 7}


@pytest.mark.parametrize("name", ["plain", "gzip", "chunked"])
def test_revisits_are_replayed_despite_captures_since_their_original(notes, tmp_path, name):
    with wayback(tmp_path / "pywb", notes.warcs) as server:
        for visit in notes.visits:
            if path_of(visit.url) == f"/{name}":
                # With its own timestamp, not with that of another capture.
                assert server.get(visit.stamp, visit.url) == (Answer(200, None, visit.body), visit.stamp)


def test_unchanged_news_is_replayed_from_its_original(news, tmp_path):
    bodies, revisits = defaultdict(set), 0
    with wayback(tmp_path / "pywb", news.warcs) as server:
        for stamp, fields in sorted(news.lines, key=lambda line: line[0]):
            if fields["mime"] == "warc/revisit" or fields["status"] == "200":
                answer, _ = server.get(stamp, fields["url"])
                assert (answer.status, bool(answer.body)) == (200, True), fields["url"]
                if fields["mime"] == "warc/revisit":
                    assert answer.body in bodies[fields["url"]], fields["url"]
                    revisits += 1
                bodies[fields["url"]].add(answer.body)
    assert (len(bodies) > 10, revisits > 0) == (True, True)
