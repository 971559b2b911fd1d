"""What kubectl shows of a pod in one line: how many containers are ready, a word, and the restarts.

The API server's own reading of the containers' states; pages show the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from controller.engine.objects import Manifest


@dataclass(frozen=True, slots=True)
class PodSummary:
    """``word`` is the STATUS; ``restarted`` is when a container last ended and was started again, or ""."""

    ready: int
    containers: int
    word: str
    restarts: int
    restarted: str


def summary_of(pod: Manifest) -> PodSummary:
    """Return what a pod's spec and status amount to."""
    meta, status = pod["metadata"], pod.get("status") or {}
    seen = _Count(pod["spec"], status)
    return PodSummary(seen.ready, seen.total, _word(meta, status, seen.reason), seen.restarts, seen.restarted)


def holds(status: Manifest, kind: str) -> bool:
    """Whether a condition of a pod's status is True."""
    conditions: Sequence[Manifest] = status.get("conditions") or ()
    return any(each.get("type") == kind and each.get("status") == "True" for each in conditions)


def _word(meta: Manifest, status: Manifest, reason: str) -> str:
    if not meta.get("deletionTimestamp"):
        return reason
    if status.get("reason") == "NodeLost":
        return "Unknown"
    return reason if status.get("phase") in {"Succeeded", "Failed"} else "Terminating"


class _Count:
    """What the statuses of a pod's containers amount to."""

    def __init__(self, spec: Manifest, status: Manifest) -> None:
        beside = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"]
        self.spec, self.status = spec, status
        self.total = len(spec.get("containers") or ()) + len(beside)
        self.ready = self.restarts = 0
        self.restarted = ""
        self.reason = _first_reason(status)
        self._beside = {each["name"] for each in beside}
        waits = self._look_at_first()
        if not waits or holds(status, "Initialized"):
            self._look_at_main()

    def _look_at_first(self) -> bool:
        """Go through the init containers; return whether the pod waits for one of them."""
        waits = False
        told = self.status.get("initContainerStatuses") or ()
        for index, each in enumerate(told):
            self._count(each)
            state = each.get("state") or {}
            if (state.get("terminated") or {"exitCode": 1}).get("exitCode") == 0:
                continue
            if each.get("name") in self._beside and each.get("started"):
                self.ready += bool(each.get("ready"))
                continue
            self.reason = _init_reason(state) or f"Init:{index}/{len(self.spec.get('initContainers') or ())}"
            waits = True
            break
        return waits

    def _look_at_main(self) -> None:
        self.restarts, self.restarted = 0, ""
        for each in self.status.get("initContainerStatuses") or ():
            if each.get("name") in self._beside:
                self._count(each)
        runs = False
        for each in reversed(self.status.get("containerStatuses") or ()):
            self._count(each)
            state = each.get("state") or {}
            if reason := _reason(state):
                self.reason = reason
            elif each.get("ready") and "running" in state:
                runs = True
                self.ready += 1
        if self.reason == "Completed" and runs:
            self.reason = "Running" if holds(self.status, "Ready") else "NotReady"

    def _count(self, told: Manifest) -> None:
        self.restarts += told.get("restartCount") or 0
        ended = ((told.get("lastState") or {}).get("terminated") or {}).get("finishedAt") or ""
        self.restarted = max(self.restarted, ended)


def _first_reason(status: Manifest) -> str:
    if any(
        each.get("type") == "PodScheduled" and each.get("reason") == "SchedulingGated"
        for each in status.get("conditions") or ()
    ):
        return "SchedulingGated"
    return str(status.get("reason") or status.get("phase") or "Pending")


def _reason(state: Manifest) -> str:
    """Return why a container waits or has ended, or ""."""
    if (waiting := state.get("waiting")) and waiting.get("reason"):
        return str(waiting["reason"])
    ended = state.get("terminated")
    if ended is None:
        return ""
    if ended.get("reason"):
        return str(ended["reason"])
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"


def _init_reason(state: Manifest) -> str:
    reason = _reason(state)
    return f"Init:{reason}" if reason and reason != "PodInitializing" else ""
