"""The network of a cluster as a pod sees it, in the sentences that its shell prints."""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.container.vantage import Called, Looked
from controller.engine.service.network import Network
from controller.engine.service.reach import REFUSED, Reply, Source, Why, connect, resolve

SENTENCES: dict[Why, str] = {
    Why.NO_NAME: "no Service and no pod behind a headless Service bears this name",
    Why.NO_CLUSTER_NAMES: "this pod asks the name server of its node, which does not know the names of the "
    "cluster; dnsPolicy ClusterFirstWithHostNet would ask the one that does",
    Why.OUTSIDE: "it leads out of the cluster, which is not simulated",
    Why.NOBODY_LISTED: "no ready pod is behind this headless Service",
    Why.NOT_LISTED: "the name does not lead to the pod {pod}: it is not ready, or lacks a label",
    Why.NO_ADDRESS: "nobody has this address",
    Why.CLUSTER_ONLY: "this address is known inside of the cluster only",
    Why.NO_SERVICE_PORT: "the Service {service} has no port {port}",
    Why.NO_ENDPOINTS: "no pod with this port is behind the Service {service}",
    Why.NONE_READY: "none of the pods behind the Service {service} is ready",
    Why.NONE_LOCAL: "the Service {service} keeps to the node, and no ready pod of it runs here",
    Why.PORT_CLOSED: "the pod {pod} does not listen on port {port}",
    Why.NOT_RUNNING: "no container of the pod {pod} runs",
    Why.NO_HOST_PORT: "no node port, no hostPort and no pod of the host's network has port {port} on {node}",
    Why.NODE_DOWN: "the machine {node} does not answer",
    Why.SOURCE_DOWN: "the machine of this pod is cut off",
}


@dataclass(frozen=True, slots=True)
class PodVantage:
    """What a pod can ask of the network."""

    network: Network
    source: Source

    def look_up(self, name: str) -> Looked:
        """Ask for the addresses of a name."""
        found = resolve(self.network, self.source, name)
        return Looked(found.name, found.addresses, SENTENCES[found.why] if found.why else "")

    def call(self, address: str, port: int, turn: int) -> Called:
        """Call an address; ``turn`` picks where chance would."""
        reply = connect(self.network, self.source, address, port, turn)
        if reply.why:
            return Called(reply.address, reply.port, "", _sentence(reply), reply.why in REFUSED)
        return Called(reply.address, reply.port, _answer(reply))


def _sentence(reply: Reply) -> str:
    pod = reply.pod.name if reply.pod else ""
    facts = {"service": reply.service, "port": reply.port, "pod": pod, "node": reply.node}
    return SENTENCES[reply.why].format(**facts) if reply.why else ""


def _answer(reply: Reply) -> str:
    pod = reply.pod.name if reply.pod else ""
    way = f", by Service {reply.service}" if reply.service else ""
    return f"{pod} answers on {reply.node}: {reply.address}:{reply.port}{way}\n"
