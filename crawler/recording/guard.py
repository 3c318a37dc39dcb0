"""The address guard: it refuses hosts that are not on the public internet."""

from ipaddress import ip_address
from typing import Any

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import HostResolution
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.abstract import isIPv6Address
from twisted.internet.address import IPv6Address as EndpointAddress
from twisted.internet.defer import Deferred

from crawler.model.private_addresses import is_private, literal_of, plain_host, private_literal


class PrivateAddress(IgnoreRequest):
    """The host is private and ALLOW_PRIVATE_ADDRESSES is off; nothing was sent, and no retry helps."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(f"{host} is at {address}, a private address (ALLOW_PRIVATE_ADDRESSES is off)")


class NoContact(IgnoreRequest):
    """The host is public and CONTACT is not set; nothing was sent."""


async def refuse_private(url: str, resolve: bool = True) -> None:
    """Raise PrivateAddress if the host of an address is private or has a private address in DNS.

    With `resolve` off only a literal address counts: a proxy resolves names itself.
    """
    host = plain_host(url)
    if not host:
        return
    if literal := private_literal(host):
        raise PrivateAddress(host, literal)
    if resolve and literal_of(host) is None:
        from twisted.internet import reactor  # importing it installs it

        addresses = _Addresses()
        reactor.nameResolver.resolveHostName(addresses, host)
        for address in await maybe_deferred_to_future(addresses.complete):
            if is_private(ip_address(address)):
                raise PrivateAddress(host, address)


def resolve_literals() -> None:
    """Make the reactor connect to IPv6 literals; Scrapy's resolvers know IPv4 only."""
    from twisted.internet import reactor  # importing it installs it

    if not isinstance(reactor.nameResolver, _LiteralResolver):
        reactor.installNameResolver(_LiteralResolver(reactor.nameResolver))


class GuardedEndpoint:
    """An endpoint that closes a connection to a private address before it sends a byte.

    DNS may change between a check and the connection; this is the connection's own address.
    """

    def __init__(self, endpoint: Any) -> None:
        self._endpoint = endpoint

    def __repr__(self) -> str:
        return repr(self._endpoint)

    def connect(self, factory: Any) -> Deferred[Any]:
        connecting: Deferred[Any] = self._endpoint.connect(_GuardedFactory(factory))
        return connecting


class _GuardedFactory:
    def __init__(self, factory: Any) -> None:
        self._factory = factory

    def __getattr__(self, name: str) -> Any:
        return getattr(self._factory, name)

    def buildProtocol(self, address: Any) -> Any:  # noqa: N802 (Twisted's name)
        if is_private(ip_address(address.host)):
            raise PrivateAddress(address.host, address.host)
        return self._factory.buildProtocol(address)


class _LiteralResolver:
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
    """Collects the addresses of the reactor's resolver, which its connections use."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.complete: Deferred[list[str]] = Deferred()

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 (Twisted's name)
        """Ignore the beginning."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802 (Twisted's name)
        self.found.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802 (Twisted's name)
        self.complete.callback(self.found)
