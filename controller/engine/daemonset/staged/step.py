"""The next step of a staged rollout: which old pods go, and what is written into the set.

Pure: all it knows are the set with its two annotations, its pairs, the nodes and the moment. Whoever
carries a decision out, in a simulated cluster or through an API, may die at any point before or after.

Invariants (asserted by property tests over generated worlds):
- an available pod is deleted only while fewer nodes than the budget are without one;
- no pod of a wave is deleted before all waves before it are updated, available and soaked, and promoted
  where the plan asks for that;
- while a plan stands the set has the strategy OnDelete, and its own comes back when the plan ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from math import inf

from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.faults import REVISIONS, fault_of, is_cut_off
from controller.engine.daemonset.pairs import UNAVAILABLE, Slot
from controller.engine.daemonset.rollout import ON_DELETE
from controller.engine.daemonset.staged.plan import UNDO, InvalidPlan, Plan
from controller.engine.daemonset.staged.status import (
    MOST_NAMED,
    PLAN_STATUS_ANNOTATION,
    PROMOTE_ANNOTATION,
    Phase,
    Status,
    Why,
)
from controller.engine.daemonset.staged.strategy import budget_of
from controller.engine.daemonset.staged.waves import Wave, Waves, first_of, is_done, wave_named, waves_of
from controller.engine.objects import (
    HASH_LABEL,
    PLAN_ANNOTATION,
    DaemonSet,
    Manifest,
    Moment,
    Node,
    Pod,
)

ACTIVE = frozenset({Phase.PROGRESSING, Phase.SOAKING, Phase.AWAITING, Phase.PARTITIONED})


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with a set. ``leave`` are the old pods that go.

    ``strategy`` and ``template`` are to be written into the spec, None leaves them as they are. ``pause``
    pauses the rollout, or lets it go on if it is False. ``ends``: the plan is to be taken away.
    ``promoted``: so is the promotion, which was used, or was given before this rollout began. ``again`` is
    the cluster time at which time alone will have changed something.
    """

    status: Status
    leave: tuple[Pod, ...] = ()
    strategy: Manifest | None = None
    template: Manifest | None = None
    pause: bool | None = None
    ends: bool = False
    promoted: bool = False
    again: float | None = None


def next_step(
    coverage: Coverage, nodes: Mapping[str, Node], templates: Mapping[str, Manifest], now: Moment
) -> Decision:
    """Return what the plan of a set comes to now; without one, how the last, which was not over, ends.

    ``coverage`` must be fresh and know the hash of the present template; ``templates`` are those of the
    set's revisions by their hashes.
    """
    ds = coverage.ds
    annotations = ds.manifest["metadata"].get("annotations") or {}
    status = Status.read(annotations.get(PLAN_STATUS_ANNOTATION) or "")
    if status is None or status.ended:
        status = Status()
    if PLAN_ANNOTATION not in annotations:
        return _ended(ds, status, Phase.CANCELED)
    try:
        plan = Plan.read(annotations[PLAN_ANNOTATION])
    except InvalidPlan as invalid:
        return Decision(replace(status, phase=Phase.INVALID, message=str(invalid)))
    return _Look(coverage, nodes, templates, now, plan).decision(_mended(status))


def _mended(status: Status) -> Status:
    """Return the status as it was before its plan was unreadable, if it was."""
    if status.phase is not Phase.INVALID:
        return status
    phase = Phase.PAUSED if status.why else Phase.PROGRESSING if status.revision else Phase.WAITING
    return replace(status, phase=phase, message="")


def _ended(ds: DaemonSet, status: Status, phase: Phase, **facts: object) -> Decision:
    """End a plan: the set's own strategy comes back, unless somebody wrote another one meanwhile."""
    own = status.strategy if ds.strategy == ON_DELETE else None
    last = replace(status, phase=phase, strategy=None, wave="", accepted=0, message="", why=None, failed=())
    return Decision(replace(last, **facts), strategy=own, ends=True)  # type: ignore[arg-type]


class _Look:
    """One look at a set with a plan."""

    def __init__(
        self,
        coverage: Coverage,
        nodes: Mapping[str, Node],
        templates: Mapping[str, Manifest],
        now: Moment,
        plan: Plan,
    ) -> None:
        self.coverage, self.nodes, self.templates, self.now, self.plan = coverage, nodes, templates, now, plan
        self.ds, self.pairs, self.hash = coverage.ds, coverage.pairs, coverage.hash
        self.own: Manifest = {}
        annotations = self.ds.manifest["metadata"].get("annotations") or {}
        self.promoted = annotations.get(PROMOTE_ANNOTATION, "").strip()

    def decision(self, status: Status) -> Decision:
        """Return what is to be done."""
        taken, rival = self._taken_over(status)
        self.own = taken.strategy or {}
        strategy = None if self.ds.strategy == ON_DELETE else {"type": ON_DELETE}
        aimed = self._aimed(taken)
        if aimed.phase in ACTIVE and rival:
            aimed = _paused(aimed, Why.STRATEGY)
        if aimed.phase is Phase.UNDONE:
            resumes = aimed.why not in {None, Why.REQUESTED}  # the plan paused it, so the plan lets it go
            done = _ended(self.ds, aimed, Phase.UNDONE, why=Why.REQUESTED)
            return replace(done, pause=False if resumes else None)
        if aimed.phase not in ACTIVE:
            pauses = aimed.phase is Phase.PAUSED and not self.ds.paused
            return Decision(aimed, strategy=strategy, pause=True if pauses else None)
        decided = self._rolled(aimed)
        return decided if decided.ends else replace(decided, strategy=strategy)

    def _taken_over(self, status: Status) -> tuple[Status, bool]:
        """Remember the set's own strategy; say whether somebody wrote one since it was taken away."""
        if status.strategy is not None and self.ds.strategy == ON_DELETE:
            return status, False
        return replace(
            status, strategy=self.ds.manifest["spec"]["updateStrategy"]
        ), status.strategy is not None

    # -- which revision goes where -------------------------------------------------------------

    def _aimed(self, status: Status) -> Status:
        """Return the status with the revision that it brings, paused if somebody wants that."""
        if status.phase in ACTIVE | {Phase.PAUSED} and status.previous and self.hash == status.previous:
            return replace(status, phase=Phase.UNDONE)
        if self.ds.paused:
            edited = bool(status.wave) and self.hash != status.revision
            return _paused(status, Why.TEMPLATE if edited else status.why or Why.REQUESTED)
        if status.phase is Phase.PAUSED:
            return self._resumed(status)
        if status.phase is Phase.WAITING:
            return self._waited(status)
        return status if self.hash == status.revision else _paused(status, Why.TEMPLATE)

    def _waited(self, status: Status) -> Status:
        if status.revision and self.hash != status.revision:
            return self._begun(status, status.revision)
        if old := self._old_revision():
            return self._begun(status, status.previous or old)
        return replace(status, revision=self.hash)

    def _resumed(self, status: Status) -> Status:
        if not status.wave:
            return self._waited(replace(status, phase=Phase.WAITING, why=None, message="", failed=()))
        if self.hash != status.revision:
            return self._begun(status, status.previous or status.revision)
        failing = len(self._failing()[0])
        return replace(status, phase=Phase.PROGRESSING, why=None, message="", failed=(), accepted=failing)

    def _begun(self, status: Status, previous: str) -> Status:
        return Status(Phase.PROGRESSING, revision=self.hash, previous=previous, strategy=status.strategy)

    def _old_revision(self) -> str:
        """Return the hash of most old pods, or "" if there are none."""
        olds = (pair.old for pair in self.pairs.values() if pair.old and pair.should_run)
        found = Counter(old.labels.get(HASH_LABEL, "") for old in olds)
        return max(found, key=lambda one: (found[one], one)) if found else ""

    # -- wave by wave --------------------------------------------------------------------------

    def _rolled(self, status: Status) -> Decision:
        failing, later = self._failing()
        status = replace(status, accepted=min(status.accepted, len(failing)))
        if self.plan.max_failures and len(failing) >= status.accepted + self.plan.max_failures:
            return self._stopped(status, failing)
        waves = waves_of(self.plan, self.pairs, self.nodes)
        begun = wave_named(self.plan, status.wave)
        wave, phase, soaks = self._reached(waves, begun, set(failing))
        if wave is None:
            if any(self.pairs[name].old for name in waves.kept):
                return Decision(replace(status, phase=Phase.PARTITIONED, message=""), again=later)
            return _ended(self.ds, status, Phase.COMPLETED)
        leaving, name = self._leaving(waves, wave), wave.name(self.plan)
        said = "" if leaving else self._held_up(waves, wave)
        if phase is Phase.AWAITING:
            said = AWAITING.format(wave=name, annotation=PROMOTE_ANNOTATION)
        moved = replace(status, phase=phase, wave=name, message=said)
        again = min((at for at in (soaks, later) if at is not None), default=None)
        return Decision(moved, leave=leaving, promoted=self._is_used(begun, wave), again=again)

    def _is_used(self, begun: Wave | None, reached: Wave) -> bool:
        """Whether what somebody promoted is behind, or was meant for another rollout: this one just began."""
        if begun is None:
            return bool(self.promoted)
        named = wave_named(self.plan, self.promoted)
        return named is not None and named < reached

    def _reached(
        self, waves: Waves, begun: Wave | None, failing: AbstractSet[str]
    ) -> tuple[Wave | None, Phase, float | None]:
        """Return the wave whose turn it is, what it does, until when it soaks; None after the last."""
        wave = first_of(self.plan, waves) if begun is None else begun
        promoted = "" if begun is None else self.promoted
        while wave is not None and self._is_through(waves, wave, failing):
            until = self._soaks_until(waves, wave)
            if until > self.now.cluster:
                return wave, Phase.SOAKING, until
            following = waves.after(wave)
            if following is None and self._candidates(waves, wave):
                break  # in an earlier wave a machine is back, with its old pod
            if following is not None and wave.waits(self.plan, promoted):
                return wave, Phase.AWAITING, None
            wave = following
        return wave, Phase.PROGRESSING, None

    def _is_through(self, waves: Waves, wave: Wave, failing: AbstractSet[str]) -> bool:
        """Whether all of a wave are updated and available, but for what may be left behind.

        That are nodes in trouble, as few as the plan lets pass, and as many silent machines as the budget.
        """
        undone = [name for name in waves.moving(wave) if not is_done(self.pairs[name], self.now.cluster)]
        silent = [name for name in undone if is_cut_off(self.nodes[name])]
        return len(silent) <= self.budget and set(undone).difference(silent) <= failing

    def _soaks_until(self, waves: Waves, wave: Wave) -> float:
        """Return until when the wave must stay as it is: counted from the last pod that became available."""
        pairs = (self.pairs[name] for name in waves.moving(wave))
        since = (pair.new_from for pair in pairs if is_done(pair, self.now.cluster))
        return max(since, default=-inf) + self.plan.soak

    @property
    def budget(self) -> int:
        """Return how many nodes may be without an available pod."""
        return budget_of(self.plan, self.own, self.coverage.desired)

    def _candidates(self, waves: Waves, wave: Wave) -> list[Pod]:
        """Return the old pods up to a wave that can be replaced, in the order of their nodes."""
        slots = self.coverage.slots
        names = slots[Slot.OLD_BROKEN] | slots[Slot.OLD_READY]
        pairs = (self.pairs[name] for name in waves.upto(wave) if name in names)
        pairs = (pair for pair in pairs if pair.should_run and not is_cut_off(self.nodes[pair.node]))
        return [pair.old for pair in pairs if pair.old]

    def _leaving(self, waves: Waves, wave: Wave) -> tuple[Pod, ...]:
        """Return the old pods that go: broken ones whatever is left of the budget."""
        slots = self.coverage.slots
        used = sum(len(slots[slot]) for slot in UNAVAILABLE)
        pods = self._candidates(waves, wave)
        broken = [pod for pod in pods if pod.node in slots[Slot.OLD_BROKEN]]
        ready = [pod for pod in pods if pod.node in slots[Slot.OLD_READY]]
        return tuple(broken + ready[: max(0, self.budget - used)])

    def _held_up(self, waves: Waves, wave: Wave) -> str:
        """Say which broken old pods use the budget up though it is not their turn, or ""."""
        others = sorted(self.coverage.slots[Slot.OLD_BROKEN].difference(waves.upto(wave)))
        if len(others) < self.budget or not self._candidates(waves, wave):
            return ""
        return HELD_UP.format(nodes=", ".join(others[:MOST_NAMED]), n=len(others))

    # -- trouble -------------------------------------------------------------------------------

    def _failing(self) -> tuple[list[str], float | None]:
        """Return the nodes that speak against the revision, and when the next one may."""
        slots, refused = self.coverage.slots, bool(self.coverage.refusal)
        failing, deadlines = [], []
        for name in sorted(self.nodes.keys() & {node for slot in UNAVAILABLE for node in slots[slot]}):
            pair, node = self.pairs[name], self.nodes[name]
            fault = fault_of(pair, node, self.now, refused=refused, deadline=self.plan.deadline)
            if fault in REVISIONS:
                failing.append(name)
            elif pair.new and not pair.new.ready and self.plan.deadline:
                deadlines.append(pair.new.timers.get("born", self.now.cluster) + self.plan.deadline)
        return failing, min(deadlines, default=None)

    def _stopped(self, status: Status, failing: list[str]) -> Decision:
        """Stop before more nodes are in trouble: pause, or go back if there is something to go back to."""
        named = tuple(failing[:MOST_NAMED])
        template = self.templates.get(status.previous)
        if self.plan.on_failure == UNDO and template is not None:
            undone = _ended(self.ds, status, Phase.UNDONE, why=Why.FAILURES, failed=named)
            return replace(undone, template=template)
        return Decision(_paused(replace(status, failed=named), Why.FAILURES), pause=True)


def _paused(status: Status, why: Why) -> Status:
    return replace(status, phase=Phase.PAUSED, why=why, message=MESSAGES[why])


HELD_UP = (
    "the budget is used up by {n} old pods that are not available and whose turn it is not ({nodes}): "
    "delete them by hand, or raise maxUnavailable"
)
AWAITING = "all pods of the wave {wave} are available; to go on, annotate the set with '{annotation}={wave}'"
MESSAGES = {
    Why.REQUESTED: "somebody paused the rollout",
    Why.FAILURES: "nodes are in trouble with the new revision; look at failedNodes, then resume or undo",
    Why.TEMPLATE: "the template was edited during the rollout; resume to begin anew with it, or undo",
    Why.STRATEGY: "the update strategy was edited during the rollout; it is kept for the end",
}
"""What is said beside the reason, in the annotation and in an event."""
