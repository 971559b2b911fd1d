"""The rules of Endpoints that people write for a Service without a selector."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import each_invalid, invalid, required, unsupported
from controller.engine.admission.service import NO_ADDRESS
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

PROTOCOLS = ("SCTP", "TCP", "UDP")
ADDRESSES = ("addresses", "notReadyAddresses")
NOT_FROM_ELSEWHERE = {
    "is_unspecified": "may not be unspecified ({})",
    "is_loopback": "may not be in the loopback range (127.0.0.0/8, ::1/128)",
    "is_link_local": "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
}
"""Addresses that mean another machine on each machine."""


def with_protocols(raw: Manifest) -> Manifest:
    """Return Endpoints whose ports are of TCP where they do not say otherwise."""
    if not raw.get("subsets"):
        return raw
    subsets = [
        {**subset, "ports": [{"protocol": "TCP", **port} for port in subset["ports"]]}
        if subset.get("ports")
        else subset
        for subset in raw["subsets"]
    ]
    return {**raw, "subsets": subsets}


def endpoints_faults(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with Endpoints, in the order of the API server."""
    for number, subset in enumerate(manifest.get("subsets") or ()):
        path = f"subsets[{number}]"
        if not any(subset.get(field) for field in ADDRESSES):
            yield required(path, "must specify `addresses` or `notReadyAddresses`")
        for field in ADDRESSES:
            for index, address in enumerate(subset.get(field) or ()):
                yield from _address_faults(address, f"{path}.{field}[{index}]")
        ports = subset.get("ports") or ()
        for index, port in enumerate(ports):
            yield from _port_faults(port, f"{path}.ports[{index}]", needs_name=len(ports) > 1)


def endpoints_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with Endpoints that were changed: addresses that stay as they are may."""
    if old.get("subsets") != new.get("subsets"):
        yield from endpoints_faults(new)


def _address_faults(address: Manifest, path: str) -> Iterator[Cause]:
    text = address.get("ip") or ""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        yield invalid(f"{path}.ip", text, NO_ADDRESS)
        found = None
    if hostname := address.get("hostname"):
        yield from each_invalid(f"{path}.hostname", hostname, grammar.label(hostname))
    if node := address.get("nodeName"):
        yield from each_invalid(f"{path}.nodeName", node, grammar.subdomain(node))
    for test, said in NOT_FROM_ELSEWHERE.items():
        if found and getattr(found, test):
            yield invalid(f"{path}.ip", text, said.format(text))


def _port_faults(port: Manifest, path: str, *, needs_name: bool) -> Iterator[Cause]:
    name, protocol = port.get("name") or "", port["protocol"]
    if name:
        yield from each_invalid(f"{path}.name", name, grammar.label(name))
    elif needs_name:
        yield required(f"{path}.name")
    number = port.get("port") or 0
    yield from each_invalid(f"{path}.port", number, grammar.port_number(number))
    if protocol not in PROTOCOLS:
        yield unsupported(f"{path}.protocol", protocol, PROTOCOLS)
