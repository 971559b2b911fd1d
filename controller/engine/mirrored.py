"""What of a real cluster stands in timers: read from the moments that its API server wrote.

The time of a mirrored cluster is that server's Unix time, so whoever asks for timers (availability, pace,
staged rollouts) need not know where a cluster lives.
"""

from __future__ import annotations

from datetime import datetime

from controller.engine.objects import Manifest, Pod, Timers


def timers_of(kind: str, manifest: Manifest) -> Timers:
    """Return the timers of a mirrored object, in seconds of Unix time: only pods have any.

    A moment that cannot be read counts as not told.
    """
    if kind != Pod.KIND:
        return {}
    meta = manifest["metadata"]
    told = {
        "born": meta.get("creationTimestamp"),
        "ready": _ready_since(manifest),
        "stop": meta.get("deletionTimestamp"),
    }
    read = {name: seconds(text) for name, text in told.items()}
    return {name: at for name, at in read.items() if at is not None}


def _ready_since(pod: Manifest) -> str | None:
    for condition in (pod.get("status") or {}).get("conditions") or ():
        if condition.get("type") == "Ready" and condition.get("status") == "True":
            since: str | None = condition.get("lastTransitionTime")
            return since
    return None


def seconds(stamp: object) -> float | None:
    """Return the Unix time of a moment as Kubernetes writes it, None if it is none."""
    try:
        return datetime.fromisoformat(str(stamp)).timestamp() if stamp else None
    except ValueError:
        return None
