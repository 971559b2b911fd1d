"""Eviction: a deletion that asks the disruption budgets of a pod first, as ``kubectl drain`` does."""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.changes import Change, Verb
from controller.engine.disruption.budget import goes_freely
from controller.engine.edits.deletion import Options, end_pod, tell_deletion
from controller.engine.edits.draft import Draft
from controller.engine.errors import DisruptionRefused, ManyBudgets
from controller.engine.matching.labels import matches
from controller.engine.objects import Key, Pod
from controller.engine.reasons import Reason
from controller.engine.views import DisruptionBudget
from controller.engine.workloads.targets import EVICTION, targeted


@dataclass(frozen=True, slots=True)
class Evict:
    """Delete a pod if its disruption budget allows it, which then allows one less.

    Raises NotFound, Conflict, DisruptionRefused, ManyBudgets, BadRequest.
    """

    key: Key
    options: Options

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        self.options.check()
        found = draft.standing(*self.key)
        pod = Pod.read(found.manifest, found.timers)
        if pod.phase != "Pending" and not pod.finished and not pod.terminating:
            _ask_budgets(draft, pod)
            told = targeted(pod, EVICTION, draft.moment)
            found = draft.put(Verb.MODIFIED, found, Reason.EVICTED, told.manifest)
        end_pod(draft, found, self.options, Reason.EVICTED)
        tell_deletion(draft, "pod_evict", found, self.options)


def _ask_budgets(draft: Draft, pod: Pod) -> None:
    """Take one from what the budget of a pod allows, if there is one."""
    budgets = [budget for budget in _budgets(draft, pod.namespace) if _holds(budget, pod)]
    if not budgets:
        return
    if len(budgets) > 1:
        raise ManyBudgets
    budget = budgets[0]
    if goes_freely(pod, budget):
        return
    status = budget.manifest.get("status") or {}
    allowed = status.get("disruptionsAllowed") or 0
    seen = status.get("observedGeneration") or 0
    if allowed < 1 or seen < (budget.manifest["metadata"].get("generation") or 0):
        needed, healthy = status.get("desiredHealthy") or 0, status.get("currentHealthy") or 0
        raise DisruptionRefused(budget.name, needed, healthy)
    manifest = {**budget.manifest, "status": {**status, "disruptionsAllowed": allowed - 1}}
    taken = Change(Verb.MODIFIED, budget.KIND, manifest, draft.context.actor, Reason.EVICTED, budget.timers)
    draft.decide(taken)


def _budgets(draft: Draft, namespace: str) -> list[DisruptionBudget]:
    standing = (one for one in draft.objects.of_kind(DisruptionBudget.KIND) if one.key[1] == namespace)
    latest = (draft.find(*one.key) for one in standing)
    return [DisruptionBudget.read(one.manifest, one.timers) for one in latest if one]


def _holds(budget: DisruptionBudget, pod: Pod) -> bool:
    return budget.selector is not None and matches(budget.selector, pod.labels)
