"""The first line of a request against the address that its record names."""

from __future__ import annotations

import re

LINE = re.compile(rb"[!-~]+ ([!-~]+) HTTP/1\.1")
AUTHORITY = re.compile(r"[^:/?#]+://[^/?#]*")
# The client leaves out of a target what is empty in it; how many slashes it begins with depends on the version.
EMPTY = re.compile(r"^/+|;?\?$|;$|;(?=\?)")


def request_problem(head: bytes, uri: str) -> str | None:
    """Return what is wrong with a request's head, up to its blank line, sent for `uri`: to its host or to a proxy."""
    line = LINE.fullmatch(head.partition(b"\r\n")[0])
    if line is None:
        return "the block is no HTTP request"
    target = line[1].decode("ascii")
    if target == uri or _bare(target) == _bare(AUTHORITY.sub("", uri, count=1)):
        return None
    return f"the request is one for {target}, not for WARC-Target-URI"


def _bare(target: str) -> str:
    return EMPTY.sub("", target)
