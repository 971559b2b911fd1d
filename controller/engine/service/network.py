"""The objects of a cluster that a packet meets, found by their addresses and names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from controller.engine.objects import Key, Manifest, Node, Pod
from controller.engine.remembered import remembered
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
NOWHERE = frozenset({"", "None"})
"""Addresses of who has none."""


class Backend(NamedTuple):
    """An address behind a port of a Service.

    ``node``, ``pod`` (a uid) and its ``place`` (namespace and name) are "" where nobody says.
    """

    address: str
    port: int
    node: str
    pod: str
    ready: bool
    serving: bool
    hostname: str
    place: tuple[str, str]


class Backends:
    """Who is behind a port of a Service, sorted once for all who call it."""

    def __init__(self, every: Iterable[Backend]) -> None:
        self.every = sorted(every)
        # As kube-proxy does: those that stop still serve where nobody is ready.
        ready = [each for each in self.every if each.ready]
        self.able = ready or [each for each in self.every if each.serving]

    @cached_property
    def near(self) -> dict[str, list[Backend]]:
        """Return those who are able, by their node."""
        found: dict[str, list[Backend]] = defaultdict(list)
        for each in self.able:
            found[each.node].append(each)
        return found


class Network:
    """A cluster's Services, pods and nodes, as they stood when it was made.

    A cluster may have a hundred thousand pods and a question seldom concerns more than a few: what is
    found by reading many of them is found when it is first asked for.
    """

    def __init__(
        self,
        services: Iterable[Service],
        slices: Iterable[EndpointSlice],
        nodes: Iterable[Node],
        pods: Mapping[Key, Pod],
    ) -> None:
        self.services = {(one.namespace, one.name): one for one in services}
        self.nodes = {one.name: one for one in nodes}
        self.pods = dict(pods)
        self._slices: dict[tuple[str, str], list[EndpointSlice]] = defaultdict(list)
        for one in slices:
            self._slices[one.namespace, one.service].append(one)
        self._backends: dict[tuple[str, str, str], Backends] = {}
        self._names: dict[tuple[str, str], list[Backend]] = {}

    def at(self, address: str) -> Pod | Node | Service | None:
        """Return who has an address."""
        return self._lasting.get(address) or self._pods_by_address.get(address)

    @cached_property
    def _lasting(self) -> dict[str, Node | Service]:
        found: dict[str, Node | Service] = {node.address: node for node in self.nodes.values()}
        found.update((service.address, service) for service in self.services.values())
        return {address: one for address, one in found.items() if address not in NOWHERE}

    @cached_property
    def _pods_by_address(self) -> dict[str, Pod]:
        found: dict[str, Pod] = {}
        for pod in self.pods.values():
            if pod.finished or shares_host(pod):
                continue
            address = address_of(pod)
            other = found.get(address)
            if address and (other is None or other.key < pod.key):
                found[address] = pod
        return found

    @cached_property
    def at_host(self) -> dict[str, list[Pod]]:
        """Return the pods that are reached by the address of their node, by that node."""
        found: dict[str, list[Pod]] = defaultdict(list)
        for pod in self.pods.values():
            if not pod.finished and _is_at_host(pod.manifest["spec"]):
                found[pod.node].append(pod)
        for pods in found.values():
            pods.sort(key=lambda pod: pod.key)
        return found

    @cached_property
    def node_ports(self) -> dict[int, tuple[Service, Manifest]]:
        """Return the Services that have a port of every node, with that entry of theirs, by the port."""
        held = ((one, each) for one in self.services.values() for each in one.ports if each.get("nodePort"))
        return {each["nodePort"]: (one, each) for one, each in held}

    def pod_of(self, backend: Backend) -> Pod | None:
        """Return the pod behind a Service, None if its slice names none that stands."""
        pod = self.pods.get(("Pod", *backend.place))
        return pod if pod and pod.uid == backend.pod else None

    def backends(self, service: Service, port: str) -> Backends:
        """Return who is behind the port of a Service with a name ("" for the only one), ready or not."""
        key = (service.namespace, service.name, port)
        if key not in self._backends:
            self._backends[key] = Backends(self._behind(service, port))
        return self._backends[key]

    def _behind(self, service: Service, port: str) -> Iterator[Backend]:
        for one in self._slices.get((service.namespace, service.name), ()):
            for each in one.manifest.get("ports") or ():
                if (each.get("name") or "") == port and each.get("port"):
                    yield from (
                        _backend(point, each["port"]) for point in one.manifest.get("endpoints") or ()
                    )

    def names(self, service: Service) -> list[Backend]:
        """Return the addresses that a headless Service is known by, with port 0."""
        key = (service.namespace, service.name)
        if key not in self._names:
            points = (
                point for one in self._slices.get(key, ()) for point in one.manifest.get("endpoints") or ()
            )
            self._names[key] = sorted({_backend(point, 0) for point in points})
        return self._names[key]


def _backend(point: Manifest, port: int) -> Backend:
    told = point.get("conditions") or {}
    ready = told.get("ready", True)
    pod = point.get("targetRef") or {}
    place = (pod.get("namespace") or "", pod.get("name") or "")
    serving = told.get("serving", ready)
    node, hostname = point.get("nodeName") or "", point.get("hostname") or ""
    uid, address = pod.get("uid") or "", point["addresses"][0]
    return Backend(address, port, node, uid, bool(ready), bool(serving), hostname, place)


@remembered
def _is_at_host(spec: Manifest) -> bool:
    """Whether a pod takes a port of its machine, or shares its network."""
    if spec.get("hostNetwork"):
        return True
    return any(port.get("hostPort") for box in spec["containers"] for port in box.get("ports") or ())


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
