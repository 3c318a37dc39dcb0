"""Reading at a copy's source: one file that can't be read keeps nothing else back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from crawler.storage import NoAccess, StorageError, StoreUnreachable
from crawler.verification.holdings import is_ours


class Unreadable(Exception):
    """A file is there and can't be read; the message tells why."""


@contextmanager
def reading() -> Iterator[None]:
    """Raise Unreadable for what is wrong with one file: no store that is away or shut, no full disk of ours."""
    try:
        yield
    except FileNotFoundError as error:
        if error.filename and os.path.islink(error.filename):
            raise Unreadable("it is a link to nothing") from error
        raise
    except (StoreUnreachable, NoAccess):
        raise
    except (OSError, StorageError) as error:
        if is_ours(error):
            raise
        raise Unreadable(str(getattr(error, "strerror", None) or error)) from error
