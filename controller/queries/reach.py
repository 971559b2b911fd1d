"""Who is reached by what, as a cluster stands."""

from __future__ import annotations

from controller.engine.cluster.vantage import PodVantage
from controller.engine.objects import Node, Pod
from controller.engine.service.network import Network
from controller.engine.service.reach import Source
from controller.engine.views import EndpointSlice, Service
from controller.queries.source import found
from controller.store import rows


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
