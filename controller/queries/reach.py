"""Who is reached by what, in a view of a cluster."""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.cluster.vantage import PodVantage
from controller.engine.objects import DaemonSet, Pod
from controller.engine.service.network import Network
from controller.engine.service.patterns import Way, let_go, ways
from controller.engine.service.reach import Source
from controller.engine.views import EndpointSlice, Service
from controller.queries.source import ClusterView, cluster_view, found, set_in


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom the four ways to talk to the pods of a set reach. ``let_go`` are pods that lost its label."""

    owner: DaemonSet
    ways: list[Way]
    let_go: list[Pod]


def reached(view: ClusterView, *, namespace: str, name: str, sink: str = "") -> Reached:
    """Return whom each way reaches. Raises NotFound."""
    owner = set_in(view, namespace, name).ds
    network = network_of(view)
    return Reached(owner, ways(network, owner, sink), let_go(network, owner))


def network_of(view: ClusterView) -> Network:
    """Return the Services, pods and nodes of a cluster; of its pods what a view keeps of them."""
    return Network(
        [Service.read(one, {}) for one in view.state.every("Service")],
        [EndpointSlice.read(one, {}) for one in view.state.every("EndpointSlice")],
        view.world.nodes.values(),
        view.world.pods,
    )


def vantage_of(*, cluster: int, namespace: str, pod: str) -> PodVantage:
    """Return the network as a pod sees it now. Raises NotFound."""
    seen = found(cluster, "Pod", namespace, pod)
    with cluster_view(cluster) as view:
        return PodVantage(network_of(view), Source.of(Pod.read(seen.manifest, {})))
