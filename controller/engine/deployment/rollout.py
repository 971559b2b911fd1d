"""The steps of a rollout: how many pods each ReplicaSet of a Deployment is asked for next.

Bounds are kept on what sets are asked for: never more than ``replicas`` and the surge in all, and old
sets give up available pods only while more than the least are available. A step is the first thing that
changes something; it is looked at again when the sets have moved.

Invariants (held by a property test): a step never raises an old set, never raises the sum beyond the
larger of what it was and the most, and never leaves fewer available pods than the least if there were
as many.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from controller.engine.deployment.sets import Sets
from controller.engine.deployment.strategy import bounds_of
from controller.engine.views import Deployment, ReplicaSet


class Order(NamedTuple):
    """So many pods a set is asked for from now on."""

    of: ReplicaSet
    replicas: int


def first_size(deployment: Deployment, sets: Sets) -> int:
    """Return with how many pods the new set begins."""
    return min(deployment.replicas, max(0, bounds_of(deployment).most - sets.asked()))


def rolling_step(deployment: Deployment, sets: Sets) -> list[Order]:
    """Return the next step of a rolling update: the new set up (or down), else old sets down.

    Without a new set there is none: it comes first.
    """
    new = sets.new
    if new is None:
        return []
    room = bounds_of(deployment).most - sets.asked()
    wanted = min(deployment.replicas, new.replicas + max(0, room))
    if wanted != new.replicas:
        return [Order(new, wanted)]
    return list(_old_down(deployment, sets, new))


def _old_down(deployment: Deployment, sets: Sets, new: ReplicaSet) -> Iterator[Order]:
    """Yield the old sets that give up pods: first those that are not available, whoever has them."""
    sizes = {each.key: each.replicas for each in sets.old}
    allowed = max(0, sets.asked() - bounds_of(deployment).least - (new.replicas - available(new)))
    broken = [(each.key, each.replicas - available(each)) for each in sets.old]
    for key, most in (*broken, *sizes.items()):
        given = min(allowed, most, sizes[key])
        sizes[key] -= given
        allowed -= given
    yield from (Order(each, sizes[each.key]) for each in sets.old if sizes[each.key] != each.replicas)


def recreate_step(deployment: Deployment, sets: Sets) -> list[Order]:
    """Return the next step of a Recreate: old sets to none, and only when their pods are gone the new one."""
    if stopping := [Order(each, 0) for each in sets.old if each.replicas]:
        return stopping
    if sets.new and sets.new.replicas != deployment.replicas and not are_old_running(sets):
        return [Order(sets.new, deployment.replicas)]
    return []


def are_old_running(sets: Sets) -> bool:
    """Whether a pod of an old set stands that is not over, be it on its way out."""
    return any(_has_pods(each) for each in sets.old)


def _has_pods(each: ReplicaSet) -> bool:
    is_seen = each.counted("observedGeneration") >= each.generation
    return not is_seen or bool(
        each.replicas or each.counted("replicas") or each.counted("terminatingReplicas")
    )


def available(each: ReplicaSet) -> int:
    """Return how many of the pods that a set is asked for are available, as far as it has told."""
    return min(each.replicas, each.counted("availableReplicas"))
