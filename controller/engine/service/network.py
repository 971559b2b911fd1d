"""The objects of a cluster that a packet meets, found by their addresses and names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

from controller.engine.objects import Manifest, Node, Pod
from controller.engine.service.endpoints import address_of
from controller.engine.views import EndpointSlice, Service

PORTS_BY_IMAGE = {
    "nginx": 80,
    "httpd": 80,
    "apache": 80,
    "whoami": 80,
    "redis": 6379,
    "postgres": 5432,
    "mysql": 3306,
    "mongo": 27017,
    "memcached": 11211,
    "node-exporter": 9100,
    "prometheus": 9090,
    "fluentd": 24224,
    "kubia": 8080,
}
"""Where the programs of known images listen, by a word in the name of the image."""


class Backend(NamedTuple):
    """An address behind a port of a Service. ``node`` and ``pod`` (a uid) are "" where nobody says."""

    address: str
    port: int
    node: str
    pod: str
    ready: bool
    serving: bool
    hostname: str


@dataclass(frozen=True, slots=True)
class Network:
    """A cluster's Services, pods and nodes. ``on_node`` are the pods that are bound, by node."""

    services: dict[tuple[str, str], Service]
    slices: dict[tuple[str, str], list[EndpointSlice]]
    nodes: dict[str, Node]
    pods: dict[str, Pod]
    on_node: dict[str, list[Pod]]
    by_address: dict[str, Pod | Node | Service]

    @classmethod
    def of(
        cls,
        services: Iterable[Service],
        slices: Iterable[EndpointSlice],
        nodes: Iterable[Node],
        pods: Iterable[Pod],
    ) -> Self:
        """Index the objects of a cluster."""
        made = cls({}, defaultdict(list), {}, {}, defaultdict(list), {})
        for pod in sorted(pods, key=lambda pod: pod.key):
            made.pods[pod.uid] = pod
            made.on_node[pod.node].append(pod)
            if not pod.finished and not shares_host(pod):
                made.by_address[address_of(pod)] = pod
        for node in nodes:
            made.nodes[node.name] = node
            made.by_address[node.address] = node
        for service in services:
            made.services[service.namespace, service.name] = service
            made.by_address[service.address] = service
        for one in slices:
            made.slices[one.namespace, one.service].append(one)
        for nowhere in ("", "None"):
            made.by_address.pop(nowhere, None)
        return made

    def backends(self, service: Service, port: str) -> list[Backend]:
        """Return who is behind the port of a Service with a name ("" for the only one), ready or not."""
        found = []
        for one in self.slices.get((service.namespace, service.name), ()):
            for each in one.manifest.get("ports") or ():
                if (each.get("name") or "") == port and each.get("port"):
                    found += [_backend(point, each["port"]) for point in one.manifest.get("endpoints") or ()]
        return sorted(found)

    def names(self, service: Service) -> list[Backend]:
        """Return the addresses that a headless Service is known by, with port 0."""
        slices = self.slices.get((service.namespace, service.name), ())
        points = (point for one in slices for point in one.manifest.get("endpoints") or ())
        return sorted({_backend(point, 0) for point in points})


def _backend(point: Manifest, port: int) -> Backend:
    told = point.get("conditions") or {}
    ready = told.get("ready", True)
    uid = (point.get("targetRef") or {}).get("uid") or ""
    serving = told.get("serving", ready)
    node, hostname = point.get("nodeName") or "", point.get("hostname") or ""
    return Backend(point["addresses"][0], port, node, uid, bool(ready), bool(serving), hostname)


def shares_host(pod: Pod) -> bool:
    """Whether a pod is in the network of its machine."""
    return bool(pod.manifest["spec"].get("hostNetwork"))


def runs(pod: Pod) -> bool:
    """Whether a container of the pod runs."""
    entries = (pod.manifest.get("status") or {}).get("containerStatuses") or ()
    return not pod.finished and any("running" in (entry.get("state") or {}) for entry in entries)


def listens(pod: Pod, port: int) -> bool:
    """Whether a container of a pod has a port open.

    In Kubernetes only the program knows. Here it is the ports that a container declares; if it declares
    none, that of a known image; if it is not known and has no command of its own, any.
    """
    return any(_listens(container, port) for container in pod.manifest["spec"]["containers"])


def _listens(container: Manifest, port: int) -> bool:
    declared = container.get("ports")
    if declared:
        return any(each.get("containerPort") == port for each in declared)
    if container.get("command"):
        return False
    image = container["image"].rpartition("/")[2]
    known = [number for word, number in PORTS_BY_IMAGE.items() if word in image]
    return port in known if known else not container.get("args")


def host_port(pod: Pod, port: int) -> int:
    """Return the container's port that a pod is given a port of its machine for, 0 if it has none."""
    for container in pod.manifest["spec"]["containers"]:
        for each in container.get("ports") or ():
            if each.get("hostPort") == port:
                return int(each["containerPort"])
    return 0
