"""What leaves the archive for other programs: rows as tables; `crawler.wacz` makes its slices of the same rows."""


class ExportFailed(Exception):
    """The export would not be whole; the message is the one line that tells what is wrong and where."""
