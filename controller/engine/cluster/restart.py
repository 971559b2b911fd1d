"""What becomes of a container that is ended from outside.

It is killed by a signal, left by who was attached, or started anew because its image was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from controller.engine.cluster import ephemeral
from controller.engine.cluster.containers import STOPPED, is_plain, is_sidecar
from controller.engine.cluster.podstatus import image_id, runs, terminated, with_containers
from controller.engine.container.scripts import SIGNALLED
from controller.engine.objects import Manifest, Moment, Pod, Timers
from controller.engine.settings import annotated_seconds


def killed(pod: Pod, container: str, now: Moment, signal: int) -> tuple[Manifest, Timers] | None:
    """Return the pod and its timers after a running container got a signal; None if it does not run."""
    return ended(pod, container, now, SIGNALLED + signal)


def ended(pod: Pod, container: str, now: Moment, code: int) -> tuple[Manifest, Timers] | None:
    """Return the pod and its timers after a running container ended; None if it does not run.

    It is started again at once, if its pod wants that. Where not, the pod has ended with its last one.
    """
    status = pod.manifest.get("status") or {}
    beside: list[Manifest] = status.get(ephemeral.STATUSES) or []
    if any(_is_running(container, entry) for entry in beside):
        left = [ephemeral.over(each, now, code) if each["name"] == container else each for each in beside]
        return ephemeral.with_statuses(pod.manifest, left), pod.timers
    first, main = (list(status.get(key) or ()) for key in ("initContainerStatuses", "containerStatuses"))
    found = [entry for entry in (*first, *main) if _is_running(container, entry)]
    if not found:
        return None
    after = _after(pod.manifest["spec"], found[0], now, code)
    first, main = ([after if each is found[0] else each for each in entries] for entries in (first, main))
    phase = "Running" if any(map(_goes_on, main)) else "Failed" if any(map(_failed, main)) else "Succeeded"
    manifest = with_containers(pod, now, first, main, phase=phase)
    wait = annotated_seconds(pod.manifest["metadata"], "ready-after", 0.0)
    plain = is_plain(pod.manifest["spec"])
    timers = {
        name: at for name, at in pod.timers.items() if name not in {"due", "ready", f"probe:{container}"}
    }
    timers |= {"due": now.cluster + wait} if plain else {"due": now.cluster, f"run:{container}": now.cluster}
    return manifest, timers


def redefined(pod: Pod, now: Moment) -> tuple[Manifest, Timers] | None:
    """Return the pod and its timers after running containers were started anew from another image.

    That is done whatever the restart policy says; None if each runs what its pod says.
    """
    changed = {each["name"]: each for each in redefined_containers(pod.manifest)}
    return anew(pod, changed, now) if changed else None


def anew(pod: Pod, changed: Mapping[str, Manifest], now: Moment) -> tuple[Manifest, Timers]:
    """Return the pod and its timers after some of its running containers, by name, were started anew."""
    spec, status = pod.manifest["spec"], pod.manifest.get("status") or {}
    first, main = (
        [
            _from_image(each, changed[each["name"]], now) if each["name"] in changed else each
            for each in entries
        ]
        for entries in (status.get("initContainerStatuses") or (), status.get("containerStatuses") or ())
    )
    manifest = with_containers(pod, now, first, main, phase=pod.phase)
    gone = {"due", "ready", *(f"{timer}:{name}" for timer in ("back", "live", "probe") for name in changed)}
    timers = {name: at for name, at in pod.timers.items() if name not in gone}
    wait = annotated_seconds(pod.manifest["metadata"], "ready-after", 0.0)
    if is_plain(spec):
        return manifest, {**timers, "due": now.cluster + wait}
    return manifest, {**timers, "due": now.cluster, **{f"run:{name}": now.cluster for name in changed}}


def redefined_containers(manifest: Manifest) -> list[Manifest]:
    """Return the containers of a pod that run another image than it says, as its kubelet started them."""
    spec, status = manifest["spec"], manifest.get("status") or {}
    found = _redefined(spec["containers"], status.get("containerStatuses") or ())
    if "initContainers" in spec:
        found += _redefined(spec["initContainers"] or (), status.get("initContainerStatuses") or ())
    return found


def _redefined(containers: Iterable[Manifest], entries: Iterable[Manifest]) -> list[Manifest]:
    return [
        container
        for container, entry in zip(containers, entries, strict=False)
        if entry.get("image") != container["image"] and _is_told(container, entry)
    ]


def _is_told(container: Manifest, entry: Manifest) -> bool:
    """Whether a container runs the image that is told of it; what no kubelet of ours told is left alone."""
    told = entry.get("image") or ""
    return bool(runs(entry) and entry["name"] == container["name"] and entry.get("imageID") == image_id(told))


def _from_image(entry: Manifest, container: Manifest, now: Moment) -> Manifest:
    return {
        **entry,
        "image": container["image"],
        "imageID": image_id(container["image"]),
        "ready": False,
        "started": "startupProbe" not in container,
        "restartCount": (entry.get("restartCount") or 0) + 1,
        "state": {"running": {"startedAt": now.stamp}},
        "lastState": terminated(entry, now, STOPPED),
    }


def _is_running(container: str, entry: Manifest) -> bool:
    return bool(entry["name"] == container) and runs(entry)


def _after(spec: Manifest, entry: Manifest, now: Moment, code: int) -> Manifest:
    over = {**entry, "ready": False, "started": False, "state": terminated(entry, now, code)}
    policy = spec.get("restartPolicy") or "Always"
    beside = any(
        is_sidecar(each) and each["name"] == entry["name"] for each in spec.get("initContainers") or ()
    )
    if not beside and (policy == "Never" or (policy == "OnFailure" and code == 0)):
        return over
    return {
        **over,
        "started": True,
        "restartCount": (entry.get("restartCount") or 0) + 1,
        "state": {"running": {"startedAt": now.stamp}},
        "lastState": over["state"],
    }


def _goes_on(entry: Manifest) -> bool:
    return "terminated" not in entry["state"]


def _failed(entry: Manifest) -> bool:
    return bool((entry["state"].get("terminated") or {}).get("exitCode"))
