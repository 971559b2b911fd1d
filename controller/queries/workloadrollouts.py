"""How far the rollout of a Deployment or a StatefulSet is, what bounds it, and which pod is in the way.

What their controllers do is decided in ``controller/engine/deployment/`` and ``statefulset/``; here their
rules are asked where a rollout stands, so that the page and the controllers cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from controller.engine.daemonset.cells import CellState, is_failing
from controller.engine.deployment.revisions import revision_of
from controller.engine.deployment.sets import Sets
from controller.engine.deployment.status import PROGRESSING, STUCK, conditions_of, stuck_at
from controller.engine.deployment.strategy import bounds_of, deadline_of, is_paused, is_recreated
from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.engine.objects import HASH_LABEL, Pod
from controller.engine.statefulset.identity import ordinal_of
from controller.engine.statefulset.plan import Slots, plan
from controller.engine.views import Deployment, ReplicaSet, StatefulSet
from controller.engine.workloads.availability import available_from
from controller.engine.workloads.conditions import find_condition
from controller.queries.rollouts import Cause, Motion, Why, why_new
from controller.queries.source import ClusterView

NAMED = 50
"""How many pods that are in the way are told of at most."""


@dataclass(frozen=True, slots=True)
class PodCell:
    """A pod, or a number without one: where it is ("" for nowhere), and what it is to the rollout."""

    pod: str
    node: str
    state: CellState


@dataclass(frozen=True, slots=True)
class Batch:
    """Pods of one revision, or the pods of a StatefulSet on one side of its partition.

    ``name`` is that of the ReplicaSet; ``asked`` is how many pods there are to be. ``is_new``: they are of
    the present template, or are to become so.
    """

    name: str
    revision: int
    is_new: bool
    asked: int
    cells: tuple[PodCell, ...]
    available: int


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A pod that the rollout waits for, and why. ``blocks``: no other is touched before it is available."""

    pod: str
    node: str
    why: Why
    blocks: bool


@dataclass(frozen=True, slots=True)
class WorkloadRollout:
    """How far it is, in pods. ``most`` and ``least`` are how many it may ask for, and must have available.

    ``deadline`` is after how many seconds without progress it counts as stuck, ``left`` what is left of
    them; None for none. ``next`` is the pod that goes next, as soon as nothing is in the way; ``partition``
    the number below which pods are left alone; None where there is no such thing.
    """

    kind: str
    version: str
    motion: Motion
    wanted: int
    updated: int
    available: int
    batches: tuple[Batch, ...]
    waiting: tuple[InTheWay, ...]
    most: int | None = None
    least: int | None = None
    asked: int = 0
    recreates: bool = False
    deadline: int | None = None
    left: float | None = None
    partition: int | None = None
    ordered: bool = False
    next: str = ""


def workload_rollout(view: ClusterView, *, kind: str, namespace: str, name: str) -> WorkloadRollout:
    """Return how far a Deployment or a StatefulSet is. Raises NotFound, also for other kinds."""
    found = view.world.find(kind, namespace, name)
    if isinstance(found, Deployment):
        return _of_deployment(view, found)
    if isinstance(found, StatefulSet):
        return _of_stateful(view, found)
    raise NotFound(KINDS[kind].resource if kind in KINDS else kind, name)


def _version(owner: Deployment | StatefulSet) -> str:
    return str(owner.manifest["metadata"].get("resourceVersion") or "")


# -- pods ----------------------------------------------------------------------------------------


def _is_available(view: ClusterView, pod: Pod, min_ready: float) -> bool:
    return not pod.terminating and available_from(pod, min_ready) <= view.moment.cluster


def _cell(view: ClusterView, pod: Pod, min_ready: float, *, is_new: bool) -> PodCell:
    if pod.terminating:
        state = CellState.UPDATING
    elif is_failing(pod):
        state = CellState.FAILING
    elif not pod.bound:
        state = CellState.PENDING
    elif not _is_available(view, pod, min_ready):
        state = CellState.UPDATING
    else:
        state = CellState.NEW if is_new else CellState.OLD
    return PodCell(pod.name, pod.node, state)


def _why(view: ClusterView, pod: Pod, min_ready: float) -> Why:
    if pod.terminating:
        return Why(Cause.STOPPING)
    node = view.world.nodes.get(pod.node)
    if node is not None and (node.down or node.ready == "Unknown"):
        return Why(Cause.NODE_DOWN)
    return why_new(pod, available_from(pod, min_ready) - view.moment.cluster)


def _motion(view: ClusterView, *, done: bool, paused: bool, moving: bool, stuck: bool) -> Motion:
    """Say whether it is on its way: what is said first is what somebody would have to change first."""
    for motion, holds in (
        (Motion.DONE, done),
        (Motion.CLOCK, view.clock_stands),
        (Motion.PAUSED, paused),
        (Motion.MOVING, moving and not stuck),
    ):
        if holds:
            return motion
    return Motion.STUCK


# -- Deployments ---------------------------------------------------------------------------------


def _of_deployment(view: ClusterView, owner: Deployment) -> WorkloadRollout:
    owned = view.world.owned(owner.uid, ReplicaSet).values()
    sets = Sets.of(owner, owned)
    order = (*filter(None, (sets.new,)), *reversed(sets.old))
    batches = tuple(_batch(view, owner, each, is_new=each is sets.new) for each in order)
    shown = tuple(one for one in batches if one.is_new or one.asked or one.cells)
    new = next((one for one in shown if one.is_new), None)
    waiting = _waited_for(view, owner, sets.new) if sets.new else ()
    bounds, due = bounds_of(owner), stuck_at(owner)
    told = find_condition(conditions_of(owner), PROGRESSING)
    updated = sum(one.state is CellState.NEW for one in new.cells) if new else 0
    is_over = bool(told and told["reason"] == STUCK) or (
        bool(waiting) and all(one.why.cause in HOPELESS for one in waiting)
    )
    return WorkloadRollout(
        kind=owner.kind,
        version=_version(owner),
        motion=_motion(
            view,
            done=updated == owner.replicas and not any(one.cells for one in shown if not one.is_new),
            paused=is_paused(owner),
            moving=True,
            stuck=is_over,
        ),
        wanted=owner.replicas,
        updated=updated,
        available=sum(one.available for one in shown),
        batches=shown,
        waiting=waiting,
        most=bounds.most,
        least=bounds.least,
        asked=sets.asked(),
        recreates=is_recreated(owner),
        deadline=deadline_of(owner),
        left=None if due is None or is_paused(owner) else max(0.0, due - view.moment.cluster),
    )


HOPELESS = frozenset({Cause.FAILING, Cause.UNSCHEDULED, Cause.NODE_DOWN})
"""Why a pod is not available that time alone will not make so."""


def _pods_of(view: ClusterView, uid: str) -> list[Pod]:
    pods = (pod for pod in view.world.owned(uid, Pod).values() if pod.owner == uid)
    return sorted((pod for pod in pods if not pod.finished), key=lambda pod: pod.name)


def _batch(view: ClusterView, owner: Deployment, each: ReplicaSet, *, is_new: bool) -> Batch:
    pods = _pods_of(view, each.uid)
    cells = tuple(_cell(view, pod, owner.min_ready_seconds, is_new=is_new) for pod in pods)
    available = sum(_is_available(view, pod, owner.min_ready_seconds) for pod in pods)
    return Batch(each.name, revision_of(each), is_new, each.replicas, cells, available)


def _waited_for(view: ClusterView, owner: Deployment, new: ReplicaSet) -> tuple[InTheWay, ...]:
    """Return the pods of the new set that are not available: old pods go only as these come."""
    pods = [pod for pod in _pods_of(view, new.uid) if not _is_available(view, pod, owner.min_ready_seconds)]
    whys = ((pod, _why(view, pod, owner.min_ready_seconds)) for pod in pods[:NAMED])
    return tuple(InTheWay(pod.name, pod.node, why, blocks=False) for pod, why in whys)


# -- StatefulSets --------------------------------------------------------------------------------


def _of_stateful(view: ClusterView, owner: StatefulSet) -> WorkloadRollout:
    owned = view.world.owned(owner.uid, Pod).values()
    slots = Slots.of(owner, (pod for pod in owned if pod.owner == owner.uid), view.moment)
    update = str((owner.manifest.get("status") or {}).get("updateRevision") or "")
    updated = {number for number, pod in slots.living.items() if pod and _is_of(pod, update)}
    waiting = _stateful_waits(view, slots)
    partition = owner.partition
    going = [pod for pod, _reason in plan(slots, update, lambda _number: False).then]
    due = [pod for number, pod in _movable(slots) if pod and number not in updated]
    blocked = bool(waiting) and all(one.why.cause in HOPELESS for one in waiting if one.blocks)
    return WorkloadRollout(
        kind=owner.kind,
        version=_version(owner),
        motion=_stateful_motion(view, slots, due, waiting, stuck=blocked),
        wanted=owner.replicas,
        updated=len(updated),
        available=sum(slots.is_available(pod) for pod in slots.living.values()),
        batches=_ordinals(view, slots, updated),
        waiting=waiting,
        partition=partition,
        ordered=owner.ordered,
        next=next((pod.name for pod in (*going, *due)), ""),
    )


def _is_of(pod: Pod, revision: str) -> bool:
    return pod.labels.get(HASH_LABEL, "") == revision


def _movable(slots: Slots) -> list[tuple[int, Pod | None]]:
    """Return the numbers that a rollout replaces, in the order in which it does: from the highest."""
    partition = slots.owner.partition
    numbers = list(slots.living.items())
    return [] if partition is None else list(reversed(numbers[partition:]))


def _stateful_motion(
    view: ClusterView, slots: Slots, due: list[Pod], waiting: tuple[InTheWay, ...], *, stuck: bool
) -> Motion:
    if slots.owner.partition is None and not waiting and _outdated(slots):
        return Motion.ON_DELETE
    if not due and not waiting:
        kept = bool(slots.owner.partition) and _outdated(slots)
        return Motion.PARTITIONED if kept else Motion.DONE
    return _motion(view, done=False, paused=False, moving=True, stuck=stuck)


def _outdated(slots: Slots) -> bool:
    update = (slots.owner.manifest.get("status") or {}).get("updateRevision") or ""
    return any(pod and not _is_of(pod, update) for pod in slots.living.values())


def _stateful_waits(view: ClusterView, slots: Slots) -> tuple[InTheWay, ...]:
    """Return the pods that are not available; the first of them is the one that all others wait for."""
    owner = slots.owner
    lacking = [(number, pod) for number, pod in slots.living.items() if not slots.is_available(pod)]
    made = []
    for place, (number, pod) in enumerate(lacking[:NAMED]):
        why = _why(view, pod, owner.min_ready_seconds) if pod else Why(Cause.NO_POD)
        name = pod.name if pod else f"{owner.name}-{number}"
        made.append(InTheWay(name, pod.node if pod else "", why, blocks=not place or not owner.ordered))
    return tuple(made)


def _ordinals(view: ClusterView, slots: Slots, updated: Iterable[int]) -> tuple[Batch, ...]:
    """Return the pods in the order of their numbers: those that are left alone, and the others."""
    owner, new = slots.owner, set(updated)
    numbers = list(slots.living.items())
    cut = len(numbers) if owner.partition is None else owner.partition
    sides = ((False, numbers[:cut]), (True, numbers[cut:]))
    return tuple(_side(view, slots, side, new, moves=moves) for moves, side in sides if side)


def _side(
    view: ClusterView, slots: Slots, side: list[tuple[int, Pod | None]], new: set[int], *, moves: bool
) -> Batch:
    owner, cells = slots.owner, []
    for number, pod in side:
        if pod is None:
            cells.append(PodCell(f"{owner.name}-{number}", "", CellState.MISSING))
        else:
            is_new = ordinal_of(pod) in new
            cells.append(_cell(view, pod, owner.min_ready_seconds, is_new=is_new))
    available = sum(slots.is_available(pod) for _number, pod in side)
    return Batch("", 0, moves, len(side), tuple(cells), available)
