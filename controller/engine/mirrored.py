"""What of a real cluster stands in timers: read from the moments that its API server wrote.

The time of a mirrored cluster is that server's Unix time, so whoever asks for timers (availability, pace,
staged rollouts) need not know where a cluster lives.
"""

from __future__ import annotations

from datetime import datetime

from controller.engine.objects import Manifest, Pod, Timers

WHOLE = frozenset({"Namespace", "Node", "DaemonSet"})
"""Kinds of which a mirror knows every object: one of them that is not there is gone."""

SETTLED = "settled"
"""The timer of a pod that its real kubelet has running: it stays as it is until somebody changes it."""


def timers_of(kind: str, manifest: Manifest) -> Timers:
    """Return the timers of a mirrored object, in seconds of Unix time: only pods have any.

    A moment that cannot be read counts as not told.
    """
    if kind != Pod.KIND:
        return {}
    meta = manifest["metadata"]
    ready = _ready_since(manifest)
    told = {
        "born": meta.get("creationTimestamp"),
        "ready": ready,
        "stop": meta.get("deletionTimestamp"),
        SETTLED: None if "deletionTimestamp" in meta or _is_resizing(manifest) else ready,
    }
    read = {name: seconds(text) for name, text in told.items()}
    return {name: at for name, at in read.items() if at is not None}


def _ready_since(pod: Manifest) -> str | None:
    for condition in (pod.get("status") or {}).get("conditions") or ():
        if condition.get("type") == "Ready" and condition.get("status") == "True":
            since: str | None = condition.get("lastTransitionTime")
            return since
    return None


def _is_resizing(pod: Manifest) -> bool:
    """Whether a container has something else than it shall: kubelets tell of all what they have."""
    has = {
        entry["name"]: entry["resources"]
        for entry in (pod.get("status") or {}).get("containerStatuses") or ()
        if "resources" in entry
    }
    return any(
        (has.get(one["name"], one.get("resources")) or {}) != (one.get("resources") or {})
        for one in pod["spec"].get("containers") or ()
    )


def seconds(stamp: object) -> float | None:
    """Return the Unix time of a moment as Kubernetes writes it, None if it is none."""
    try:
        return datetime.fromisoformat(str(stamp)).timestamp() if stamp else None
    except ValueError:
        return None
