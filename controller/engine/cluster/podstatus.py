"""What a kubelet writes into a pod's status, stage by stage, and how a stage is read back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container
from enum import auto
from functools import lru_cache
from itertools import count
from zlib import crc32

from controller.engine.objects import Manifest, Moment, Pod
from controller.engine.remembered import remembered
from controller.engine.values import Code

PULL_ERROR = "ErrImagePull"
PULL_BACKOFF = "ImagePullBackOff"
CRASHED = "CrashLoopBackOff"
CREATING = "ContainerCreating"
INITIALIZING = "PodInitializing"
NOTHING: Manifest = {}


class Stage(Code):
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
    CREATING: Stage.CREATING,
    PULL_ERROR: Stage.PULL_ERROR,
    PULL_BACKOFF: Stage.PULL_BACKOFF,
    CRASHED: Stage.CRASHED,
}


def stage_of(pod: Pod) -> Stage:
    """Read the stage from the pod's status."""
    if pod.finished:
        return Stage.FINISHED
    if pod.waiting:
        return _WAITING.get(pod.waiting, Stage.CREATING)
    if not (pod.manifest.get("status") or {}).get("containerStatuses"):
        return Stage.UNSEEN
    return Stage.READY if pod.ready else Stage.RUNNING


SERVICE_RANGE = 96
"""The second part of the first address that Services are given; theirs are sixteen such parts."""


def ip_of(uid: str) -> str:
    """Return the address of a pod on a node that has none to give, always the same for a uid.

    Two of seven million may be the same; none is in the range of the Services, 10.96.0.0/12, or of a node.
    """
    digest = crc32(uid.encode()).to_bytes(4)
    second = digest[0] % 112
    return f"10.{second + 16 if second >= SERVICE_RANGE else second}.{digest[1]}.{1 + digest[2] % 254}"


def host_ip_of(uid: str) -> str:
    """Return a machine's address, always the same for a uid."""
    digest = hashlib.sha256(uid.encode()).digest()
    return f"172.{20 + digest[0] % 8}.{digest[1]}.{1 + digest[2] % 254}"


def free_address(make: Callable[[str], str], uid: str, taken: Container[str]) -> str:
    """Return an address that nobody has: the one of a uid, or else the next that follows from it."""
    every = (make(f"{uid}/{number}" if number else uid) for number in count())
    return next(address for address in every if address not in taken)


@lru_cache(maxsize=16_384)
def host_ips(address: str) -> Manifest:
    """Return what the status of every pod on a machine says of its address."""
    return {"hostIP": address, "hostIPs": [{"ip": address}]}


@lru_cache(maxsize=256)
def running_since(stamp: str) -> Manifest:
    """Return the state of a container that runs, the same for all that started in a second."""
    return {"running": {"startedAt": stamp}}


def container_status(uid: str, container: Manifest, state: Manifest) -> Manifest:
    """Return what a kubelet says of a container of a pod that is in a state for the first time."""
    there = "waiting" not in state
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": image_id(container["image"]) if there else "",
        "containerID": f"sim://{uid}/{container['name']}" if there else "",
        "ready": False,
        "started": "running" in state,
        "restartCount": 0,
        "state": state,
        "lastState": {},
    }


def held_in(entry: Manifest) -> Manifest:
    """Return what a container of a resized pod has: it goes on with that when it is started again."""
    if "resources" not in entry:
        return NOTHING
    return {"allocatedResources": entry["allocatedResources"], "resources": entry["resources"]}


@remembered
def waiting_statuses(containers: list[Manifest], reason: str) -> list[Manifest]:
    """Return what a kubelet says of containers that never ran: the same for all pods that share them."""
    return [container_status("", container, {"waiting": {"reason": reason}}) for container in containers]


def image_id(image: str) -> str:
    """Return what a kubelet knows an image by."""
    return f"sim://{image}"


def runs(entry: Manifest) -> bool:
    """Whether a container of this status runs."""
    return "running" in entry["state"]


def restarts_of(manifest: Manifest) -> dict[str, int]:
    """Return how often each container of a pod that runs was started before."""
    status = manifest.get("status") or {}
    fields = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
    entries = [entry for field in fields for entry in status.get(field) or ()]
    return {entry["name"]: entry.get("restartCount") or 0 for entry in entries if runs(entry)}


def terminated(entry: Manifest, now: Moment, code: int) -> Manifest:
    """Return the state of a container that ends now; one that did not run yet ends as it starts."""
    began = (entry["state"].get("running") or {}).get("startedAt") or now.stamp
    reason = "Error" if code else "Completed"
    return {"terminated": {"exitCode": code, "reason": reason, "startedAt": began, "finishedAt": now.stamp}}


def crash_message(pod: Pod, container: str, delay: float) -> str:
    """Return what a kubelet says of a container that has to wait before it is started again."""
    about = f"container={container} pod={pod.name}_{pod.namespace}({pod.uid})"
    return f"back-off {delay:.0f}s restarting failed {about}"


def with_state(
    pod: Pod, now: Moment, *, phase: str, state: Manifest, restarted: bool = False, last: int | None = None
) -> Manifest:
    """Return the pod with all its containers in one state, none of them ready.

    ``restarted``: each is counted as started again. ``last`` is the exit code that each ended with before.
    """
    manifest = pod.manifest
    status = manifest.get("status") or {}
    standing = {entry["name"]: entry for entry in status.get("containerStatuses") or ()}
    entries = []
    for container in manifest["spec"]["containers"]:
        entry = container_status(pod.uid, container, state)
        before = standing.get(container["name"]) or entry
        if last is not None:
            entry["lastState"] = terminated(before, now, last)
        entry["restartCount"] = (before.get("restartCount") or 0) + restarted
        entry.update(held_in(before))
        entries.append(entry)
    first = status.get("initContainerStatuses") or []
    return with_containers(pod, now, first, entries, phase=phase)


def with_containers(
    pod: Pod,
    now: Moment,
    first: list[Manifest],
    main: list[Manifest],
    *,
    phase: str,
    initialized: bool | None = None,
) -> Manifest:
    """Return the pod with these statuses of its init containers and its containers.

    ``initialized`` None: as it was.
    """
    manifest = pod.manifest
    before = manifest.get("status") or {}
    ready = all(entry["ready"] for entry in (*main, *filter(runs, first)))
    status = {
        **before,
        "phase": phase,
        "conditions": conditions(before, now, ready=ready, initialized=initialized),
        "containerStatuses": main,
        "startTime": before.get("startTime") or now.stamp,
    }
    if first:
        status["initContainerStatuses"] = first
    if "podIP" not in before and any(map(runs, (*first, *main))):
        shares = manifest["spec"].get("hostNetwork")
        address = before["hostIP"] if shares and "hostIP" in before else ip_of(pod.uid)
        status |= {"podIP": address, "podIPs": [{"ip": address}]}
    return {**manifest, "status": status}


def gets_address(before: Pod, manifest: Manifest) -> bool:
    """Whether a pod has an address of its own now, and had none before."""
    told = manifest.get("status") or {}
    if "podIP" not in told or "podIP" in (before.manifest.get("status") or {}):
        return False
    return bool(told["podIP"] != told.get("hostIP"))


def with_address(manifest: Manifest, address: str) -> Manifest:
    """Return a pod at another address."""
    told = {"podIP": address, "podIPs": [{"ip": address}]}
    return {**manifest, "status": {**manifest["status"], **told}}


def with_ready(pod: Pod, now: Moment, *, ready: bool) -> Manifest:
    """Return the pod with nothing changed but whether it is Ready."""
    manifest = pod.manifest
    before = manifest.get("status") or {}
    containers = [{**entry, "ready": ready} for entry in before.get("containerStatuses") or ()]
    fresh = conditions(before, now, ready=ready)
    return {**manifest, "status": {**before, "conditions": fresh, "containerStatuses": containers}}


def bound(pod: Pod, now: Moment) -> Manifest:
    """Return a pod that has a place, and of which its kubelet has said nothing yet."""
    before = {**(pod.manifest.get("status") or {})}
    before.pop("nominatedNodeName", None)
    standing = {entry["type"]: entry for entry in before.get("conditions") or ()}
    scheduled = _condition(standing.pop("PodScheduled", None), "PodScheduled", value=True, stamp=now.stamp)
    return {**pod.manifest, "status": {**before, "conditions": [*standing.values(), scheduled]}}


def marked_unready(pod: Pod, now: Moment) -> Manifest:
    """Return a pod of a machine that is not heard of any more: all that is said of its containers stands."""
    before = pod.manifest["status"]
    fresh = [
        {**entry, "status": "False", "lastTransitionTime": now.stamp} if entry["type"] == "Ready" else entry
        for entry in before["conditions"]
    ]
    return {**pod.manifest, "status": {**before, "conditions": fresh}}


def conditions(
    before: Manifest, now: Moment, *, ready: bool, initialized: bool | None = None
) -> list[Manifest]:
    """Return the conditions of a bound pod; the time of a transition is kept where nothing changed."""
    return _conditions(before.get("conditions"), ready, initialized, now.stamp)


@remembered
def _conditions(
    before: list[Manifest] | None,
    ready: bool,  # noqa: FBT001 -- by place, to be remembered
    initialized: bool | None,  # noqa: FBT001
    stamp: str,
) -> list[Manifest]:
    """Work them out: pods that went through the same together have the same."""
    standing = {entry["type"]: entry for entry in before or ()}
    if initialized is None:
        initialized = (standing.get("Initialized") or {}).get("status", "True") == "True"
    wanted = {"PodScheduled": True, "Initialized": initialized, "ContainersReady": ready, "Ready": ready}
    others = [entry for entry in before or () if entry["type"] not in wanted]
    made = [_condition(standing.get(kind), kind, value, stamp) for kind, value in wanted.items()]
    return [*made, *others]


def _condition(before: Manifest | None, kind: str, value: bool, stamp: str) -> Manifest:  # noqa: FBT001 -- a condition's status is the value itself
    status = "True" if value else "False"
    since = before["lastTransitionTime"] if before and before["status"] == status else stamp
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": since}
