"""The first line and the host of a request against the address that its record names."""

from __future__ import annotations

import re

LINE = re.compile(rb"[!-~]+ ([!-~]+) HTTP/1\.1")
AUTHORITY = re.compile(r"([^:/?#]+)://([^/?#]*)")
HOST = re.compile(rb"(?i)\r\nHost:[ \t]*([^\r]*?)[ \t]*(?=\r|\Z)")
PORTS = {"http": ":80", "https": ":443"}
# The client leaves out of a target what is empty in it; how many slashes it begins with depends on the version.
EMPTY = re.compile(r"^/+|;?\?$|;$|;(?=\?)")


def request_problem(head: bytes, uri: str) -> str | None:
    """Return what is wrong with a request's head, up to its blank line, sent for `uri`: to its host or to a proxy."""
    line = LINE.fullmatch(head.partition(b"\r\n")[0])
    if line is None:
        return "the block is no HTTP request"
    target = line[1].decode("ascii")
    if target != uri and _bare(target) != _bare(AUTHORITY.sub("", uri, count=1)):
        return f"the request is one for {target}, not for WARC-Target-URI"
    hosts = {host.decode("latin-1") for host in HOST.findall(head)}
    match = AUTHORITY.match(uri)
    if match is None or {_host(match[1], host) for host in hosts} == {_host(match[1], match[2])}:
        return None
    return f"the request's Host is {' and '.join(sorted(hosts)) or 'missing'}, not that of WARC-Target-URI"


def _host(scheme: str, authority: str) -> str:
    """Return a host as servers tell it from others: without a user's name, and the port that goes without saying."""
    host = authority.rpartition("@")[2].lower()
    return host.removesuffix(PORTS.get(scheme.lower(), ":")).removesuffix(":")


def _bare(target: str) -> str:
    return EMPTY.sub("", target)
