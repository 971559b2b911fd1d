"""What can be set of a simulated cluster's machines."""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.objects import SIM, Manifest

YEAR = 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Delays in seconds of cluster time; a pod's annotations win over them."""

    start_delay: float = 1.0
    stop_delay: float = 1.0
    node_grace: float = 40.0


def annotated_seconds(pod_meta: Manifest, key: str, default: float) -> float:
    """Return a delay from a pod's annotation, at most a year; one that is no number counts as not given."""
    text = (pod_meta.get("annotations") or {}).get(SIM + key)
    try:
        return min(max(0.0, float(text)), YEAR) if text is not None else default
    except ValueError:
        return default
