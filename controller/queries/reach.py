"""Who is reached by what, in a state of a cluster."""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.cluster.vantage import PodVantage
from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.engine.objects import DaemonSet, Node, Pod
from controller.engine.service.network import Network
from controller.engine.service.patterns import Way, let_go, ways
from controller.engine.service.reach import Source
from controller.engine.views import EndpointSlice, Service
from controller.queries.source import State, found, state_of


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom the four ways to talk to the pods of a set reach. ``let_go`` are pods that lost its label."""

    owner: DaemonSet
    ways: list[Way]
    let_go: list[Pod]


def reached(state: State, *, namespace: str, name: str, sink: str = "") -> Reached:
    """Return whom each way reaches. Raises NotFound."""
    sets = (DaemonSet.read(one, {}) for one in state.every("DaemonSet"))
    owner = next((one for one in sets if (one.namespace, one.name) == (namespace, name)), None)
    if owner is None:
        raise NotFound(KINDS["DaemonSet"].resource, name)
    network = network_of(state)
    return Reached(owner, ways(network, owner, sink), let_go(network, owner))


def network_of(state: State) -> Network:
    """Return the Services, pods and nodes of a cluster."""
    return Network.of(
        [Service.read(one, {}) for one in state.every("Service")],
        [EndpointSlice.read(one, {}) for one in state.every("EndpointSlice")],
        [Node.read(one, {}) for one in state.every("Node")],
        [Pod.read(one, {}) for one in state.every("Pod")],
    )


def vantage_of(*, cluster: int, namespace: str, pod: str) -> PodVantage:
    """Return the network as a pod sees it now. Raises NotFound."""
    seen = found(cluster, "Pod", namespace, pod)
    return PodVantage(network_of(state_of(cluster)), Source.of(Pod.read(seen.manifest, {})))
