"""Segments that no run has continued in time: any command that uploads an outlet's files completes them."""

from __future__ import annotations

from functools import partial

from scrapy.settings import Settings

from crawler.archive.storage.base import StorageError
from crawler.crawl.settings import Deployment, Extraction
from crawler.crawl.stored_pages import StoredPages
from crawler.outlets.loader import Outlets
from crawler.recording.commits import Commits
from crawler.recording.recovery.recovery import Recovery
from crawler.recording.recovery.segments import is_due, unfinished
from crawler.recording.segments import Segments
from crawler.state import State


def finish_due(name: str, settings: Settings, state: State) -> None:
    """Complete the due segments of an outlet in the spool, as its next crawl would, those of killed runs too.

    Those of an unknown outlet stay as they are. Raises StorageError, OSError, SQLAlchemyError.
    """
    deployment = Deployment.from_settings(settings)
    is_wanted = partial(is_due, limits=deployment.limits)
    if not any(map(is_wanted, unfinished(deployment.spool, name))):
        return
    outlet = Outlets.from_settings(settings).named(name)
    if outlet is None:
        return
    leases = deployment.leases(state.engine)
    segments = Segments(deployment.spool, leases.spool, "", outlet.name, {}, deployment.limits)
    try:
        with Extraction.from_settings(settings).opened() as pool:
            decisions = StoredPages(outlet, settings, pool)
            Recovery(state, leases, Commits(segments, state, "all"), decisions).run(is_wanted)
    except ValueError as error:
        raise StorageError(str(error)) from error
