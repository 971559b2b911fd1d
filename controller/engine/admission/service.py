"""Services: their defaults and their rules. Which addresses they are given is in ``addresses``."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import (
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    required,
    unsupported,
)
from controller.engine.admission.metadata import labels_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

CLUSTER_IP, NODE_PORT, LOAD_BALANCER, EXTERNAL_NAME = "ClusterIP", "NodePort", "LoadBalancer", "ExternalName"
TYPES = (CLUSTER_IP, EXTERNAL_NAME, LOAD_BALANCER, NODE_PORT)
WITH_ADDRESS = frozenset({CLUSTER_IP, NODE_PORT, LOAD_BALANCER})
WITH_NODE_PORTS = frozenset({NODE_PORT, LOAD_BALANCER})
PROTOCOLS = ("SCTP", "TCP", "UDP")
POLICIES = ("Cluster", "Local")
AFFINITIES = ("ClientIP", "None")
AFFINITY_SECONDS = 10_800
LONGEST_AFFINITY = 86_400
KUBELET_PORT = 10_250
HEADLESS = "None"


def service(raw: Manifest) -> Manifest:
    """Return a Service with what does not depend on others filled in."""
    spec = {"type": CLUSTER_IP, "sessionAffinity": "None", **(raw.get("spec") or {})}
    if spec["sessionAffinity"] == "ClientIP":
        spec.setdefault("sessionAffinityConfig", {"clientIP": {"timeoutSeconds": AFFINITY_SECONDS}})
    elif spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    if spec["type"] in WITH_NODE_PORTS or (spec["type"] == CLUSTER_IP and spec.get("externalIPs")):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if spec["type"] in WITH_ADDRESS:
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec["type"] == LOAD_BALANCER:
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    if spec.get("ports"):
        spec["ports"] = [_port(port) for port in spec["ports"]]
    return {**raw, "spec": spec}


def _port(raw: Manifest) -> Manifest:
    return {"protocol": "TCP", **raw, "targetPort": raw.get("targetPort") or raw.get("port", 0)}


def service_faults(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a Service, in the order of the API server."""
    spec = manifest["spec"]
    ports = spec.get("ports") or []
    if not ports and not is_headless(spec) and spec["type"] != EXTERNAL_NAME:
        yield required("spec.ports")
    yield from _type_faults(spec, ports)
    names: set[str] = set()
    for index, port in enumerate(ports):
        yield from _port_faults(port, f"spec.ports[{index}]", names, named=len(ports) > 1)
    yield from labels_faults(spec.get("selector"), "spec.selector")
    yield from _affinity_faults(spec)
    yield from _address_faults(spec)
    if spec["type"] not in TYPES:
        yield unsupported("spec.type", spec["type"], TYPES)
    yield from _twin_faults(spec, ports)
    yield from _policy_faults(spec)


def service_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a changed Service: its address stays, and the rest is held to the rules."""
    before, after = old["spec"], new["spec"]
    if EXTERNAL_NAME not in {before["type"], after["type"]} and not is_headless(before, after):
        given = after.get("clusterIPs") or []
        for index, address in enumerate(before.get("clusterIPs") or []):
            if index >= len(given):
                yield invalid("spec.clusterIPs[0]", given, "primary clusterIP can not be unset")
            elif address != given[index]:
                yield invalid(f"spec.clusterIPs[{index}]", given, "may not change once set")
    yield from service_faults(new)


def is_headless(*specs: Manifest) -> bool:
    """Whether Services have no address of their own."""
    return all(spec.get("clusterIP") == HEADLESS for spec in specs)


def _type_faults(spec: Manifest, ports: list[Manifest]) -> Iterator[Cause]:
    if spec["type"] == LOAD_BALANCER:
        said = f"may not expose port {KUBELET_PORT} externally since it is used by kubelet"
        for index, port in enumerate(ports):
            if port.get("port") == KUBELET_PORT:
                yield invalid(f"spec.ports[{index}].port", KUBELET_PORT, said)
    if spec["type"] in WITH_NODE_PORTS and is_headless(spec):
        said = f"may not be set to 'None' for {spec['type']} services"
        yield invalid("spec.clusterIPs[0]", HEADLESS, said)
    if spec["type"] == EXTERNAL_NAME:
        for field in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if spec.get(field):
                yield forbidden(f"spec.{field}", "may not be set for ExternalName services")
        name = (spec.get("externalName") or "").removesuffix(".")
        if name:
            yield from each_invalid("spec.externalName", name, grammar.subdomain(name))
        else:
            yield required("spec.externalName")


def _port_faults(port: Manifest, path: str, names: set[str], *, named: bool) -> Iterator[Cause]:
    name, number, target = port.get("name") or "", port.get("port", 0), port["targetPort"]
    if name:
        yield from each_invalid(f"{path}.name", name, grammar.label(name))
        if name in names:
            yield duplicate(f"{path}.name", name)
        names.add(name)
    elif named:
        yield required(f"{path}.name")
    yield from each_invalid(f"{path}.port", number, grammar.port_number(number))
    if port["protocol"] not in PROTOCOLS:
        yield unsupported(f"{path}.protocol", port["protocol"], PROTOCOLS)
    wrong = grammar.port_name(target) if isinstance(target, str) else grammar.port_number(target)
    yield from each_invalid(f"{path}.targetPort", target, wrong)
    if application := port.get("appProtocol"):
        yield from each_invalid(f"{path}.appProtocol", application, grammar.qualified_name(application))


def _affinity_faults(spec: Manifest) -> Iterator[Cause]:
    affinity, config = spec["sessionAffinity"], spec.get("sessionAffinityConfig")
    if affinity not in AFFINITIES:
        yield unsupported("spec.sessionAffinity", affinity, AFFINITIES)
    if affinity == "ClientIP":
        path = "spec.sessionAffinityConfig.clientIP"
        seconds = ((config or {}).get("clientIP") or {}).get("timeoutSeconds")
        if seconds is None:
            yield required(path, "when session affinity type is ClientIP")
        elif not 0 < seconds <= LONGEST_AFFINITY:
            said = f"must be greater than 0 and less than {LONGEST_AFFINITY}"
            yield invalid(f"{path}.timeoutSeconds", seconds, said)


def _address_faults(spec: Manifest) -> Iterator[Cause]:
    for index, address in enumerate(spec.get("clusterIPs") or ()):
        if not is_address(address) and not (address == HEADLESS and not index):
            yield invalid(f"spec.clusterIPs[{index}]", address, NO_ADDRESS)
    for index, address in enumerate(spec.get("externalIPs") or ()):
        if not is_address(address):
            yield invalid(f"spec.externalIPs[{index}]", address, NO_ADDRESS)


NO_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def is_address(text: str) -> bool:
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _twin_faults(spec: Manifest, ports: list[Manifest]) -> Iterator[Cause]:
    """Yield node ports that may not be there, and ports that stand there twice."""
    for index, port in enumerate(ports):
        if spec["type"] == CLUSTER_IP and port.get("nodePort"):
            said = "may not be used when `type` is 'ClusterIP'"
            yield forbidden(f"spec.ports[{index}].nodePort", said)
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        pair = (port["protocol"], port.get("nodePort", 0))
        if pair[1] and pair in seen:
            yield duplicate(f"spec.ports[{index}].nodePort", pair[1])
        seen.add(pair)
    seen = set()
    for index, port in enumerate(ports):
        pair = (port["protocol"], port.get("port", 0))
        if pair in seen:
            yield duplicate(f"spec.ports[{index}]", _shown(*pair))
        seen.add(pair)


def _shown(protocol: str, port: int) -> Manifest:
    """Return how the API server words a port that is told by its protocol and number alone."""
    words = {"Name": "", "Protocol": protocol, "AppProtocol": None, "Port": port}
    return {**words, "TargetPort": 0, "NodePort": 0}


def _policy_faults(spec: Manifest) -> Iterator[Cause]:
    outside, inside = spec.get("externalTrafficPolicy"), spec.get("internalTrafficPolicy")
    reached = spec["type"] in WITH_NODE_PORTS or (spec["type"] == CLUSTER_IP and spec.get("externalIPs"))
    if outside and not reached:
        said = "may only be set for externally-accessible services"
        yield invalid("spec.externalTrafficPolicy", outside, said)
    elif outside and outside not in POLICIES:
        yield unsupported("spec.externalTrafficPolicy", outside, POLICIES)
    if inside and inside not in POLICIES:
        yield unsupported("spec.internalTrafficPolicy", inside, POLICIES)
