"""Which pods should be on a node and are not, and which are and should not be.

This is Kubernetes' ``podsShouldBeOnNode``, one pair at a time, with the reason of every answer.
"""

from __future__ import annotations

from controller.engine.daemonset.backoff import Backoff
from controller.engine.daemonset.pairs import Pair
from controller.engine.objects import HASH_LABEL, DaemonSet, Pod
from controller.engine.reasons import Reason
from controller.engine.values import value
from controller.engine.workloads.availability import available_from


@value(frozen=True, slots=True)
class PodDeletion:
    """A pod to delete and why. ``event`` is (type, reason, message) to tell the set of, or None."""

    pod: Pod
    reason: Reason
    event: tuple[str, str, str] | None = None


@value(frozen=True, slots=True)
class Plan:
    """What to do on one node. ``create`` is why a pod is created, or None for none.

    ``backoff`` is the node's new back-off if it changed; ``again`` the cluster time to look again.
    """

    create: Reason | None = None
    delete: tuple[PodDeletion, ...] = ()
    backoff: Backoff | None = None
    again: float | None = None


def lacks_pod(pair: Pair) -> bool:
    """Whether all that there is to do for a pair is to create its pod: asked of thousands in every pass."""
    return pair.should_run and not pair.pods


def manage(
    pair: Pair, ds: DaemonSet, revision_hash: str, backoff: Backoff | None, *, surge: bool, now: float
) -> Plan:
    """Decide for a pair that lacks no pod. ``backoff`` is that of failed pods on this node so far."""
    if not pair.known:
        unbound = tuple(PodDeletion(pod, Reason.NODE_GONE) for pod in pair.pods if _waits(pod))
        return Plan(delete=unbound)
    if not pair.may_stay:
        standing = (pod for pod in pair.pods if not pod.terminating)
        return Plan(delete=tuple(PodDeletion(pod, Reason.NOT_ALLOWED) for pod in standing))
    return _tidy(pair, ds, revision_hash, backoff, surge=surge, now=now)


def _waits(pod: Pod) -> bool:
    return not pod.bound and not pod.terminating


def _tidy(
    pair: Pair, ds: DaemonSet, revision_hash: str, backoff: Backoff | None, *, surge: bool, now: float
) -> Plan:
    deletions: list[PodDeletion] = []
    running: list[Pod] = []
    again: float | None = None
    fresh: Backoff | None = None
    for pod in pair.pods:
        if pod.terminating:
            continue
        if pod.phase == "Failed" and backoff and backoff.holds(now):
            again = backoff.until
        elif pod.phase == "Failed":
            backoff = fresh = (backoff or Backoff.none()).after_failure(now)
            deletions.append(_failed(pod, pair.node))
        elif pod.phase == "Succeeded":
            deletions.append(_succeeded(pod, pair.node))
        else:
            running.append(pod)
    if surge:
        deletions += _beyond_two(running, ds, revision_hash, now)
    else:
        deletions += (PodDeletion(pod, Reason.OLDER_POD) for pod in running[1:])
    create = Reason.PODS_GOING
    wanted = surge and not running and pair.should_run
    return Plan(create if wanted else None, tuple(deletions), fresh, again)


def _failed(pod: Pod, node: str) -> PodDeletion:
    message = f"Found failed daemon pod {pod.namespace}/{pod.name} on node {node}, will try to kill it"
    return PodDeletion(pod, Reason.FAILED, ("Warning", "FailedDaemonPod", message))


def _succeeded(pod: Pod, node: str) -> PodDeletion:
    message = f"Found succeeded daemon pod {pod.namespace}/{pod.name} on node {node}, will try to delete it"
    return PodDeletion(pod, Reason.FINISHED, ("Normal", "SucceededDaemonPod", message))


def _beyond_two(running: list[Pod], ds: DaemonSet, revision_hash: str, now: float) -> list[PodDeletion]:
    """Under surge the oldest new and the oldest old pod may stand together until the hand-over."""
    new = [pod for pod in running if pod.labels.get(HASH_LABEL) == revision_hash]
    old = [pod for pod in running if pod not in new]
    deletions = [PodDeletion(pod, Reason.CROWDED) for pod in new[1:] + old[1:]]
    if new and old and not old[0].ready:
        deletions.append(PodDeletion(old[0], Reason.OLD_UNREADY))
    elif new and old and available_from(new[0], ds.min_ready_seconds) <= now:
        deletions.append(PodDeletion(old[0], Reason.SUCCESSOR_AVAILABLE))
    return deletions
