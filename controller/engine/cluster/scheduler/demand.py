"""What a pod takes from its node, and what the pods of a node take from it together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Self

from controller.engine.matching.quantities import bytes_of, cpu_milli
from controller.engine.objects import Manifest
from controller.engine.remembered import remembered
from controller.engine.values import value

SCORED_CPU, SCORED_MEMORY = 100, 200 * 2**20
"""What the scorer takes a container for that asks for nothing (Kubernetes' DefaultMilliCPURequest)."""

NODE_LOAD = "NodeLoad"
"""The kind of ours that says what the pods of other workloads take of a node of a mirrored cluster.

``cpu`` (thousandths), ``memory`` (bytes), ``others`` (amounts by name), ``scored`` (cpu and memory as the
scorer counts), ``pods`` and ``notReady`` (how many), ``ports`` (host address, protocol, number, whose).
"""

Port = tuple[str, str, int]
"""Host address, protocol and host port."""

Amounts = tuple[tuple[str, int], ...]
"""Amounts of resources other than cpu and memory, by their names."""


@value(frozen=True, slots=True)
class Demand:
    """What a pod takes from its node: thousandths of a cpu, bytes, other resources, and host ports.

    ``scored_cpu`` and ``scored_memory`` are what the scorer counts, where nothing is not nothing.
    """

    cpu: int = 0
    memory: int = 0
    others: Amounts = ()
    ports: frozenset[Port] = frozenset()
    scored_cpu: int = 0
    scored_memory: int = 0

    @staticmethod
    def of(spec: Manifest) -> Demand:
        """Sum the requests of the containers (a limit without a request counts as one).

        Init containers run before them, one after the other: the largest counts if it is more.
        """
        if spec.get("initContainers") or spec.get("overhead"):
            return _with_first(spec)
        return _demand(spec["containers"], bool(spec.get("hostNetwork")))

    @staticmethod
    def standing(pod: Manifest) -> Demand:
        """Sum what a bound pod takes: while it is resized what it has or shall have, whichever is more.

        What its node can never give it does not count.
        """
        wanted = Demand.of(pod["spec"])
        if not is_resized(pod):
            return wanted
        has = Demand.of(_as_it_is(pod))
        conditions = pod["status"].get("conditions") or ()
        if any(one["type"] == PENDING and one.get("reason") == INFEASIBLE for one in conditions):
            return has
        return Demand(
            max(wanted.cpu, has.cpu),
            max(wanted.memory, has.memory),
            wanted.others,
            wanted.ports,
            max(wanted.scored_cpu, has.scored_cpu),
            max(wanted.scored_memory, has.scored_memory),
        )


PENDING, INFEASIBLE = "PodResizePending", "Infeasible"
"""The condition of a pod whose kubelet cannot give it what it shall have, and its reason if it never can."""


def is_resized(pod: Manifest) -> bool:
    """Whether a pod was ever resized: since then its status says what its containers have."""
    for entry in (pod.get("status") or {}).get("containerStatuses") or ():  # noqa: SIM110 -- of every pod
        if "resources" in entry:
            return True
    return False


def _as_it_is(pod: Manifest) -> Manifest:
    """Return the spec of a pod with what its containers have instead of what they shall have."""
    spec, status = {**pod["spec"]}, pod["status"]
    for field, statuses in (("containers", "containerStatuses"), ("initContainers", "initContainerStatuses")):
        entries = {entry["name"]: entry for entry in status.get(statuses) or ()}
        if spec.get(field):
            spec[field] = [
                {**one, "resources": entries.get(one["name"], one).get("resources") or {}}
                for one in spec[field]
            ]
    return spec


@remembered
def _demand(containers: list[Manifest], host: bool) -> Demand:  # noqa: FBT001 -- by place, to be remembered
    amounts, scored = Counter[str](), Counter[str]()
    for container in containers:
        wanted = _requests(container)
        amounts.update(wanted)
        scored.update(_scored(wanted))
    return _made(amounts, scored, containers, host=host)


@remembered
def _with_first(spec: Manifest) -> Demand:
    """Add up a pod with init containers; those that restart run beside the others (sidecars)."""
    containers = spec["containers"]
    beside, most = Counter[str](), Counter[str]()
    for container in spec.get("initContainers") or ():
        wanted = Counter(_requests(container))
        if container.get("restartPolicy") == "Always":
            beside += wanted
            containers = [*containers, container]
        else:
            most |= beside + wanted
    running = Counter[str]()
    for container in spec["containers"]:
        running += Counter(_requests(container))
    overhead = Counter({name: _amount(name, text) for name, text in (spec.get("overhead") or {}).items()})
    amounts = ((running + beside) | most) + overhead
    scored = Counter[str]()
    for container in containers:
        scored.update(_scored(_requests(container)))
    return _made(amounts, scored | most, containers, host=bool(spec.get("hostNetwork")))


def _made(amounts: Counter[str], scored: Counter[str], containers: list[Manifest], *, host: bool) -> Demand:
    ports = frozenset(port for each in containers for port in _host_ports(each, host_network=host))
    others = tuple(sorted((n, v) for n, v in amounts.items() if v and n not in {"cpu", "memory"}))
    return Demand(amounts["cpu"], amounts["memory"], others, ports, scored["cpu"], scored["memory"])


def _requests(container: Manifest) -> dict[str, int]:
    resources = container.get("resources") or {}
    wanted = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
    return {name: _amount(name, text) for name, text in wanted.items()}


def _scored(wanted: dict[str, int]) -> dict[str, int]:
    return {"cpu": wanted.get("cpu") or SCORED_CPU, "memory": wanted.get("memory") or SCORED_MEMORY}


def _amount(name: str, text: str | float) -> int:
    return cpu_milli(text) if name == "cpu" else bytes_of(text)


def _host_ports(container: Manifest, *, host_network: bool) -> Iterable[Port]:
    for port in container.get("ports") or ():
        number = port.get("hostPort") or (port["containerPort"] if host_network else 0)
        if number:
            yield (port.get("hostIP") or "0.0.0.0", port.get("protocol") or "TCP", number)  # noqa: S104 -- Kubernetes' word for every address


@value(frozen=True, slots=True)
class Load:
    """What the pods that stand on a node take from it together."""

    pods: int = 0
    cpu: int = 0
    memory: int = 0
    others: Amounts = ()
    ports: tuple[Port, ...] = ()
    scored_cpu: int = 0
    scored_memory: int = 0

    @classmethod
    def sum(cls, demands: Iterable[Demand], begin: Self | None = None) -> Self:
        """Add up demands, on top of what is there to ``begin`` with."""
        load = begin or cls()
        for demand in demands:
            load = load.plus(demand)
        return load

    @classmethod
    def of_sums(cls, sums: Manifest) -> Self:
        """Return what pods take that are only added up: see ``NODE_LOAD``."""
        others = tuple(sorted(sums["others"].items()))
        ports = tuple(sorted((address, protocol, number) for address, protocol, number, _ in sums["ports"]))
        return cls(sums["pods"], sums["cpu"], sums["memory"], others, ports, *sums["scored"])

    def plus(self, demand: Demand) -> Self:
        """Return the load with one more pod."""
        ports = tuple(sorted((*self.ports, *demand.ports))) if demand.ports else self.ports
        return self._with(1, demand, ports)

    def minus(self, demand: Demand) -> Self:
        """Return the load with one pod less."""
        ports = list(self.ports)
        for port in demand.ports:
            ports.remove(port)
        return self._with(-1, demand, tuple(ports))

    def _with(self, sign: int, demand: Demand, ports: tuple[Port, ...]) -> Self:
        others = self.others
        if demand.others:
            amounts = dict(others)
            for name, amount in demand.others:
                amounts[name] = amounts.get(name, 0) + sign * amount
            others = tuple(sorted((name, amount) for name, amount in amounts.items() if amount))
        return type(self)(
            self.pods + sign,
            self.cpu + sign * demand.cpu,
            self.memory + sign * demand.memory,
            others,
            ports,
            self.scored_cpu + sign * demand.scored_cpu,
            self.scored_memory + sign * demand.scored_memory,
        )
