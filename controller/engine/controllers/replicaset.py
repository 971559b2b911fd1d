"""The ReplicaSet controller, which is the ReplicationController's too: so many pods, no more, no fewer.

What it counts are active pods: neither terminating, Failed nor Succeeded. A change of the template
touches no pod that stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from controller.engine.controllers.podcontrol import (
    ACCOUNT,
    ALLOWANCES,
    NOT_CREATED,
    classes_in,
    create_pod,
    is_account_known,
    remove_pod,
    tell_refused,
)
from controller.engine.controllers.workload import WorkloadController
from controller.engine.objects import Key, Manifest, Pod
from controller.engine.reasons import Reason
from controller.engine.replicaset.ranking import first_to_go
from controller.engine.replicaset.status import status_manifest
from controller.engine.views import ReplicaSet, ReplicationController, Workload
from controller.engine.workloads.availability import is_active
from controller.engine.workloads.ownership import claim
from controller.engine.workloads.pods import (
    PodTemplate,
    account_of,
    pod_manifest,
    pod_spec,
    refusal_of,
)
from controller.engine.workloads.slowstart import in_batches
from controller.engine.world import Turn, World

BURST = 500
"""The most creations, and the most deletions, of one set in one pass (Kubernetes' BurstReplicas)."""


class ReplicaSets(WorkloadController):
    """Queues sets. ``refused`` says of some why their last creation was refused."""

    name = "replicaset-controller"
    kinds = ALLOWANCES | {ReplicaSet.KIND, Pod.KIND, ACCOUNT}

    def __init__(self) -> None:
        super().__init__()
        self.refused: dict[Key, str] = {}

    def sync_one(self, turn: Turn, owner: Workload) -> None:
        """Adopt and release, then create or delete as many pods as are missing or too many."""
        self.refused.pop(owner.key, None)
        _claim(turn, owner, self.name)
        if owner.deleting:
            return
        pods = active(turn.world, owner)
        if len(pods) < owner.replicas:
            self._create(turn, owner, min(owner.replicas - len(pods), BURST))
        else:
            surplus = min(len(pods) - owner.replicas, BURST)
            for pod in first_to_go(pods, _related(turn.world, owner, pods))[:surplus]:
                remove_pod(turn, owner, pod, self.name, Reason.TOO_MANY)
        self.look_again(turn, owner, active(turn.world, owner))

    def _create(self, turn: Turn, owner: Workload, missing: int) -> None:
        known = is_account_known(turn, owner.namespace, account_of(owner.template))
        classes = classes_in(turn.world)
        barred = refusal_of(owner, owner.template, account_known=known, classes=classes)
        template = PodTemplate.of(owner, owner.template, pod_spec(owner.template, owner.uid))

        def make(name: str, uid: str) -> Manifest:
            return pod_manifest(owner, template, name=name, uid=uid, now=turn.now)

        def create(_number: int) -> str:
            return barred or create_pod(turn, owner, make, self.name, Reason.TOO_FEW)

        made, refusal = in_batches(range(missing), create)
        if refusal:
            self.refused[owner.key] = refusal.removeprefix(NOT_CREATED)  # a condition has the bare sentence
            tell_refused(turn, owner, self.name, refusal, made)
            self.try_later(turn, owner)

    def status_of(self, turn: Turn, owner: Workload) -> Manifest:
        """Return the status of a set as things stand."""
        pods = owned_pods(turn.world, owner)
        going = sum(pod.terminating and not pod.finished for pod in pods)
        standing = [pod for pod in pods if is_active(pod)]
        return status_manifest(owner, standing, going, self.refused.get(owner.key, ""), turn.now)


class ReplicationControllers(ReplicaSets):
    """The same for ReplicationControllers."""

    name = "replication-controller"
    kinds = ALLOWANCES | {ReplicationController.KIND, Pod.KIND, ACCOUNT}


def owned_pods(world: World, owner: Workload) -> list[Pod]:
    """Return the pods that a set controls."""
    return [pod for pod in world.owned(owner.uid, Pod).values() if pod.owner == owner.uid]


def active(world: World, owner: Workload) -> list[Pod]:
    """Return those of them that count."""
    return [pod for pod in owned_pods(world, owner) if is_active(pod)]


def _claim(turn: Turn, owner: Workload, actor: str) -> None:
    orphans: Iterable[Pod] = turn.world.orphans.of(owner.namespace).values()
    free = [] if owner.deleting else [pod for pod in orphans if is_active(pod)]
    for change in claim(owner, owner.selector, active(turn.world, owner), free, actor=actor):
        turn.decide(change)


def _related(world: World, owner: Workload, pods: Sequence[Pod]) -> Sequence[Pod]:
    """Return the pods beside which the set's are spread: of all sets of its Deployment, or its own."""
    if not owner.owner:
        return pods
    sets = world.owned(owner.owner, ReplicaSet).values()
    return [pod for each in sets if each.owner == owner.owner for pod in active(world, each)]
