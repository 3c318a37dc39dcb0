"""The address guard: hosts that are, or resolve to, places that are not on the public internet."""

from __future__ import annotations

import socket
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

# The only IPv6 space that is routed (RFC 4291 §2.4), and the prefixes that carry an IPv4 address in it or
# beside it (NAT64 of RFC 6052; 6to4 and Teredo are known to `ipaddress`).
GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")


def is_private(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address, or the IPv4 address inside it, is anything but a public unicast one."""
    if isinstance(address, IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_private(inner)
        return address not in GLOBAL_UNICAST or not address.is_global
    return address.is_multicast or not address.is_global


def private_hosts(urls: Iterable[str]) -> list[str]:
    """Return the hosts that are private by what they say, in any numeric spelling; no DNS is asked."""
    hosts = dict.fromkeys(_host(url) for url in urls)
    return [host for host in hosts if host is not None and _private_literal(host) is not None]


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _host(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    if host is None:
        return None
    # Full-width digits and ideographic full stops are what IDNA makes plain ones of.
    return unicodedata.normalize("NFKC", host).replace("。", ".").rstrip(".").lower()


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    with suppress(ValueError):
        return ip_address(host)
    try:
        # 127.1, 0x7f.1, 2130706433, 0177.0.0.1: what the C library takes for an address.
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        return None


def _private_literal(host: str) -> str | None:
    if host == "localhost" or host.endswith(".localhost"):
        return "loopback"
    address = _literal(host)
    return str(address) if address is not None and is_private(address) else None
