"""The condition by which a pod tells that it is deleted for the sake of something else, and of what."""

from __future__ import annotations

from dataclasses import replace

from controller.engine.objects import Moment, Pod
from controller.engine.workloads.conditions import with_condition

TAINT = ("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint")
NODE_GONE = ("DeletionByPodGC", "PodGC: node no longer exists")
EVICTION = ("EvictionByEvictionAPI", "Eviction API: evicting")


def targeted(pod: Pod, why: tuple[str, str], now: Moment) -> Pod:
    """Return the pod with the condition; ``why`` is its reason and message."""
    reason, message = why
    status = pod.manifest.get("status") or {}
    wanted = {"type": "DisruptionTarget", "status": "True", "reason": reason, "message": message}
    conditions = with_condition(status.get("conditions") or (), wanted, now)
    return replace(pod, held={**pod.manifest, "status": {**status, "conditions": conditions}})
