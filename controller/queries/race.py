"""One change of a DaemonSet under one strategy, played out in memory: how long, and how few are available.

Several of these beside each other are a race. Each is asked for by itself, so that who waits sees the first
ones while the others still run.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.edits.daemonsets import SetStrategy
from controller.engine.edits.decide import Request
from controller.engine.edits.draft import Context
from controller.engine.edits.whatif import what_if
from controller.engine.edits.workloads import Restart, SetImage
from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.engine.objects import DaemonSet, Key
from controller.engine.whatif.simulation import CountedNames, Course, Ended, Sample, Watch, simulate
from controller.queries.patience import Patience
from controller.queries.source import cluster_of
from controller.queries.whatif import standing
from controller.store import worlds

PATIENCE = 6.0
"""Seconds of work that one strategy may take; what is not over then is told as such."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A strategy that takes part: its type, the two bounds as written, and minReadySeconds."""

    type: str
    max_unavailable: int | str
    max_surge: int | str
    min_ready_seconds: int


@dataclass(frozen=True, slots=True)
class Lane:
    """How a strategy fared. ``before`` is how the set stands now; ``course`` begins with that.

    ``done``: all pods are replaced and available, after ``seconds`` of cluster time. Otherwise it was
    played out for so long, and about ``left`` pods were still to be replaced or not available.
    """

    before: Sample
    course: Course
    done: bool
    seconds: float
    ended: Ended
    left: int


def race_lane(
    *,
    cluster: int,
    namespace: str,
    name: str,
    actor: str,
    entrant: Entrant,
    container: str = "",
    image: str = "",
    patience: float = PATIENCE,
) -> Lane:
    """Play out a new image of a container, or without one a restart, under a strategy.

    Raises NotFound (the set, the container), Invalid (a strategy or an image that is refused).
    """
    row, key = cluster_of(cluster), (DaemonSet.KIND, namespace, name)
    with standing(row) as (world, moment):
        ds = world.find(*key)
        if ds is None:
            raise NotFound(KINDS[DaemonSet.KIND].resource, name)
        context = Context(moment, CountedNames(), worlds.settings_of(row), actor)
        left = Patience(patience)
        fork, _ = what_if(world, _strategy(key, entrant), context)
        watch = Watch()
        fork, _ = what_if(fork, _change(key, container, image), context, watch)
        run = simulate(fork, watch, moment, go_on=left.lasts, sets={ds.uid})
        return lane_of(run.courses[ds.uid], run.ended, run.elapsed)


def _strategy(key: Key, one: Entrant) -> SetStrategy:
    return SetStrategy(key, one.type, one.max_unavailable, one.max_surge, one.min_ready_seconds)


def _change(key: Key, container: str, image: str) -> Request:
    return SetImage(key, container, image) if image else Restart(key)


def lane_of(course: Course, ended: Ended, elapsed: float) -> Lane:
    """Return how a set fared that was played out for so long."""
    last = course.samples[-1]
    left = min(last.desired, 2 * last.desired - last.updated - last.available)
    done = not left and ended is not Ended.STOPPED
    return Lane(course.samples[0], course, done, last.at if done else elapsed, ended, left)
