"""The disruption controller: how many pods of each budget may be evicted, as things stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Self

from controller.engine.controllers.workload import write_status, written
from controller.engine.disruption.budget import Numbers, counts_owners, numbers, status_manifest
from controller.engine.kinds import KINDS, SCALE
from controller.engine.matching.labels import matches
from controller.engine.objects import Key, Manifest, Pod, references
from controller.engine.tables import Tables
from controller.engine.views import (
    Deployment,
    DisruptionBudget,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
    Workload,
)
from controller.engine.world import Controller, Turn, Update, World

SCALED: tuple[type[Workload], ...] = (ReplicaSet, Deployment, StatefulSet, ReplicationController)
UNMANAGED = (
    "Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a "
    "result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. "
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
)


class DisruptionBudgets(Controller):
    """Queues budgets that changed, whose pods changed, or in whose namespace a workload was scaled.

    ``budgets`` are the keys of all, ``chosen`` the pods of each.
    """

    name = "disruption-controller"
    kinds = frozenset({DisruptionBudget.KIND, Pod.KIND, *(kind.KIND for kind in SCALED)})

    def __init__(self) -> None:
        super().__init__()
        self.queue: set[Key] = set()
        self.budgets: set[Key] = set()
        self.chosen: Tables[Key, Pod] = Tables()

    def fork(self) -> Self:
        """Return a twin that can be changed by itself."""
        twin = super().fork()
        twin.chosen = self.chosen.fork()
        return twin

    def heeds(self, kind: str) -> bool:
        """Whether there are budgets that anything can concern."""
        return kind == DisruptionBudget.KIND or bool(self.budgets)

    def take(self, world: World, update: Update) -> None:
        """Queue the budgets that the change may concern."""
        key, before, after = update
        if key[0] == DisruptionBudget.KIND:
            self._take_budget(world, update)
        elif key[0] == Pod.KIND:
            for budget in self._near(world, key[1]):
                self._take_pod(budget, update)
        elif _size(before) != _size(after):
            self.queue.update(one.key for one in self._near(world, key[1]))

    def _take_budget(self, world: World, update: Update) -> None:
        key, before, after = update
        if isinstance(after, DisruptionBudget):
            self.budgets.add(key)
            if before and written(before.manifest) == written(after.manifest):
                return
            self.queue.add(key)
        else:
            self.budgets.discard(key)
        for pod_key in list(self.chosen.of(key)):
            self.chosen.drop(key, pod_key)
        if isinstance(after, DisruptionBudget):
            for pod_key, pod in world.pods.items():
                if _chooses(after, pod):
                    self.chosen.put(key, pod_key, pod)

    def _take_pod(self, budget: DisruptionBudget, update: Update) -> None:
        before, after = self.chosen.of(budget.key).get(update.key), update.after
        chosen = after if isinstance(after, Pod) and _chooses(budget, after) else None
        if chosen:
            self.chosen.put(budget.key, update.key, chosen)
        else:
            self.chosen.drop(budget.key, update.key)
        if _counts(before) != _counts(chosen):
            self.queue.add(budget.key)

    def _near(self, world: World, namespace: str) -> Iterator[DisruptionBudget]:
        known = world.all_of(DisruptionBudget)
        return (known[key] for key in self.budgets if key[1] == namespace)

    def sync(self, turn: Turn) -> None:
        """Look at nothing before all have decided: what is allowed is what then stands."""

    def report(self, turn: Turn) -> None:
        """Write what every queued budget allows, where it differs from what it told."""
        known = turn.world.all_of(DisruptionBudget)
        for key in self.drain():
            if key in known:
                self._report_one(turn, known[key])

    def _report_one(self, turn: Turn, budget: DisruptionBudget) -> None:
        pods = self.chosen.of(budget.key).values()
        found, failure = Numbers(0, 0, 0, 0), ""
        if not pods:
            self._tell(turn, budget, "Normal", "NoPods", "No matching pods found")
        expected = len(pods)
        if counts_owners(budget):
            expected, failure = _expected(turn.world, pods)
            if any(not pod.owner for pod in pods):
                said = UNMANAGED.format(selector=budget.selector)
                self._tell(turn, budget, "Warning", "UnmanagedPods", said)
        if failure:
            said = f"Failed to calculate the number of expected pods: {failure}"
            self._tell(turn, budget, "Warning", "CalculateExpectedPodCountFailed", said)
        else:
            healthy = sum(pod.ready and not pod.terminating for pod in pods)
            found = numbers(budget, healthy, expected)
        status = status_manifest(budget, found, failure, turn.now)
        if status != budget.manifest.get("status"):
            write_status(turn, budget, status, self.name, budget.timers)

    def _tell(self, turn: Turn, budget: DisruptionBudget, type_: str, reason: str, message: str) -> None:
        turn.tell(DisruptionBudget.KIND, budget.manifest, self.name, (type_, reason, message))


def _counts(pod: Pod | None) -> object:
    """Return what of a pod a budget looks at."""
    return (pod.owner, pod.ready, pod.terminating) if pod else None


def _size(workload: object) -> object:
    return workload.replicas if isinstance(workload, Workload) else None


def _chooses(budget: DisruptionBudget, pod: Pod) -> bool:
    if budget.selector is None or pod.namespace != budget.namespace:
        return False
    return matches(budget.selector, pod.labels)


def _expected(world: World, pods: Iterable[Pod]) -> tuple[int, str]:
    """Return how many pods the controllers of these are asked for, or why that cannot be said."""
    sizes: dict[str, int] = {}
    for pod in pods:
        reference = _controller(pod)
        if reference is None:
            continue
        kind = KINDS.get(reference["kind"])
        if kind is None or SCALE not in kind.subresources:
            resource = kind.resource if kind else reference["kind"]
            return 0, f"{resource} does not implement the scale subresource"
        owner = world.find(kind.name, pod.namespace, reference["name"])
        if isinstance(owner, Workload) and owner.uid == pod.owner:
            above = _deployment(world, owner)
            sizes[above.uid] = above.replicas
    return sum(sizes.values()), ""


def _controller(pod: Pod) -> Manifest | None:
    return next((ref for ref in references(pod) if ref.get("controller")), None)


def _deployment(world: World, owner: Workload) -> Workload:
    """Return the Deployment of a ReplicaSet, or what controls the pod itself."""
    for ref in references(owner) if owner.owner else ():
        above = world.find(ref["kind"], owner.namespace, ref["name"])
        if isinstance(above, Deployment) and above.uid == owner.owner:
            return above
    return owner
