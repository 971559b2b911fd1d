"""Room on nodes: what pods ask for, what is left, and who holds what a pod does not find there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from controller.engine.cluster.scheduler.demand import NODE_LOAD, Demand, Load, Port
from controller.engine.cluster.scheduler.filters import ports_clash, room_of
from controller.engine.objects import HASH_LABEL, Manifest, Node, Pod, references
from controller.store.views import ClusterView

TEMPLATE_HASH = "pod-template-hash"
HOST_PORT, PODS = "hostPort", "pods"
NOTHING = Demand()
NO_ROOM: Manifest = {}
HOLDERS = 3
"""How many of those who take the most are named."""

Alike = tuple[str, str]
"""What pods with one demand have in common: their owner and its template, or their uid."""


def alike(pod: Pod) -> Alike:
    """Return what a pod has in common with those that ask for the same."""
    template = pod.labels.get(HASH_LABEL) or pod.labels.get(TEMPLATE_HASH)
    if template and pod.owner:
        return (pod.owner, template)
    is_own = not pod.owner or any(ref["kind"] == "Node" for ref in references(pod))
    return (pod.uid if is_own else pod.owner, "")


def standing_on(view: ClusterView, node: str) -> list[Pod]:
    """Return the pods that take room on a node."""
    return [pod for pod in view.world.on_node.get(node, {}).values() if not pod.finished]


def sums_on(view: ClusterView, node: str) -> Manifest | None:
    """Return what other workloads take of a node of a mirrored cluster, None if they take nothing."""
    found = view.world.find(NODE_LOAD, "", node)
    return found.manifest if found else None


class Demands:
    """What some pods ask for. Of those of one owner and template one is read in full."""

    def __init__(self, view: ClusterView, pods: Iterable[Pod]) -> None:
        first: dict[Alike, tuple[str, str]] = {}
        for pod in pods:
            first.setdefault(alike(pod), pod.key[1:])
        whole = view.pods(list(first.values()))
        self.known = {key: Demand.of(whole[place]["spec"]) for key, place in first.items() if place in whole}

    def of(self, pod: Pod) -> Demand:
        """Return what a pod asks for."""
        return self.known.get(alike(pod), NOTHING)


@dataclass(frozen=True, slots=True)
class Taken:
    """What pods take of a node together: thousandths of a cpu, bytes, pods, and other amounts."""

    cpu: int
    memory: int
    pods: int
    others: dict[str, int]

    @classmethod
    def by(cls, demands: Iterable[Demand], sums: Load | None = None) -> Taken:
        """Add up demands, and what is only known as ``sums``."""
        begin = sums or Load()
        cpu, memory, pods, others = begin.cpu, begin.memory, begin.pods, dict(begin.others)
        for one in demands:
            cpu, memory, pods = cpu + one.cpu, memory + one.memory, pods + 1
            for name, amount in one.others:
                others[name] = others.get(name, 0) + amount
        return cls(cpu, memory, pods, others)

    def of(self, resource: str) -> int:
        """Return how much of a resource is taken."""
        own = {"cpu": self.cpu, "memory": self.memory, PODS: self.pods}
        return own[resource] if resource in own else self.others.get(resource, 0)


def amount_of(demand: Demand, resource: str) -> int:
    """Return how much of a resource a pod takes."""
    return Taken.by([demand]).of(resource)


def has(node: Node, resource: str) -> int:
    """Return how much of a resource a node has to give."""
    room = room_of(node)
    own = {"cpu": room.cpu, "memory": room.memory, PODS: room.pods}
    return own[resource] if resource in own else room.others.get(resource, 0)


@dataclass(frozen=True, slots=True)
class Holder:
    """A pod that takes an ``amount`` of what is scarce; ``owner`` is written Kind/name, "" for nobody."""

    namespace: str
    name: str
    owner: str
    owner_uid: str
    amount: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """What a pod asks for and a node cannot give; ``holders`` take the most of it, the first the most.

    Cpu is in thousandths, memory in bytes. Of ``hostPort`` what is ``asked`` is its number, and the holder
    has it; ``protocol`` is TCP, UDP or SCTP.
    """

    resource: str
    asked: int
    free: int
    total: int
    holders: tuple[Holder, ...]
    protocol: str = ""


def shortages(view: ClusterView, pod: Pod, node: Node) -> tuple[Shortage, ...]:
    """Return what a pod that waits for a node does not find there: a port, or else all that is scarce."""
    there = [one for one in standing_on(view, node.name) if one.uid != pod.uid]
    demands = Demands(view, [pod, *there])
    asked = demands.of(pod)
    sums = sums_on(view, node.name)
    ports = (*_taken_ports(asked, there, demands), *(_others_ports(asked, sums) if sums else ()))
    return ports or tuple(_scarce(asked, there, demands, node, Load.of_sums(sums) if sums else Load()))


def _taken_ports(asked: Demand, there: list[Pod], demands: Demands) -> Iterator[Shortage]:
    for port in sorted(asked.ports, key=_number):
        for pod in there:
            if any(ports_clash(port, held) for held in demands.of(pod).ports):
                yield Shortage(HOST_PORT, port[2], 0, 0, (_holder(pod, port[2]),), port[1])
                break


def _others_ports(asked: Demand, sums: Manifest) -> Iterator[Shortage]:
    """Yield the ports that pods have which are not kept, but for their names."""
    for *held, place in sums["ports"]:
        for port in asked.ports:
            if ports_clash(port, (held[0], held[1], held[2])):
                namespace, _, name = place.partition("/")
                yield Shortage(HOST_PORT, port[2], 0, 0, (Holder(namespace, name, "", "", port[2]),), port[1])


def _number(port: Port) -> int:
    return port[2]


def _scarce(asked: Demand, there: list[Pod], demands: Demands, node: Node, sums: Load) -> Iterator[Shortage]:
    taken = Taken.by((demands.of(pod) for pod in there), sums)
    for resource in (PODS, "cpu", "memory", *(name for name, _ in asked.others)):
        wanted, total = amount_of(asked, resource), has(node, resource)
        free = total - taken.of(resource)
        if wanted > max(free, 0):
            held = [(amount_of(demands.of(pod), resource), pod) for pod in there]
            most = sorted(held, key=lambda one: (-one[0], one[1].key))[:HOLDERS]
            holders = () if resource == PODS else tuple(_holder(pod, n) for n, pod in most if n)
            yield Shortage(resource, wanted, max(free, 0), total, holders)


def _holder(pod: Pod, amount: int) -> Holder:
    controllers = (ref for ref in references(pod) if ref.get("controller"))
    owner = next((f"{ref['kind']}/{ref['name']}" for ref in controllers), "")
    return Holder(pod.namespace, pod.name, owner, pod.owner, amount)


def free_port(view: ClusterView, taken: int) -> int | None:
    """Return the next port after one that is taken which no pod of the cluster asks of its machine."""
    demands = Demands(view, view.world.pods.values())
    used = {port[2] for demand in demands.known.values() for port in demand.ports}
    return next((number for number in range(taken + 1, 2**16) if number not in used), None)


class Lacks:
    """What waiting pods do not find on their nodes, by name: nodes that bear the same lack the same."""

    def __init__(self, view: ClusterView, waiting: Iterable[tuple[Pod, Node]]) -> None:
        self._view = view
        self._waiting = {node.name: (pod, node) for pod, node in waiting}
        self._known: dict[object, tuple[str, ...]] = {}
        self._templates: dict[int, str] = {}

    def _alike(self, pod: Pod) -> Alike:
        """Return ``alike``: labels are one object for pods of a template, as long as their view stands."""
        key = id(pod.labels)
        template = self._templates.get(key)
        if template is None:
            found = pod.labels.get(HASH_LABEL) or pod.labels.get(TEMPLATE_HASH) or ""
            template = self._templates[key] = found
        return (pod.owner, template) if template and pod.owner else alike(pod)

    def __contains__(self, name: str) -> bool:
        return name in self._waiting

    def on(self, name: str) -> tuple[str, ...]:
        """Return the names of what is lacking on a node, of ports with their numbers."""
        pod, node = self._waiting[name]
        there = sorted(map(self._alike, standing_on(self._view, name)))
        room = (node.manifest.get("status") or {}).get("allocatable") or NO_ROOM
        sums = sums_on(self._view, name)
        taken = Load.of_sums(sums) if sums else None
        # What nodes have to give is one object for those that have the same, as long as their view stands.
        key = (self._alike(pod), tuple(there), id(room), taken)
        found = self._known.get(key)
        if found is None:
            lacking = shortages(self._view, pod, node)
            found = self._known[key] = tuple(
                f"{HOST_PORT} {one.asked}" if one.resource == HOST_PORT else one.resource for one in lacking
            )
        return found
