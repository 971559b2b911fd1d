"""What becomes of a container that is ended from outside: killed by a signal, or left by who was attached."""

from __future__ import annotations

from controller.engine.cluster import ephemeral
from controller.engine.cluster.containers import is_plain, is_sidecar
from controller.engine.cluster.podstatus import runs, terminated, with_containers
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
