"""WACZ: a slice of the archive as one portable, signed file (WACZ 1.1.1, wacz-auth 0.1.0)."""


class ExportFailed(Exception):
    """The slice can't be exported whole; the message is the one line that tells what is wrong and where."""
