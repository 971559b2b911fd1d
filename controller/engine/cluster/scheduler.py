"""The simulated scheduler: which node a pod without one is bound to, or why none will do.

Filters stand in Kubernetes' order; the first that fails speaks for a node. Among the nodes that
pass, the one with the fewest pods is taken, then the first by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Self

from controller.engine.matching.affinity import affinity_matches, node_selector_matches
from controller.engine.matching.quantities import bytes_of, cpu_milli
from controller.engine.matching.taints import tolerations_of, untolerated
from controller.engine.objects import Manifest, Node, Pod
from controller.engine.remembered import remembered
from controller.engine.values import value
from controller.engine.volume.placement import NODE_AFFINITY, NOTHING, Needs

AFFINITY = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
TAINTS = "node(s) had untolerated taint(s)"
PORTS = "node(s) didn't have free ports for the requested pod ports"

Port = tuple[str, str, int]
"""Host address, protocol and host port."""


@value(frozen=True, slots=True)
class Demand:
    """What a pod takes from its node: thousandths of a cpu, bytes, and host ports."""

    cpu: int
    memory: int
    ports: frozenset[Port]

    @staticmethod
    def of(spec: Manifest) -> Demand:
        """Sum the requests of the containers (a limit without a request counts as one)."""
        return _demand(spec["containers"], bool(spec.get("hostNetwork")))


@remembered
def _demand(containers: list[Manifest], host: bool) -> Demand:  # noqa: FBT001 -- by place, to be remembered
    cpu = memory = 0
    ports: set[Port] = set()
    for container in containers:
        resources = container.get("resources") or {}
        wanted = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
        cpu += cpu_milli(wanted.get("cpu", 0))
        memory += bytes_of(wanted.get("memory", 0))
        ports.update(_host_ports(container, host_network=host))
    return Demand(cpu, memory, frozenset(ports))


@value(frozen=True, slots=True)
class Load:
    """What the pods that stand on a node take from it together."""

    pods: int = 0
    cpu: int = 0
    memory: int = 0
    ports: tuple[Port, ...] = ()

    @classmethod
    def of(cls, standing: Iterable[Pod]) -> Self:
        """Add up what the pods of a node demand. Those that are finished take nothing."""
        pods = cpu = memory = 0
        ports: list[Port] = []
        for demand in (Demand.of(pod.manifest["spec"]) for pod in standing if not pod.finished):
            pods, cpu, memory = pods + 1, cpu + demand.cpu, memory + demand.memory
            ports += demand.ports
        return cls(pods, cpu, memory, tuple(sorted(ports)))

    def plus(self, demand: Demand) -> Self:
        """Return the load with one more pod."""
        ports = tuple(sorted((*self.ports, *demand.ports))) if demand.ports else self.ports
        return type(self)(self.pods + 1, self.cpu + demand.cpu, self.memory + demand.memory, ports)

    def minus(self, demand: Demand) -> Self:
        """Return the load with one pod less."""
        ports = list(self.ports)
        for port in demand.ports:
            ports.remove(port)
        return type(self)(self.pods - 1, self.cpu - demand.cpu, self.memory - demand.memory, tuple(ports))


def _host_ports(container: Manifest, *, host_network: bool) -> Iterable[Port]:
    for port in container.get("ports") or ():
        number = port.get("hostPort") or (port["containerPort"] if host_network else 0)
        if number:
            yield (port.get("hostIP") or "0.0.0.0", port.get("protocol") or "TCP", number)  # noqa: S104 -- Kubernetes' word for every address


def _clash(wanted: Port, held: Port) -> bool:
    everywhere = {"0.0.0.0", ""}  # noqa: S104 -- Kubernetes' word for every address
    same = wanted[0] == held[0] or wanted[0] in everywhere or held[0] in everywhere
    return same and wanted[1:] == held[1:]


def obstacles(pod: Pod, node: Node, load: Load, needs: Needs = NOTHING) -> list[str]:
    """Return why the pod cannot run on the node beside what it bears already; empty if it can."""
    spec = pod.manifest["spec"]
    if node.taints and untolerated(node.taints, tolerations_of(spec)):
        return [TAINTS]
    if not placed_by_labels(spec, node):
        return [AFFINITY]
    demand = Demand.of(spec)
    if any(_clash(port, held) for port in demand.ports for held in load.ports):
        return [PORTS]
    lacking = _lacking(demand, load, node)
    return lacking if lacking or needs.admit(node) else [NODE_AFFINITY]


def placed_by_labels(spec: Manifest, node: Node) -> bool:
    """Whether the pod's nodeSelector and required node affinity match the node."""
    affinity = (spec.get("affinity") or {}).get("nodeAffinity")
    return node_selector_matches(spec.get("nodeSelector"), node.labels) and affinity_matches(
        affinity, node.labels, node.name
    )


def _lacking(demand: Demand, load: Load, node: Node) -> list[str]:
    allocatable = (node.manifest.get("status") or {}).get("allocatable") or {}
    lacking = []
    if load.pods + 1 > int(allocatable.get("pods", 110)):
        lacking.append("Too many pods")
    if demand.cpu and demand.cpu + load.cpu > cpu_milli(allocatable.get("cpu", 0)):
        lacking.append("Insufficient cpu")
    if demand.memory and demand.memory + load.memory > bytes_of(allocatable.get("memory", 0)):
        lacking.append("Insufficient memory")
    return lacking


def choose(
    pod: Pod, nodes: Mapping[str, Node], load_of: Callable[[str], Load], needs: Needs = NOTHING
) -> tuple[str, str]:
    """Return (node, "") or ("", why no node will do, in the scheduler's words).

    ``needs`` is what the pod's claims ask for.
    """
    if needs.refusal and nodes:
        return "", f"0/{len(nodes)} nodes are available: {needs.refusal}. not found"
    if pod.node:
        return _choose_pinned(pod, nodes, load_of, needs)
    reasons: Counter[str] = Counter()
    fitting = []
    for name in sorted(nodes):
        load = load_of(name)
        found = obstacles(pod, nodes[name], load, needs)
        reasons.update(found)
        if not found:
            fitting.append((load.pods, name))
    return (min(fitting)[1], "") if fitting else ("", sentence(reasons, len(nodes)))


def _choose_pinned(
    pod: Pod, nodes: Mapping[str, Node], load_of: Callable[[str], Load], needs: Needs
) -> tuple[str, str]:
    """Look at the one node that a daemon pod names: the cost of a cluster of one."""
    node = nodes.get(pod.node)
    found = obstacles(pod, node, load_of(pod.node), needs) if node else []
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
