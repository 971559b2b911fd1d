"""The strategy of a set with a plan, for those who ask how far it is and what holds its budget."""

from __future__ import annotations

from controller.engine.daemonset.pairs import UNAVAILABLE
from controller.engine.daemonset.rollout import ROLLING_UPDATE, Strategy
from controller.engine.daemonset.staged.plan import InvalidPlan, Plan
from controller.engine.daemonset.staged.status import PLAN_STATUS_ANNOTATION, Status
from controller.engine.matching.quantities import int_or_percent
from controller.engine.objects import PLAN_ANNOTATION, DaemonSet, Manifest


def budget_of(plan: Plan, own: Manifest | None, desired: int) -> int:
    """Return how many nodes of so many may be without an available pod: percentages round up, 1 at least."""
    return int_or_percent(share_of(plan, own), desired, round_up=True) or 1


def share_of(plan: Plan, own: Manifest | None) -> int | str:
    """Return the budget as it is written: by the plan, or in the set's own strategy."""
    share: int | str = ((own or {}).get("rollingUpdate") or {}).get("maxUnavailable", 1)
    return share if plan.max_unavailable is None else plan.max_unavailable


class Staged(Strategy):
    """Old pods are replaced by a plan, whatever the spec says. ``plan`` is None if it cannot be read."""

    type = ROLLING_UPDATE
    bound = "maxUnavailable"
    holding = frozenset(UNAVAILABLE)

    def __init__(self, plan: Plan | None, status: Status) -> None:
        self.plan, self.status = plan, status

    def budget(self, _ds: DaemonSet, desired: int) -> int:
        """Return how many nodes may be without an available pod."""
        return budget_of(self.plan, self.status.strategy, desired) if self.plan else 0

    @property
    def limit(self) -> int | str:
        """Return the budget as it is written."""
        return share_of(self.plan, self.status.strategy) if self.plan else 0


def staged_strategy(ds: DaemonSet) -> Staged | None:
    """Return the plan of a set with what became of it so far, or None if it has none."""
    annotations = ds.manifest["metadata"].get("annotations") or {}
    if PLAN_ANNOTATION not in annotations:
        return None
    status = Status.read(annotations.get(PLAN_STATUS_ANNOTATION) or "")
    if status is None or status.ended:
        status = Status(strategy=ds.manifest["spec"]["updateStrategy"])
    try:
        return Staged(Plan.read(annotations[PLAN_ANNOTATION]), status)
    except InvalidPlan:
        return Staged(None, status)


def last_status(ds: DaemonSet) -> Status | None:
    """Return what became of the last plan of a set, over or not, or None if it never had one."""
    return Status.read((ds.manifest["metadata"].get("annotations") or {}).get(PLAN_STATUS_ANNOTATION) or "")
