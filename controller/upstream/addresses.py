"""Whom we connect to when somebody else writes the address: never the machine's own, nor its cloud's.

Names are looked up here and the address that was looked at is the one that is connected to, for every
request: what a name says later, or where an answer points, changes nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

from controller.engine.errors import BadRequest

Address = IPv4Address | IPv6Address

METADATA = tuple(
    ip_network(network)
    for network in (
        "169.254.0.0/16",  # AWS, Azure, Google Cloud and others
        "fe80::/10",
        "fd00:ec2::/32",  # AWS by IPv6
        "fd20:ce::254/128",  # Google Cloud by IPv6
        "100.100.100.200/32",  # Alibaba Cloud
        "192.0.0.192/32",  # Oracle Cloud
        "168.63.129.16/32",  # Azure's own
    )
)
"""Where clouds tell a machine its credentials."""

TRANSLATED = ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for one of IPv4 (RFC 6052)."""


class BadAddress(BadRequest):
    """An address that is not connected to: ``host`` led to ``address``, ``fault`` is why."""

    def __init__(self, host: str, address: str, fault: str) -> None:
        super().__init__(f"{host} leads to {address}, which is not connected to: {fault}")
        self.host, self.address, self.fault = host, address, fault


def allowed(host: str, found: Iterable[str]) -> list[str]:
    """Return the addresses of a host. Raises BadAddress if any is one that we must not connect to."""
    addresses = list(dict.fromkeys(found))
    for address in addresses:
        if fault := fault_of(ip_address(address.partition("%")[0])):
            raise BadAddress(host, address, fault)
    return addresses


def fault_of(address: Address) -> str:
    """Return why an address is not connected to, "" if it may be. Clusters live in private networks too."""
    meant = _meant(address)
    if meant.is_loopback:
        return "" if settings.EVERYNODE_LOOPBACK_CLUSTERS else "it is this machine"
    if any(meant in network for network in METADATA if network.version == meant.version):
        return "it is where a cloud keeps credentials"
    if meant.is_multicast or meant.is_unspecified or meant.is_link_local:
        return "it is no address of a server"
    return ""


def _meant(address: Address) -> Address:
    """Return the IPv4 address that one of IPv6 stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host that we may connect to. Raises OSError, BadAddress."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return allowed(host, (str(each[4][0]) for each in found))
