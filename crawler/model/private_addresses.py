"""Hosts and IP addresses that are not on the public internet."""

import socket
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from crawler.model.addresses import host_of

# The only routed IPv6 space (RFC 4291 §2.4), and NAT64, which carries an IPv4 address (RFC 6052).
GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")


def is_private(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address, or the IPv4 address inside it, is not a public unicast one."""
    if isinstance(address, IPv4Address):
        return address.is_multicast or not address.is_global
    if (inner := _inner(address)) is not None:
        return is_private(inner)
    return address not in GLOBAL_UNICAST or not address.is_global


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def private_hosts(urls: Iterable[str]) -> list[str]:
    """Return the hosts that are private as written, in any numeric spelling, without a DNS lookup."""
    return [host for host in dict.fromkeys(map(plain_host, urls)) if private_literal(host) is not None]


def plain_host(url: str) -> str:
    """Return the host of an address as IDNA maps it: plain digits and full stops; "" if it has none."""
    return unicodedata.normalize("NFKC", host_of(url)).replace("。", ".").rstrip(".").lower()


def literal_of(host: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that a host is in any numeric spelling, None for a name."""
    with suppress(ValueError):
        return ip_address(host)
    try:
        # The C library reads 127.1, 0x7f.1, 2130706433 and 0177.0.0.1 as addresses.
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        return None


def private_literal(host: str) -> str | None:
    """Return the private IP address that a host is, `loopback` for localhost, None for any other host."""
    if host == "localhost" or host.endswith(".localhost"):
        return "loopback"
    address = literal_of(host)
    return str(address) if address is not None and is_private(address) else None
