"""The scheduler: it binds what fits, and says of the rest why it does not.

What the pods of a node take from it is tallied when the node is first asked for, and then kept by
change, so that placing a pod costs the same on a full node as on an empty one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from controller.engine.changes import Change, Verb
from controller.engine.cluster import kubelet, scheduler
from controller.engine.cluster.scheduler import Demand, Load
from controller.engine.objects import Key, Moment, Node, Pod
from controller.engine.reasons import Reason, Seen
from controller.engine.views import PersistentVolume, PersistentVolumeClaim
from controller.engine.volume.placement import needs_of
from controller.engine.workloads.conditions import with_condition
from controller.engine.world import Controller, Turn, Update, World

ACTOR = "default-scheduler"
STORAGE = frozenset({PersistentVolume.KIND, PersistentVolumeClaim.KIND})


class Scheduler(Controller):
    """Queues pods that are to be placed. ``blocked`` are those that fit nowhere, by the node they name.

    ``claiming`` are those of them with claims: a change of a volume may help them.
    """

    name = "scheduler"
    kinds = frozenset({Node.KIND, Pod.KIND}) | STORAGE

    def __init__(self) -> None:
        super().__init__()
        self.blocked: dict[str, set[Key]] = {}
        self.claiming: set[Key] = set()
        self.loads: dict[str, Load] = {}

    def fork(self) -> Self:
        """Return a twin that can be changed by itself."""
        twin = super().fork()
        twin.blocked = {node: keys.copy() for node, keys in self.blocked.items()}
        return twin

    def take(self, world: World, update: Update) -> None:  # noqa: ARG002 -- loads follow from the update
        """Queue a pod that has no node yet, and those that may fit now that something made room."""
        before, after = update.before, update.after
        if update.key[0] == Node.KIND:
            if after is None:
                self.loads.pop(update.key[2], None)
            else:
                self._retry(update.key[2])
            return
        if update.key[0] in STORAGE:
            self.queue |= self.claiming
            return
        if isinstance(before, Pod) and isinstance(after, Pod) and places_the_same(before, after):
            return
        if isinstance(before, Pod):
            self._leave(before)
        if isinstance(after, Pod):
            self._enter(after)

    def _leave(self, before: Pod) -> None:
        if not before.bound:
            self.queue.discard(before.key)
            self.claiming.discard(before.key)
            self._unblock(before)
        elif takes_room(before):
            if before.node in self.loads:
                self.loads[before.node] = self.loads[before.node].minus(demand_of(before))
            self._retry(before.node)

    def _enter(self, after: Pod) -> None:
        if not after.bound:
            if not after.terminating:
                self.queue.add(after.key)
        elif takes_room(after) and after.node in self.loads:
            self.loads[after.node] = self.loads[after.node].plus(demand_of(after))

    def _unblock(self, pod: Pod) -> None:
        waiting = self.blocked.get(pod.node, set())
        waiting.discard(pod.key)
        if not waiting:
            self.blocked.pop(pod.node, None)

    def _retry(self, node: str) -> None:
        """Try again what may fit now that something about a node has changed."""
        for name in (node, ""):
            self.queue |= self.blocked.pop(name, set())

    def load_of(self, world: World, node: str) -> Load:
        """Return what the pods of a node take from it."""
        load = self.loads.get(node)
        if load is None:
            load = self.loads[node] = fresh_load(world, node)
        return load

    def facts(self, world: World, now: Moment) -> Mapping[str, Load]:  # noqa: ARG002 -- tallies know no time
        """Return the loads of all nodes."""
        return {node: self.load_of(world, node) for node in world.nodes}

    def sync(self, turn: Turn) -> None:
        """Try every queued pod once; one that does not fit waits until its node changes."""
        world = turn.world
        for key in self.drain():
            pod = world.pods[key]
            needs = needs_of(pod, world.find)
            node, why = scheduler.choose(pod, world.nodes, lambda name: self.load_of(world, name), needs)
            if node:
                _bind(turn, pod, node)
                continue
            self.blocked.setdefault(pod.node, set()).add(key)
            if pod.claims:
                self.claiming.add(key)
            turn.tell("Pod", pod.manifest, ACTOR, ("Warning", "FailedScheduling", why))
            turn.note("scheduler", f"Pod {pod.namespace}/{pod.name}", Seen.UNSCHEDULED, message=why)
            _write_refusal(turn, pod, why)


def _write_refusal(turn: Turn, pod: Pod, why: str) -> None:
    """Write into a pod why it has no node, if that is not what it says."""
    status = pod.manifest.get("status") or {}
    told = status.get("conditions") or []
    refused = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": why}
    wanted = with_condition(told, {**refused, "lastProbeTime": None}, turn.now)
    if wanted != told:
        manifest = {**pod.manifest, "status": {**status, "conditions": wanted}}
        turn.decide(Change(Verb.MODIFIED, Pod.KIND, manifest, "scheduler", Reason.UNSCHEDULABLE, pod.timers))


def _bind(turn: Turn, pod: Pod, node: str) -> None:
    turn.decide(kubelet.bind(pod, turn.world.nodes[node], turn.now, turn.world.settings))
    message = f"Successfully assigned {pod.namespace}/{pod.name} to {node}"
    turn.tell("Pod", pod.manifest, ACTOR, ("Normal", "Scheduled", message))


def takes_room(pod: Pod) -> bool:
    """Whether the pod holds resources of its node: until it is finished, also while it is being deleted."""
    return pod.bound and not pod.finished


def places_the_same(one: Pod, other: Pod) -> bool:
    """Whether it is all the same to the scheduler which of two readings of a pod stands."""
    return same_room(one, other) or same_wish(one, other)


def same_room(one: Pod, other: Pod) -> bool:
    """Whether two readings of a pod hold the same resources of the same node."""
    if not (takes_room(one) and takes_room(other) and one.node == other.node):
        return False
    spec, other_spec = one.manifest["spec"], other.manifest["spec"]
    return spec is other_spec or demand_of(one) == demand_of(other)


def same_wish(one: Pod, other: Pod) -> bool:
    """Whether two readings of a pod without a node ask for the same: what is said of it places nothing."""
    waits = not (one.bound or other.bound or one.terminating or other.terminating)
    return waits and one.uid == other.uid and one.manifest["spec"] == other.manifest["spec"]


def demand_of(pod: Pod) -> Demand:
    """Return what a pod takes from its node."""
    return Demand.of(pod.manifest["spec"])


def fresh_load(world: World, node: str) -> Load:
    """Tally a node from scratch."""
    return Load.of(world.on_node.of(node).values())
