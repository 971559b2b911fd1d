"""Who is reached by what, as a cluster stands."""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.cluster.vantage import PodVantage
from controller.engine.objects import DaemonSet, Node, Pod
from controller.engine.service.network import Network
from controller.engine.service.patterns import Way, let_go, ways
from controller.engine.service.reach import Source
from controller.engine.views import EndpointSlice, Service
from controller.queries.source import found
from controller.store import rows


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom the four ways to talk to the pods of a set reach. ``let_go`` are pods that lost its label."""

    owner: DaemonSet
    ways: list[Way]
    let_go: list[Pod]


def reached(*, cluster: int, namespace: str, name: str, sink: str = "") -> Reached:
    """Return whom each way reaches. Raises NotFound."""
    owner = DaemonSet.read(found(cluster, "DaemonSet", namespace, name).manifest, {})
    network = network_of(cluster=cluster)
    return Reached(owner, ways(network, owner, sink), let_go(network, owner))


def network_of(*, cluster: int) -> Network:
    """Return the Services, pods and nodes of a cluster."""

    def manifests(kind: str) -> list[rows.Stored]:
        return rows.all_of(cluster, kind)

    return Network.of(
        [Service.read(one.manifest, {}) for one in manifests("Service")],
        [EndpointSlice.read(one.manifest, {}) for one in manifests("EndpointSlice")],
        [Node.read(one.manifest, {}) for one in manifests("Node")],
        [Pod.read(one.manifest, {}) for one in manifests("Pod")],
    )


def vantage_of(*, cluster: int, namespace: str, pod: str) -> PodVantage:
    """Return the network as a pod sees it. Raises NotFound."""
    seen = found(cluster, "Pod", namespace, pod)
    return PodVantage(network_of(cluster=cluster), Source.of(Pod.read(seen.manifest, {})))
