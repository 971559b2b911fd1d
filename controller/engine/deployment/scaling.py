"""A Deployment whose number of pods changes: its ReplicaSets share it out by their sizes.

So a rollout that is halfway stays halfway, and a broken new template gets no more than its share.
"""

from __future__ import annotations

from controller.engine.deployment.revisions import DESIRED, MAX, noted
from controller.engine.deployment.rollout import Order, available
from controller.engine.deployment.sets import Sets, age_of
from controller.engine.deployment.strategy import bounds_of, is_recreated
from controller.engine.views import Deployment, ReplicaSet


def is_scaled(deployment: Deployment, sets: Sets) -> bool:
    """Whether the number of pods is another than when a set that has some was last given its share."""
    if is_recreated(deployment) and len(sets.active) > 1:
        return False  # the rollout gives each its number
    shares = (noted(each, DESIRED) for each in sets.active)
    return any(share is not None and share != deployment.replicas for share in shares)


def scaled(deployment: Deployment, sets: Sets) -> list[Order]:
    """Return how many pods each set is asked for from now on."""
    active = sets.active
    if not active:
        latest = sets.new or (sets.old[-1] if sets.old else None)
        return [Order(latest, deployment.replicas)] if latest and deployment.replicas else []
    if len(active) == 1:
        return [Order(active[0], deployment.replicas)]
    if sets.new and _is_saturated(deployment, sets.new):
        return [Order(each, 0) for each in active if each is not sets.new]
    return [] if is_recreated(deployment) else _shares(deployment, list(active))


def _is_saturated(deployment: Deployment, new: ReplicaSet) -> bool:
    wanted = deployment.replicas
    return wanted == new.replicas == noted(new, DESIRED) == available(new)


def _shares(deployment: Deployment, active: list[ReplicaSet]) -> list[Order]:
    """Share out what is to be added or taken, larger sets first; what is left over is for the largest."""
    most = bounds_of(deployment).most if deployment.replicas else 0
    change = most - sum(each.replicas for each in active)
    active.sort(key=age_of, reverse=change > 0)
    active.sort(key=lambda each: -each.replicas)
    sizes, left = [], change
    for each in active:
        share = _share(deployment, each, most) - each.replicas
        share = (min if change > 0 else max)(share, left) if left else 0
        sizes.append(each.replicas + share)
        left -= share
    sizes[0] = max(0, sizes[0] + left)
    return [Order(each, size) for each, size in zip(active, sizes, strict=True)]


def _share(deployment: Deployment, each: ReplicaSet, most: int) -> int:
    """Return the size that keeps a set's part of the whole, halves rounded up."""
    before = noted(each, MAX) or deployment.counted("replicas")
    if not most:
        return 0
    return (2 * each.replicas * most + before) // (2 * before) if before > 0 else each.replicas
