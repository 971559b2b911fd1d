"""The controller that queues pods without a node, and knows who waits for what.

What the pods of a node take from it is tallied when the node is first asked for, and then kept by
change, so that placing a pod costs the same on a full node as on an empty one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from controller.engine.cluster.scheduler.demand import NODE_LOAD, Load, is_resized
from controller.engine.cluster.scheduler.filters import Cause
from controller.engine.cluster.scheduler.podinfo import Footprint, PodTerm
from controller.engine.controllers.scheduler.round import Round
from controller.engine.objects import HASH_LABEL, Key, Moment, Node, Pod
from controller.engine.views import PersistentVolume, PersistentVolumeClaim
from controller.engine.world import Controller, Turn, Update, World

SCHEDULER = "default-scheduler"
TEMPLATE_HASH = "pod-template-hash"
STORAGE = frozenset({PersistentVolume.KIND, PersistentVolumeClaim.KIND})


class Scheduler(Controller):
    """Queues pods that are to be placed.

    ``waiting`` are those that fit nowhere, with the node that they name ("" if none) and what could help
    them; ``blocked`` is the same by that. ``repelling`` are pods that stand and keep others away, by their
    node; ``nominated`` are pods for which room is being made on a node.
    """

    name = "scheduler"
    kinds = frozenset({Node.KIND, Pod.KIND, NODE_LOAD}) | STORAGE

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[Key, tuple[str, frozenset[Cause]]] = {}
        self.blocked: dict[tuple[str, Cause], set[Key]] = {}
        self.loads: dict[str, Load] = {}
        self.repelling: dict[Key, tuple[str, tuple[PodTerm, ...]]] = {}
        self.nominated: dict[Key, str] = {}
        self._footprints: dict[tuple[str, str], Footprint] = {}

    def fork(self) -> Self:
        """Return a twin that can be changed by itself."""
        twin = super().fork()
        twin.blocked = {place: keys.copy() for place, keys in self.blocked.items()}
        return twin

    # -- changes come in ---------------------------------------------------------------------

    def take(self, world: World, update: Update) -> None:  # noqa: ARG002 -- loads follow from the update
        """Queue a pod that has no node yet, and those that may fit now that something made room."""
        if update.key[0] == Node.KIND:
            self._take_node(update)
        elif update.key[0] == Pod.KIND:
            self._take_pod(update)
        elif update.key[0] == NODE_LOAD:
            self.loads.pop(update.key[2], None)
            self._retry(("", update.key[2]), (Cause.ROOM,))
        else:
            self._retry_all(Cause.VOLUMES)

    def _take_node(self, update: Update) -> None:
        name, before, after = update.key[2], update.before, update.after
        if not isinstance(after, Node):
            self.loads.pop(name, None)
            self._retry_all(Cause.SPREAD)
        elif not isinstance(before, Node):
            self._retry(("", name), Cause)
        elif causes := list(_changes(before, after)):
            self._retry(("", name), causes)

    def _take_pod(self, update: Update) -> None:
        before, after = update.before, update.after
        if isinstance(before, Pod) and isinstance(after, Pod) and before.uid == after.uid:
            if (
                _takes_room(before)
                and _takes_room(after)
                and before.node == after.node
                and not _resized(after)
            ):
                if before.labels != after.labels or before.terminating != after.terminating:
                    self._retry_all(Cause.SPREAD, Cause.NEAR, Cause.APART)
                return
            if not before.bound and _asks_the_same(before, after):
                self._nominate(after)
                return
        if isinstance(before, Pod):
            self._leave(before)
        if isinstance(after, Pod):
            self._enter(after)

    def _leave(self, before: Pod) -> None:
        if not before.bound:
            self.queue.discard(before.key)
            self.nominated.pop(before.key, None)
            self._unblock(before.key)
        elif _takes_room(before):
            if before.node in self.loads:
                self.loads[before.node] = self.loads[before.node].minus(self.footprint_of(before).demand)
            self.repelling.pop(before.key, None)
            self._retry(("", before.node), (Cause.ROOM,))
            self._retry_all(Cause.APART, Cause.SPREAD)

    def _enter(self, after: Pod) -> None:
        if not after.bound:
            self._nominate(after)
            if is_schedulable(after):
                self.queue.add(after.key)
        elif _takes_room(after):
            footprint = self.footprint_of(after)
            if after.node in self.loads:
                self.loads[after.node] = self.loads[after.node].plus(footprint.demand)
            if footprint.apart:
                self.repelling[after.key] = (after.node, footprint.apart)
            self._retry_all(Cause.NEAR, Cause.SPREAD)

    def _nominate(self, pod: Pod) -> None:
        node = (pod.manifest.get("status") or {}).get("nominatedNodeName")
        if node:
            self.nominated[pod.key] = node
        else:
            self.nominated.pop(pod.key, None)

    # -- who waits for what ------------------------------------------------------------------

    def block(self, pod: Pod, causes: Iterable[Cause]) -> None:
        """Leave a pod alone until a change of these kinds."""
        self.waiting[pod.key] = (pod.node, frozenset(causes))
        for cause in causes:
            self.blocked.setdefault((pod.node, cause), set()).add(pod.key)

    def _unblock(self, key: Key) -> None:
        node, causes = self.waiting.pop(key, ("", frozenset()))
        for cause in causes:
            keys = self.blocked[node, cause]
            keys.discard(key)
            if not keys:
                del self.blocked[node, cause]

    def _retry(self, nodes: Iterable[str], causes: Iterable[Cause]) -> None:
        """Queue the pods that name one of these nodes and that changes of these kinds may help."""
        if self.waiting:
            for key in [
                key for node in nodes for cause in causes for key in self.blocked.get((node, cause), ())
            ]:
                self.queue.add(key)
                self._unblock(key)

    def _retry_all(self, *causes: Cause) -> None:
        """Queue all pods that changes of these kinds may help."""
        if self.waiting:
            self._retry({node for node, cause in self.blocked if cause in causes}, causes)

    # -- what is known of nodes and pods -----------------------------------------------------

    def load_of(self, world: World, node: str) -> Load:
        """Return what the pods of a node take from it."""
        load = self.loads.get(node)
        if load is None:
            standing = world.on_node.of(node).values()
            sums = world.find(NODE_LOAD, "", node)
            load = Load.sum(
                (self.footprint_of(pod).demand for pod in standing if not pod.finished),
                Load.of_sums(sums.manifest) if sums else None,
            )
            self.loads[node] = load
        return load

    def footprint_of(self, pod: Pod) -> Footprint:
        """Return what a pod means for others. Those of one owner and template have it in common.

        So of pods whose manifests are packed only one of each is unpacked.
        """
        template = pod.labels.get(HASH_LABEL) or pod.labels.get(TEMPLATE_HASH)
        if isinstance(pod.held, dict) or not template or not pod.owner:
            return Footprint.of(pod)
        found = self._footprints.get((pod.owner, template))
        if found is None:
            found = self._footprints[pod.owner, template] = Footprint.of(pod)
        return found

    def facts(self, world: World, now: Moment) -> Mapping[Any, object]:  # noqa: ARG002 -- tallies know no time
        """Return the loads of all nodes, who keeps others away, and for whom room is made."""
        loads = {node: self.load_of(world, node) for node in world.nodes}
        return {**loads, **self.repelling, **{(*key, "nominated"): at for key, at in self.nominated.items()}}

    # -- a pass ------------------------------------------------------------------------------

    def sync(self, turn: Turn) -> None:
        """Try every queued pod once, the important first; who fits nowhere waits for what may help."""
        if not self.queue:
            return
        standing = turn.world.pods
        pods = sorted([standing[key] for key in self.queue], key=_turn_of)
        self.queue.clear()
        pass_ = Round(turn, self)
        for pod in pods:
            pass_.place(turn.world.pods[pod.key])


def _turn_of(pod: Pod) -> tuple[int, float, str, Key]:
    """Return a sort key: by priority, then who came first, then by name."""
    priority = pod.manifest["spec"].get("priority") or 0
    return (-priority, pod.timers.get("born", 0.0), pod.created, pod.key)


def is_schedulable(pod: Pod) -> bool:
    """Whether the pod is this scheduler's to place: no gate holds it, and it names no other scheduler."""
    spec = pod.manifest["spec"]
    return (
        not pod.terminating
        and not pod.finished
        and not spec.get("schedulingGates")
        and spec.get("schedulerName", SCHEDULER) == SCHEDULER
    )


def _takes_room(pod: Pod) -> bool:
    """Whether the pod holds resources of its node: until it is finished, also while it is being deleted."""
    return pod.bound and not pod.finished


def _resized(pod: Pod) -> bool:
    return not pod.is_packed and is_resized(pod.manifest)


def _asks_the_same(one: Pod, other: Pod) -> bool:
    """Whether two readings of a pod without a node ask for the same place, whatever is said of it."""
    if other.bound or one.terminating != other.terminating or one.labels != other.labels:
        return False
    spec, other_spec = one.manifest["spec"], other.manifest["spec"]
    return one.phase == other.phase and (spec is other_spec or spec == other_spec)


def _changes(before: Node, after: Node) -> Iterable[Cause]:
    """Yield which kinds of changes a node went through."""
    if before.unschedulable != after.unschedulable:
        yield Cause.CORDON
    if before.taints != after.taints:
        yield from (Cause.TAINTS, Cause.SPREAD)
    if before.labels != after.labels:
        yield from (Cause.LABELS, Cause.SPREAD, Cause.NEAR, Cause.APART)
    if _allocatable(before) != _allocatable(after):
        yield Cause.ROOM


def _allocatable(node: Node) -> object:
    return (node.manifest.get("status") or {}).get("allocatable")
