"""How a rollout by a plan would go: its waves with their nodes, when each begins, and when it is through.

A plan alone moves no pod, so a preview of one would tell nothing: it is tried out on what is left of a
rollout, or at rest on a restart, and as if every wave were promoted at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from controller.engine.controllers.daemonset.controller import coverage_of, coverages
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.pairs import Slot
from controller.engine.daemonset.staged.plan import AUTOMATIC, Plan
from controller.engine.daemonset.staged.status import Phase
from controller.engine.daemonset.staged.strategy import last_status, staged_strategy
from controller.engine.daemonset.staged.waves import Waves, waves_of
from controller.engine.edits.decide import Request
from controller.engine.edits.rollouts import SetPlan
from controller.engine.edits.workloads import Restart
from controller.engine.objects import Key, Moment
from controller.engine.whatif.simulation import Mark, Simulation, Step
from controller.engine.world import World

OLD = (Slot.OLD_READY, Slot.OLD_BROKEN, Slot.BOTH_WAITING, Slot.BOTH_READY)
"""What a pair with an old pod is to a rollout."""


@dataclass(frozen=True, slots=True)
class WaveCourse:
    """How a wave would go. ``nodes`` are those that it moves, ``kept`` how many keep their old pod.

    ``begins`` is when the first pod goes, ``ends`` when all that came are ready, in seconds: None if that
    did not happen while it was played out. ``is_behind``: a later wave began, or the plan was over.
    """

    name: str
    nodes: tuple[str, ...]
    kept: int
    begins: float | None
    ends: float | None
    is_behind: bool


@dataclass(frozen=True, slots=True)
class PlanCourse:
    """How a rollout by a plan would go. ``phase`` is where it stands in the end, ``wave`` at which wave.

    ``promoted``: waves that somebody is to promote were taken to be, for the edit is the plan itself;
    ``restarted``: on a restart, for nothing was to be rolled out.
    """

    owner: Key
    waves: tuple[WaveCourse, ...]
    phase: Phase
    wave: str
    promoted: bool
    restarted: bool


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What is played out of an edit, if it is a plan, in place of the edit alone.

    ``promoted``: where somebody is to promote a wave, that is taken to be done; ``restarted``: on a restart.
    """

    requests: tuple[Request, ...] = ()
    promoted: bool = False
    restarted: bool = False


def is_rolling(coverage: Coverage) -> bool:
    """Whether a set has old pods that are to be replaced."""
    return any(coverage.slots[slot] for slot in OLD)


def rehearsal(world: World, request: Request) -> Rehearsal:
    """Return how an edit is tried out that is a plan; of others nothing. Its fields may be faulty."""
    coverage = coverage_of(world, *request.key[1:]) if isinstance(request, SetPlan) else None
    if coverage is None or not isinstance(request, SetPlan):
        return Rehearsal()
    asked = SetPlan(request.key, {**request.fields, "promotion": AUTOMATIC})
    promoted = request.fields.get("promotion", AUTOMATIC) != AUTOMATIC
    if is_rolling(coverage):
        return Rehearsal((asked,), promoted)
    return Rehearsal((asked, Restart(request.key)), promoted, restarted=True)


@dataclass(frozen=True, slots=True)
class Planned:
    """A set with a plan before it is played out: its waves as they stand then."""

    uid: str
    owner: Key
    plan: Plan
    waves: Waves


def planned_in(fork: World, sets: AbstractSet[str], moment: Moment) -> Planned | None:
    """Return the set with a plan that can be read among those that an edit is about, if it is one."""
    known = coverages(fork)
    for uid in sorted(sets & known.keys()):
        staged = staged_strategy(known[uid].ds)
        if staged and staged.plan:
            coverage = known[uid].fork()
            coverage.refresh(fork.nodes, moment.cluster)
            waves = waves_of(staged.plan, coverage.pairs, fork.nodes)
            return Planned(uid, coverage.ds.key, staged.plan, waves)
    return None


def course_of(planned: Planned, run: Simulation, rehearsed: Rehearsal) -> PlanCourse:
    """Return how a plan went that was played out."""
    coverage = coverages(run.world).get(planned.uid)
    status = last_status(coverage.ds) if coverage else None
    steps = [step for step in run.watch.steps if step.owner == planned.uid]
    over = bool(status and (status.ended or status.phase is Phase.PARTITIONED))
    made: list[WaveCourse] = []
    for wave in reversed(planned.waves.order):
        nodes = tuple(planned.waves.moving(wave))
        begins, ends = _times(steps, frozenset(nodes))
        kept = len(planned.waves.nodes[wave]) - len(nodes)
        made.append(WaveCourse(wave.name(planned.plan), nodes, kept, begins, ends, over))
        over = over or begins is not None
    return PlanCourse(
        planned.owner,
        tuple(reversed(made)),
        status.phase if status else Phase.WAITING,
        status.wave if status else "",
        rehearsed.promoted,
        rehearsed.restarted,
    )


def _times(steps: Iterable[Step], nodes: AbstractSet[str]) -> tuple[float | None, float | None]:
    """Return when the first pod of some nodes goes, and when all that went have a ready one again."""
    begins, ends, lacking = None, None, set[str]()
    for step in steps:
        if step.node not in nodes:
            continue
        if step.mark is Mark.GONE:
            begins = step.at if begins is None else begins
            lacking.add(step.node)
        elif step.mark is Mark.READY:
            lacking.discard(step.node)
            ends = step.at
    return begins, None if begins is None or lacking else ends
