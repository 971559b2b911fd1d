"""What a kubelet writes into a pod's status, stage by stage, and how a stage is read back."""

from __future__ import annotations

import hashlib
from enum import StrEnum, auto
from typing import Any

from controller.engine.objects import Manifest, Moment, Pod

PULL_ERROR = "ErrImagePull"
PULL_BACKOFF = "ImagePullBackOff"
CRASHED = "CrashLoopBackOff"


class Stage(StrEnum):
    """How far a kubelet has come with a pod."""

    UNSEEN = auto()
    CREATING = auto()
    PULL_ERROR = auto()
    PULL_BACKOFF = auto()
    RUNNING = auto()
    READY = auto()
    CRASHED = auto()
    FINISHED = auto()


_WAITING = {
    "ContainerCreating": Stage.CREATING,
    PULL_ERROR: Stage.PULL_ERROR,
    PULL_BACKOFF: Stage.PULL_BACKOFF,
    CRASHED: Stage.CRASHED,
}


def stage_of(pod: Pod) -> Stage:
    """Read the stage from the pod's status."""
    if pod.finished:
        return Stage.FINISHED
    if not (pod.manifest.get("status") or {}).get("containerStatuses"):
        return Stage.UNSEEN
    if pod.waiting:
        return _WAITING.get(pod.waiting, Stage.CREATING)
    return Stage.READY if pod.ready else Stage.RUNNING


def restarts_of(pod: Pod) -> int:
    """Return how often the pod's containers were started again, the most of any container."""
    statuses = (pod.manifest.get("status") or {}).get("containerStatuses") or ()
    return max((entry.get("restartCount", 0) for entry in statuses), default=0)


def ip_of(uid: str) -> str:
    """Return a pod's address, always the same for a uid."""
    digest = hashlib.sha256(uid.encode()).digest()
    return f"10.{64 + digest[0] % 64}.{digest[1]}.{1 + digest[2] % 254}"


def host_ip_of(uid: str) -> str:
    """Return a machine's address, always the same for a uid."""
    digest = hashlib.sha256(uid.encode()).digest()
    return f"172.{20 + digest[0] % 8}.{digest[1]}.{1 + digest[2] % 254}"


def with_status(
    pod: Pod,
    now: Moment,
    *,
    phase: str,
    state: Manifest,
    ready: bool,
    restarts: int,
    last: Manifest | None = None,
) -> Manifest:
    """Return the pod with every container in one ``state``; ``last`` is how it ended before."""
    before = pod.manifest.get("status") or {}
    containers = [
        {
            "name": container["name"],
            "image": container["image"],
            "imageID": f"sim://{container['image']}" if "waiting" not in state else "",
            "containerID": f"sim://{pod.uid}/{container['name']}" if "waiting" not in state else "",
            "ready": ready,
            "started": "running" in state,
            "restartCount": restarts,
            "state": state,
            "lastState": last or {},
        }
        for container in pod.manifest["spec"]["containers"]
    ]
    status = {
        **before,
        "phase": phase,
        "conditions": conditions(before, now, ready=ready, scheduled=True),
        "containerStatuses": containers,
        "startTime": before.get("startTime") or now.stamp,
    }
    if "running" in state:
        status |= {"podIP": ip_of(pod.uid), "podIPs": [{"ip": ip_of(pod.uid)}]}
    return {**pod.manifest, "status": status}


def with_ready(pod: Pod, now: Moment, *, ready: bool) -> Manifest:
    """Return the pod with nothing changed but whether it is Ready."""
    before = pod.manifest.get("status") or {}
    containers = [{**entry, "ready": ready} for entry in before.get("containerStatuses") or ()]
    fresh = conditions(before, now, ready=ready, scheduled=True)
    return {**pod.manifest, "status": {**before, "conditions": fresh, "containerStatuses": containers}}


def conditions(before: Manifest, now: Moment, *, ready: bool, scheduled: bool) -> list[Manifest]:
    """Return the pod's conditions; the time of a transition is kept where nothing changed."""
    standing = {entry["type"]: entry for entry in before.get("conditions") or ()}
    wanted = {
        "PodScheduled": scheduled,
        "Initialized": scheduled,
        "ContainersReady": ready,
        "Ready": ready,
    }
    return [_condition(standing.get(kind), kind, value, now) for kind, value in wanted.items()]


def _condition(before: Manifest | None, kind: str, value: bool, now: Moment) -> dict[str, Any]:  # noqa: FBT001 -- a condition's status is the value itself
    status = "True" if value else "False"
    since = before["lastTransitionTime"] if before and before["status"] == status else now.stamp
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": since}
