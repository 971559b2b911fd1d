"""The words of a pass: what its controllers saw and decided, and why.

The codes are in ``controller/engine/reasons.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy, ngettext_lazy

from controller.engine.reasons import Reason, Seen
from dashboard.present.words import Word, counts_of

REASONS: dict[Reason, Word] = {
    Reason.NO_POD: gettext_lazy("the node should run the set and has no pod of it"),
    Reason.TOO_FEW: gettext_lazy("fewer pods stand than are wanted"),
    Reason.TOO_MANY: gettext_lazy("more pods stand than are wanted"),
    Reason.PODS_GOING: gettext_lazy("the node should run the set and all its pods there are going"),
    Reason.SURGE: gettext_lazy("the rollout adds a new pod beside the old one"),
    Reason.NOT_ALLOWED: gettext_lazy("the node may not run the set"),
    Reason.OLDER_POD: gettext_lazy("an older pod of the set stands on the node"),
    Reason.CROWDED: gettext_lazy("more than one pod of its revision stands on the node"),
    Reason.OLD_UNREADY: gettext_lazy("it is old and not ready, and its successor stands"),
    Reason.SUCCESSOR_AVAILABLE: gettext_lazy("its successor is available"),
    Reason.FAILED: gettext_lazy("it failed"),
    Reason.FINISHED: gettext_lazy("it finished"),
    Reason.ROLLOUT_UNAVAILABLE: gettext_lazy("replaced by the rollout: its old pod is not available"),
    Reason.ROLLOUT_BUDGET: gettext_lazy("replaced by the rollout: the budget allows it"),
    Reason.ROLLOUT_UNWANTED_UNAVAILABLE: gettext_lazy(
        "replaced by the rollout: it is not available and not wanted here"
    ),
    Reason.ROLLOUT_UNWANTED: gettext_lazy(
        "replaced by the rollout: it is not wanted here and enough others are available"
    ),
    Reason.ROLLOUT_TURN: gettext_lazy("replaced by the rollout: all pods above it are updated and available"),
    Reason.WAVE: gettext_lazy("replaced by the plan of the rollout: its wave has begun"),
    Reason.PLAN_MOVES: gettext_lazy("the plan of its rollout goes on"),
    Reason.PLAN_UNDOES: gettext_lazy("the plan of its rollout goes back to the revision before"),
    Reason.POD_NEEDS_IT: gettext_lazy("a pod needs it"),
    Reason.RETENTION: gettext_lazy("the retention policy of its set says with whom it goes"),
    Reason.IDENTITY: gettext_lazy("its labels say which pod of its set it is"),
    Reason.VOLUME_BOUND: gettext_lazy("bound to each other"),
    Reason.VOLUME_GROWN: gettext_lazy("its claim asks for more"),
    Reason.VOLUME_LOST: gettext_lazy("its volume is gone, or another claim's"),
    Reason.VOLUME_PHASE: gettext_lazy("its claim came or went"),
    Reason.VOLUME_PROVISIONED: gettext_lazy("its storage class provisions volumes"),
    Reason.VOLUME_RECLAIMED: gettext_lazy("its claim is gone, and its reclaim policy is Delete"),
    Reason.DEFAULT_CLASS: gettext_lazy("it names no storage class, and there is a default"),
    Reason.PROTECTED: gettext_lazy("protected while it is used"),
    Reason.NOT_IN_USE: gettext_lazy("nothing uses it any longer"),
    Reason.NEW_TEMPLATE: gettext_lazy("a template not seen before"),
    Reason.RETURN_TO_TEMPLATE: gettext_lazy("a return to this template"),
    Reason.TWIN_REVISION: gettext_lazy("another revision holds this template"),
    Reason.HISTORY_LIMIT: gettext_lazy("beyond revisionHistoryLimit"),
    Reason.ROLLOUT_STEP: gettext_lazy("a step of its Deployment's rollout"),
    Reason.ROLLOUT_MOVES: gettext_lazy("its rollout moves on"),
    Reason.DEPLOYMENT_SCALED: gettext_lazy("its Deployment's number of pods changed"),
    Reason.ANNOTATIONS_FOLLOW: gettext_lazy("its revision or its Deployment's annotations changed"),
    Reason.HASH_TAKEN: gettext_lazy("the hash of its template was taken"),
    Reason.RELEASED: gettext_lazy("its labels no longer match"),
    Reason.ADOPTED: gettext_lazy("adopted: its labels match"),
    Reason.STATUS: gettext_lazy("its numbers changed"),
    Reason.BACKOFF: gettext_lazy("a failed pod puts its node into back-off"),
    Reason.BUILTIN: gettext_lazy("every namespace has one"),
    Reason.UPSTREAM: gettext_lazy("its own API server tells so"),
    Reason.PODS_BEHIND: gettext_lazy("it follows the pods behind its Service"),
    Reason.MIRRORED: gettext_lazy("it mirrors the Endpoints of its Service"),
    Reason.SERVICE_GONE: gettext_lazy("its Service is gone"),
    Reason.COUNTED: gettext_lazy("its Job has counted it"),
    Reason.JOB_ENDS: gettext_lazy("its Job is over"),
    Reason.JOB_EXPIRED: gettext_lazy("it finished long enough ago"),
    Reason.TIME_HAS_COME: gettext_lazy("its time has come"),
    Reason.NEXT_TIME: gettext_lazy("its next time was found"),
    Reason.JOB_REPLACED: gettext_lazy("the next Job takes its place"),
    Reason.EVICTED: gettext_lazy("evicted"),
    Reason.OWNER_GONE: gettext_lazy("its owner is gone"),
    Reason.OTHER_OWNER: gettext_lazy("one of its owners is gone, another is there"),
    Reason.OWNER_DELETED: gettext_lazy("its owner is being deleted"),
    Reason.WAITS_FOR_DEPENDANT: gettext_lazy("it owns what waits for it"),
    Reason.ORPHANED: gettext_lazy("its owner let it go"),
    Reason.DEPENDANTS_ORPHANED: gettext_lazy("its dependants were let go"),
    Reason.DEPENDANTS_GONE: gettext_lazy("its dependants are gone"),
    Reason.NOTHING_HOLDS: gettext_lazy("nothing holds it"),
    Reason.TAINT_GONE: gettext_lazy("the taint is gone"),
    Reason.TOLERATED_FOR_A_TIME: gettext_lazy("tolerated for a time"),
    Reason.NOT_TOLERATED: gettext_lazy("it does not tolerate a NoExecute taint of its node"),
    Reason.NODE_SILENT: gettext_lazy("its node does not answer"),
    Reason.NODE_GONE: gettext_lazy("its node is gone"),
    Reason.KUBELET_STOPPED: gettext_lazy("its kubelet stopped answering"),
    Reason.NODE_LOST: gettext_lazy("it has not answered for the grace period"),
    Reason.KUBELET_READY: gettext_lazy("its kubelet reports Ready"),
    Reason.KUBELET_REPORTS: gettext_lazy("its kubelet reports conditions"),
    Reason.TAINTS_FOLLOW: gettext_lazy("its taints are brought up to date"),
    Reason.SCHEDULED: gettext_lazy("assigned to a node"),
    Reason.UNSCHEDULABLE: gettext_lazy("it fits on no node"),
    Reason.STATIC_POD: gettext_lazy("its machine runs it by itself"),
    Reason.FILE_GONE: gettext_lazy("its machine's file of it is gone or another"),
    Reason.PREEMPTED: gettext_lazy("makes room for a pod of a higher priority"),
    Reason.BOUND: gettext_lazy("bound to this node"),
    Reason.CONTAINERS_WENT_ON: gettext_lazy("its containers went on"),
    Reason.CONTAINERS_STOPPING: gettext_lazy("its containers are being stopped"),
    Reason.CONTAINERS_STOPPED: gettext_lazy("its containers have stopped"),
    Reason.CONTAINERS_STARTED: gettext_lazy("its containers have started"),
    Reason.CONTAINERS_READY: gettext_lazy("its containers are ready"),
    Reason.CONTAINERS_ENDED: gettext_lazy("its containers have ended"),
    Reason.CONTAINER_REDEFINED: gettext_lazy("the image of a container was changed"),
    Reason.RESIZED: gettext_lazy("the containers were given what they shall have"),
    Reason.RESIZE_WAITS: gettext_lazy("the node has no room for what the containers shall have"),
    Reason.CONTAINER_CRASHED: gettext_lazy("its container crashed"),
    Reason.PROBE_FAILS: gettext_lazy("its readiness probe fails"),
    Reason.IMAGE_ERROR: gettext_lazy("its image cannot be pulled"),
    Reason.IMAGE_BACKOFF: gettext_lazy("its image still cannot be pulled"),
    Reason.CREATED: gettext_lazy("somebody created it"),
    Reason.EDITED: gettext_lazy("somebody edited it"),
    Reason.SCALED: gettext_lazy("somebody scaled it"),
    Reason.STATUS_WRITTEN: gettext_lazy("somebody wrote its status"),
    Reason.APPLIED: gettext_lazy("somebody applied it"),
    Reason.DELETED: gettext_lazy("somebody deleted it"),
    Reason.DELETED_BY_FORCE: gettext_lazy("somebody deleted it by force"),
    Reason.DELETION_BEGUN: gettext_lazy("somebody deleted it, and finalizers hold it"),
    Reason.LAST_FINALIZER_GONE: gettext_lazy("its last finalizer is gone"),
    Reason.NAMESPACE_DELETED: gettext_lazy("its namespace was deleted"),
    Reason.CURED: gettext_lazy("somebody made the cure of a pair"),
    Reason.RESTARTED: gettext_lazy("somebody restarted the set"),
    Reason.ROLLOUT_PAUSED: gettext_lazy("somebody paused the rollout"),
    Reason.ROLLOUT_RESUMED: gettext_lazy("somebody resumed the rollout"),
    Reason.STRATEGY_SET: gettext_lazy("somebody set its update strategy"),
    Reason.PLAN_SET: gettext_lazy("somebody set the plan of its rollout"),
    Reason.PLAN_ENDED: gettext_lazy("somebody ended the plan of its rollout"),
    Reason.PLAN_PROMOTED: gettext_lazy("somebody let the plan of its rollout go on"),
    Reason.NODE_REMOVED: gettext_lazy("somebody removed the node"),
    Reason.UNDONE: gettext_lazy("somebody took an edit back"),
    Reason.FOLDER_CHANGED: gettext_lazy("somebody changed the manifest folder of its machine"),
    Reason.LABELS_SET: gettext_lazy("somebody set its labels"),
    Reason.TAINTS_SET: gettext_lazy("somebody set its taints"),
    Reason.CORDONED: gettext_lazy("somebody cordoned it"),
    Reason.DRAIN_BEGUN: gettext_lazy("somebody drains it"),
    Reason.DRAIN_STOPPED: gettext_lazy("somebody stopped its drain"),
    Reason.DRAIN_MOVES: gettext_lazy("other pods are in the way of its drain"),
    Reason.DRAIN_OVER: gettext_lazy("its drain is over"),
    Reason.DRAINED: gettext_lazy("its node is drained"),
    Reason.UNCORDONED: gettext_lazy("somebody uncordoned it"),
    Reason.SWITCHED_ON: gettext_lazy("somebody powered its machine up"),
    Reason.SWITCHED_OFF: gettext_lazy("somebody powered its machine down"),
    Reason.PRESSURE_SET: gettext_lazy("somebody changed what its machine reports"),
    Reason.BEHAVIOUR_SET: gettext_lazy("somebody set how it behaves"),
    Reason.COPIED: gettext_lazy("the cluster was copied"),
    Reason.RESET: gettext_lazy("the cluster was reset"),
    Reason.EVENT_EXPIRED: gettext_lazy("it was not seen again for an hour"),
    Reason.IMAGE_SET: gettext_lazy("somebody set the image of a container"),
    Reason.ROLLED_BACK: gettext_lazy("somebody rolled it back"),
    Reason.SIGNALLED: gettext_lazy("somebody sent a signal to a container"),
    Reason.PROGRAM_ENDED: gettext_lazy("the program of a container ended"),
    Reason.BOUND_BY_CLIENT: gettext_lazy("a client bound it to a node"),
}

SEEN: dict[Seen, Word] = {
    Seen.CREATED: gettext_lazy("created: %(reason)s"),
    Seen.CHANGED: gettext_lazy("changed: %(reason)s"),
    Seen.DELETED: gettext_lazy("deleted: %(reason)s"),
    Seen.LOOKED: ngettext_lazy(
        "looked at %(looked)s of %(nodes)s node: %(desired)s should run, %(current)s do, "
        "%(updated)s up to date, %(available)s available, %(misscheduled)s misscheduled",
        "looked at %(looked)s of %(nodes)s nodes: %(desired)s should run, %(current)s do, "
        "%(updated)s up to date, %(available)s available, %(misscheduled)s misscheduled",
        "nodes",
    ),
    Seen.REFUSED: gettext_lazy("%(created)s created, then: %(message)s"),
    Seen.UNSCHEDULED: "%(message)s",
}


def line_words(code: str, facts: Mapping[str, str | int]) -> str:
    """Return a line of a pass in words; one of another version, or out of a file, may have none."""
    shown = counts_of(facts)
    if "reason" in facts:
        reason = facts["reason"]
        shown["reason"] = str(REASONS[Reason(reason)]) if reason in REASONS else str(reason)
    try:
        return SEEN[Seen(code)] % shown
    except (KeyError, TypeError, ValueError):
        return " ".join([code, *(f"{key}={value}" for key, value in facts.items())])
