"""What is wrong with a state, in one line."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError


class StateError(SQLAlchemyError):
    """State can't be used; the message is the line to print."""


class StateLocked(StateError):
    """Another process has kept it locked for as long as it is waited for."""


class Damaged(StateError):
    """What stands there is no whole state of a released khobor: `scrapy state --rebuild` makes it again."""


class NewerSchema(StateError):
    """A newer khobor has migrated the state: this one must not touch it."""
