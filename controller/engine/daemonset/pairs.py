"""One DaemonSet on one node: the unit in which coverage is asked, shown, tallied and rolled.

Every rule below the level of a whole rollout looks at a single pair, which is what makes the cost
of an edit follow the edit: only the pairs that a change touches are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import auto
from math import inf

from controller.engine.objects import GENERATION_LABEL, HASH_LABEL, DaemonSet, Pod
from controller.engine.values import Code, value
from controller.engine.workloads.availability import available_from


class Slot(Code):
    """What a pair is to a rollout (semantics of Kubernetes' rollingUpdate)."""

    MISSING = auto()
    CROWDED = auto()
    NEW_WAITING = auto()
    NEW_READY = auto()
    OLD_BROKEN = auto()
    OLD_READY = auto()
    BOTH_WAITING = auto()
    BOTH_READY = auto()
    IDLE = auto()


UNAVAILABLE = (
    Slot.MISSING,
    Slot.CROWDED,
    Slot.NEW_WAITING,
    Slot.OLD_BROKEN,
    Slot.BOTH_WAITING,
    Slot.BOTH_READY,
)
"""The slots that use up maxUnavailable."""


@value(frozen=True, slots=True)
class Pair:
    """A set on a node. ``pods`` are the set's pods there, oldest first.

    Pods that are finished and terminating are left out. ``new`` and ``old`` are the standing pods
    by revision; with more than one of either the pair is ``crowded``. ``*_from`` is the cluster time
    at which that pod becomes available (infinite while it is not Ready).
    """

    node: str
    known: bool
    should_run: bool
    may_stay: bool
    pods: tuple[Pod, ...]
    new: Pod | None
    old: Pod | None
    crowded: bool
    new_from: float
    old_from: float
    oldest_from: float
    oldest_updated: bool

    def slot(self, now: float) -> Slot:
        """Say what this pair is to a rollout at cluster time ``now``."""
        if self.crowded:
            return Slot.CROWDED
        if self.new and self.old:
            return Slot.BOTH_READY if self.new_from <= now else Slot.BOTH_WAITING
        if self.new:
            return Slot.NEW_READY if self.new_from <= now else Slot.NEW_WAITING
        if self.old:
            return Slot.OLD_READY if self.old_from <= now else Slot.OLD_BROKEN
        return Slot.MISSING if self.should_run or self.pods else Slot.IDLE

    def next_turn(self, now: float) -> float | None:
        """Return when time alone will change the slot, if it will."""
        later = [at for at in (self.new_from, self.old_from, self.oldest_from) if now < at < inf]
        return min(later) if later else None

    def marks(self, now: float) -> Marks:
        """Return what this pair adds to the set's status. The oldest pod speaks for the pair."""
        scheduled = bool(self.pods)
        stands = self._stands_available(now)
        if not self.should_run:
            return (0, 0, 0, 0, 0, int(scheduled), stands)
        if not scheduled:
            return (1, 0, 0, 0, 0, 0, 0)
        available = self.oldest_from <= now
        return (1, 1, int(self.oldest_from < inf), int(available), int(self.oldest_updated), 0, stands)

    def _stands_available(self, now: float) -> int:
        if self.crowded:
            return 0
        return int((self.old_from if self.old else self.new_from) <= now)


Marks = tuple[int, int, int, int, int, int, int]
"""desired, current, ready, available, updated, misscheduled, and nodes with an available pod."""


def is_updated(pod: Pod, ds: DaemonSet, revision_hash: str) -> bool:
    """Whether the pod is of the current revision, by its hash or by its template generation."""
    labels = pod.labels
    if revision_hash and labels.get(HASH_LABEL) == revision_hash:
        return True
    return bool(ds.template_generation) and labels.get(GENERATION_LABEL) == ds.template_generation


def make_pair(
    ds: DaemonSet, revision_hash: str, node: str, answers: tuple[bool, bool] | None, pods: Iterable[Pod]
) -> Pair:
    """Look at one pair. ``answers`` are placement's two, or None if there is no such node."""
    counted = tuple([pod for pod in pods if not (pod.terminating and pod.finished)])
    if len(counted) > 1:  # seldom: to sort one costs as much as all the rest
        counted = tuple(sorted(counted, key=lambda pod: pod.age))
    new: list[Pod] = []
    old: list[Pod] = []
    for pod in counted:
        if not pod.terminating:
            (new if is_updated(pod, ds, revision_hash) else old).append(pod)
    crowded = len(new) > 1 or len(old) > 1
    should_run, may_stay = answers or (False, False)
    return Pair(
        node=node,
        known=answers is not None,
        should_run=should_run,
        may_stay=may_stay,
        pods=counted,
        new=new[0] if new and not crowded else None,
        old=old[0] if old and not crowded else None,
        crowded=crowded,
        new_from=available_from(new[0], ds.min_ready_seconds) if new else inf,
        old_from=available_from(old[0], ds.min_ready_seconds) if old else inf,
        oldest_from=available_from(counted[0], ds.min_ready_seconds) if counted else inf,
        oldest_updated=bool(counted) and is_updated(counted[0], ds, revision_hash),
    )
