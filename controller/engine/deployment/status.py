"""The status of a Deployment: the numbers of its ReplicaSets, and three conditions that tell of the rollout.

*Available* says whether enough pods are; *Progressing* whether the rollout moves on, has come to its end,
or is stuck; *ReplicaFailure* repeats what its sets say. Progress is that more pods are updated, ready or
available than before, or fewer are old. The moment of the last progress lies in the timer ``progressed``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

from controller.engine.deployment.sets import Sets
from controller.engine.deployment.strategy import bounds_of, deadline_of, is_paused
from controller.engine.objects import Manifest, Moment
from controller.engine.views import Deployment, ReplicaSet
from controller.engine.workloads.conditions import find_condition, without_condition

PROGRESSED = "progressed"
AVAILABLE, PROGRESSING, FAILURE = "Available", "Progressing", "ReplicaFailure"
PAUSED, RESUMED = "DeploymentPaused", "DeploymentResumed"
CREATED, FOUND, UPDATED = "NewReplicaSetCreated", "FoundNewReplicaSet", "ReplicaSetUpdated"
REFUSED = "ReplicaSetCreateError"
COMPLETE, STUCK = "NewReplicaSetAvailable", "ProgressDeadlineExceeded"


class Numbers(NamedTuple):
    """How many pods stand (all, of the new template, ready, available), are asked for, and are going."""

    replicas: int
    updated: int
    ready: int
    available: int
    asked: int
    terminating: int

    @classmethod
    def of(cls, sets: Sets) -> Self:
        """Add up what the sets tell."""

        def total(field: str) -> int:
            return sum(each.counted(field) for each in sets.all)

        return cls(
            replicas=total("replicas"),
            updated=sets.new.counted("replicas") if sets.new else 0,
            ready=total("readyReplicas"),
            available=total("availableReplicas"),
            asked=sets.asked(),
            terminating=total("terminatingReplicas"),
        )

    @classmethod
    def told_by(cls, deployment: Deployment) -> Self:
        """Return what a Deployment's status told last."""
        replicas, updated = deployment.counted("replicas"), deployment.counted("updatedReplicas")
        ready, available = deployment.counted("readyReplicas"), deployment.counted("availableReplicas")
        return cls(replicas, updated, ready, available, 0, 0)

    def is_beyond(self, before: Numbers) -> bool:
        """Whether a rollout has moved on since."""
        return (
            self.updated > before.updated
            or self.replicas - self.updated < before.replicas - before.updated
            or self.ready > before.ready
            or self.available > before.available
        )

    def is_complete(self, deployment: Deployment) -> bool:
        """Whether all pods are of the new template and available."""
        return self.updated == self.replicas == self.available == deployment.replicas

    def manifest(self) -> Manifest:
        """Return them as a status shows them; of all but the last zeroes are left out."""
        shown = {
            "replicas": self.replicas,
            "updatedReplicas": self.updated,
            "readyReplicas": self.ready,
            "availableReplicas": self.available,
            "unavailableReplicas": max(0, self.asked - self.available),
        }
        told = {field: count for field, count in shown.items() if count}
        return {**told, "terminatingReplicas": self.terminating}


def status_manifest(deployment: Deployment, sets: Sets, now: Moment) -> Manifest:
    """Return the status as things stand."""
    numbers, conditions = Numbers.of(sets), conditions_of(deployment)
    conditions = with_condition(conditions, _availability(deployment, numbers), now)
    if deadline_of(deployment) is None:
        conditions = without_condition(conditions, PROGRESSING)
    elif progress := _progress(deployment, sets, now):
        conditions = with_condition(conditions, progress, now, anew=progress["reason"] == UPDATED)
    if _is_rolling(deployment):
        conditions = _with_failure(conditions, sets)
    collisions = deployment.counted("collisionCount")
    return {
        "observedGeneration": deployment.generation,
        **numbers.manifest(),
        **({"collisionCount": collisions} if collisions else {}),
        "conditions": conditions,
    }


def has_moved_on(deployment: Deployment, sets: Sets, now: Moment) -> bool:
    """Whether a rollout has made progress that its status does not tell of yet."""
    progress = _progress(deployment, sets, now)
    return progress is not None and progress["reason"] == UPDATED


def _is_rolling(deployment: Deployment) -> bool:
    return not is_paused(deployment) and not deployment.deleting


def conditions_of(deployment: Deployment) -> list[Manifest]:
    """Return the conditions that a Deployment bears."""
    return (deployment.manifest.get("status") or {}).get("conditions") or []


def stuck_at(deployment: Deployment) -> float | None:
    """Return the cluster time at which a rollout counts as stuck unless it moves on, or None."""
    deadline, since = deadline_of(deployment), deployment.timers.get(PROGRESSED)
    standing = find_condition(conditions_of(deployment), PROGRESSING)
    is_over = standing is None or standing["reason"] in {COMPLETE, STUCK}
    return None if is_over or deadline is None or since is None else since + deadline


def is_refused(deployment: Deployment) -> bool:
    """Whether the API server refused the set of today's template."""
    standing = find_condition(conditions_of(deployment), PROGRESSING)
    return standing is not None and standing["reason"] == REFUSED


def condition(kind: str, status: str, reason: str, message: str) -> Manifest:
    """Return a condition without its times."""
    return {"type": kind, "status": status, "reason": reason, "message": message}


def with_condition(
    conditions: Sequence[Manifest], wanted: Manifest, now: Moment, *, anew: bool = False
) -> list[Manifest]:
    """Return the conditions with ``wanted`` in the place of its type.

    One of the same status and reason stays as it is, whatever it says, unless it is to be said ``anew``;
    its time of transition is that of its last change of status.
    """
    before = find_condition(conditions, wanted["type"])
    is_same = before is not None and before["status"] == wanted["status"]
    if before and is_same and before.get("reason") == wanted["reason"] and not anew:
        return list(conditions)
    since = before["lastTransitionTime"] if before and is_same else now.stamp
    times = {"lastUpdateTime": now.stamp, "lastTransitionTime": since}
    return [*without_condition(conditions, wanted["type"]), {**wanted, **times}]


def _availability(deployment: Deployment, numbers: Numbers) -> Manifest:
    if numbers.available >= bounds_of(deployment).least:
        said = "Deployment has minimum availability."
        return condition(AVAILABLE, "True", "MinimumReplicasAvailable", said)
    said = "Deployment does not have minimum availability."
    return condition(AVAILABLE, "False", "MinimumReplicasUnavailable", said)


def _progress(deployment: Deployment, sets: Sets, now: Moment) -> Manifest | None:
    """Return what is to be said of the rollout, or None for nothing new.

    One that has come to its end stays so, whatever becomes of its pods, until the next template.
    """
    standing, numbers = find_condition(conditions_of(deployment), PROGRESSING), Numbers.of(sets)
    is_over = standing and standing["reason"] == COMPLETE and numbers.replicas == numbers.updated
    if is_over or not _is_rolling(deployment) or (is_refused(deployment) and not sets.new):
        return None
    about = f'ReplicaSet "{sets.new.name}"' if sets.new else f'Deployment "{deployment.name}"'
    if numbers.is_complete(deployment):
        return condition(PROGRESSING, "True", COMPLETE, f"{about} has successfully progressed.")
    if numbers.is_beyond(Numbers.told_by(deployment)):
        return condition(PROGRESSING, "True", UPDATED, f"{about} is progressing.")
    due = stuck_at(deployment)
    if due is not None and due <= now.cluster:
        return condition(PROGRESSING, "False", STUCK, f"{about} has timed out progressing.")
    return None


def _with_failure(conditions: Sequence[Manifest], sets: Sets) -> list[Manifest]:
    """Return the conditions with what a set says of its failures, the new one first."""
    told = (_failure(each) for each in (*filter(None, (sets.new,)), *sets.old))
    failure = next(filter(None, told), None)
    before = find_condition(conditions, FAILURE)
    if failure is None:
        return without_condition(conditions, FAILURE)
    if before and all(before[field] == failure[field] for field in ("status", "reason")):
        return list(conditions)
    copied = {**failure, "lastUpdateTime": failure["lastTransitionTime"]}
    return [*without_condition(conditions, FAILURE), copied]


def _failure(each: ReplicaSet) -> Manifest | None:
    return find_condition((each.manifest.get("status") or {}).get("conditions") or (), FAILURE)
