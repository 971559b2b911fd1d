"""The numbers of a StatefulSet's status."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from controller.engine.objects import HASH_LABEL, Manifest, Moment, Pod
from controller.engine.views import StatefulSet
from controller.engine.workloads.availability import available_from


class Revisions(NamedTuple):
    """The names of the revision that the set comes from, and of that which it goes to."""

    current: str
    update: str


def status_manifest(
    owner: StatefulSet, pods: Collection[Pod], revisions: Revisions, collisions: int, now: Moment
) -> Manifest:
    """Return the status as Kubernetes writes it; of most numbers the zeroes are left out.

    Pods that are being deleted are counted as made, and as ready while they are, but no longer as of
    a revision. When all are updated and ready, the revision that was gone to is the one come from.
    """
    current, update = revisions
    borne = [pod.labels.get(HASH_LABEL, "") for pod in pods if not pod.terminating]
    ready = sum(pod.ready for pod in pods)
    updated = borne.count(update)
    if owner.partition is not None and owner.replicas == len(pods) == ready == updated:
        current = update
    counts = {"readyReplicas": ready, "currentReplicas": borne.count(current), "updatedReplicas": updated}
    return {
        "observedGeneration": owner.generation,
        "replicas": len(pods),
        **{name: count for name, count in counts.items() if count},
        "currentRevision": current,
        "updateRevision": update,
        "collisionCount": collisions,
        "availableReplicas": sum(available_from(pod, owner.min_ready_seconds) <= now.cluster for pod in pods),
    }
