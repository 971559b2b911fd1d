"""The controller that clears away finished Jobs, so many seconds after their end as their spec says."""

from __future__ import annotations

from controller.engine.changes import Change, Verb
from controller.engine.deletion import FOREGROUND, delete_object
from controller.engine.job.ending import verdict
from controller.engine.reasons import Reason
from controller.engine.views import Job
from controller.engine.world import Controller, Turn, Update, World


class FinishedJobs(Controller):
    """Queues keys of finished Jobs whose time is over."""

    name = "ttl-after-finished-controller"
    kinds = frozenset({Job.KIND})

    def take(self, world: World, update: Update) -> None:
        """Schedule a finished Job for the end of its time; of one that others finished it begins now."""
        job = update.after
        at = _expires(job) if isinstance(job, Job) else None
        if at is not None:
            world.schedule(at, self.name, update.key)
        elif isinstance(job, Job) and _awaits_its_time(job):
            self.queue.add(update.key)

    def sync(self, turn: Turn) -> None:
        """Delete the queued Jobs, their pods first, unless they were given more time."""
        jobs = turn.world.all_of(Job)
        for key in self.drain():
            job = jobs.get(key)
            if job and _awaits_its_time(job):
                timers = {**job.timers, "finished": turn.now.cluster}
                turn.decide(Change(Verb.MODIFIED, Job.KIND, job.manifest, self.name, Reason.STATUS, timers))
                continue
            at = _expires(job) if job else None
            if job and at is not None and at <= turn.now.cluster:
                reason = Reason.JOB_EXPIRED
                turn.decide(
                    delete_object(job, turn.now, actor=self.name, reason=reason, finalizer=FOREGROUND)
                )


def _awaits_its_time(job: Job) -> bool:
    """Whether a Job was finished by whoever manages it, so that nobody has noted when."""
    has_time = "ttlSecondsAfterFinished" in job.manifest["spec"]
    return has_time and "finished" not in job.timers and not job.deleting and bool(verdict(job))


def _expires(job: Job) -> float | None:
    """Return when (cluster time) a finished Job is to go, or None if it is not, or is on its way."""
    seconds = job.manifest["spec"].get("ttlSecondsAfterFinished")
    if seconds is None or job.deleting or not verdict(job) or "finished" not in job.timers:
        return None
    return job.timers["finished"] + float(seconds)
