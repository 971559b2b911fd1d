"""What a Service is given: an address of its own, and ports on every node.

Both are taken by what the other Services hold, so deleting one, or changing its type, frees them. Chance
has no part in it: what a Service gets follows from its name, and from what is taken.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from controller.engine.admission.field_errors import invalid
from controller.engine.admission.service import (
    EXTERNAL_NAME,
    HEADLESS,
    LOAD_BALANCER,
    WITH_ADDRESS,
    WITH_NODE_PORTS,
    is_address,
)
from controller.engine.errors import Cause, Invalid
from controller.engine.objects import Manifest

RANGE = ipaddress.ip_network("10.96.0.0/12")
GIVEN = ipaddress.ip_network("10.96.0.0/16")
"""What is given by itself; the rest of the range is for those who ask for an address."""
RESERVED = frozenset({"10.96.0.0", "10.96.0.1", "10.96.0.10", "10.96.255.255"})
"""The network, the API server, the name server and the broadcast."""
NODE_PORTS = range(30_000, 32_768)


@dataclass(frozen=True, slots=True)
class Taken:
    """The addresses and node ports that other Services hold."""

    addresses: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset()

    @classmethod
    def by(cls, services: Iterable[Manifest]) -> Self:
        """Return what Services hold."""
        specs = [one["spec"] for one in services]
        held = {address for spec in specs for address in spec.get("clusterIPs") or ()}
        return cls(frozenset(held - {HEADLESS}), frozenset(port for spec in specs for port in _held(spec)))


def _held(spec: Manifest) -> Iterator[int]:
    numbers = (port.get("nodePort", 0) for port in spec.get("ports") or ())
    return (number for number in (*numbers, spec.get("healthCheckNodePort", 0)) if number)


def with_addresses(new: Manifest, old: Manifest | None, taken: Callable[[], Taken]) -> Manifest:
    """Return a Service with the address and the node ports that its type has.

    ``old`` is the one whose place it takes: what it was given stays, or is freed with its type. Raises
    Invalid if what it asks for is not to be had.
    """
    spec = _kept(dict(new["spec"]), old["spec"]) if old else dict(new["spec"])
    if spec.get("clusterIP") and not spec.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"]]
    elif spec.get("clusterIPs") and not spec.get("clusterIP"):
        spec["clusterIP"] = spec["clusterIPs"][0]
    made = {**new, "spec": spec}
    held = taken()
    if spec["type"] in WITH_ADDRESS:
        causes = list(_family_faults(spec, old)) or list(_give_address(made, spec, old, held))
        if not causes and (spec["type"] in WITH_NODE_PORTS):
            causes = list(_give_ports(made, spec, old, held))
        if causes:
            raise Invalid("Service", new["metadata"].get("name", ""), causes)
    return made


# -- what stays, and what is freed -----------------------------------------------------------------


def _kept(spec: Manifest, before: Manifest) -> Manifest:
    if spec["type"] in WITH_ADDRESS and before["type"] in WITH_ADDRESS:
        _keep_address(spec, before)
    elif spec["type"] == EXTERNAL_NAME and spec.get("clusterIPs") == before.get("clusterIPs"):
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"):
            spec.pop(field, None)
    if spec["type"] in WITH_NODE_PORTS and before["type"] in WITH_NODE_PORTS:
        spec["ports"] = _keep_ports(spec.get("ports") or [], before.get("ports") or [])
        spec |= {field: before[field] for field in ("healthCheckNodePort",) if field in before}
    elif before["type"] in WITH_NODE_PORTS:
        _free_ports(spec, before)
    if spec["type"] != LOAD_BALANCER:
        spec.pop("healthCheckNodePort", None)
        spec.pop("allocateLoadBalancerNodePorts", None)
    return spec


def _keep_address(spec: Manifest, before: Manifest) -> None:
    address, addresses = before.get("clusterIP"), before.get("clusterIPs")
    if not spec.get("clusterIP"):
        spec |= {"clusterIP": address, "clusterIPs": addresses}
    elif spec["clusterIP"] != address and spec.get("clusterIPs") == addresses:
        spec["clusterIPs"] = [spec["clusterIP"]]
    elif not spec.get("clusterIPs"):
        spec["clusterIPs"] = addresses
    families: Manifest = {
        field: before[field] for field in ("ipFamilies", "ipFamilyPolicy") if field in before
    }
    spec |= {**families, **spec}


def _keep_ports(ports: list[Manifest], before: list[Manifest]) -> list[Manifest]:
    asked = {port["nodePort"] for port in ports if port.get("nodePort")}
    known = {(one["protocol"], one["port"]): one["nodePort"] for one in before if one.get("nodePort")}
    kept = []
    for port in ports:
        number = known.get((port["protocol"], port.get("port", 0)))
        free = number and not port.get("nodePort") and number not in asked
        kept.append({**port, "nodePort": number} if free else port)
    return kept


def _free_ports(spec: Manifest, before: Manifest) -> None:
    """Drop what came with the former type, unless somebody asks for another."""
    if set(_held({"ports": spec.get("ports")})) == set(_held({"ports": before.get("ports")})):
        spec["ports"] = [
            {field: value for field, value in port.items() if field != "nodePort"}
            for port in spec.get("ports") or []
        ]
    if spec.get("externalTrafficPolicy") == before.get("externalTrafficPolicy"):
        spec.pop("externalTrafficPolicy", None)


# -- what is given ---------------------------------------------------------------------------------


def _family_faults(spec: Manifest, old: Manifest | None) -> Iterator[Cause]:
    """Yield what is asked for anew that a cluster of one family of addresses, IPv4, does not have."""
    policy, families = spec.get("ipFamilyPolicy"), spec.get("ipFamilies") or ()
    before = old["spec"] if old else {}
    if (policy, families) == (before.get("ipFamilyPolicy"), before.get("ipFamilies") or ()):
        return
    if spec.get("clusterIP") == HEADLESS and not spec.get("selector"):
        return
    if policy == "SingleStack" and len(families) > 1:
        said = "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"
        yield invalid("spec.ipFamilyPolicy", policy, said)
        return
    if policy == "RequireDualStack":
        said = "this cluster is not configured for dual-stack services"
        yield invalid("spec.ipFamilyPolicy", policy, said)
    for index, family in enumerate(families):
        if family != "IPv4":
            yield invalid(f"spec.ipFamilies[{index}]", family, "not configured on this cluster")


def _give_address(made: Manifest, spec: Manifest, old: Manifest | None, held: Taken) -> Iterator[Cause]:
    both = spec.get("clusterIP") == HEADLESS and not spec.get("selector")
    spec.setdefault("ipFamilies", ["IPv4", "IPv6"] if both else ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "RequireDualStack" if both else "SingleStack")
    address = spec.get("clusterIP")
    if not address:
        spec["clusterIP"] = _free_address(made, held)
        spec["clusterIPs"] = [spec["clusterIP"]]
    elif is_address(address) and not (old and old["spec"].get("clusterIP") == address):
        said = f"failed to allocate IP {address}: "
        if ipaddress.ip_address(address) not in RANGE:
            said += "the provided network does not match the current range"
            yield invalid("spec.clusterIPs", spec["clusterIPs"], said)
        elif address in held.addresses:
            yield invalid("spec.clusterIPs", spec["clusterIPs"], said + "provided IP is already allocated")


def _free_address(manifest: Manifest, held: Taken) -> str:
    first = int.from_bytes(_digest(manifest, "address")[:2])
    for step in range(GIVEN.num_addresses):
        address = str(GIVEN[(first + step) % GIVEN.num_addresses])
        if address not in held.addresses and address not in RESERVED:
            return address
    said = "failed to allocate a serviceIP: range is full"
    raise Invalid("Service", manifest["metadata"].get("name", ""), [invalid("spec.clusterIPs", [], said)])


def _give_ports(made: Manifest, spec: Manifest, old: Manifest | None, held: Taken) -> Iterator[Cause]:
    """Give node ports, and yield the first of those asked for that is not to be had."""
    mine, used = set(_held(old["spec"]) if old else ()), set(held.ports)
    # One number serves both protocols of a port, as of a name server.
    asked = {
        port.get("port", 0): port["nodePort"] for port in spec.get("ports") or () if port.get("nodePort")
    }
    shared: dict[int, int] = {}
    given = spec["type"] != LOAD_BALANCER or spec.get("allocateLoadBalancerNodePorts")
    ports = [dict(port) for port in spec.get("ports") or ()]
    for index, port in enumerate(ports):
        place = port.get("port", 0)
        number = port.get("nodePort") or shared.get(place) or asked.get(place)
        if not number and given:
            number = _free_port(made, port, used)
        elif number and number not in mine and shared.get(place) != number:
            said = _refusal(number, used)
            if said:
                yield invalid(f"spec.ports[{index}].nodePort", number, said)
                return
        if number:
            port["nodePort"] = number
            shared.setdefault(place, number)
            used.add(number)
    if spec["type"] == LOAD_BALANCER and spec.get("externalTrafficPolicy") == "Local":
        spec["healthCheckNodePort"] = spec.get("healthCheckNodePort") or _free_port(made, {}, used)
    spec["ports"] = ports


def _refusal(number: int, used: set[int]) -> str:
    if number not in NODE_PORTS:
        valid = f"{NODE_PORTS.start}-{NODE_PORTS.stop - 1}"
        return f"provided port is not in the valid range. The range of valid ports is {valid}"
    return "provided port is already allocated" if number in used else ""


def _free_port(manifest: Manifest, port: Manifest, used: set[int]) -> int:
    first = int.from_bytes(_digest(manifest, str(port.get("port", "")))[:2])
    for step in range(len(NODE_PORTS)):
        number = NODE_PORTS[(first + step) % len(NODE_PORTS)]
        if number not in used:
            used.add(number)
            return number
    name = manifest["metadata"].get("name", "")
    said = "failed to allocate a nodePort: range is full"
    raise Invalid("Service", name, [invalid("spec.ports[0].nodePort", 0, said)])


def _digest(manifest: Manifest, about: str) -> bytes:
    meta = manifest["metadata"]
    return hashlib.sha256(f"{meta.get('namespace')}/{meta.get('name')}/{about}".encode()).digest()
