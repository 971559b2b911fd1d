"""Who answers: from a pod, a machine or outside, to a name or an address and a port; or why nobody does.

The rules of cluster DNS, of kube-proxy and of host ports. Not simulated: NetworkPolicies, and anything
beyond the cluster. Where kube-proxy takes chance, ``turn`` picks: each in its turn.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from controller.engine.objects import Node, Pod
from controller.engine.service.endpoints import address_of
from controller.engine.service.network import (
    Backend,
    Backends,
    Network,
    host_port,
    listens,
    runs,
    shares_host,
)
from controller.engine.views import Service

DOMAIN = "cluster.local"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MOST_ALIASES = 8
"""How many Services of type ExternalName a name may lead along before the name server gives up."""


class Why(StrEnum):
    """Why nobody answers; words are made where it is shown."""

    NO_NAME = "no-name"
    NO_CLUSTER_NAMES = "no-cluster-names"
    OUTSIDE = "outside"
    NOBODY_LISTED = "nobody-listed"
    NOT_LISTED = "not-listed"
    NO_ADDRESS = "no-address"
    CLUSTER_ONLY = "cluster-only"
    NO_SERVICE_PORT = "no-service-port"
    NO_ENDPOINTS = "no-endpoints"
    NONE_READY = "none-ready"
    NONE_LOCAL = "none-local"
    PORT_CLOSED = "port-closed"
    NOT_RUNNING = "not-running"
    NO_HOST_PORT = "no-host-port"
    NODE_DOWN = "node-down"
    SOURCE_DOWN = "source-down"


REFUSED = frozenset({Why.NO_ENDPOINTS, Why.NONE_READY, Why.PORT_CLOSED, Why.NOT_RUNNING, Why.NO_HOST_PORT})
"""What is refused at once; to all the rest nobody says anything, until the caller gives up."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who calls: a pod on its node, a node itself, or somebody outside (neither)."""

    node: str = ""
    pod: Pod | None = None

    @classmethod
    def of(cls, pod: Pod) -> Source:
        """Return a pod as a source."""
        return cls(pod.node, pod)


OUTSIDE = Source()


@dataclass(frozen=True, slots=True)
class Names:
    """What a name stands for: ``addresses`` of the ``name`` in full, or why there are none."""

    name: str
    addresses: tuple[str, ...] = ()
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What comes of a call. ``pod`` answers at ``address`` and ``port``, unless there is a ``why``.

    ``service`` is the Service it went by, ``node`` the machine it came to; "" where it did not come so far.
    """

    address: str
    port: int
    why: Why | None = None
    pod: Pod | None = None
    node: str = ""
    service: str = ""


# -- names -----------------------------------------------------------------------------------------


def resolve(network: Network, source: Source, name: str) -> Names:
    """Return the addresses of a name, as the source sees it."""
    own = _without_server(source, name)
    if own:
        return Names(name, (own,))
    known = [found for full in _candidates(source, name) if (found := _in_cluster(network, full))]
    if known and not asks_cluster(source):
        return Names(name, (), Why.NO_CLUSTER_NAMES)
    best = next((found for found in known if found.addresses), None)
    return best or next(iter(known), Names(next(_candidates(source, name)), (), Why.NO_NAME))


def _without_server(source: Source, name: str) -> str:
    """Return the address that a source knows by itself, "" if it has to ask."""
    if is_address(name):
        return name
    if name in LOOPBACK:
        return "127.0.0.1"
    return address_of(source.pod) if source.pod and name == _own_name(source.pod) else ""


def is_address(text: str) -> bool:
    """Whether a text is an IPv4 address."""
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def asks_cluster(source: Source) -> bool:
    """Whether names are looked up in the cluster: a pod of the host's network has to say so."""
    if source.pod is None:
        return False
    spec = source.pod.manifest["spec"]
    policy = spec.get("dnsPolicy") or "ClusterFirst"
    return policy == "ClusterFirstWithHostNet" or (policy == "ClusterFirst" and not spec.get("hostNetwork"))


def _own_name(pod: Pod) -> str:
    spec = pod.manifest["spec"]
    return pod.node if spec.get("hostNetwork") else str(spec.get("hostname") or pod.name)


def _candidates(source: Source, name: str) -> Iterator[str]:
    if name.endswith("."):
        yield name[:-1]
        return
    namespace = source.pod.namespace if source.pod else "default"
    yield f"{name}.{namespace}.svc.{DOMAIN}"
    yield f"{name}.svc.{DOMAIN}"
    yield f"{name}.{DOMAIN}"
    yield name


def _in_cluster(network: Network, full: str, aliases: int = 0) -> Names | None:
    """Return what the cluster's name server knows of a whole name that ``aliases`` others led to, or None."""
    inside = full.removesuffix(f".{DOMAIN}")
    host, _, kind = inside.rpartition(".")
    *before, name, namespace = ("", *host.split(".")) if "." in host else ("", "", "")
    service = network.services.get((namespace, name))
    if inside == full or kind != "svc" or service is None:
        return None
    if any(before[1:]):
        return _host_of(network, service, full, ".".join(before[1:]))
    if service.type == "ExternalName":
        return _alias(network, str(service.manifest["spec"].get("externalName")), aliases + 1)
    if not service.headless:
        return Names(full, (service.address,))
    listed = tuple(dict.fromkeys(each.address for each in network.names(service) if each.ready))
    return Names(full, listed, None if listed else Why.NOBODY_LISTED)


def _alias(network: Network, target: str, aliases: int) -> Names:
    """Return what an ExternalName stands for: a whole name, which may be one of the cluster."""
    target = target.removesuffix(".")
    if not target.endswith(f".{DOMAIN}"):
        return Names(target, (), Why.OUTSIDE)
    found = _in_cluster(network, target, aliases) if aliases < MOST_ALIASES else None
    return found or Names(target, (), Why.NO_NAME)


def _host_of(network: Network, service: Service, full: str, host: str) -> Names | None:
    """Return a single pod behind a headless Service, by its hostname or its address with dashes."""
    found = tuple(
        each.address
        for each in network.names(service)
        if service.headless and each.ready and host in {each.hostname, each.address.replace(".", "-")}
    )
    return Names(full, found) if found else None


# -- connections -----------------------------------------------------------------------------------


def call(network: Network, source: Source, host: str, port: int, turn: int = 0) -> Reply:
    """Call a name or an address at a port."""
    names = resolve(network, source, host)
    if names.why:
        return Reply(names.name, port, names.why)
    return connect(network, source, names.addresses[turn % len(names.addresses)], port, turn)


def connect(network: Network, source: Source, address: str, port: int, turn: int = 0) -> Reply:
    """Call an address at a port."""
    reply = Reply(address, port)
    if source.node and is_down(network, source.node):
        return _failed(reply, Why.SOURCE_DOWN)
    if address in LOOPBACK:
        return _to_itself(network, source, reply)
    found = network.at(address)
    if isinstance(found, Node):
        return _to_node(network, source, found, port, turn)
    if found is None or source == OUTSIDE:
        return _failed(reply, Why.CLUSTER_ONLY if found else Why.NO_ADDRESS)
    if isinstance(found, Pod):
        return _to_pod(network, reply, found)
    return _to_service(network, source, found, port, turn)


def connect_to(network: Network, source: Source, pod: Pod, port: int) -> Reply:
    """Call a pod at the address that it has."""
    if shares_host(pod):
        return connect(network, source, address_of(pod), port)
    reply = Reply(address_of(pod), port)
    if source.node and is_down(network, source.node):
        return _failed(reply, Why.SOURCE_DOWN)
    return _to_pod(network, reply, pod)


def _to_itself(network: Network, source: Source, reply: Reply) -> Reply:
    if source.pod and not shares_host(source.pod):
        return _to_pod(network, reply, source.pod)
    return _to_node_itself(network, reply, source.node)


def is_down(network: Network, node: str) -> bool:
    """Whether a machine is not there, or does not answer."""
    found = network.nodes.get(node)
    return found is None or found.down


def _to_service(network: Network, source: Source, service: Service, port: int, turn: int) -> Reply:
    reply = Reply(service.address, port, service=f"{service.namespace}/{service.name}")
    entry = next((each for each in service.ports if each["port"] == port), None)
    if entry is None:
        return _failed(reply, Why.NO_SERVICE_PORT)
    local = service.manifest["spec"].get("internalTrafficPolicy") == "Local"
    behind = network.backends(service, entry.get("name") or "")
    return _to_backends(network, reply, behind, turn, source.node if local else "")


def _to_backends(network: Network, reply: Reply, behind: Backends, turn: int, only_on: str) -> Reply:
    """Go on to one of those behind a Service; ``only_on`` keeps to a node."""
    if not behind.every:
        return _failed(reply, Why.NO_ENDPOINTS)
    if not behind.able:
        return _failed(reply, Why.NONE_READY)
    near = behind.near.get(only_on) if only_on else behind.able
    if not near:
        return _failed(reply, Why.NONE_LOCAL)
    return _to_backend(network, reply, near[turn % len(near)])


def _to_backend(network: Network, reply: Reply, backend: Backend) -> Reply:
    found = Reply(backend.address, backend.port, service=reply.service)
    target = network.pod_of(backend) or network.at(backend.address)
    return _to_pod(network, found, target) if isinstance(target, Pod) else _failed(found, Why.OUTSIDE)


def _to_pod(network: Network, reply: Reply, pod: Pod, port: int = 0) -> Reply:
    """Come to a pod, at a ``port`` of its own if that is another than the one that was called."""
    there = Reply(reply.address, reply.port, None, pod, pod.node, reply.service)
    if is_down(network, pod.node):
        return _failed(there, Why.NODE_DOWN)
    if not runs(pod):
        return _failed(there, Why.NOT_RUNNING)
    return there if listens(pod, port or reply.port) else _failed(there, Why.PORT_CLOSED)


def _to_node(network: Network, source: Source, node: Node, port: int, turn: int) -> Reply:
    """Come to a machine: to a node port, a host port, or a pod that shares its network."""
    reply = Reply(node.address, port, node=node.name)
    if is_down(network, node.name):
        return _failed(reply, Why.NODE_DOWN)
    if port in network.node_ports:
        service, entry = network.node_ports[port]
        named = replace(reply, service=f"{service.namespace}/{service.name}")
        local = service.manifest["spec"].get("externalTrafficPolicy") == "Local"
        only_on = node.name if local and source == OUTSIDE else ""
        behind = network.backends(service, entry.get("name") or "")
        return _to_backends(network, named, behind, turn, only_on)
    return _to_node_itself(network, reply, node.name)


def _to_node_itself(network: Network, reply: Reply, node: str) -> Reply:
    closed = None
    for pod in network.at_host.get(node, ()):
        inner = host_port(pod, reply.port)
        if not (inner or (shares_host(pod) and listens(pod, reply.port))):
            continue
        found = _to_pod(network, reply, pod, inner)
        if not found.why:
            return found
        closed = closed or found
    return closed or Reply(reply.address, reply.port, Why.NO_HOST_PORT, node=node)


def _failed(reply: Reply, why: Why) -> Reply:
    return Reply(reply.address, reply.port, why, reply.pod, reply.node, reply.service)
