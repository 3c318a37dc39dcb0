"""Addresses as the outlets write them: only tracking parameters, the fragment and outer space are removed."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

from crawler.model.span import BadArgument

# Sharing buttons, feeds and mailings add these; the list of research/bengali.md §1.5 and similar ones.
TRACKING_PARAMETER = re.compile(r"(?:amp;)*(?:utm_\w+|at_(?:medium|campaign|format|link_\w+)|fbclid|gclid|ref)(?:=|$)")
WEB_ADDRESS = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)
HOST_NAME = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069<>\"'\\^`{|}%@]+")
PERCENT_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")


def clean(url: str) -> str:
    """Return an address without outer space, fragment and tracking parameters, every other byte untouched."""
    address = url.strip().partition("#")[0]
    path, question_mark, query = address.partition("?")
    parameters = query.split("&")
    kept = [parameter for parameter in parameters if not TRACKING_PARAMETER.match(parameter)]
    if len(kept) == len(parameters):
        return address
    return path + question_mark + "&".join(kept) if kept else path


def absolute(base: str, reference: str) -> str | None:
    """Return the cleaned web address of a link on the page `base`, or None if it is not a web address."""
    reference = reference.strip()
    try:
        # urljoin would rewrite an absolute address.
        address = reference if WEB_ADDRESS.match(reference) else urljoin(base, reference)
    except ValueError:
        return None
    return clean(address) if reference and is_web_address(address) else None


def is_web_address(url: str) -> bool:
    """Return whether this is an http or https address with a valid host and port, and without credentials."""
    try:
        url.encode()
        parts = urlsplit(url)
        is_web = bool(WEB_ADDRESS.match(url) and HOST_NAME.fullmatch(parts.hostname or ""))
        # Records and rows hold the address, and they are published.
        return is_web and parts.port != 0 and parts.username is None
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Return the lower-case host name of an address, "" if it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_within(url: str, domains: Iterable[str]) -> bool:
    host = host_of(url)
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def is_front_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.path.strip("/") == "" and not parts.query


def escaped(text: str) -> str:
    """Return a part of an address in one spelling: percent-encoded UTF-8 with upper-case escapes."""
    encoded = quote(text, safe="%/:@!$&'()*+,;=-._~?")
    return PERCENT_ESCAPE.sub(lambda match: match[0].upper(), encoded)


def decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return ""


def read_lines(file: str | None) -> list[bytes]:
    """Return the lines of a file of addresses without blank lines and comments. Raises BadArgument."""
    if not file:
        raise BadArgument("urls needs a file of addresses: -a file=PATH, or -a file=- for standard input.")
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise BadArgument(f"{file} can't be read: {error.strerror}.") from error
    # After a tab, the reason in a list of failed addresses.
    lines = (line.strip().partition(b"\t")[0].strip() for line in content.removeprefix(b"\xef\xbb\xbf").splitlines())
    return [line for line in lines if line and not line.startswith(b"#")]
