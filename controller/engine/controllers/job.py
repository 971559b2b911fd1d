"""The Job controller: pods that run to their end, so many at once, until enough have succeeded.

A pod is counted once, when it has ended: its finalizer is taken away in the pass that writes the numbers.
Timers of a Job: ``started``, ``finished``, ``failures`` since the last success, and ``retry``, before which
no pod is made; where each index has a limit of its own, ``retry:INDEX``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from controller.engine.controllers.podcontrol import (
    ACCOUNT,
    ALLOWANCES,
    classes_in,
    create_pod,
    is_account_known,
    remove_pod,
    tell_refused,
)
from controller.engine.controllers.replicaset import BURST, owned_pods
from controller.engine.controllers.workload import WorkloadController
from controller.engine.job.counting import count, failures_before, failures_of_successor
from controller.engine.job.ending import (
    COMPLETE,
    ENDS,
    SUCCESS,
    SUSPENDED,
    End,
    delay_after,
    end_of,
    marked,
    verdict,
)
from controller.engine.job.failure_policy import failing
from controller.engine.job.indexes import indexes_of, lowest_free
from controller.engine.job.pods import (
    JOB_NAME,
    Tally,
    index_of,
    indexed_template,
    is_tracked,
    tracked,
    tracked_template,
    untracked,
)
from controller.engine.job.spec import JobSpec
from controller.engine.objects import Key, Manifest, Pod, Timers
from controller.engine.reasons import Reason
from controller.engine.replicaset.ranking import first_to_go
from controller.engine.views import Job, Workload
from controller.engine.workloads.conditions import find_condition
from controller.engine.workloads.ownership import claim
from controller.engine.workloads.pods import PodTemplate, account_of, pod_manifest, pod_spec, refusal_of
from controller.engine.workloads.slowstart import in_batches
from controller.engine.world import Turn, Update, World

Written = tuple[Manifest, Timers]


class Jobs(WorkloadController):
    """Queues Jobs. ``strays`` are keys of pods that may be held for a Job that is not there.

    ``decided`` holds the status and the timers of those that were looked at in this pass.
    """

    name = "job-controller"
    kinds = ALLOWANCES | {Job.KIND, Pod.KIND, ACCOUNT}

    def __init__(self) -> None:
        super().__init__()
        self.decided: dict[Key, Written] = {}
        self.strays: set[Key] = set()

    def is_busy(self) -> bool:
        """Whether the next pass would find something to do."""
        return bool(self.queue or self.strays)

    # -- whom to look at ---------------------------------------------------------------------

    def heeds(self, kind: str) -> bool:  # noqa: ARG002 -- all of them
        """Whether a change matters: pods do also when their Job is gone."""
        return True

    def take(self, world: World, update: Update) -> None:
        """Queue the Jobs that the change may concern, and the pods of one that is gone."""
        super().take(world, update)
        if update.key[0] != Job.KIND:
            return
        if update.before and update.replaced:
            self.strays.update(world.owned(update.before.uid, Pod))
        job = update.after
        if isinstance(job, Job) and not verdict(job):
            for name, at in job.timers.items():
                if name.startswith(AGAIN):
                    world.schedule(at, self.name, job.key)
            until = deadline_of(job, job.timers)
            if until is not None:
                world.schedule(until, self.name, job.key)

    def _take_pod(self, world: World, update: Update) -> None:
        super()._take_pod(world, update)
        after = update.after
        if isinstance(after, Pod) and JOB_NAME in after.labels and after.owner not in self.sets:
            self.strays.add(update.key)

    def sync(self, turn: Turn) -> None:
        """Let go of pods whose Job is gone, and look at every queued Job."""
        strays, self.strays = self.strays, set()
        for key in sorted(strays):
            pod = turn.world.pods.get(key)
            if pod and pod.owner not in self.sets and is_tracked(pod):
                turn.decide(untracked(pod, self.name, Reason.OWNER_GONE))
        super().sync(turn)

    # -- what to do --------------------------------------------------------------------------

    def sync_one(self, turn: Turn, owner: Workload) -> None:
        """Count what ended; then go on to an end of the Job, or see that enough pods are at work."""
        job = _job(turn, owner)
        spec = JobSpec.of(job)
        if not spec.managed:
            self.seen.discard(job.key)  # whoever manages it writes its status
            return
        status: Manifest = job.manifest.get("status") or {}
        self.decided[job.key] = status, job.timers
        if verdict(job):
            return
        self._claim(turn, job)
        self._start(turn, job, spec)
        fatal = failing(spec.failure_rules, self._tally(turn, job, spec).failed)
        held = self._count(turn, job, spec, holds=not (fatal or job.deleting))
        tally = self._tally(turn, job, spec)
        status, timers = self.decided[job.key]
        until, now = deadline_of(job, timers), turn.now.cluster
        end = end_of(spec, status, tally, failing=fatal, until=until, now=now)
        if end:
            self._end(turn, job, spec, end)
        elif not job.deleting:
            self._manage(turn, job, spec, held)

    def _start(self, turn: Turn, job: Job, spec: JobSpec) -> None:
        """Note since when it runs, and tell that it was suspended or goes on."""
        status, timers = self.decided[job.key]
        standing = find_condition(status.get("conditions") or (), SUSPENDED)
        was_suspended = bool(standing and standing["status"] == "True")
        if spec.suspended and not was_suspended:
            status = marked(status, SUSPENDED, ("True", "JobSuspended", "Job suspended"), turn.now)
            self._tell(turn, job, ("Normal", "Suspended", "Job suspended"))
        elif was_suspended and not spec.suspended:
            status = marked(status, SUSPENDED, ("False", "JobResumed", "Job resumed"), turn.now)
            self._tell(turn, job, ("Normal", "Resumed", "Job resumed"))
        if spec.suspended:
            status = {field: value for field, value in status.items() if field != "startTime"}
            timers = {name: at for name, at in timers.items() if name != "started"}
        elif "startTime" not in status:
            status = {**status, "startTime": turn.now.stamp}
            timers = {**timers, "started": turn.now.cluster}
        self.decided[job.key] = status, timers

    def _claim(self, turn: Turn, job: Job) -> None:
        orphans: Iterable[Pod] = turn.world.orphans.of(job.namespace).values()
        free = [] if job.deleting else [pod for pod in orphans if not pod.terminating]
        mine = [pod for pod in owned_pods(turn.world, job) if not pod.terminating]
        for change in claim(job, job.selector, mine, free, actor=self.name):
            if change.reason == Reason.ADOPTED:
                turn.decide(replace(change, manifest=tracked(change.manifest)))
            else:
                turn.decide(change)

    def _count(self, turn: Turn, job: Job, spec: JobSpec, *, holds: bool) -> dict[int, Pod]:
        """Take what ended since into the numbers, and let go of those pods; return who is held, by index."""
        tally = self._tally(turn, job, spec)
        status, timers = self.decided[job.key]
        status, over, held = count(spec, status, tally, holds=holds)
        for pod in over:
            turn.decide(untracked(pod, self.name, Reason.COUNTED))
        self.decided[job.key] = status, _retries(spec, timers, tally, held, turn.now.cluster)
        return held

    def _end(self, turn: Turn, job: Job, spec: JobSpec, end: End) -> None:
        """Stop what is still at work, which is a failure unless the Job is done; with the last it is over."""
        status, timers = self.decided[job.key]
        told = ("True", end.reason, end.message)
        self.decided[job.key] = marked(status, end.target, told, turn.now), timers
        for pod in self._tally(turn, job, spec).active:
            if end.target == SUCCESS:
                self._let_go(turn, job, pod, Reason.JOB_ENDS)
            else:
                remove_pod(turn, job, pod, self.name, Reason.JOB_ENDS)
        stopped = spec._replace(waits_for_end=False, limit_per_index=None)  # no index is lost by that
        self._count(turn, job, stopped, holds=False)
        left = self._tally(turn, job, spec)
        if left.active or left.going:
            return
        status, timers = self.decided[job.key]
        kind = ENDS[end.target]
        status = marked(status, kind, told, turn.now)
        if kind == COMPLETE:
            status = {**status, "completionTime": turn.now.stamp}
            self._tell(turn, job, ("Normal", "Completed", "Job completed"))
        else:
            self._tell(turn, job, ("Warning", end.reason, end.message))
        self.decided[job.key] = status, {**timers, "finished": turn.now.cluster}

    # -- pods --------------------------------------------------------------------------------

    def _manage(self, turn: Turn, job: Job, spec: JobSpec, held: Mapping[int, Pod]) -> None:
        """Make pods that are missing, or do away with those that are too many."""
        status, timers = self.decided[job.key]
        tally = self._tally(turn, job, spec)
        done = indexes_of(status.get("completedIndexes") or "")
        idle = _idle(spec, done, tally.active) if spec.indexed else []
        wanted = spec.wanted(status.get("succeeded") or 0, len(tally.active))
        busy = [pod for pod in tally.active if pod not in idle]
        surplus = first_to_go(busy, busy)[: max(0, len(busy) - wanted)]
        for pod in [*idle, *surplus][:BURST]:
            self._let_go(turn, job, pod, Reason.TOO_MANY)
        waiting = tally.going if spec.waits_for_end else []
        missing = min(wanted - len(busy) - len(waiting), BURST)
        if missing <= 0 or timers.get(AGAIN, 0.0) > turn.now.cluster:
            return
        indexes: Sequence[int | None] = [None] * missing
        if spec.indexed:
            taken = done | {index for pod in [*busy, *waiting] if (index := index_of(pod)) is not None}
            taken |= indexes_of(status.get("failedIndexes") or "")
            free = lowest_free(taken, missing, spec.completions or 0)
            indexes = [one for one in free if timers.get(f"{AGAIN}:{one}", 0.0) <= turn.now.cluster]
        self._create(turn, job, spec, indexes, held)

    def _let_go(self, turn: Turn, job: Job, pod: Pod, reason: Reason) -> None:
        """Delete a pod that does not count."""
        if is_tracked(pod):
            turn.decide(untracked(pod, self.name, reason))
        remove_pod(turn, job, turn.world.pods[pod.key], self.name, reason)

    def _create(
        self, turn: Turn, job: Job, spec: JobSpec, indexes: Sequence[int | None], held: Mapping[int, Pod]
    ) -> None:
        known = is_account_known(turn, job.namespace, account_of(job.template))
        barred = refusal_of(job, job.template, account_known=known, classes=classes_in(turn.world))
        plain = tracked_template(PodTemplate.of(job, job.template, pod_spec(job.template, job.uid)))

        def template_of(index: int) -> PodTemplate:
            has_limit = spec.limit_per_index is not None
            more = failures_of_successor(spec, held.get(index)) if has_limit else {}
            return indexed_template(plain, f"{job.name}-{index}", index, more)

        def create(index: int | None) -> str:
            if barred:
                return barred
            base = job.name if index is None else f"{job.name}-{index}"
            template = plain if index is None else template_of(index)

            def make(name: str, uid: str) -> Manifest:
                return pod_manifest(job, template, name=name, uid=uid, now=turn.now, base=base)

            return create_pod(turn, job, make, self.name, Reason.TOO_FEW, base)

        made, refusal = in_batches(indexes, create)
        if refusal:
            tell_refused(turn, job, self.name, refusal, made)
            self.try_later(turn, job)

    # -- what to tell ------------------------------------------------------------------------

    def status_of(self, turn: Turn, owner: Workload) -> Manifest:
        """Return the status of a Job: what was counted, and the pods that stand now."""
        tally = self._tally(turn, _job(turn, owner), JobSpec.of(_job(turn, owner)))
        status, _timers = self.decided[owner.key]
        counted = {field: status[field] for field in ("succeeded", "failed") if status.get(field)}
        kept = {field: value for field, value in status.items() if field not in COUNTS}
        return {
            **kept,
            **({"active": len(tally.active)} if tally.active else {}),
            "ready": sum(pod.ready for pod in tally.active),
            "terminating": len(tally.going),
            **counted,
            "uncountedTerminatedPods": {},
        }

    def timers_of(self, _turn: Turn, owner: Workload) -> Timers:
        """Return the timers that were decided."""
        return self.decided.pop(owner.key)[1]

    def report(self, turn: Turn) -> None:
        """Write the status of every Job that was looked at."""
        super().report(turn)
        self.decided.clear()

    def _tell(self, turn: Turn, job: Job, event: tuple[str, str, str]) -> None:
        turn.tell(Job.KIND, job.manifest, self.name, event)

    def _tally(self, turn: Turn, job: Job, spec: JobSpec) -> Tally:
        return Tally.of(owned_pods(turn.world, job), waits_for_end=spec.waits_for_end)


AGAIN = "retry"
COUNTS = frozenset({"active", "ready", "terminating", "succeeded", "failed"})


def deadline_of(job: Job, timers: Timers) -> float | None:
    """Return when (cluster time) a Job has run for too long, or None."""
    seconds = job.manifest["spec"].get("activeDeadlineSeconds")
    return None if seconds is None or "started" not in timers else timers["started"] + seconds


def _retries(spec: JobSpec, timers: Timers, tally: Tally, held: Mapping[int, Pod], now: float) -> Timers:
    """Return the timers of a Job whose pods ended so: after a failure the next pod waits."""
    kept = {name: at for name, at in timers.items() if not name.startswith(f"{AGAIN}:")}
    if spec.limit_per_index is not None:
        for index, pod in held.items():
            name = f"{AGAIN}:{index}"
            kept[name] = timers.get(name, now + delay_after(sum(failures_before(pod)) + 1))
        return kept
    if tally.succeeded:
        kept = {name: at for name, at in kept.items() if name not in {"failures", AGAIN}}
    if tally.failed:
        failures = kept.get("failures", 0.0) + len(tally.failed)
        kept |= {"failures": failures, AGAIN: now + delay_after(failures)}
    return kept


def _idle(spec: JobSpec, done: set[int], active: Iterable[Pod]) -> list[Pod]:
    """Return the pods whose index is done, beyond the last, or another's."""
    idle, seen = [], set(done)
    for pod in active:
        index = index_of(pod)
        if index is None or index in seen or index >= (spec.completions or 0):
            idle.append(pod)
        else:
            seen.add(index)
    return idle


def _job(turn: Turn, owner: Workload) -> Job:
    return turn.world.all_of(Job)[owner.key]
