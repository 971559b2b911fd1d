"""When a Job is over, and why: conditions that are set in two steps.

First a Job is on its way to an end (*SuccessCriteriaMet*, *FailureTarget*); when the last of its pods is
gone it is at it (*Complete*, *Failed*). What it fails of first it has failed of.
"""

from __future__ import annotations

from typing import NamedTuple

from controller.engine.job.indexes import indexes_of
from controller.engine.job.pods import Tally
from controller.engine.job.spec import JobSpec
from controller.engine.job.success_policy import satisfied
from controller.engine.objects import Manifest, Moment, Pod
from controller.engine.views import Job
from controller.engine.workloads.conditions import find_condition, with_condition

COMPLETE, FAILED = "Complete", "Failed"
SUCCESS, FAILURE = "SuccessCriteriaMet", "FailureTarget"
ENDS = {SUCCESS: COMPLETE, FAILURE: FAILED}
SUSPENDED = "Suspended"

FIRST_DELAY, LONGEST_DELAY = 10.0, 600.0
"""Seconds before the next pod after a failure, doubled for each further one since the last success."""


class End(NamedTuple):
    """To which end a Job is on its way: a key of ``ENDS``, a reason and a message."""

    target: str
    reason: str
    message: str


REACHED = End(SUCCESS, "CompletionsReached", "Reached expected number of succeeded pods")
TOO_MANY = End(FAILURE, "BackoffLimitExceeded", "Job has reached the specified backoff limit")
TOO_LONG = End(FAILURE, "DeadlineExceeded", "Job was active longer than specified deadline")
TOO_MANY_LOST = End(
    FAILURE,
    "MaxFailedIndexesExceeded",
    "Job has exceeded the specified maximal number of failed indexes",
)
SOME_LOST = End(FAILURE, "FailedIndexes", "Job has failed indexes")


def end_of(
    spec: JobSpec, status: Manifest, tally: Tally, *, failing: str, until: float | None, now: float
) -> End | None:
    """Return to which end a Job is on its way, if to any.

    ``failing`` says which pod it does not survive, or is ""; ``until`` is when its deadline is over.
    """
    for target in ENDS:
        if standing := find_condition(status.get("conditions") or (), target):
            return End(target, standing["reason"], standing["message"])
    if failing:
        return End(FAILURE, "PodFailurePolicy", failing)
    failed = status.get("failed") or 0
    if failed > spec.backoff_limit or (spec.restarts and _starts_too_often(spec, tally)):
        return TOO_MANY
    if until is not None and until <= now and not spec.suspended:
        return TOO_LONG
    if end := _end_of_indexes(spec, status):
        return end
    return REACHED if spec.is_reached(status.get("succeeded") or 0, len(tally.active)) else None


def _end_of_indexes(spec: JobSpec, status: Manifest) -> End | None:
    """Return to which end the indexes bring a Job: too many are lost, none is left, or enough are done."""
    lost = indexes_of(status.get("failedIndexes") or "") if spec.limit_per_index is not None else ()
    if spec.lost_limit is not None and len(lost) > spec.lost_limit:
        return TOO_MANY_LOST
    if lost and len(lost) + (status.get("succeeded") or 0) >= (spec.completions or 0):
        return SOME_LOST
    told = satisfied(spec.success_rules, indexes_of(status.get("completedIndexes") or ""))
    return End(SUCCESS, "SuccessPolicy", told) if told else None


def _starts_too_often(spec: JobSpec, tally: Tally) -> bool:
    """Whether containers were started anew for as often as pods may fail."""
    restarts = sum(map(_restarts, [*tally.active, *tally.going]))
    return restarts >= max(1, spec.backoff_limit)


def _restarts(pod: Pod) -> int:
    status = pod.manifest.get("status") or {}
    entries = [
        *(status.get("initContainerStatuses") or ()),
        *(status.get("containerStatuses") or ()),
    ]
    return sum(entry.get("restartCount") or 0 for entry in entries)


def verdict(job: Job) -> str:
    """Return Complete or Failed of a Job that is over, else ""."""
    conditions = (job.manifest.get("status") or {}).get("conditions") or ()
    for kind in ENDS.values():
        standing = find_condition(conditions, kind)
        if standing and standing["status"] == "True":
            return kind
    return ""


def marked(status: Manifest, kind: str, told: tuple[str, str, str], now: Moment) -> Manifest:
    """Return the status with a condition: its status, reason and message. One that stands stays as it is."""
    conditions = status.get("conditions") or []
    wanted = {"type": kind, "status": told[0], "reason": told[1], "message": told[2]}
    standing = find_condition(conditions, kind)
    if standing and all(standing.get(field) == value for field, value in wanted.items()):
        return status
    wanted["lastProbeTime"] = now.stamp
    return {**status, "conditions": with_condition(conditions, wanted, now)}


def delay_after(failures: float) -> float:
    """Return for how many seconds no pod is made after so many failures since the last success."""
    return min(FIRST_DELAY * 2 ** min(failures - 1, 10), LONGEST_DELAY)
