"""The address guard: hosts that are, or resolve to, places that are not on the public internet."""

from __future__ import annotations

import socket
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import HostResolution
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.abstract import isIPv6Address
from twisted.internet.address import IPv6Address as EndpointAddress
from twisted.internet.defer import Deferred

# The only IPv6 space that is routed (RFC 4291 §2.4), and the prefixes that carry an IPv4 address in it or
# beside it (NAT64 of RFC 6052; 6to4 and Teredo are known to `ipaddress`).
GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")


class PrivateAddressRefused(IgnoreRequest):
    """The host is private and ALLOW_PRIVATE_ADDRESSES is off; nothing was sent. Not an error to retry."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(f"{host} is at {address}, a private address (ALLOW_PRIVATE_ADDRESSES is off)")


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


async def refuse_private(url: str, resolve: bool = True) -> None:
    """Raise PrivateAddressRefused when the host of an address is private or has a private address in DNS.

    With `resolve` off only what the host says itself counts: behind a proxy, the proxy resolves names.
    """
    host = _host(url)
    if host is None:
        return
    if literal := _private_literal(host):
        raise PrivateAddressRefused(host, literal)
    if resolve and _literal(host) is None:
        for address in await _resolved(host):
            if is_private(ip_address(address)):
                raise PrivateAddressRefused(host, address)


def resolve_literals() -> None:
    """Let the reactor connect to IPv6 literals, whatever resolver it has: Scrapy's own know IPv4 only."""
    from twisted.internet import reactor  # noqa: PLC0415 (importing it installs it)

    if not isinstance(reactor.nameResolver, _LiteralResolver):
        reactor.installNameResolver(_LiteralResolver(reactor.nameResolver))


class GuardedEndpoint:
    """An endpoint that gives up a connection to a private address before a byte, TLS included, goes over it.

    What DNS says may change between a check and the connection; this is the connection's own address.
    """

    def __init__(self, endpoint: Any) -> None:
        self._endpoint = endpoint

    def __repr__(self) -> str:
        return repr(self._endpoint)

    def connect(self, factory: Any) -> Deferred[Any]:
        """Connect as the endpoint does; fails with PrivateAddressRefused."""
        connecting: Deferred[Any] = self._endpoint.connect(_GuardedFactory(factory))
        return connecting


class _GuardedFactory:
    """The factory of a guarded connection; everything but its verdict is the inner factory's."""

    def __init__(self, factory: Any) -> None:
        self._factory = factory

    def __getattr__(self, name: str) -> Any:
        return getattr(self._factory, name)

    def buildProtocol(self, address: Any) -> Any:  # noqa: N802 (Twisted's name)
        if is_private(ip_address(address.host)):
            raise PrivateAddressRefused(address.host, address.host)
        return self._factory.buildProtocol(address)


class _LiteralResolver:
    """A resolver that takes IPv6 literals at their word; everything else is the inner resolver's."""

    def __init__(self, resolver: Any) -> None:
        self._resolver = resolver

    def resolveHostName(self, receiver: Any, host: str, portNumber: int = 0, **wanted: Any) -> Any:  # noqa: N802, N803 (Twisted's names)
        if not isIPv6Address(host):
            return self._resolver.resolveHostName(receiver, host, portNumber=portNumber, **wanted)
        resolution = HostResolution(host)
        receiver.resolutionBegan(resolution)
        receiver.addressResolved(EndpointAddress("TCP", host, portNumber))
        receiver.resolutionComplete()
        return resolution


class _Addresses:
    """Collects what the reactor's resolver says, which is what its connections go to."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.complete: Deferred[list[str]] = Deferred()

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 (Twisted's name)
        """Nothing is to be noted at the beginning."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802 (Twisted's name)
        self.found.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802 (Twisted's name)
        self.complete.callback(self.found)


async def _resolved(host: str) -> list[str]:
    from twisted.internet import reactor  # noqa: PLC0415 (importing it installs it)

    addresses = _Addresses()
    reactor.nameResolver.resolveHostName(addresses, host)
    return await maybe_deferred_to_future(addresses.complete)


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
