"""Where the pods of the workloads beside the DaemonSet stand: what a map shows of them. It decides nothing.

A pod counts for the topmost workload above it: a Deployment's pods for the Deployment, not for its
ReplicaSets. Those that no controller owns count together, for ``BARE``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from controller.engine.daemonset.cells import CellState, is_failing
from controller.engine.objects import Key, Pod, View, owner_uid
from controller.engine.world import Controller, Turn, Update, World

WORKLOADS = frozenset({"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "Job", "CronJob"})
"""The workloads beside the DaemonSet."""

BARE = "bare"
"""Stands for the uid of the workload that pods without a controller do not have."""

NOWHERE = ""
"""Stands for the node of pods that are bound to none."""

WORST_FIRST = (CellState.FAILING, CellState.PENDING, CellState.UPDATING, CellState.NEW)


class Load(NamedTuple):
    """How many pods of a workload stand on a node, and how the worst of them fares."""

    state: CellState
    pods: int


class Loads(Controller):
    """Knows the workloads by their uids, and which of them have to be looked at again."""

    name = "loads"
    kinds = frozenset({Pod.KIND}) | WORKLOADS

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, Key] = {}
        self.touched: set[str] = set()

    def take(self, world: World, update: Update) -> None:  # noqa: ARG002 - its indexes are not needed
        """Note whose pods, or which workload, changed."""
        key, before, after = update
        views = [one for one in (before, after) if one is not None]
        if key[0] == Pod.KIND:
            self.touched |= {one.owner or BARE for one in views if isinstance(one, Pod)}
            return
        for one in views:
            self.touched |= {one.uid, _owner(one)} - {""}
        if before is not None and update.replaced:
            self.keys.pop(before.uid, None)
        if after is not None:
            self.keys[after.uid] = key

    def sync(self, turn: Turn) -> None:
        """Decide nothing."""


def _known(world: World) -> Loads:
    """Return who knows the workloads of a world; in one that makes passes they are read anew."""
    for one in world.controllers:
        if isinstance(one, Loads):
            return one
    made = Loads()
    made.keys = {view.uid: key for kind in WORKLOADS for key, view in world.objects.of(kind).items()}
    return made


def _owner(view: View) -> str:
    return owner_uid(view.manifest["metadata"])


def topmost(world: World) -> Iterator[str]:
    """Yield the uids of the workloads that no other owns, and ``BARE`` if there are such pods."""
    loads = _known(world)
    yield from (uid for uid in loads.keys if _above(world, loads, uid) == uid)
    if world.orphans:
        yield BARE


def take_touched(world: World) -> set[str]:
    """Return the uids of topmost workloads that changed since the last call, those that are gone included."""
    loads = _known(world)
    touched, loads.touched = loads.touched, set()
    return touched | {_above(world, loads, uid) for uid in touched if uid in loads.keys}


def workload(world: World, uid: str) -> View | None:
    """Return a topmost workload, or None if it is gone, is owned by another, or is ``BARE``."""
    loads = _known(world)
    key = loads.keys.get(uid)
    return world.find(*key) if key and _above(world, loads, uid) == uid else None


def _above(world: World, loads: Loads, uid: str) -> str:
    """Return the topmost workload above one that is known."""
    seen = {uid}
    while True:
        view = world.find(*loads.keys[uid])
        owner = _owner(view) if view else ""
        if owner not in loads.keys or owner in seen:
            return uid
        seen.add(owner)
        uid = owner


def pods_of(world: World, uid: str) -> Iterable[Pod]:
    """Return the pods of a topmost workload."""
    if uid == BARE:
        return (pod for held in world.orphans.values() for pod in held.values())
    return _owned(world, uid, set())


def _owned(world: World, uid: str, seen: set[str]) -> Iterator[Pod]:
    seen.add(uid)
    yield from world.owned(uid, Pod).values()
    for one in world.dependants(uid):
        if one.key[0] in WORKLOADS and one.uid not in seen:
            yield from _owned(world, one.uid, seen)


def loads_of(world: World, uid: str) -> Mapping[str, Load]:
    """Return the load of each node by its name, and of ``NOWHERE``; pods that have succeeded are no load."""
    found: dict[str, Load] = {}
    for pod in pods_of(world, uid):
        if pod.phase == "Succeeded":
            continue
        node, state = (pod.node if pod.bound else NOWHERE), _state(pod)
        known = found.get(node)
        worst = min(state, known.state, key=WORST_FIRST.index) if known else state
        found[node] = Load(worst, known.pods + 1 if known else 1)
    return found


def _state(pod: Pod) -> CellState:
    if pod.terminating:
        return CellState.UPDATING
    if is_failing(pod):
        return CellState.FAILING
    if not pod.bound:
        return CellState.PENDING
    return CellState.NEW if pod.ready else CellState.UPDATING
