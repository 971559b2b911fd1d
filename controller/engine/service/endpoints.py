"""Who is behind a Service: its Endpoints and EndpointSlices, as they should be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from controller.engine.objects import Manifest, Pod
from controller.engine.views import EndpointSlice, Service

LARGEST_SLICE = 100
"""The most addresses in one slice."""
MOST_ADDRESSES = 1000
"""The most addresses in Endpoints, which know no slices."""
SLICE_MANAGER = "endpointslice-controller.k8s.io"
SERVICE_LABEL = "kubernetes.io/service-name"
MANAGER_LABEL = "endpointslice.kubernetes.io/managed-by"
HEADLESS_LABEL = "service.kubernetes.io/headless"
ENDPOINTS_MANAGER = {"endpoints.kubernetes.io/managed-by": "endpoint-controller"}
TRUNCATED = {"endpoints.kubernetes.io/over-capacity": "truncated"}
ZONE_LABEL = "topology.kubernetes.io/zone"


class Port(NamedTuple):
    """A port of a Service as one pod has it."""

    name: str
    number: int
    protocol: str
    application: str

    @property
    def manifest(self) -> Manifest:
        """Return it as a slice holds it."""
        application = {"appProtocol": self.application} if self.application else {}
        return {"name": self.name, "port": self.number, "protocol": self.protocol, **application}


Ports = tuple[Port, ...]


class Place(NamedTuple):
    """What a slice should be: ``standing`` in a new shape, or a new one if that is None."""

    standing: EndpointSlice | None
    ports: Ports
    endpoints: list[Manifest]


def is_selected(service: Service, pod: Pod) -> bool:
    """Whether a pod bears what a Service selects."""
    return service.selector.items() <= pod.labels.items() and pod.namespace == service.namespace


def address_of(pod: Pod) -> str:
    """Return the address of a pod, or "" while it has none."""
    return (pod.manifest.get("status") or {}).get("podIP") or ""


def ports_of(service: Service, pod: Pod) -> Ports:
    """Return the ports of a Service that a pod has; a name that it does not have is left out."""
    found = ((port, target_of(port, pod)) for port in service.ports)
    return tuple(
        Port(port.get("name") or "", number, port["protocol"], port.get("appProtocol") or "")
        for port, number in found
        if number
    )


def target_of(port: Manifest, pod: Pod) -> int:
    """Return the number that a port of a Service leads to in a pod, 0 if it has no port of that name."""
    target = port.get("targetPort") or port["port"]
    if isinstance(target, int):
        return target
    for container in pod.manifest["spec"]["containers"]:
        for own in container.get("ports") or ():
            if own.get("name") == target and own.get("protocol", "TCP") == port["protocol"]:
                return int(own["containerPort"])
    return 0


# -- slices ----------------------------------------------------------------------------------------


class Member(NamedTuple):
    """A pod behind a Service: the Service's ports that it has, and what a slice and Endpoints tell of it."""

    pod: Pod
    ports: Ports
    zone: str
    ready: bool
    endpoint: Manifest
    address: Manifest


def member_of(service: Service, pod: Pod, zone: str) -> Member:
    """Return what a pod is to a Service that selects it, on a node of a zone."""
    ready = service.publishes_unready or (pod.ready and not pod.terminating)
    address, told = (
        address_of(pod),
        {**_hostname(service, pod), "nodeName": pod.node, "targetRef": _reference(pod)},
    )
    endpoint = {
        "addresses": [address],
        "conditions": {"ready": ready, "serving": pod.ready, "terminating": pod.terminating},
        **told,
        **({"zone": zone} if zone else {}),
    }
    return Member(pod, ports_of(service, pod), zone, ready, endpoint, {"ip": address, **told})


def wanted_endpoints(members: Iterable[Member]) -> dict[Ports, dict[str, Manifest]]:
    """Return the endpoints of a Service by their ports and the uid of their pod."""
    found: dict[Ports, dict[str, Manifest]] = defaultdict(dict)
    for member in members:
        found[member.ports][member.pod.uid] = member.endpoint
    return found


def _reference(pod: Pod) -> Manifest:
    return {"kind": "Pod", "namespace": pod.namespace, "name": pod.name, "uid": pod.uid}


def _hostname(service: Service, pod: Pod) -> Manifest:
    spec = pod.manifest["spec"]
    own = spec.get("hostname") and spec.get("subdomain") == service.name
    return {"hostname": spec["hostname"]} if own else {}


def arranged(
    wanted: Mapping[Ports, Mapping[str, Manifest]], standing: Iterable[EndpointSlice]
) -> Iterator[Place]:
    """Yield what each slice should be; standing ones that are not named should go.

    An endpoint stays in its slice, new ones fill slices up. If nobody is behind the Service, one empty
    slice stays.
    """
    slices = list(standing)
    by_ports: dict[Ports, list[EndpointSlice]] = defaultdict(list)
    for one in slices:
        by_ports[read_ports(one.manifest)].append(one)
    for ports in sorted(wanted):
        yield from _filled(ports, dict(wanted[ports]), by_ports[ports])
    if not wanted:
        yield Place(slices[0] if slices else None, (), [])


def read_ports(manifest: Manifest) -> Ports:
    """Return the ports of a slice."""
    return tuple(
        Port(
            port.get("name") or "",
            port.get("port") or 0,
            port.get("protocol") or "TCP",
            port.get("appProtocol") or "",
        )
        for port in manifest.get("ports") or ()
    )


def _filled(ports: Ports, left: dict[str, Manifest], standing: list[EndpointSlice]) -> Iterator[Place]:
    places = []
    for one in standing:
        uids = [(each.get("targetRef") or {}).get("uid") for each in one.manifest.get("endpoints") or ()]
        places.append(Place(one, ports, [left.pop(uid) for uid in uids if uid in left]))
    new = list(left.values())
    for place in places:
        room = LARGEST_SLICE - len(place.endpoints)
        place.endpoints.extend(new[:room])
        new = new[room:]
    yield from (place for place in places if place.endpoints)
    for first in range(0, len(new), LARGEST_SLICE):
        yield Place(None, ports, new[first : first + LARGEST_SLICE])


def labels_of(service: Service) -> dict[str, str]:
    """Return the labels of a Service's slices."""
    return {**_labels(service), SERVICE_LABEL: service.name, MANAGER_LABEL: SLICE_MANAGER}


def _labels(service: Service) -> dict[str, str]:
    return {**service.labels, **({HEADLESS_LABEL: ""} if service.headless else {})}


# -- Endpoints -------------------------------------------------------------------------------------


def wanted_subsets(service: Service, members: Iterable[Member]) -> list[Manifest]:
    """Return the subsets of a Service's Endpoints: ports with the same pods behind them share one."""
    behind: dict[Port | None, dict[str, Member]] = defaultdict(dict)
    for member in members:
        if not member.pod.terminating or service.publishes_unready:
            for port in member.ports or ((None,) if not service.ports and service.headless else ()):
                behind[port][member.pod.uid] = member
    groups: dict[tuple[str, ...], list[Port | None]] = defaultdict(list)
    for port, found in behind.items():
        groups[tuple(sorted(found))].append(port)
    subsets = [_subset(behind[ports[0]].values(), ports) for ports in groups.values()]
    return sorted(subsets, key=lambda subset: str(subset.get("ports")))


def _subset(members: Iterable[Member], ports: Iterable[Port | None]) -> Manifest:
    listed = sorted(members, key=lambda member: member.address["ip"])
    told = {
        # What is listed although it is not ready is told as ready, as in the slices.
        "addresses": [each.address for each in listed if each.ready],
        "notReadyAddresses": [each.address for each in listed if not each.ready],
        "ports": [_without_empty_name(port) for port in ports if port],
    }
    return {field: value for field, value in told.items() if value}


def _without_empty_name(port: Port) -> Manifest:
    return {field: value for field, value in port.manifest.items() if value != ""}


def wanted_meta(service: Service, standing: Manifest, subsets: list[Manifest]) -> Manifest:
    """Return labels and annotations of the Endpoints with these subsets, beside what stands there."""
    meta = {**standing, "labels": {**_labels(service), **ENDPOINTS_MANAGER}}
    kept = {key: text for key, text in (standing.get("annotations") or {}).items() if key not in TRUNCATED}
    annotations = {**kept, **(TRUNCATED if _counted(subsets) > MOST_ADDRESSES else {})}
    meta.pop("annotations", None)
    return {**meta, **({"annotations": annotations} if annotations else {})}


def cut(subsets: list[Manifest]) -> list[Manifest]:
    """Return subsets with no more addresses than Endpoints hold, those of ready pods first."""
    room = MOST_ADDRESSES
    if _counted(subsets) <= room:
        return subsets
    cuts: list[Manifest] = [dict(subset) for subset in subsets]
    for field in ("addresses", "notReadyAddresses"):
        for subset in cuts:
            kept = subset.pop(field, [])[:room]
            room -= len(kept)
            subset.update({field: kept} if kept else {})
    return [subset for subset in cuts if "addresses" in subset or "notReadyAddresses" in subset]


def _counted(subsets: list[Manifest]) -> int:
    fields = ("addresses", "notReadyAddresses")
    return sum(len(subset.get(field) or ()) for subset in subsets for field in fields)
