"""What can be set of a simulated cluster's machines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from controller.engine.objects import SIM, Manifest

YEAR = 365 * 86_400.0
SLEEP = re.compile(r"(?<![\w.-])sleep\s+(\d{1,9}(?:\.\d{1,9})?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """Delays in seconds of cluster time; a pod's annotations win over them.

    ``kubelet_events``: whether kubelets tell of everything they do, not only of trouble; None: as long as
    there are few machines. ``mirrored``: of what new pods need beside nodes and sets (accounts, classes)
    nothing is known here, so it is taken to be there. ``manager`` is the name by which our staged rollouts
    act in a real cluster, "" in a simulated one: a set that bears another name is left to who bears that.
    """

    start_delay: float = 1.0
    stop_delay: float = 1.0
    node_grace: float = 40.0
    kubelet_events: bool | None = False
    mirrored: bool = False
    manager: str = ""


def annotated_seconds(pod_meta: Manifest, key: str, default: float) -> float:
    """Return a delay from a pod's annotation, at most a year; one that is no number counts as not given."""
    text = (pod_meta.get("annotations") or {}).get(SIM + key)
    try:
        return min(max(0.0, float(text)), YEAR) if text is not None else default
    except ValueError:
        return default


def seconds_to_stop(pod: Manifest, grace: float, settings: Settings) -> float:
    """Return how long the containers of a pod take to stop, hooks first: ``grace`` at most."""
    hooks = (_hook_seconds(container) for container in pod["spec"]["containers"] if "lifecycle" in container)
    delay = annotated_seconds(pod["metadata"], "stop-delay", settings.stop_delay)
    return min(grace, max(hooks, default=0.0) + delay)


def _hook_seconds(container: Manifest) -> float:
    """Return how long a preStop hook takes: one that sleeps, or runs commands of which some sleep."""
    hook = (container["lifecycle"] or {}).get("preStop") or {}
    command = " ".join((hook.get("exec") or {}).get("command") or ())
    slept = sum(float(seconds) for seconds in SLEEP.findall(command))
    return slept + ((hook.get("sleep") or {}).get("seconds") or 0)
