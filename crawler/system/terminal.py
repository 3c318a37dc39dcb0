"""Output on terminals, and the signals that end a command."""

import atexit
import errno
import logging
import os
import select
import signal
import sys
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType, TracebackType
from typing import Any, TextIO

STOPPING = (signal.SIGINT, signal.SIGTERM)


class Interrupted(SystemExit, KeyboardInterrupt):
    """Ctrl-C or SIGTERM has stopped a command; it exits with `code` without a message."""

    code: int


class ReaderGone(Exception):
    """The reader of standard output has gone away before all was written; nobody wants a message."""


def outlive_reader() -> None:
    """Print nothing when the reader of standard output goes away, in Scrapy's own commands and help too."""

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        # A broken pipe to another program is an error like any other.
        if not (isinstance(error, BrokenPipeError) and _is_reader_gone()):
            sys.__excepthook__(kind, error, trace)

    def discard() -> None:
        if _is_reader_gone():
            discard_output()

    def is_wanted(record: logging.LogRecord) -> bool:
        error = record.exc_info and record.exc_info[1]
        return not (isinstance(error, BrokenPipeError) and _is_reader_gone())

    sys.excepthook = show
    atexit.register(discard)
    # What Scrapy logs about a spider that prints, and about a feed.
    for name in ("scrapy.core.scraper", "scrapy.extensions.feedexport", "scrapy.utils.signal"):
        logging.getLogger(name).addFilter(is_wanted)


def _is_reader_gone() -> bool:
    poll = select.poll()
    if sys.stdout is not None:
        with suppress(TypeError, ValueError):  # it is a log (LOG_STDOUT), or closed
            poll.register(sys.stdout, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def discard_output() -> None:
    """Discard what is written to standard output from now on, and what Python has in its buffer."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def standard_output(is_needed_whole: bool = False) -> Iterator[TextIO]:
    """Yield standard output; a reader that has gone away ends the block without an error. Raises OSError.

    If the output `is_needed_whole`, such a reader raises ReaderGone.
    """
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        yield sys.stdout
        sys.stdout.flush()
    except OSError as error:
        discard_output()
        if not isinstance(error, BrokenPipeError):
            error.filename = error.filename or "standard output"
            raise
        if is_needed_whole:
            raise ReaderGone from error


def say(line: str) -> None:
    """Print a line about the work, if there is a standard output. Raises OSError."""
    if sys.stdout is not None:
        with standard_output() as stream:
            print(line, file=stream)


def trouble(line: str) -> None:
    """Print a line about a problem, if standard error is open."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(printable(line), file=sys.stderr, flush=True)


def complain(sentence: str) -> None:
    """Print the one line about a mistake or failure."""
    trouble(f"khobor: {sentence}")


def complain_of(problems: Sequence[str], thing: str, most: int = 20) -> None:
    """Print a line about each of the first problems, and one with the number of the others."""
    for sentence in problems[:most]:
        complain(sentence)
    if more := problems[most:]:
        complain(f"and {counted(len(more), thing)} more")


def _signal_again(number: int, ignored: Any) -> None:
    # Python ignores what is raised while it collects garbage, and would go on.
    if isinstance(ignored.exc_value, Interrupted):
        threading.Timer(0.01, os.kill, [os.getpid(), number]).start()
    else:
        sys.__unraisablehook__(ignored)


def _end_undisturbed() -> None:
    # Python restores the defaults when it ends: a signal would kill a command that is done.
    for number in (*STOPPING, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def stop_on_signals(exit_code: int | None) -> None:
    """Let Ctrl-C, SIGTERM and SIGHUP raise Interrupted with an exit code, by default 128 + the signal's number."""

    def stop(number: int, frame: FrameType | None) -> None:
        sys.unraisablehook = partial(_signal_again, number)
        raise Interrupted(exit_code or 128 + number)

    atexit.register(_end_undisturbed)
    terminals = [stream for stream in (1, 2) if os.isatty(stream)]

    def hang_up(number: int, frame: FrameType | None) -> None:
        # Only once: a second SIGTERM would interrupt the clean stop.
        signal.signal(number, signal.SIG_IGN)
        # Discard the output to a closed terminal; the rest is as for SIGTERM, whatever its handler is.
        for stream in terminals:
            if not os.isatty(stream):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        signal.raise_signal(signal.SIGTERM)

    for number, handler in ((signal.SIGINT, stop), (signal.SIGTERM, stop), (signal.SIGHUP, hang_up)):
        # A background process ignores Ctrl-C, and one under nohup ignores SIGHUP.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def printable(text: str) -> str:
    """Return a text with control, directional and invisible characters as escapes."""
    return "".join(one.encode("unicode_escape").decode("ascii") if _is_control(one) else one for one in text)


def _is_control(character: str) -> bool:
    # Bengali needs the joiners; other format characters change the direction of text or are invisible.
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in "\u200c\u200d"


def counted(number: int, thing: str) -> str:
    """Return `1 outlet`, `2 outlets`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def readable(count: float) -> str:
    """Return a number of bytes with a unit: `1.5 MB`, powers of 1000."""
    from rich import filesize  # every command loads this module

    return filesize.decimal(int(count))
