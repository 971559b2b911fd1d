"""Whom we connect to: never the machine's own services, nor its cloud's, whatever a name says later."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from pytest_django import Settings

from controller.upstream.addresses import BadAddress, allowed, fault_of, look_up


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.170.2",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "fe80::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "0.0.0.0",  # noqa: S104 - nothing listens there
        "::",
        "224.0.0.1",
        "ff02::1",
    ],
)
def test_refused(address: str) -> None:
    """Link-local, metadata, multicast and unspecified addresses are refused, also written as IPv6."""
    assert fault_of(ip_address(address))
    with pytest.raises(BadAddress, match=r"api\.example leads to"):
        allowed("api.example", ["10.0.0.1", address])


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "192.168.1.1", "172.16.0.1", "fd12::1", "34.1.2.3", "2600::1"]
)
def test_allowed(address: str) -> None:
    """Clusters live in private networks as well as in public ones."""
    assert allowed("api.example", [address, address]) == [address]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_loopback(address: str, settings: Settings) -> None:
    """This machine itself is a cluster only where a setting says so."""
    settings.EVERYNODE_LOOPBACK_CLUSTERS = False
    assert fault_of(ip_address(address))
    settings.EVERYNODE_LOOPBACK_CLUSTERS = True
    assert not fault_of(ip_address(address))


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "localhost"])
def test_other_ways_to_write_it(host: str, settings: Settings) -> None:
    """What the system makes of a name counts, not how it is written."""
    settings.EVERYNODE_LOOPBACK_CLUSTERS = False
    with pytest.raises(BadAddress):
        look_up(host, 443)
