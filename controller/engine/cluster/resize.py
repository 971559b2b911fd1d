"""What a kubelet does with a pod whose containers shall have more or less than they have.

It gives at once what its node has room for, and starts a container anew only where its policy says so.
What does not fit waits (Deferred) or never will (Infeasible); the containers keep what they have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from controller.engine.admission.resize import STATUSES, held
from controller.engine.cluster import restart
from controller.engine.cluster.scheduler.demand import INFEASIBLE, PENDING, Demand, Load, is_resized
from controller.engine.cluster.scheduler.filters import room_of
from controller.engine.objects import Manifest, Moment, Node, Pod, Timers

DEFERRED = "Deferred"
KINDS = ("requests", "limits")

Used = Callable[[], Load]
"""What the other pods of the node take, if somebody needs to know."""


def is_deferred(pod: Pod) -> bool:
    """Whether a pod waits for room on its node to have more."""
    if pod.is_packed or not is_resized(pod.manifest):
        return False
    return any(one["type"] == PENDING and one.get("reason") == DEFERRED for one in _conditions(pod.manifest))


def after(pod: Pod, node: Node, used: Used, now: Moment) -> tuple[Manifest, Timers] | None:
    """Return the pod and its timers after its kubelet looked at its resize, None if nothing is new."""
    if not is_resized(pod.manifest):
        return None
    refusal = _refusal(pod, node, used) if _changed(pod.manifest) else None
    manifest = _told(pod.manifest, refusal, now)
    if refusal or not _changed(pod.manifest):
        return None if manifest == pod.manifest else (manifest, pod.timers)
    anew = {name: one for name, one in _changed(manifest).items() if _restarts(one, manifest)}
    given = replace(pod, held=_given(manifest))
    return restart.anew(given, anew, now) if anew else (given.manifest, pod.timers)


def _conditions(manifest: Manifest) -> list[Manifest]:
    return (manifest.get("status") or {}).get("conditions") or []


def _entries(manifest: Manifest) -> dict[str, Manifest]:
    status = manifest["status"]
    return {entry["name"]: entry for _, statuses in STATUSES for entry in status.get(statuses) or ()}


def _changed(manifest: Manifest) -> dict[str, Manifest]:
    """Return the containers that have something else than they shall, by name."""
    entries, spec = _entries(manifest), manifest["spec"]
    every = [container for field, _ in STATUSES for container in spec.get(field) or ()]
    return {
        one["name"]: one
        for one in every
        if entries.get(one["name"], {}).get("resources", one.get("resources") or {})
        != (one.get("resources") or {})
    }


def _refusal(pod: Pod, node: Node, used: Used) -> tuple[str, str] | None:
    """Return the reason and the sentence why a node cannot give a pod what it shall have."""
    wants, room = Demand.of(pod.manifest["spec"]), room_of(node)
    for name in ("memory", "cpu"):
        wanted, there = getattr(wants, name), getattr(room, name)
        if wanted > there:
            said = f"Node didn't have enough capacity: {name}, requested: {wanted}, capacity: {there}"
            return INFEASIBLE, said
    taken = used()
    for name in ("cpu", "memory"):
        wanted, there, others = getattr(wants, name), getattr(room, name), getattr(taken, name)
        if others + wanted > there:
            said = f"Node didn't have enough resource: {name}, requested: {wanted}"
            return DEFERRED, f"{said}, used: {others}, capacity: {there}"
    return None


def _told(manifest: Manifest, refusal: tuple[str, str] | None, now: Moment) -> Manifest:
    """Return the pod with the condition that says why its resize waits, or without one."""
    others = [one for one in _conditions(manifest) if one["type"] != PENDING]
    before = next((one for one in _conditions(manifest) if one["type"] == PENDING), None)
    if refusal:
        others.append(
            {
                "type": PENDING,
                "status": "True",
                "reason": refusal[0],
                "message": refusal[1],
                "observedGeneration": manifest["metadata"].get("generation", 1),
                "lastProbeTime": None,
                "lastTransitionTime": before["lastTransitionTime"] if before else now.stamp,
            }
        )
    return {**manifest, "status": {**manifest["status"], "conditions": others}}


def _given(manifest: Manifest) -> Manifest:
    """Return the pod with its containers given what they shall have."""
    status = {**manifest["status"]}
    for field, statuses in STATUSES:
        wanted = {one["name"]: one.get("resources") or {} for one in manifest["spec"].get(field) or ()}
        if status.get(statuses):
            status[statuses] = [{**entry, **held(wanted[entry["name"]])} for entry in status[statuses]]
    return {**manifest, "status": status}


def _restarts(container: Manifest, manifest: Manifest) -> bool:
    """Whether a running container is to be started anew for what changes of its resources."""
    entry = _entries(manifest)[container["name"]]
    policies = {one["resourceName"]: one["restartPolicy"] for one in container.get("resizePolicy") or ()}
    if "running" not in entry["state"]:
        return False
    before, wanted = entry["resources"], container.get("resources") or {}
    return any(
        policy == "RestartContainer"
        and any((before.get(kind) or {}).get(name) != (wanted.get(kind) or {}).get(name) for kind in KINDS)
        for name, policy in policies.items()
    )
