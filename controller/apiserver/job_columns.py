"""What kubectl shows of Jobs, CronJobs and disruption budgets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from controller.apiserver.age import UNKNOWN, age
from controller.apiserver.pod_columns import NONE, container_cells
from controller.engine.matching.labels import selector_text
from controller.engine.objects import Manifest


def job_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of a Job."""
    meta, spec, status = manifest["metadata"], manifest.get("spec") or {}, manifest.get("status") or {}
    return [
        meta["name"],
        _job_status(meta, status),
        _completions(spec, status),
        _duration(status, now),
        age(meta.get("creationTimestamp"), now),
        *container_cells((spec.get("template") or {}).get("spec") or {}),
        selector_text(spec.get("selector")) or NONE,
    ]


def _job_status(meta: Manifest, status: Manifest) -> str:
    conditions = status.get("conditions") or ()
    held = {each.get("type") for each in conditions if each.get("status") == "True"}
    if meta.get("deletionTimestamp") and not held & {"Complete", "Failed"}:
        return "Terminating"
    told = ("Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet")
    return next((word for word in told if word in held), "Running")


def _completions(spec: Manifest, status: Manifest) -> str:
    succeeded, parallelism = status.get("succeeded") or 0, spec.get("parallelism") or 0
    if spec.get("completions") is not None:
        return f"{succeeded}/{spec['completions']}"
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _duration(status: Manifest, now: datetime) -> str:
    """Return for how long a Job ran, or runs."""
    if not status.get("startTime"):
        return ""
    try:
        end = datetime.fromisoformat(status["completionTime"]) if status.get("completionTime") else now
    except ValueError:  # somebody wrote the status
        return UNKNOWN
    return age(status["startTime"], end)


def cronjob_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of a CronJob."""
    meta, spec, status = manifest["metadata"], manifest.get("spec") or {}, manifest.get("status") or {}
    last = status.get("lastScheduleTime")
    template = ((spec.get("jobTemplate") or {}).get("spec") or {}).get("template") or {}
    return [
        meta["name"],
        spec.get("schedule") or "",
        spec.get("timeZone") or NONE,
        str(bool(spec.get("suspend"))),
        len(status.get("active") or ()),
        age(last, now) if last else NONE,
        age(meta.get("creationTimestamp"), now),
        *container_cells(template.get("spec") or {}),
        NONE,
    ]


def budget_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of a disruption budget."""
    meta, spec, status = manifest["metadata"], manifest.get("spec") or {}, manifest.get("status") or {}
    shares = (spec.get("minAvailable"), spec.get("maxUnavailable"))
    return [
        meta["name"],
        *("N/A" if share is None else str(share) for share in shares),
        status.get("disruptionsAllowed") or 0,
        age(meta.get("creationTimestamp"), now),
    ]
