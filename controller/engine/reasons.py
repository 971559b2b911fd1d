"""Why controllers do what they do: codes that every change carries, put into words where it is shown.

The words are in ``dashboard/present/reasons.py``. What people and clients do is told by the audit list;
its changes carry the words of ``controller/engine/edits``.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why an object was created, changed or deleted."""

    NO_POD = "no-pod"
    PODS_GOING = "pods-going"
    SURGE = "surge"
    NOT_ALLOWED = "not-allowed"
    OLDER_POD = "older-pod"
    CROWDED = "crowded"
    OLD_UNREADY = "old-unready"
    SUCCESSOR_AVAILABLE = "successor-available"
    FAILED = "failed"
    FINISHED = "finished"
    ROLLOUT_UNAVAILABLE = "rollout-unavailable"
    ROLLOUT_BUDGET = "rollout-budget"
    ROLLOUT_UNWANTED_UNAVAILABLE = "rollout-unwanted-unavailable"
    ROLLOUT_UNWANTED = "rollout-unwanted"
    NEW_TEMPLATE = "new-template"
    RETURN_TO_TEMPLATE = "return-to-template"
    TWIN_REVISION = "twin-revision"
    HISTORY_LIMIT = "history-limit"
    HASH_TAKEN = "hash-taken"
    RELEASED = "released"
    ADOPTED = "adopted"
    STATUS = "status"
    BACKOFF = "backoff"
    BUILTIN = "builtin"
    OWNER_GONE = "owner-gone"
    OWNER_DELETED = "owner-deleted"
    WAITS_FOR_DEPENDANT = "waits-for-dependant"
    ORPHANED = "orphaned"
    DEPENDANTS_ORPHANED = "dependants-orphaned"
    DEPENDANTS_GONE = "dependants-gone"
    NOTHING_HOLDS = "nothing-holds"
    TAINT_GONE = "taint-gone"
    TOLERATED_FOR_A_TIME = "tolerated-for-a-time"
    NOT_TOLERATED = "not-tolerated"
    NODE_SILENT = "node-silent"
    NODE_GONE = "node-gone"
    KUBELET_STOPPED = "kubelet-stopped"
    NODE_LOST = "node-lost"
    KUBELET_READY = "kubelet-ready"
    KUBELET_REPORTS = "kubelet-reports"
    TAINTS_FOLLOW = "taints-follow"
    SCHEDULED = "scheduled"
    BOUND = "bound"
    CONTAINERS_WENT_ON = "containers-went-on"
    CONTAINERS_STOPPING = "containers-stopping"
    CONTAINERS_STOPPED = "containers-stopped"
    CONTAINERS_STARTED = "containers-started"
    CONTAINERS_READY = "containers-ready"
    CONTAINERS_ENDED = "containers-ended"
    CONTAINER_CRASHED = "container-crashed"
    PROBE_FAILS = "probe-fails"
    IMAGE_ERROR = "image-error"
    IMAGE_BACKOFF = "image-backoff"


class Seen(StrEnum):
    """What a line of a pass tells, for people who step through a cluster."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    LOOKED = "looked"
    REFUSED = "refused"
    UNSCHEDULED = "unscheduled"
