"""Ephemeral containers, as `kubectl debug` puts them into a pod that runs.

They stand beside the others: their kubelet starts each once, and neither the pod's readiness nor its
end asks for them. When one began is cluster time, kept in the pod's timers.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from controller.engine.cluster.podstatus import container_status, running_since, runs, terminated
from controller.engine.container.scripts import Script
from controller.engine.objects import Manifest, Moment, Pod, Timers

STATUSES = "ephemeralContainerStatuses"
BEGAN = "debug:"
"""Before the name of a container: the timer that says when it began."""
NEXT = "debug"
"""The timer of the next end of one."""


def after(pod: Pod, now: Moment, scripts: Callable[[Manifest], Script | None]) -> tuple[Manifest, Timers]:
    """Return the pod and its timers, its ephemeral containers begun, and those ended that do by now."""
    status = pod.manifest.get("status") or {}
    standing = {entry["name"]: entry for entry in status.get(STATUSES) or ()}
    timers, entries, next_end = {**pod.timers}, [], inf
    timers.pop(NEXT, None)
    for container in pod.manifest["spec"]["ephemeralContainers"]:
        name = container["name"]
        entry = standing.get(name) or container_status(pod.uid, container, running_since(now.stamp))
        script = scripts(container) if runs(entry) else None
        if script and not script.attended:
            ends = timers.setdefault(BEGAN + name, now.cluster) + script.seconds
            if ends <= now.cluster:
                entry = over(entry, now, script.code)
            else:
                next_end = min(next_end, ends)
        entries.append(entry)
    if next_end < inf:
        timers[NEXT] = next_end
    return with_statuses(pod.manifest, entries), timers


def over(entry: Manifest, now: Moment, code: int) -> Manifest:
    """Return the status of a container that ended with a code, for good."""
    return {**entry, "ready": False, "started": False, "state": terminated(entry, now, code)}


def with_statuses(manifest: Manifest, entries: list[Manifest]) -> Manifest:
    """Return a pod with these statuses of its ephemeral containers."""
    return {**manifest, "status": {**(manifest.get("status") or {}), STATUSES: entries}}
