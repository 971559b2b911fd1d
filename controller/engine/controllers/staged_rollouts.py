"""Carries out the plans of staged rollouts: deletes old pods wave by wave, and writes into the sets.

It comes before the DaemonSet controller in a pass, so that it sees a pod that failed before that
one takes it away, and the strategy is another before anything is replaced by it.
"""

from __future__ import annotations

from controller.engine.changes import Change, Verb
from controller.engine.controllers.daemonset import sync
from controller.engine.controllers.daemonset.controller import DaemonSets, revisions_of
from controller.engine.controllers.podcontrol import remove_pod
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.staged.status import (
    MANAGER_ANNOTATION,
    PLAN_STATUS_ANNOTATION,
    PROMOTE_ANNOTATION,
    Phase,
    Status,
)
from controller.engine.daemonset.staged.step import Decision, next_step
from controller.engine.objects import (
    GENERATION_ANNOTATION,
    PAUSED_ANNOTATION,
    PLAN_ANNOTATION,
    DaemonSet,
    Manifest,
    Node,
)
from controller.engine.reasons import Reason
from controller.engine.world import Controller, Turn, Update, World

TROUBLE = frozenset({Phase.PAUSED, Phase.INVALID, Phase.UNDONE})
"""The phases that are told as a warning."""


class StagedRollouts(Controller):
    """Queues uids of sets with a plan, or with the status of one.

    ``planned`` are all of them; ``again`` is when each is to be looked at though nothing changed.
    """

    name = "staged-rollouts"
    kinds = frozenset({DaemonSet.KIND, Node.KIND})

    def __init__(self) -> None:
        super().__init__()
        self.queue: set[str] = set()
        self.planned: set[str] = set()
        self.again: dict[str, float] = {}

    def take(self, world: World, update: Update) -> None:
        """Queue a set that has a plan; all of them when a machine came, went or changed."""
        before, after = update.before, update.after
        if update.key[0] == Node.KIND:
            self.queue |= self.planned
            return
        if before and update.replaced:
            self._forget(before.uid)
        if isinstance(after, DaemonSet):
            if is_planned(after, world.settings.manager):
                self.planned.add(after.uid)
                self.queue.add(after.uid)
            else:
                self._forget(after.uid)

    def _forget(self, uid: str) -> None:
        self.planned.discard(uid)
        self.queue.discard(uid)
        self.again.pop(uid, None)

    def awaits(self, world: World, at: float, item: str) -> bool:  # noqa: ARG002 -- as all controllers have it
        """Whether it is the latest moment that was noted for a set."""
        return self.again.get(item) == at

    def sync(self, turn: Turn) -> None:
        """Let each set with a plan that changed, or whose pods did, take its next step."""
        if not self.planned:
            return
        queue, self.queue = self.queue, set()
        for sets in (one for one in turn.world.controllers if isinstance(one, DaemonSets)):
            due = self.planned & (queue | sets.queue)
            for coverage in sorted((sets.coverages[uid] for uid in due), key=lambda one: one.ds.key):
                if not coverage.ds.deleting:
                    self._step(turn, coverage)

    def _step(self, turn: Turn, coverage: Coverage) -> None:
        uid = coverage.ds.uid
        if not coverage.hash:
            self.queue.add(uid)  # the DaemonSet controller is about to find the revision of its template
            return
        sync.refresh(turn, coverage)
        templates = {one.hash: one.template for one in revisions_of(turn.world, uid)}
        decision = next_step(coverage, turn.world.nodes, templates, turn.now)
        for pod in decision.leave[: sync.BURST]:
            remove_pod(turn, coverage.ds, pod, self.name, Reason.WAVE)
        self._schedule(turn, uid, decision.again)
        self._write(turn, coverage.ds, decision)

    def _schedule(self, turn: Turn, uid: str, again: float | None) -> None:
        if again is None or again <= turn.now.cluster:
            self.again.pop(uid, None)
        elif self.again.get(uid) != again:
            self.again[uid] = again
            turn.world.schedule(again, self.name, uid)

    def _write(self, turn: Turn, ds: DaemonSet, decision: Decision) -> None:
        manifest = rewritten(ds, decision)
        if manifest == ds.manifest:
            return
        reason = Reason.PLAN_UNDOES if decision.template is not None else Reason.PLAN_MOVES
        turn.decide(Change(Verb.MODIFIED, DaemonSet.KIND, manifest, self.name, reason, ds.timers))
        before = Status.read(annotations_of(ds.manifest).get(PLAN_STATUS_ANNOTATION) or "") or Status()
        if event := event_of(before, decision.status):
            turn.tell(DaemonSet.KIND, manifest, self.name, event)


def is_planned(ds: DaemonSet, manager: str) -> bool:
    """Whether a set has a plan, or had one that is not over, that is for a manager to carry out."""
    return manager_in(ds) in {"", manager} and bears_plan(ds)


def manager_in(ds: DaemonSet) -> str:
    """Return who carries out the plan of a set in a real cluster, "" if nobody says so yet."""
    return annotations_of(ds.manifest).get(MANAGER_ANNOTATION, "")


def bears_plan(ds: DaemonSet) -> bool:
    """Whether a set has a plan, or had one that is not over."""
    if ds.staged:
        return True
    status = Status.read(annotations_of(ds.manifest).get(PLAN_STATUS_ANNOTATION) or "")
    return status is not None and not status.ended


def annotations_of(manifest: Manifest) -> dict[str, str]:
    """Return the annotations of an object."""
    return manifest["metadata"].get("annotations") or {}


def rewritten(ds: DaemonSet, decision: Decision, manager: str = "") -> Manifest:
    """Return a set with what was decided written into it; generations count as they do for people.

    A ``manager`` puts its name on the set for as long as the plan stands.
    """
    annotations = {**annotations_of(ds.manifest), PLAN_STATUS_ANNOTATION: decision.status.text()}
    if manager:
        annotations[MANAGER_ANNOTATION] = manager
    if decision.pause:
        annotations[PAUSED_ANNOTATION] = "true"
    elif decision.pause is False:
        annotations.pop(PAUSED_ANNOTATION, None)
    if decision.ends:
        annotations.pop(PLAN_ANNOTATION, None)
        annotations.pop(MANAGER_ANNOTATION, None)
    if decision.ends or decision.promoted:
        annotations.pop(PROMOTE_ANNOTATION, None)
    spec = ds.manifest["spec"]
    strategy = spec["updateStrategy"] if decision.strategy is None else decision.strategy
    template = spec["template"] if decision.template is None else decision.template
    wanted = {**spec, "updateStrategy": strategy, "template": template}
    meta = {**ds.manifest["metadata"], "annotations": annotations}
    if wanted != spec:
        meta["generation"] = ds.generation + 1
    if template != spec["template"]:
        annotations[GENERATION_ANNOTATION] = str(int(ds.template_generation or 0) + 1)
    return {**ds.manifest, "metadata": meta, "spec": wanted}


def event_of(before: Status, after: Status) -> tuple[str, str, str] | None:
    """Return the event that tells how a plan went on: (type, reason, message); None if it did not."""
    if before.place == after.place:
        return None
    kind = "Warning" if after.phase in TROUBLE else "Normal"
    where = f" in wave {after.wave}" if after.wave else ""
    failed = f" ({', '.join(after.failed)})" if after.failed else ""
    said = f": {after.message}" if after.message else f": {after.why}" if after.why else ""
    return (kind, f"Rollout{after.phase}", f"Staged rollout is {after.phase}{where}{said}{failed}")
