"""The rules of CronJobs."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import invalid, required, unsupported
from controller.engine.admission.job import job_spec_faults
from controller.engine.admission.workloads import not_negative, with_job_defaults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest
from controller.engine.schedules import ScheduleFault, parse

POLICIES = ("Allow", "Forbid", "Replace")
LONGEST_NAME = 52
"""A Job of it appends a dash and ten digits, and its name is the value of a label."""
LOCAL = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"


def cronjob_faults(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a new CronJob, in the order of the API server."""
    yield from cronjob_spec_faults(manifest["spec"])
    name = manifest["metadata"].get("name", "")
    if len(name) > LONGEST_NAME:
        yield invalid("metadata.name", name, grammar.too_long(LONGEST_NAME))


def cronjob_spec_faults(spec: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with the spec of a CronJob."""
    yield from _schedule_faults(spec.get("schedule") or "")
    yield from not_negative(spec, "startingDeadlineSeconds")
    yield from _zone_faults(spec.get("timeZone"))
    policy = spec["concurrencyPolicy"]
    if policy not in POLICIES:
        yield unsupported("spec.concurrencyPolicy", policy, POLICIES)
    job = spec["jobTemplate"]["spec"]
    if job.get("manualSelector"):
        yield unsupported("spec.jobTemplate.spec.manualSelector", job["manualSelector"], ("nil", "false"))
    yield from job_spec_faults(with_job_defaults(job), "spec.jobTemplate.spec")
    if "selector" in job:
        yield invalid("spec.jobTemplate.spec.selector", job["selector"], "`selector` will be auto-generated")
    for field in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from not_negative(spec, field)


def _schedule_faults(schedule: str) -> Iterator[Cause]:
    if not schedule:
        yield required("spec.schedule")
        return
    if "TZ" in schedule:
        said = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        yield invalid("spec.schedule", schedule, said)
        return
    try:
        parse(schedule)
    except ScheduleFault as fault:
        yield invalid("spec.schedule", schedule, str(fault))


def _zone_faults(zone: str | None) -> Iterator[Cause]:
    if zone is None:
        return
    if not zone:
        yield invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string")
        return
    if zone.lower() == "local":
        yield invalid("spec.timeZone", zone, LOCAL)
        return
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield invalid("spec.timeZone", zone, f"unknown time zone {zone}")
