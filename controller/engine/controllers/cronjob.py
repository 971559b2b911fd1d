"""The CronJob controller: a Job at each time of a schedule.

Schedules follow the clock of the cluster: its times begin at wall time, when the CronJob is first seen,
and come sooner where people speed the clock up.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from math import inf

from controller.engine.admission.admit import admit_create
from controller.engine.changes import Change, Verb
from controller.engine.controllers.podcontrol import admitted
from controller.engine.controllers.workload import written
from controller.engine.deletion import delete_object
from controller.engine.errors import Refused
from controller.engine.job.ending import COMPLETE, FAILED, verdict
from controller.engine.job.times import Times, first_timers, timers_after
from controller.engine.objects import Key, Manifest, Timers
from controller.engine.reasons import Reason
from controller.engine.views import CronJob, Job
from controller.engine.workloads.pods import owner_reference
from controller.engine.world import Controller, Turn, Update, World

SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp"
MINUTE = 60
Written = tuple[Manifest, Timers]
LIMITS = {COMPLETE: "successfulJobsHistoryLimit", FAILED: "failedJobsHistoryLimit"}


class CronJobs(Controller):
    """Queues CronJobs that changed, whose Jobs changed, or whose time has come. ``owners``: keys by uid."""

    name = "cronjob-controller"
    kinds = frozenset({CronJob.KIND, Job.KIND})

    def __init__(self) -> None:
        super().__init__()
        self.queue: set[Key] = set()
        self.owners: dict[str, Key] = {}

    def take(self, world: World, update: Update) -> None:
        """Queue the CronJob that the change concerns."""
        if update.key[0] == Job.KIND:
            for job in (update.before, update.after):
                if isinstance(job, Job) and job.owner in self.owners:
                    self.queue.add(self.owners[job.owner])
            return
        before, after = update.before, update.after
        if before and update.replaced:
            self.owners.pop(before.uid, None)
        if after:
            self.owners[after.uid] = update.key
            if before is None or written(before.manifest) != written(after.manifest):
                self.queue.add(update.key)
            if "due" in after.timers:
                world.schedule(after.timers["due"], self.name, update.key)

    def sync(self, turn: Turn) -> None:
        """Look at every queued CronJob."""
        for key in self.drain():
            cronjob = turn.world.all_of(CronJob).get(key)
            if cronjob:
                self._sync_one(turn, cronjob)

    def _sync_one(self, turn: Turn, cronjob: CronJob) -> None:
        status: Manifest = cronjob.manifest.get("status") or {}
        jobs = _jobs_of(turn.world, cronjob)
        status = self._follow(turn, cronjob, status, jobs)
        self._forget(turn, cronjob, jobs)
        timers = cronjob.timers
        if not cronjob.deleting:
            status, timers = self._keep_time(turn, cronjob, status)
        if (status, timers) != (cronjob.manifest.get("status") or {}, cronjob.timers):
            manifest = {**cronjob.manifest, "status": status}
            reason = Reason.STATUS if timers == cronjob.timers else Reason.NEXT_TIME
            turn.decide(Change(Verb.MODIFIED, CronJob.KIND, manifest, self.name, reason, timers))

    # -- its Jobs ----------------------------------------------------------------------------

    def _follow(self, turn: Turn, cronjob: CronJob, status: Manifest, jobs: list[Job]) -> Manifest:
        """Take what became of its Jobs into account."""
        listed = {ref.get("uid"): ref for ref in status.get("active") or ()}
        standing = {job.uid: job for job in jobs}
        for uid, ref in list(listed.items()):
            if uid not in standing:
                del listed[uid]
                self._tell(turn, cronjob, "MissingJob", f"Active job went missing: {ref.get('name')}")
        for job in jobs:
            end = verdict(job)
            if end and job.uid in listed:
                del listed[job.uid]
                self._tell(
                    turn, cronjob, "SawCompletedJob", f"Saw completed job: {job.name}, condition: {end}"
                )
            elif not end and job.uid not in listed:
                said = f"Saw a job that the controller did not create or forgot: {job.name}"
                self._tell(turn, cronjob, "UnexpectedJob", said, type_="Warning")
        status = _with_success(status, jobs)
        rest = {field: value for field, value in status.items() if field != "active"}
        return {**rest, "active": list(listed.values())} if listed else rest

    def _forget(self, turn: Turn, cronjob: CronJob, jobs: list[Job]) -> None:
        """Delete finished Jobs beyond the limits, the oldest first."""
        for end, field in LIMITS.items():
            limit = cronjob.manifest["spec"].get(field)
            finished = sorted((job for job in jobs if verdict(job) == end), key=_age)
            if limit is not None:
                for job in finished[: max(0, len(finished) - limit)]:
                    self._delete(turn, cronjob, job, Reason.HISTORY_LIMIT)

    def _delete(self, turn: Turn, cronjob: CronJob, job: Job, reason: Reason) -> None:
        if not job.deleting:
            turn.decide(delete_object(job, turn.now, actor=self.name, reason=reason))
            self._tell(turn, cronjob, "SuccessfulDelete", f"Deleted job {job.name}")

    # -- its times ---------------------------------------------------------------------------

    def _keep_time(self, turn: Turn, cronjob: CronJob, status: Manifest) -> Written:
        """Start the Job whose time has come, if there is one; return the status and timers of then.

        A schedule that changed begins anew.
        """
        spec, timers = cronjob.manifest["spec"], cronjob.timers
        times, number = Times.of(spec), _number_of(spec)
        if times and timers.get("schedule") != number:
            timers = first_timers(times, number, turn.now)
        if times is None or spec.get("suspend") or timers.get("due", inf) > turn.now.cluster:
            return status, timers
        today = timers["time"] + turn.now.cluster - timers["due"]
        time = times.latest(timers["time"], today)
        patience = spec.get("startingDeadlineSeconds")
        if patience is not None and today - time > patience:
            when = datetime.fromtimestamp(time, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
            said = f"Missed scheduled time to start a job: {when}"
            self._tell(turn, cronjob, "MissSchedule", said, type_="Warning")
            return status, timers_after(times, timers, time)
        started = self._start(turn, cronjob, times, time, status)
        return (status, timers) if started is None else (started, timers_after(times, timers, time))

    def _start(
        self, turn: Turn, cronjob: CronJob, times: Times, time: float, status: Manifest
    ) -> Manifest | None:
        """Start the Job of a time as the policy says; return the status, None while another one runs."""
        spec, active = cronjob.manifest["spec"], status.get("active") or []
        if active and spec["concurrencyPolicy"] == "Forbid":
            said = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self._tell(turn, cronjob, "JobAlreadyActive", said)
            return None  # it is started when the other ends: that queues this CronJob
        if spec["concurrencyPolicy"] == "Replace":
            for job in _jobs_of(turn.world, cronjob):
                if any(ref["uid"] == job.uid for ref in active):
                    self._delete(turn, cronjob, job, Reason.JOB_REPLACED)
            active = []
        active = [*active, *self._create(turn, cronjob, times, time)]
        last = datetime.fromtimestamp(min(time, turn.now.wall.timestamp()), UTC)
        rest = {field: value for field, value in status.items() if field != "active"}
        stamp = last.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {**rest, **({"active": active} if active else {}), "lastScheduleTime": stamp}

    def _create(self, turn: Turn, cronjob: CronJob, times: Times, time: float) -> list[Manifest]:
        """Create the Job of a time; return the reference to it, or none if it was refused or is there."""
        name = f"{cronjob.name}-{int(time) // MINUTE}"
        if turn.world.find(Job.KIND, cronjob.namespace, name):
            return []
        sent = _job_manifest(cronjob, name, times.stamp(time))
        try:
            made = admit_create(Job.KIND, sent, turn.now, turn.names.uid(), turn.names.suffix())
            made = admitted(turn, Job.KIND, made)
        except Refused as refusal:
            self._tell(turn, cronjob, "FailedCreate", f"Error creating job: {refusal}", type_="Warning")
            return []
        turn.decide(Change(Verb.ADDED, Job.KIND, made, self.name, Reason.TIME_HAS_COME))
        self._tell(turn, cronjob, "SuccessfulCreate", f"Created job {name}")
        meta = made["metadata"]
        place = {"namespace": meta["namespace"], "name": name, "uid": meta["uid"]}
        return [{"apiVersion": "batch/v1", "kind": Job.KIND, **place}]

    def _tell(
        self, turn: Turn, cronjob: CronJob, reason: str, message: str, *, type_: str = "Normal"
    ) -> None:
        turn.tell(CronJob.KIND, cronjob.manifest, self.name, (type_, reason, message))


def _jobs_of(world: World, cronjob: CronJob) -> list[Job]:
    return [job for _, job in sorted(world.owned(cronjob.uid, Job).items()) if job.owner == cronjob.uid]


def _with_success(status: Manifest, jobs: Iterable[Job]) -> Manifest:
    """Return a status that knows when a Job succeeded last, also one that somebody else started."""
    ends = [job.manifest["status"]["completionTime"] for job in jobs if verdict(job) == COMPLETE]
    latest = max([*ends, status.get("lastSuccessfulTime") or ""])
    return {**status, "lastSuccessfulTime": latest} if latest else status


def _age(job: Job) -> tuple[str, float, str]:
    started = (job.manifest.get("status") or {}).get("startTime") or ""
    return started, job.timers.get("finished", 0.0), job.name


def _job_manifest(cronjob: CronJob, name: str, when: str) -> Manifest:
    template = cronjob.manifest["spec"]["jobTemplate"]
    meta = template.get("metadata") or {}
    kept = {"labels": meta["labels"]} if meta.get("labels") else {}
    return {
        "metadata": {
            "name": name,
            "namespace": cronjob.namespace,
            **kept,
            "annotations": {**(meta.get("annotations") or {}), SCHEDULED_AT: when},
            "ownerReferences": [owner_reference(cronjob)],
        },
        "spec": template["spec"],
    }


def _number_of(spec: Manifest) -> float:
    """Return a number that stands for a schedule and its zone."""
    return float(zlib.crc32(f"{spec.get('timeZone') or ''} {spec['schedule']}".encode()))
