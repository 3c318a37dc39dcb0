"""Segments that no run has continued in time: the commands that upload an outlet's files complete them."""

from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from scrapy.settings import Settings

from crawler.archive.names import key_of, stem_of
from crawler.archive.storage.base import StorageError
from crawler.crawl.settings import Deployment
from crawler.crawl.stored_pages import StoredPages, stored_pages
from crawler.outlets.loader import Outlets, account_of, is_breaking
from crawler.recording.commits import Commits
from crawler.recording.recovery.recovery import Recovery
from crawler.recording.recovery.segments import is_due, unfinished
from crawler.recording.segments import Segments
from crawler.state import State
from crawler.state.leases import Lease
from crawler.system.terminal import Interrupted, counted


class DueSegments:
    """The due segments of outlets in this spool. Every method raises StorageError, OSError, SQLAlchemyError."""

    def __init__(self, settings: Settings, deployment: Deployment, state: State) -> None:
        self._settings = settings
        self._deployment = deployment
        self._state = state
        self._leases = deployment.leases(state.engine)

    def finish_whole(self, name: str) -> set[Path]:
        """Finish those that their last run left whole: no page waits for its verdict. Return the others."""
        spool, limits = self._deployment.spool, self._deployment.limits
        due = {path for path in unfinished(spool, name) if is_due(path, limits)}
        decided = self._leases.decided(name) if due else {}
        whole = {path for path in due if _size_of(path) == decided.get(key_of("warc", stem_of(path.name)))}
        self._recover(name, whole, None)
        return due - whole

    def finish(self, name: str, outlets: Outlets) -> None:
        """Finish all, those of killed runs as the outlet's next crawl would: it extracts their pages."""
        if not (due := self.finish_whole(name)):
            return
        outlet = outlets.named(name)
        if outlet is None:
            raise StorageError(f"{counted(len(due), 'segment')} of a killed run can't be completed: no such outlet")
        try:
            with stored_pages(outlet, self._settings) as decisions:
                unread = self._recover(name, due, decisions)
        except (StorageError, Interrupted):
            raise
        except BaseException as error:  # whatever an outlet's own code does wrong
            if is_breaking(error):
                raise
            raise StorageError(account_of(error, outlet)) from error
        if unread:
            raise StorageError(f"{counted(unread, 'page')} of a killed run could not be extracted; the log names them")

    def _recover(self, name: str, due: set[Path], decisions: StoredPages | None) -> int:
        """Complete segments; return the number of pages that our own code can't read."""
        if not due:
            return 0
        deployment = self._deployment
        limits = replace(deployment.limits, is_continued=False)
        segments = Segments(deployment.spool, self._leases.spool, "", name, {}, limits)
        recovery = Recovery(self._state, self._leases, Commits(segments, self._state, "all"), decisions, name)
        with closing(Lease(self._leases)):
            try:
                recovery.run(lambda path: path in due)
            except ValueError as error:
                raise StorageError(str(error)) from error
            finally:
                segments.abandon()
        return recovery.unread


def _size_of(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return -1
