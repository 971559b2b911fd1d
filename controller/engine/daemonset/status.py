"""The numbers that a set's status says of its coverage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.pairs import is_updated
from controller.engine.objects import DaemonSet, Manifest


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of nodes; what each means stands in Kubernetes' DaemonSetStatus."""

    desired: int = 0
    current: int = 0
    ready: int = 0
    available: int = 0
    updated: int = 0
    misscheduled: int = 0

    @property
    def unavailable(self) -> int:
        """How many of the desired nodes lack an available pod."""
        return self.desired - self.available

    @classmethod
    def told_by(cls, ds: DaemonSet) -> Self:
        """Read what the controller last wrote into the set's status."""
        status = ds.manifest.get("status") or {}
        return cls(
            desired=status.get("desiredNumberScheduled", 0),
            current=status.get("currentNumberScheduled", 0),
            ready=status.get("numberReady", 0),
            available=status.get("numberAvailable", 0),
            updated=status.get("updatedNumberScheduled", 0),
            misscheduled=status.get("numberMisscheduled", 0),
        )

    @classmethod
    def shown(cls, coverage: Coverage) -> Self:
        """Read the status; of an edit that no pass has seen yet, count what is up to date already."""
        ds, written = coverage.ds, cls.told_by(coverage.ds)
        if (ds.manifest.get("status") or {}).get("observedGeneration") == ds.generation:
            return written
        oldest = [min(pods, key=lambda pod: pod.age) for pods in coverage.pods.values()]
        return replace(written, updated=sum(is_updated(pod, ds, coverage.hash) for pod in oldest))

    @classmethod
    def of(cls, coverage: Coverage) -> Self:
        """Read the tallies of a coverage without stale pairs."""
        return cls(*coverage.tally[:6])


def status_manifest(ds: DaemonSet, counts: Counts, collisions: int) -> Manifest:
    """Return the status as Kubernetes writes it: zeroes of optional fields are left out."""
    optional = {
        "updatedNumberScheduled": counts.updated,
        "numberAvailable": counts.available,
        "numberUnavailable": counts.unavailable,
        "collisionCount": collisions,
    }
    return {
        "currentNumberScheduled": counts.current,
        "numberMisscheduled": counts.misscheduled,
        "desiredNumberScheduled": counts.desired,
        "numberReady": counts.ready,
        "observedGeneration": ds.generation,
        **{key: value for key, value in optional.items() if value},
    }
