"""What a disruption budget allows, and what that means for one eviction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from controller.engine.matching.labels import matches
from controller.engine.matching.quantities import int_or_percent
from controller.engine.objects import Manifest, Moment, Pod
from controller.engine.views import DisruptionBudget
from controller.engine.workloads.conditions import with_condition

ALLOWED = "DisruptionAllowed"


class Numbers(NamedTuple):
    """How many pods are healthy, have to be, and are expected; how many evictions that allows."""

    healthy: int
    needed: int
    expected: int
    allowed: int


def counts_owners(budget: DisruptionBudget) -> bool:
    """Whether the number of pods that are expected is what their controllers are asked for."""
    return budget.max_unavailable is not None or isinstance(budget.min_available, str)


def numbers(budget: DisruptionBudget, healthy: int, expected: int) -> Numbers:
    """Return what a budget allows; of ``expected`` pods so many are ready and not going."""
    if budget.max_unavailable is not None:
        needed = max(0, expected - int_or_percent(budget.max_unavailable, expected, round_up=True))
    else:
        needed = int_or_percent(budget.min_available or 0, expected, round_up=True)
    allowed = max(0, healthy - needed) if expected else 0
    return Numbers(healthy, needed, expected, allowed)


def status_manifest(budget: DisruptionBudget, found: Numbers, failure: str, now: Moment) -> Manifest:
    """Return the status of a budget; ``failure`` says why nothing could be counted."""
    meta = budget.manifest["metadata"]
    standing = budget.manifest.get("status") or {}
    generation = meta.get("generation") or 0
    if failure:
        told = ("False", "SyncFailed", failure)
        counted = {**standing, "disruptionsAllowed": 0}
    else:
        told = ("True", "SufficientPods", "") if found.allowed else ("False", "InsufficientPods", "")
        counted = {
            "disruptionsAllowed": found.allowed,
            "currentHealthy": found.healthy,
            "desiredHealthy": found.needed,
            "expectedPods": found.expected,
        }
    zeroes = dict.fromkeys(("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"), 0)
    wanted = dict(zip(("status", "reason", "message"), told, strict=True))
    condition = {"type": ALLOWED, "observedGeneration": generation, **wanted}
    conditions = with_condition(standing.get("conditions") or (), condition, now)
    return {**zeroes, **counted, "observedGeneration": generation, "conditions": conditions}


def goes_freely(pod: Pod, budget: DisruptionBudget) -> bool:
    """Whether a pod that is not ready may be evicted without being counted."""
    status = budget.manifest.get("status") or {}
    policy = (budget.manifest.get("spec") or {}).get("unhealthyPodEvictionPolicy")
    if pod.ready:
        return False
    healthy, needed = status.get("currentHealthy") or 0, status.get("desiredHealthy") or 0
    return policy == "AlwaysAllow" or healthy >= needed > 0


def violating(pods: Iterable[Pod], budgets: Iterable[DisruptionBudget], gone: Sequence[Pod]) -> list[Pod]:
    """Return whose going breaks a budget if the pods go in this order, as the scheduler counts.

    ``gone`` are those that went since the budgets told what they allow. To the scheduler an empty selector
    selects nothing.
    """
    held = [each for each in budgets if each.selector]
    left = {each.key: _allowed(each) - sum(_is_meant(each, pod) for pod in gone) for each in held}
    found = []
    for pod in pods:
        about = [each.key for each in held if _is_meant(each, pod)]
        for key in about:
            left[key] -= 1
        if any(left[key] < 0 for key in about):
            found.append(pod)
    return found


def _allowed(budget: DisruptionBudget) -> int:
    return int((budget.manifest.get("status") or {}).get("disruptionsAllowed") or 0)


def _is_meant(budget: DisruptionBudget, pod: Pod) -> bool:
    return pod.namespace == budget.namespace and matches(budget.selector, pod.labels)
