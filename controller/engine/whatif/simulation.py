"""A fork of a world goes on by itself, pass after pass, until nothing moves; meanwhile it is watched.

The clock of a fork jumps from one moment at which something is due to the next, so that an hour of
waiting costs nothing. How many passes may be spent is the caller's business: the engine has no clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.rollout import strategy_of
from controller.engine.daemonset.status import Counts
from controller.engine.objects import Moment, Pod
from controller.engine.passes import plan
from controller.engine.values import value
from controller.engine.workloads.hashes import ALPHABET
from controller.engine.world import Controller, Turn, Update, World

QUIET = 900.0
"""Seconds of cluster time after which nothing more is expected.

Longer than any back-off (300 s, of failed daemon pods 900 s) and than the 300 s for which pods stand a
node that is lost.
"""

SAMPLES = 600
"""About how many samples are kept of a set: as many as a chart has pixels."""


class Ended(StrEnum):
    """Why a simulation went on no longer."""

    AT_REST = "at-rest"
    QUIET = "quiet"
    STOPPED = "stopped"


class Sample(NamedTuple):
    """How a set stands at a moment, in seconds since the beginning: numbers of nodes, and of all its pods."""

    at: float
    desired: int
    available: int
    updated: int
    pods: int

    @property
    def unavailable(self) -> int:
        """How many of the desired nodes lack an available pod."""
        return self.desired - self.available


@dataclass(slots=True)
class Course:
    """How a set fared. ``samples`` are thinned out, the extremes are not.

    ``lowest`` is the sample with the fewest available pods, ``most_unavailable`` and ``most_pods`` are the
    largest numbers of any moment, ``budget`` is what a rollout may use of ``bound`` ("" for none).
    """

    samples: list[Sample]
    lowest: Sample
    most_unavailable: int
    most_pods: int
    bound: str
    budget: int
    _stride: float = 0.0

    @classmethod
    def of(cls, first: Sample) -> Course:
        """Return the course of a set that was just looked at for the first time."""
        return cls([first], first, first.unavailable, first.pods, "", 0)

    def add(self, sample: Sample) -> None:
        """Take one more sample into account, if it says something new."""
        last = self.samples[-1]
        if (last.desired, last.available, last.updated, last.pods) == sample[1:]:
            return
        if sample.available < self.lowest.available:
            self.lowest = sample
        self.most_unavailable = max(self.most_unavailable, sample.unavailable)
        self.most_pods = max(self.most_pods, sample.pods)
        if len(self.samples) > 1 and sample.at - self.samples[-2].at < self._stride:
            self.samples[-1] = sample
            return
        self.samples.append(sample)
        if len(self.samples) > SAMPLES:
            self._stride = 2 * (sample.at - self.samples[0].at) / SAMPLES
            del self.samples[1:-1:2]


class Mark(StrEnum):
    """What became of a pod."""

    BORN = "born"
    GONE = "gone"
    READY = "ready"
    UNREADY = "unready"


@value(frozen=True, slots=True)
class Step:
    """A pod of ``owner`` (the uid of its controller) on a node came, went, or became ready or unready."""

    at: float
    mark: Mark
    owner: str
    node: str


class Watch(Controller):
    """Watches the pods of a fork. ``gone`` are those of the beginning, ``born`` those that came and are here.

    A pod that terminates is gone, for the purposes of a rollout and of those who read of it.
    """

    name = "watch"
    kinds = frozenset({Pod.KIND})

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0
        self.moved_at = 0.0
        self.steps: list[Step] = []
        self.born: dict[str, Pod] = {}
        self.gone: dict[str, Pod] = {}
        self.balance: Counter[str] = Counter()

    def take(self, world: World, update: Update) -> None:  # noqa: ARG002 -- follows from the update
        """Note what became of a pod."""
        before = update.before if isinstance(update.before, Pod) else None
        after = update.after if isinstance(update.after, Pod) else None
        if before and (after is None or after.uid != before.uid or after.terminating):
            self._leave(before)
            self.moved_at = self.at
        if after is None or after.terminating:
            return
        if before is None or before.uid != after.uid:
            self._come(after)
            before = None
        elif after.uid in self.born:
            self.born[after.uid] = after
        if after.ready != (before is not None and before.ready):
            self._step(Mark.READY if after.ready else Mark.UNREADY, after)

    def _leave(self, pod: Pod) -> None:
        if pod.terminating:
            return
        if not self.born.pop(pod.uid, None):
            self.gone[pod.uid] = pod
        self.balance[pod.owner] -= 1
        self._step(Mark.GONE, pod)
        if pod.ready:
            self._step(Mark.UNREADY, pod)

    def _come(self, pod: Pod) -> None:
        self.born[pod.uid] = pod
        self.balance[pod.owner] += 1
        self._step(Mark.BORN, pod)

    def _step(self, mark: Mark, pod: Pod) -> None:
        self.steps.append(Step(self.at, mark, pod.owner, pod.node))
        if mark is not Mark.UNREADY and not _is_of_job(pod):
            self.moved_at = self.at

    def sync(self, turn: Turn) -> None:
        """Decide nothing."""


def _is_of_job(pod: Pod) -> bool:
    return any(ref["kind"] == "Job" for ref in pod.references)


class CountedNames:
    """Names for what exists in a fork only: longer than real ones, so that none is taken."""

    def __init__(self) -> None:
        self._count = 0

    def _next(self) -> int:
        self._count += 1
        return self._count

    def suffix(self) -> str:
        """Return eight characters."""
        number, text = self._next(), ""
        for _ in range(8):
            number, digit = divmod(number, len(ALPHABET))
            text += ALPHABET[digit]
        return text

    def uid(self) -> str:
        """Return a uid that was never used."""
        return f"what-if-{self._next()}"


@dataclass(slots=True)
class Simulation:
    """A fork that went on from a moment, and who watched it.

    It took ``elapsed`` seconds of cluster time. ``courses`` are those of the sets that were looked at, by
    uid, ``firsts`` how many pods each of these had in the beginning.
    """

    world: World
    start: Moment
    watch: Watch
    ended: Ended = Ended.STOPPED
    passes: int = 0
    elapsed: float = 0.0
    courses: dict[str, Course] = field(default_factory=dict)
    firsts: dict[str, int] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Return for how long pods came, went or became ready, in seconds of cluster time."""
        return self.watch.moved_at


def simulate(
    world: World,
    watch: Watch,
    start: Moment,
    *,
    go_on: Callable[[], bool],
    until: float | None = None,
    sets: AbstractSet[str] = frozenset(),
) -> Simulation:
    """Let a fork go on until nothing is due, nothing has moved for long, or it may not ``go_on``.

    The first pass is always made: without it there is nothing to tell.
    ``watch`` is of its row. ``until`` is how long at most, in seconds of cluster time. A course is kept of
    ``sets``, by their uids, and of each whose pods move. It tells of no kubelet's doings: nobody reads them.
    """
    run, names = Simulation(world, start, watch), CountedNames()
    world.settings = replace(world.settings, kubelet_events=False)
    patience = max([QUIET, *(2 * each.ds.min_ready_seconds for each in coverages(world).values())])
    _begin(run, sets)
    come_back: float | None = start.cluster
    while come_back is not None:
        elapsed = max(run.elapsed, come_back - start.cluster)
        if until is not None and elapsed > until:
            run.elapsed, run.ended = until, Ended.AT_REST
            return run
        if elapsed - watch.moved_at > patience:
            run.ended = Ended.QUIET
            return run
        if run.passes and not go_on():
            return run
        run.elapsed = watch.at = elapsed
        come_back = plan(world, _later(start, elapsed), names).come_back
        run.passes += 1
        _sample(run, sets | watch.balance.keys())
    run.ended = Ended.AT_REST
    return run


def _standing(coverage: Coverage) -> int:
    return sum(not pod.terminating for pods in coverage.pods.values() for pod in pods)


def _later(start: Moment, seconds: float) -> Moment:
    return Moment(start.wall + timedelta(seconds=seconds), start.cluster + seconds)


def _begin(run: Simulation, sets: AbstractSet[str]) -> None:
    """Look at the sets as they stand, before the first pass: it may be the first that ever looks at them."""
    for uid in sets & coverages(run.world).keys():
        coverage = coverages(run.world)[uid].fork()
        coverage.refresh(run.world.nodes, run.start.cluster)
        _note(run, coverage)


def _sample(run: Simulation, sets: AbstractSet[str]) -> None:
    """Look at the sets after a pass."""
    known = coverages(run.world)
    for uid in sets & known.keys():
        _note(run, known[uid])


def _note(run: Simulation, coverage: Coverage) -> None:
    uid, counts = coverage.ds.uid, Counts.of(coverage)
    course = run.courses.get(uid)
    if course is None:
        run.firsts[uid] = _standing(coverage) - run.watch.balance[uid]
    pods = run.firsts[uid] + run.watch.balance[uid]
    sample = Sample(run.elapsed, counts.desired, counts.available, counts.updated, pods)
    if course is None:
        course = run.courses[uid] = Course.of(sample)
    course.add(sample)
    strategy = strategy_of(coverage.ds)
    course.bound, course.budget = strategy.bound, strategy.budget(coverage.ds, counts.desired)
