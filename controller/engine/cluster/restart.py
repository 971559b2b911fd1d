"""What becomes of a container whose first process is killed: its kubelet starts it again."""

from __future__ import annotations

from controller.engine.cluster.podstatus import conditions
from controller.engine.objects import Manifest, Moment, Pod, Timers
from controller.engine.settings import annotated_seconds

SIGNALLED = 128
"""What is added to the number of a signal for the exit code of what it ended."""


def killed(pod: Pod, container: str, now: Moment, signal: int) -> tuple[Manifest, Timers] | None:
    """Return the pod and its timers after a running container got a signal; None if it does not run.

    Where the pod is not to be restarted, its container stays ended, and the pod fails with its last one.
    """
    status = pod.manifest.get("status") or {}
    entries = [
        _ended(entry, now, SIGNALLED + signal) if entry["name"] == container and _runs(entry) else entry
        for entry in status.get("containerStatuses") or ()
    ]
    if entries == list(status.get("containerStatuses") or ()):
        return None
    if pod.manifest["spec"].get("restartPolicy") != "Never":
        entries = [_started(entry, now) if entry["name"] == container else entry for entry in entries]
    fresh = {
        **status,
        "phase": "Running" if any(_runs(entry) for entry in entries) else "Failed",
        "conditions": conditions(status, now, ready=False, scheduled=True),
        "containerStatuses": entries,
    }
    wait = annotated_seconds(pod.manifest["metadata"], "ready-after", 0.0)
    kept = {name: at for name, at in pod.timers.items() if name not in {"due", "ready"}}
    return {**pod.manifest, "status": fresh}, {**kept, "due": now.cluster + wait}


def _runs(entry: Manifest) -> bool:
    return "running" in entry["state"]


def _ended(entry: Manifest, now: Moment, code: int) -> Manifest:
    ended = {
        "exitCode": code,
        "reason": "Error",
        "startedAt": entry["state"]["running"].get("startedAt") or now.stamp,
        "finishedAt": now.stamp,
    }
    return {**entry, "ready": False, "started": False, "state": {"terminated": ended}}


def _started(entry: Manifest, now: Moment) -> Manifest:
    return {
        **entry,
        "started": True,
        "restartCount": entry.get("restartCount", 0) + 1,
        "state": {"running": {"startedAt": now.stamp}},
        "lastState": entry["state"],
    }
