"""The numbers and conditions of a ReplicaSet's status, and of a ReplicationController's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from controller.engine.objects import Manifest, Moment, Pod
from controller.engine.views import Workload
from controller.engine.workloads.availability import available_from
from controller.engine.workloads.conditions import find_condition, with_condition, without_condition

FAILURE = "ReplicaFailure"


def status_manifest(owner: Workload, pods: Sequence[Pod], going: int, refusal: str, now: Moment) -> Manifest:
    """Return the status as Kubernetes writes it: of optional numbers the zeroes are left out.

    ``pods`` are the active ones, ``going`` how many are being deleted; ``refusal`` is why the last
    creation was refused, or "".
    """
    wanted = (owner.template.get("metadata") or {}).get("labels") or {}
    counts = {
        "fullyLabeledReplicas": sum(wanted.items() <= pod.labels.items() for pod in pods),
        "readyReplicas": sum(pod.ready for pod in pods),
        "availableReplicas": available(pods, owner.min_ready_seconds, now),
    }
    leaving = {"terminatingReplicas": going} if owner.kind == "ReplicaSet" else {}
    standing = (owner.manifest.get("status") or {}).get("conditions") or []
    if refusal and find_condition(standing, FAILURE):
        conditions = standing  # it goes on saying what it said first
    elif refusal:
        failed = {"type": FAILURE, "status": "True", "reason": "FailedCreate", "message": refusal}
        conditions = with_condition(standing, failed, now)
    else:
        conditions = without_condition(standing, FAILURE)
    return {
        "replicas": len(pods),
        **{name: count for name, count in counts.items() if count},
        **leaving,
        "observedGeneration": owner.generation,
        **({"conditions": conditions} if conditions else {}),
    }


def available(pods: Iterable[Pod], min_ready_seconds: float, now: Moment) -> int:
    """Count the pods that are available now."""
    return sum(available_from(pod, min_ready_seconds) <= now.cluster for pod in pods)
