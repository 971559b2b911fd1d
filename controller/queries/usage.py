"""What pods use, as a metrics server tells it: here it is what they ask for, since nothing is measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from controller.engine.matching.quantities import bytes_of, cpu_milli
from controller.engine.matching.selection import Selection
from controller.queries.objects import Listing

RUNNING = "Running"


@dataclass(frozen=True, slots=True)
class Usage:
    """Thousandths of a CPU, and bytes of memory."""

    cpu: int = 0
    memory: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.cpu + other.cpu, self.memory + other.memory)


@dataclass(frozen=True, slots=True)
class PodUsage:
    """A pod that runs, its node, and what each of its containers uses."""

    metadata: Mapping[str, Any]
    node: str
    containers: Mapping[str, Usage]

    @property
    def total(self) -> Usage:
        """Return what its containers use together."""
        return sum(self.containers.values(), Usage())


def pod_usages(*, cluster: int, selection: Selection) -> Iterator[PodUsage]:
    """Yield what the running pods of a selection use. Raises NotFound (cluster)."""
    for found in Listing(cluster, selection):
        pod = found.parsed()
        spec = pod.get("spec") or {}
        if (pod.get("status") or {}).get("phase") == RUNNING:
            used = {one["name"]: _asked_for(one) for one in spec.get("containers") or ()}
            yield PodUsage(pod["metadata"], spec.get("nodeName") or "", used)


def _asked_for(container: Mapping[str, Any]) -> Usage:
    resources = container.get("resources") or {}
    requests = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
    return Usage(cpu_milli(requests.get("cpu", 0)), bytes_of(requests.get("memory", 0)))
