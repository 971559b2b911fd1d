"""Which pods of a set go first when it has too many (Kubernetes' ActivePodsWithRanks)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from controller.engine.objects import Pod

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,9})", re.ASCII)
PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}
NEVER = float("-inf")


def first_to_go(pods: Iterable[Pod], related: Iterable[Pod]) -> list[Pod]:
    """Return active pods in the order in which they are deleted.

    ``related`` are the active pods that are meant to be spread: of a ReplicaSet of a Deployment those of
    all its sets. Where Kubernetes leaves it to chance (ages alike), the younger goes, then the last by
    name.
    """
    crowd = Counter(pod.node for pod in related if pod.bound)
    named = sorted(pods, key=lambda pod: pod.name, reverse=True)
    return sorted(named, key=lambda pod: _rank(pod, crowd[pod.node]))


def _rank(pod: Pod, crowd: int) -> tuple[object, ...]:
    since = pod.timers.get("ready", NEVER) if pod.ready else NEVER
    return (
        pod.bound,
        PHASES.get(pod.phase, 1),
        pod.ready,
        deletion_cost(pod),
        -crowd,
        -since if pod.ready else 0.0,
        -restarts(pod),
        -pod.timers.get("born", 0.0),
    )


def deletion_cost(pod: Pod) -> int:
    """Return what the pod's annotation asks for its deletion; 0 if it says nothing that can be read."""
    written = (pod.manifest["metadata"].get("annotations") or {}).get(DELETION_COST, "")
    return int(written) if NUMBER.fullmatch(written) else 0


def restarts(pod: Pod) -> int:
    """Return how often the pod's containers were started anew, the most of any."""
    statuses = (pod.manifest.get("status") or {}).get("containerStatuses") or ()
    return max((status.get("restartCount") or 0 for status in statuses), default=0)
