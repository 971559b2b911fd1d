"""The simulated scheduler: which node a pod without one is bound to, or why none will do.

Filters stand in Kubernetes' order; the first that fails speaks for a node. Among the nodes that
pass, the one with the fewest pods is taken, then the first by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from controller.engine.matching.affinity import affinity_matches, node_selector_matches
from controller.engine.matching.quantities import bytes_of, cpu_milli
from controller.engine.matching.taints import untolerated
from controller.engine.objects import Key, Manifest, Node, Pod, Toleration

AFFINITY = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
TAINTS = "node(s) had untolerated taint(s)"
PORTS = "node(s) didn't have free ports for the requested pod ports"

Port = tuple[str, str, int]
"""Host address, protocol and host port."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a pod takes from its node: thousandths of a cpu, bytes, and host ports."""

    cpu: int
    memory: int
    ports: frozenset[Port]

    @classmethod
    def of(cls, spec: Manifest) -> Demand:
        """Sum the requests of the containers (a limit without a request counts as one)."""
        cpu = memory = 0
        ports: set[Port] = set()
        host = bool(spec.get("hostNetwork"))
        for container in spec["containers"]:
            resources = container.get("resources") or {}
            wanted = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
            cpu += cpu_milli(wanted.get("cpu", 0))
            memory += bytes_of(wanted.get("memory", 0))
            ports.update(_host_ports(container, host_network=host))
        return cls(cpu, memory, frozenset(ports))


def _host_ports(container: Manifest, *, host_network: bool) -> Iterable[Port]:
    for port in container.get("ports") or ():
        number = port.get("hostPort") or (port["containerPort"] if host_network else 0)
        if number:
            yield (port.get("hostIP") or "0.0.0.0", port.get("protocol") or "TCP", number)  # noqa: S104 -- Kubernetes' word for every address


def _clash(wanted: Port, held: Port) -> bool:
    everywhere = {"0.0.0.0", ""}  # noqa: S104 -- Kubernetes' word for every address
    same = wanted[0] == held[0] or wanted[0] in everywhere or held[0] in everywhere
    return same and wanted[1:] == held[1:]


def obstacles(pod: Pod, node: Node, standing: Iterable[Pod]) -> list[str]:
    """Return why the pod cannot run on the node beside the ``standing`` pods; empty if it can."""
    spec = pod.manifest["spec"]
    tolerations = tuple(Toleration.read(raw) for raw in spec.get("tolerations") or ())
    if untolerated(node.taints, tolerations):
        return [TAINTS]
    if not placed_by_labels(spec, node):
        return [AFFINITY]
    others = [Demand.of(other.manifest["spec"]) for other in standing if not other.finished]
    demand = Demand.of(spec)
    if any(_clash(port, held) for port in demand.ports for other in others for held in other.ports):
        return [PORTS]
    return _lacking(demand, others, node)


def placed_by_labels(spec: Manifest, node: Node) -> bool:
    """Whether the pod's nodeSelector and required node affinity match the node."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity")
    return node_selector_matches(spec.get("nodeSelector"), node.labels) and affinity_matches(
        affinity, node.labels, node.name
    )


def _lacking(demand: Demand, others: list[Demand], node: Node) -> list[str]:
    allocatable = (node.manifest.get("status") or {}).get("allocatable") or {}
    lacking = []
    if len(others) + 1 > int(allocatable.get("pods", 110)):
        lacking.append("Too many pods")
    if demand.cpu and demand.cpu + sum(o.cpu for o in others) > cpu_milli(allocatable.get("cpu", 0)):
        lacking.append("Insufficient cpu")
    if demand.memory and demand.memory + sum(o.memory for o in others) > bytes_of(
        allocatable.get("memory", 0)
    ):
        lacking.append("Insufficient memory")
    return lacking


def choose(pod: Pod, nodes: Mapping[str, Node], on_node: Mapping[str, Mapping[Key, Pod]]) -> tuple[str, str]:
    """Return (node, "") or ("", why no node will do, in the scheduler's words)."""
    if pod.node:
        return _choose_pinned(pod, nodes, on_node)
    reasons: Counter[str] = Counter()
    fitting = []
    for name in sorted(nodes):
        standing = on_node.get(name) or {}
        found = obstacles(pod, nodes[name], standing.values())
        reasons.update(found)
        if not found:
            fitting.append((len(standing), name))
    return (min(fitting)[1], "") if fitting else ("", sentence(reasons, len(nodes)))


def _choose_pinned(
    pod: Pod, nodes: Mapping[str, Node], on_node: Mapping[str, Mapping[Key, Pod]]
) -> tuple[str, str]:
    """Look at the one node that a daemon pod names: the cost of a cluster of one."""
    node = nodes.get(pod.node)
    found = obstacles(pod, node, (on_node.get(pod.node) or {}).values()) if node else []
    if node and not found:
        return pod.node, ""
    reasons = Counter(found)
    reasons[AFFINITY] += len(nodes) - (node is not None)
    return "", sentence(reasons, len(nodes))


def sentence(reasons: Mapping[str, int], total: int) -> str:
    """Return the scheduler's sentence (recorded: seed-004-troubles)."""
    if not total:
        return "no nodes available to schedule pods"
    listed = ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items() if count))
    helpless = f"0/{total} nodes are available: {total} Preemption is not helpful for scheduling."
    return f"0/{total} nodes are available: {listed}. no new claims to deallocate, preemption: {helpless}"
