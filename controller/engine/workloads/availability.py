"""Since when a pod counts as available: ready, and for long enough."""

from __future__ import annotations

from math import inf

from controller.engine.objects import Pod


def available_from(pod: Pod, min_ready_seconds: float) -> float:
    """Return the cluster time from which the pod counts as available; infinite while not Ready."""
    return pod.timers.get("ready", 0.0) + min_ready_seconds if pod.ready else inf


def is_active(pod: Pod) -> bool:
    """Whether a pod counts for a controller that makes up for those that are lost."""
    return not pod.terminating and not pod.finished
