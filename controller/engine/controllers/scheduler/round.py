"""One pass of the scheduler: every queued pod is tried once, and what is worked out serves its likes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from controller.engine.changes import Change, Verb
from controller.engine.cluster import kubelet
from controller.engine.cluster.scheduler import filters, preemption, sentence
from controller.engine.cluster.scheduler.demand import Load
from controller.engine.cluster.scheduler.filters import Cause
from controller.engine.cluster.scheduler.placement import Placement, obstacles
from controller.engine.cluster.scheduler.podinfo import PodInfo, PodTerm
from controller.engine.cluster.scheduler.snapshot import Snapshot
from controller.engine.cluster.scheduler.topology import Topology
from controller.engine.controllers.kubelet import Kubelets
from controller.engine.controllers.podcontrol import classes_in
from controller.engine.deletion import delete_pod
from controller.engine.matching.labels import Labels
from controller.engine.objects import Key, Manifest, Pod
from controller.engine.reasons import Reason, Seen
from controller.engine.views import DisruptionBudget
from controller.engine.volume.placement import needs_of
from controller.engine.workloads.conditions import with_condition
from controller.engine.world import Turn

if TYPE_CHECKING:
    from controller.engine.controllers.scheduler.controller import Scheduler

ACTOR = "default-scheduler"
PREEMPTED = "default-scheduler: preempting to accommodate a higher priority pod"

Alike = tuple[PodInfo, tuple[bool, ...], frozenset[PodTerm]]
"""What pods must have in common to be placed alike: also which terms, theirs and others', mean themselves."""

NONE: tuple[str, tuple[PodTerm, ...]] = ("", ())

Reservations = tuple[tuple[Key, str], ...]


class Failure(NamedTuple):
    """Why a pod fits nowhere: the sentence, what may help, and who has to go if room can be made."""

    message: str
    causes: frozenset[Cause]
    victims: preemption.Victims | None = None


@dataclass(slots=True)
class Cycle:
    """What was worked out for one snapshot of the cluster, by what pods have in common."""

    snapshot: Snapshot
    placements: dict[Alike, Placement] = field(default_factory=dict)
    topologies: dict[Alike, Topology] = field(default_factory=dict)
    failures: dict[Alike, tuple[int, Failure]] = field(default_factory=dict)


class Round:
    """Places pods, one after the other."""

    def __init__(self, turn: Turn, scheduler: Scheduler) -> None:
        self.turn = turn
        self.scheduler = scheduler
        self._cycles: dict[Reservations, Cycle] = {}
        self._bound: list[Pod] = []
        self._preempted: list[Pod] = []
        self._terms = {term for _, terms in scheduler.repelling.values() for term in terms}
        self._kubelets = next((one for one in turn.world.controllers if isinstance(one, Kubelets)), None)
        self._lowest = min(0, *(one.value for one in classes_in(turn.world).values()))

    def place(self, pod: Pod) -> None:
        """Bind a pod to the best node, or say why there is none and make room for it if it may."""
        nodes = self.turn.world.nodes
        if not nodes:
            self._fail(pod, Failure(sentence.NO_NODES, frozenset({Cause.LABELS})))
            return
        needs = needs_of(pod, self.turn.world.find)
        if needs.refusal:
            message = sentence.unclaimed(len(nodes), needs.refusal)
            self._fail(pod, Failure(message, frozenset({Cause.VOLUMES})))
            return
        info = PodInfo.of(pod)
        if needs.volumes:
            info = replace(info, volumes=needs.volumes)
        cycle = self._cycle(pod, info)
        alike = self._alike(pod, info, cycle.snapshot)
        node = self._pinned(pod, alike, cycle) if info.pinned else self._best(pod, alike, cycle)
        if node:
            self._bind(pod, node)
        else:
            self._fail(pod, self._failure(pod, alike, cycle))

    def _cycle(self, pod: Pod, info: PodInfo) -> Cycle:
        """Return what is known of the cluster, with the room that is kept for pods at least as important."""
        kept: Reservations = ()
        if self.scheduler.nominated:
            kept = tuple(
                (key, node)
                for key, node in sorted(self.scheduler.nominated.items())
                if key != pod.key and PodInfo.of(self.turn.world.pods[key]).priority >= info.priority
            )
        if kept not in self._cycles:
            self._cycles[kept] = Cycle(self._snapshot(kept))
        return self._cycles[kept]

    def _snapshot(self, kept: Reservations) -> Snapshot:
        world, scheduler = self.turn.world, self.scheduler
        reserved: dict[str, list[Pod]] = {}
        for key, node in kept:
            reserved.setdefault(node, []).append(world.pods[key])
        latest: dict[str, tuple[Load, Load]] = {}

        def load_of(node: str) -> Load:
            load = scheduler.load_of(world, node)
            if node not in reserved:
                return load
            if node not in latest or latest[node][0] is not load:
                more = load
                for pod in reserved[node]:
                    more = more.plus(PodInfo.of(pod).demand)
                latest[node] = (load, more)
            return latest[node][1]

        def labels_of(namespace: str) -> Labels:
            found = world.find("Namespace", "", namespace)
            return (found.manifest["metadata"].get("labels") or {}) if found else {}

        return Snapshot(
            nodes=world.nodes,
            pod=lambda key: world.pods[key],
            pods=world.pods.values,
            owned_by=lambda uid: world.owned(uid, Pod).values(),
            on_node=lambda node: world.on_node.of(node).values(),
            load_of=load_of,
            footprint_of=scheduler.footprint_of,
            labels_of=labels_of,
            repelling=scheduler.repelling,
            bound=self._bound,
            budgets=tuple(world.all_of(DisruptionBudget).values()),
            preempted=self._preempted,
        )

    def _alike(self, pod: Pod, info: PodInfo, snapshot: Snapshot) -> Alike:
        own: Iterable[PodTerm] = (*(each.term for each in info.constraints if each.hard), *info.near)
        if not own and not self._terms:
            return (info, (), frozenset())
        itself = tuple(term.matches(pod, snapshot.labels_of) for term in own)
        return (
            info,
            itself,
            frozenset(term for term in self._terms if term.matches(pod, snapshot.labels_of)),
        )

    # -- where it fits -----------------------------------------------------------------------

    def _best(self, pod: Pod, alike: Alike, cycle: Cycle) -> str:
        nominated = self.scheduler.nominated.get(pod.key, "")
        placement = cycle.placements.get(alike)
        if placement is None:
            placement = cycle.placements[alike] = Placement(alike[0], pod, cycle.snapshot)
        best = placement.best()
        if best and nominated in cycle.snapshot.nodes and not placement.obstacles(nominated):
            return nominated
        return best

    def _pinned(self, pod: Pod, alike: Alike, cycle: Cycle) -> str:
        """Look at the one node that a daemon pod names: the cost of a cluster of one."""
        return "" if self._on_pinned(pod, alike, cycle) != {alike[0].pinned: []} else alike[0].pinned

    def _on_pinned(self, pod: Pod, alike: Alike, cycle: Cycle) -> dict[str, list[str]]:
        """Return what stands in the way on the node that a pod names, if it is there."""
        info, snapshot = alike[0], cycle.snapshot
        node = snapshot.nodes.get(info.pinned)
        if node is None:
            return {}
        topology = self._topology(pod, alike, cycle)
        return {node.name: obstacles(info, node, snapshot.load_of(node.name), topology)}

    def _topology(self, pod: Pod, alike: Alike, cycle: Cycle) -> Topology | None:
        """Return the rules about other pods for one that names its node, if there are any."""
        info = alike[0]
        if not (info.near or info.apart or alike[2]):
            return None
        bare = PodInfo.about_others(info)
        key = (bare, alike[1], alike[2])
        found = cycle.topologies.get(key)
        if found is None:
            found = cycle.topologies[key] = Topology(bare, pod, cycle.snapshot)
        found.catch_up()
        return found

    def _bind(self, pod: Pod, node: str) -> None:
        turn = self.turn
        machine = turn.world.nodes[node]
        change = kubelet.bind(pod, machine, turn.now, turn.world.settings)
        message = f"Successfully assigned {pod.namespace}/{pod.name} to {node}"
        turn.tell("Pod", pod.manifest, ACTOR, ("Normal", "Scheduled", message))  # before its kubelet does
        if self._kubelets:
            self._kubelets.go_on(turn, pod, machine, change)
        else:
            turn.decide(change)
        self._bound.append(turn.world.pods[pod.key])
        self._terms.update(self.scheduler.repelling.get(pod.key, NONE)[1])

    # -- where it does not -------------------------------------------------------------------

    def _failure(self, pod: Pod, alike: Alike, cycle: Cycle) -> Failure:
        """Return why pods like this one fit nowhere: worked out once as long as nothing is bound."""
        waits = self._waits_for_victims(pod, alike[0], cycle)
        known = cycle.failures.get(alike)
        if known and known[0] == len(self._bound) and not waits:
            return known[1]
        failure = self._examine(pod, alike, cycle, waits=waits)
        if not failure.victims and not waits:
            cycle.failures[alike] = (len(self._bound), failure)
        return failure

    def _examine(self, pod: Pod, alike: Alike, cycle: Cycle, *, waits: bool) -> Failure:
        info, total = alike[0], len(cycle.snapshot.nodes)
        if info.pinned:
            survey, topology = self._on_pinned(pod, alike, cycle), self._topology(pod, alike, cycle)
        else:
            placement = cycle.placements[alike]
            survey, topology = placement.survey(), placement.topology
        elsewhere = total - len(survey)
        reasons = sentence.counted(survey.values()) + Counter({filters.PINNED: elsewhere})
        causes = frozenset(map(filters.cause_of, reasons))
        if waits:
            return Failure(sentence.told(total, reasons, preemption.WAITS), causes)
        if not info.preempts:
            return Failure(sentence.told(total, reasons, preemption.NEVER), causes)
        search = preemption.search(info, survey, topology, cycle.snapshot, self._lowest)
        if search.victims:
            return Failure(sentence.unavailable(total, reasons), causes, search.victims)
        unmended = sentence.counted(search.reasons.values()) + Counter({preemption.NOT_HELPFUL: elsewhere})
        return Failure(sentence.unmended(total, reasons, unmended), causes)

    def _waits_for_victims(self, pod: Pod, info: PodInfo, cycle: Cycle) -> bool:
        """Whether the pods that had to make room for this one are still on their way out."""
        node = self.scheduler.nominated.get(pod.key, "")
        snapshot = cycle.snapshot
        return any(
            one.terminating and snapshot.footprint_of(one).priority < info.priority
            for one in snapshot.on_node(node)
        )

    def _fail(self, pod: Pod, failure: Failure) -> None:
        turn, why = self.turn, failure.message
        self.scheduler.block(pod, failure.causes | ({Cause.ROOM} if failure.victims else frozenset()))
        node = failure.victims.node if failure.victims else ""
        if failure.victims:
            self._evict(pod, failure.victims)
        manifest = _refused(pod, why, node, self.scheduler.nominated.get(pod.key, ""), turn)
        if manifest != pod.manifest:
            change = Change(Verb.MODIFIED, "Pod", manifest, "scheduler", Reason.UNSCHEDULABLE, pod.timers)
            turn.decide(change)
            turn.tell("Pod", pod.manifest, ACTOR, ("Warning", "FailedScheduling", why))
        turn.note("scheduler", f"Pod {pod.namespace}/{pod.name}", Seen.UNSCHEDULED, message=why)

    def _evict(self, pod: Pod, victims: preemption.Victims) -> None:
        """Delete the pods that stand in the way of a more important one."""
        turn = self.turn
        for victim in victims.pods:
            if victim.terminating:
                continue
            message = f"Preempted by pod {pod.uid} on node {victims.node}"
            turn.tell("Pod", victim.manifest, ACTOR, ("Normal", "Preempted", message))
            told = {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler"}
            marked = _with_conditions(victim, {**told, "message": PREEMPTED}, turn)
            self._preempted.append(victim)
            going = replace(victim, held=marked)
            turn.decide(
                delete_pod(going, turn.now, turn.world.settings, actor="scheduler", reason=Reason.PREEMPTED)
            )
        self._cycles.clear()


def _refused(pod: Pod, why: str, node: str, nominated: str, turn: Turn) -> Manifest:
    """Return the pod with what is said of it: why it has no node, and where room is made for it."""
    told = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": why}
    manifest = _with_conditions(pod, told, turn)
    if not node or node == nominated:
        return manifest
    return {**manifest, "status": {**manifest["status"], "nominatedNodeName": node}}


def _with_conditions(pod: Pod, wanted: Manifest, turn: Turn) -> Manifest:
    manifest = pod.manifest
    status = manifest.get("status") or {}
    told = with_condition(status.get("conditions") or (), {"lastProbeTime": None, **wanted}, turn.now)
    return {**manifest, "status": {**status, "conditions": told}}
