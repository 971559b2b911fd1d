"""Four ways to talk to the pods of a DaemonSet, and whom each reaches.

The pods push to a sink; somebody calls nodes at a known port; a name gives the addresses of the pods; a
Service leads from each node to a pod, to the one beside it if its policy says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from controller.engine.matching.labels import matches
from controller.engine.objects import DaemonSet, Manifest, Pod
from controller.engine.service.endpoints import address_of
from controller.engine.service.network import Network, runs
from controller.engine.service.reach import OUTSIDE, Reply, Source, Why, call, connect, connect_to, is_down
from controller.engine.views import Service

QUARANTINE = "quarantine"
"""The value of a label that takes a pod out of everything that selects by it."""
DISCARD = 9
"""A port at which nobody listens."""


class Pattern(StrEnum):
    """The ways, in the order of the documentation of Kubernetes."""

    PUSH = "push"
    NODE = "node"
    NAME = "name"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Hop:
    """One call of a way. ``pod`` is the daemon pod of the ``node``; no reply: there is nobody to call."""

    node: str
    pod: Pod | None
    reply: Reply | None


@dataclass(frozen=True, slots=True)
class Way:
    """A pattern, what is called, the Service it goes by, and a call for each node.

    ``target`` is "" and there are no hops if there is nothing to call.
    """

    pattern: Pattern
    target: str
    service: Service | None = None
    hops: tuple[Hop, ...] = ()


def ways(network: Network, owner: DaemonSet, sink: str = "") -> list[Way]:
    """Return the four ways for a set; ``sink`` (a name, a colon and a port) is found if it is not given."""
    own = (pod for pod in network.pods.values() if pod.owner == owner.uid)
    standing = {pod.node: pod for pod in sorted(own, key=_liveliest)}
    places = [(node, standing.get(node)) for node in sorted(network.nodes)]
    return [
        _push(network, places, sink or default_sink(network, owner)),
        _by_node(network, places, known_port(owner)),
        _by_name(network, places, _chosen(network, owner, headless=True), own_port(owner)),
        _by_service(network, places, _chosen(network, owner, headless=False)),
    ]


Places = list[tuple[str, Pod | None]]


def _liveliest(pod: Pod) -> tuple[bool, bool, str]:
    return (not pod.terminating and not pod.finished, pod.ready, pod.name)


def known_port(owner: DaemonSet) -> int:
    """Return the port of a machine at which the pod there is to be found: given to it, or else its own."""
    given = (port["hostPort"] for port in _ports(owner) if port.get("hostPort"))
    return int(next(given, own_port(owner)))


def own_port(owner: DaemonSet) -> int:
    """Return the first port of the pods of a set, 0 if they declare none."""
    return int(next((port["containerPort"] for port in _ports(owner)), 0))


def _ports(owner: DaemonSet) -> list[Manifest]:
    return [port for box in owner.template["spec"]["containers"] for port in box.get("ports") or ()]


def default_sink(network: Network, owner: DaemonSet) -> str:
    """Return the first Service of the namespace that leads to somebody else, with its port."""
    for (namespace, name), service in sorted(network.services.items()):
        if (
            namespace == owner.namespace
            and service.followed
            and service.ports
            and not _selects(service, owner)
        ):
            return f"{name}:{service.ports[0]['port']}"
    return ""


def _selects(service: Service, owner: DaemonSet) -> bool:
    labels = (owner.template.get("metadata") or {}).get("labels") or {}
    return service.followed and service.selector.items() <= labels.items()


def _chosen(network: Network, owner: DaemonSet, *, headless: bool) -> Service | None:
    """Return the Service of the set's pods, one that keeps to the node if there is one."""
    found = [
        service
        for (namespace, _name), service in sorted(network.services.items())
        if namespace == owner.namespace and _selects(service, owner) and service.headless is headless
    ]
    local = [one for one in found if one.manifest["spec"].get("internalTrafficPolicy") == "Local"]
    return next(iter([*local, *found]), None)


def _push(network: Network, places: Places, sink: str) -> Way:
    host, _, port = sink.rpartition(":")
    if not host or not port.isdecimal():
        return Way(Pattern.PUSH, "")

    def pushed(pod: Pod | None) -> Reply | None:
        if pod and not runs(pod):
            return Reply(host, int(port), Why.NOT_RUNNING, pod, pod.node)
        return call(network, Source.of(pod), host, int(port)) if pod else None

    return Way(Pattern.PUSH, sink, None, tuple(Hop(node, pod, pushed(pod)) for node, pod in places))


def _by_node(network: Network, places: Places, port: int) -> Way:
    if not port:
        return Way(Pattern.NODE, "")
    hops = (
        Hop(node, pod, connect(network, OUTSIDE, network.nodes[node].address, port) if pod else None)
        for node, pod in places
    )
    return Way(Pattern.NODE, f":{port}", None, tuple(hops))


def _by_name(network: Network, places: Places, service: Service | None, port: int) -> Way:
    if service is None:
        return Way(Pattern.NAME, "")
    listed = {each.address for each in network.names(service) if each.ready}
    inside = Source(next((node for node, _ in places if not is_down(network, node)), ""))

    def looked_up(pod: Pod) -> Reply:
        address = address_of(pod)
        if address not in listed:
            return Reply(address, port, Why.NOT_LISTED, pod, pod.node)
        return connect_to(network, inside, pod, port)

    hops = tuple(Hop(node, pod, looked_up(pod) if pod else None) for node, pod in places)
    return Way(Pattern.NAME, f"{service.name}:{port}", service, hops)


def _by_service(network: Network, places: Places, service: Service | None) -> Way:
    if service is None or not service.ports:
        return Way(Pattern.SERVICE, "")
    port = service.ports[0]["port"]
    hops = (Hop(node, pod, connect(network, Source(node), service.address, port)) for node, pod in places)
    return Way(Pattern.SERVICE, f"{service.name}:{port}", service, tuple(hops))


def let_go(network: Network, owner: DaemonSet) -> list[Pod]:
    """Return the pods that were taken out of a set by a label of theirs."""
    key = selecting_label(owner)
    away = (pod for pod in network.pods.values() if pod.labels.get(key) == QUARANTINE)
    return sorted((pod for pod in away if pod.namespace == owner.namespace), key=lambda pod: pod.key)


def selecting_label(owner: DaemonSet) -> str:
    """Return a label without whose value a pod is not the set's, "" if there is none."""
    labels: dict[str, str] = (owner.template.get("metadata") or {}).get("labels") or {}
    keys = (key for key in sorted(labels) if not matches(owner.selector, {**labels, key: QUARANTINE}))
    return next(keys, "")


# -- what a way needs ------------------------------------------------------------------------------


def pieces(owner: DaemonSet, found: list[Way]) -> Iterator[tuple[str, Manifest]]:
    """Yield what is to be created, as kind and manifest, so that every way has something to call."""
    missing = {way.pattern for way in found if not way.target}
    labels = (owner.template.get("metadata") or {}).get("labels") or {}
    port = {"port": own_port(owner) or 80}
    if Pattern.PUSH in missing:
        box = {"name": "main", "image": "sink:1", "ports": [{"containerPort": 8080}]}
        meta = {"name": f"{owner.name}-sink", "namespace": owner.namespace}
        own = {"app": meta["name"]}
        yield "Pod", {"metadata": {**meta, "labels": own}, "spec": {"containers": [box]}}
        yield "Service", {"metadata": meta, "spec": {"selector": own, "ports": [{"port": 8080}]}}
    if Pattern.NAME in missing:
        yield "Service", _service(owner, "pods", clusterIP="None", selector=labels, ports=[port])
    if Pattern.SERVICE in missing:
        spec = {"selector": labels, "ports": [port], "internalTrafficPolicy": "Local"}
        yield "Service", _service(owner, "local", **spec)


def _service(owner: DaemonSet, suffix: str, **spec: object) -> Manifest:
    return {"metadata": {"name": f"{owner.name}-{suffix}", "namespace": owner.namespace}, "spec": spec}
