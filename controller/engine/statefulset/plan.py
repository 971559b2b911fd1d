"""What one pass does with a StatefulSet: fill its numbers, take away what is beyond them, update.

The order is Kubernetes'. (a) Every number from the lowest has a pod; (b) pods beyond the range go from
the highest; (c) outdated ones from the highest. A set in order does one thing at a time, and waits at
each pod that is not available; one that is Parallel waits in (c) only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from controller.engine.objects import HASH_LABEL, Moment, Pod
from controller.engine.reasons import Reason
from controller.engine.statefulset.identity import ordinal_of
from controller.engine.views import StatefulSet
from controller.engine.workloads.availability import available_from


@dataclass(slots=True)
class Plan:
    """The numbers to fill, the pods to delete with the reason, and the pods that are looked after.

    ``first`` has the deletions that come before the creations, ``then`` those after them: if a creation
    is refused, the latter are left. ``reached`` are pods of the range that the pass comes to, ``settled``
    those of them that it goes on from, ``condemned`` the pods beyond the range once it comes to these.
    """

    first: list[tuple[Pod, Reason]] = field(default_factory=list)
    create: list[int] = field(default_factory=list)
    then: list[tuple[Pod, Reason]] = field(default_factory=list)
    reached: list[Pod] = field(default_factory=list)
    settled: list[Pod] = field(default_factory=list)
    condemned: list[Pod] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Slots:
    """The pods of a set: those in its range by number, and the others from the highest number down."""

    owner: StatefulSet
    now: Moment
    living: dict[int, Pod | None]
    condemned: list[Pod]

    @classmethod
    def of(cls, owner: StatefulSet, pods: Iterable[Pod], now: Moment) -> Slots:
        """Sort the pods that a set owns."""
        by_number = {ordinal_of(pod): pod for pod in pods}
        living = {ordinal: by_number.pop(ordinal, None) for ordinal in owner.ordinals}
        return cls(owner, now, living, [by_number[number] for number in sorted(by_number, reverse=True)])

    def is_available(self, pod: Pod | None) -> bool:
        """Whether a pod stands, ready for long enough."""
        if pod is None or pod.terminating:
            return False
        return available_from(pod, self.owner.min_ready_seconds) <= self.now.cluster


def plan(slots: Slots, update: str, is_blocked: Callable[[int], bool]) -> Plan:
    """Return what is to be done. ``update`` is the name of the template's revision.

    ``is_blocked`` says of a number whether its pod cannot be made yet: a claim of it is being deleted,
    or a pod of somebody else bears its name.
    """
    made = Plan()
    if _fill(slots, is_blocked, made):
        return made
    made.condemned = slots.condemned
    if _take_away(slots, made):
        return made
    _update(slots, update, made)
    return made


def _fill(slots: Slots, is_blocked: Callable[[int], bool], made: Plan) -> bool:
    """Plan (a); return whether the pass ends here."""
    ordered = slots.owner.ordered
    for ordinal, pod in slots.living.items():
        if pod is None:
            if not is_blocked(ordinal):
                made.create.append(ordinal)
        else:
            made.reached.append(pod)
            if pod.finished and not pod.terminating:
                made.first.append((pod, Reason.FAILED if pod.phase == "Failed" else Reason.FINISHED))
        if ordered and not slots.is_available(pod):
            return True
        if pod and not pod.finished:
            made.settled.append(pod)
    return False


def _take_away(slots: Slots, made: Plan) -> bool:
    """Plan (b); return whether the pass ends here."""
    if not slots.owner.ordered:
        made.then += ((pod, Reason.TOO_MANY) for pod in slots.condemned if not pod.terminating)
        return False
    if not slots.condemned:
        return False
    pod, lower = slots.condemned[0], slots.condemned[1:]
    if not pod.terminating and (slots.is_available(pod) or all(map(slots.is_available, lower))):
        made.then.append((pod, Reason.TOO_MANY))
    return True


def _update(slots: Slots, update: str, made: Plan) -> None:
    """Plan (c): at most one pod goes, and none while one above it is not available."""
    partition = slots.owner.partition
    if partition is None:
        return
    for pod in reversed(list(slots.living.values())[partition:]):
        if pod and not pod.terminating and pod.labels.get(HASH_LABEL, "") != update:
            if not pod.finished:  # one that is finished goes by (a)
                made.then.append((pod, Reason.ROLLOUT_TURN))
            return
        if not slots.is_available(pod):
            return


def revision_for(owner: StatefulSet, ordinal: int, current: str, update: str) -> str:
    """Return the name of the revision that a new pod gets: below the partition the current one."""
    partition = owner.partition
    left_alone = partition is not None and ordinal - owner.ordinals.start < partition
    return current if left_alone else update
