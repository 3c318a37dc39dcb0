"""Pages that are no articles: challenges, errors, listings, empty shells."""

from __future__ import annotations


class NotAnArticle(Exception):
    """A page that gives no article; `reason` is the machine-readable code, the message a sentence.

    The codes: challenge (proof of a human reader, a login or a consent), error-page, not-found, listing,
    static-page (about, contact, terms), empty, no-headline, not-html, too-large; from the pool timeout and crash.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message
