"""What a Deployment's spec asks of its rollout: how many pods more, how many less, how long, how many kept.

Shares are of the replicas: those that surge round up, those that are unavailable round down, and one pod
may be unavailable where both come to none.
"""

from __future__ import annotations

from typing import NamedTuple

from controller.engine.matching.quantities import int_or_percent
from controller.engine.objects import Manifest
from controller.engine.views import Deployment

NEVER = 2**31 - 1
"""A deadline, or a limit of the history, of so much is none."""


class Bounds(NamedTuple):
    """Between how many pods a rollout keeps: no more than ``most`` asked for, ``least`` available."""

    most: int
    least: int


def spec_of(deployment: Deployment) -> Manifest:
    """Return the spec of a Deployment."""
    spec: Manifest = deployment.manifest["spec"]
    return spec


def is_recreated(deployment: Deployment) -> bool:
    """Whether all old pods go before the first new one comes."""
    return bool(spec_of(deployment)["strategy"]["type"] == "Recreate")


def is_paused(deployment: Deployment) -> bool:
    """Whether a new template waits."""
    return bool(spec_of(deployment).get("paused"))


def bounds_of(deployment: Deployment) -> Bounds:
    """Return between how many pods a Deployment's rollout keeps; with Recreate there is no play."""
    wanted = deployment.replicas
    if is_recreated(deployment):
        return Bounds(wanted, wanted)
    rolling = spec_of(deployment)["strategy"]["rollingUpdate"]
    surge = int_or_percent(rolling["maxSurge"], wanted, round_up=True)
    unavailable = int_or_percent(rolling["maxUnavailable"], wanted, round_up=False)
    if not surge and not unavailable:
        unavailable = 1
    return Bounds(wanted + surge, max(0, wanted - unavailable))


def deadline_of(deployment: Deployment) -> int | None:
    """Return after how many seconds without progress a rollout counts as stuck, or None for never."""
    seconds = spec_of(deployment).get("progressDeadlineSeconds")
    return None if seconds is None or seconds >= NEVER else int(seconds)


def history_limit_of(deployment: Deployment) -> int:
    """Return how many old ReplicaSets are kept."""
    limit = spec_of(deployment).get("revisionHistoryLimit")
    return NEVER if limit is None else int(limit)
