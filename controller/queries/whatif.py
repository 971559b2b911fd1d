"""What would come of an edit that somebody thinks about: it is played out in memory, nothing is written."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import inf

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.edits.decide import Request
from controller.engine.edits.draft import PAGES, Client, Context, Decision, Fact
from controller.engine.edits.whatif import what_if
from controller.engine.objects import DaemonSet, Key, Manifest, Moment
from controller.engine.passes import plan
from controller.engine.reasons import Reason
from controller.engine.whatif.effects import Effect, effects
from controller.engine.whatif.simulation import CountedNames, Ended, Simulation, Watch, simulate
from controller.engine.whatif.warnings import Warning, warnings  # noqa: A004 -- see there
from controller.engine.world import World
from controller.queries.audit import AuditLine, audit_line
from controller.queries.patience import Patience
from controller.queries.plans import PlanCourse, Rehearsal, course_of, planned_in, rehearsal
from controller.queries.source import cluster_of
from controller.store import clocks, worlds
from controller.store.forks import forks
from controller.store.objects import RowObjects

PATIENCE = 3.0
"""Seconds of work for what follows from an edit; the rest is told as not played out."""

PLAN_PATIENCE = 10.0
"""The same for a plan, of which the later waves are to be seen, too."""

SHARE = 0.6
"""How much of that is for the edit, where other things are under way: the rest is for what they come to."""

FIRST_PASSES = 4
"""How many passes over a world that was just loaded are made for all of its forks, at most."""

LISTED = 20
"""How many of the things that were done since are told."""


MOST_WRITES = 20
"""So many of the objects that an edit writes are told whole."""


@dataclass(frozen=True, slots=True)
class Write:
    """An object as it stands and as the edit would store it; None if it is not there."""

    key: Key
    before: Manifest | None
    after: Manifest | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of an edit of a cluster as it stood after change ``number``.

    ``facts`` tell the edit itself as the audit list would, ``changed`` is how many objects it writes, and
    ``writes`` are the first of them.
    ``seconds`` is for how long pods would come, go or become ready, ``elapsed`` for how long it was played
    out, both of cluster time; ``ended`` says why no longer. ``busy``: other things are under way, and are
    not told of; ``apart`` is for how long these were followed, infinity if to their end. ``paused``: the
    clock stands, so nothing follows before it is resumed. ``plan`` is how a rollout by a plan goes, where
    the edit is about a set that has one. ``digest`` is the same for all previews that tell of the same pods.
    """

    number: int
    facts: tuple[Fact, ...]
    changed: int
    writes: tuple[Write, ...]
    effects: tuple[Effect, ...]
    warnings: tuple[Warning, ...]
    seconds: float
    elapsed: float
    ended: Ended
    busy: bool
    apart: float
    paused: bool
    plan: PlanCourse | None

    @property
    def nodes(self) -> frozenset[str]:
        """Return the nodes on which a pod comes or goes."""
        return frozenset[str]().union(*(one.nodes for one in self.effects))

    @property
    def digest(self) -> str:
        """Return a few characters that stand for what becomes of which pods."""
        told = [
            [one.owner, one.gains, one.loses, sorted({*one.replaces, *one.waits})] for one in self.effects
        ]
        risks = sorted((one.risk, one.owner) for one in self.warnings)
        return hashlib.sha256(json.dumps([told, risks]).encode()).hexdigest()[:16]


def preview(
    *,
    cluster: int,
    request: Request,
    actor: str,
    client: Client = PAGES,
    patience: float | None = None,
) -> Preview:
    """Return what would come of a request, played out for some seconds of work.

    Raises Refused: whatever the request itself would raise.
    """
    row = cluster_of(cluster)
    with standing(row) as (world, moment):
        context = Context(moment, CountedNames(), worlds.settings_of(row), actor, client)
        watch, rehearsed = Watch(), rehearsal(world, request)
        if patience is None:
            patience = PLAN_PATIENCE if rehearsed.requests else PATIENCE
        left = Patience(patience)
        share = 1.0 if world.due(moment.cluster) is None else SHARE
        fork, decision = _carried_out(world, request, context, watch, (row, rehearsed))
        sets = frozenset(_sets(decision.changes))
        planned = planned_in(fork, sets, moment)
        run = simulate(fork, watch, moment, go_on=lambda: left.lasts(share), sets=sets)
        without = _without(world, moment, run, left)
        told = effects(world, run, without, sets)
        return Preview(
            number=world.number,
            facts=decision.facts,
            changed=len(decision.changes),
            writes=_writes(world, decision.changes),
            effects=told,
            warnings=warnings(world, run, told),
            seconds=run.seconds,
            elapsed=run.elapsed,
            ended=run.ended,
            busy=without is not None,
            apart=without.elapsed if without and without.ended is Ended.STOPPED else inf,
            paused=row.paused,
            plan=course_of(planned, run, rehearsed) if planned else None,
        )


def _carried_out(
    world: World,
    request: Request,
    context: Context,
    watch: Watch,
    how: tuple[models.Cluster, Rehearsal],
) -> tuple[World, Decision]:
    """Return a fork in which a request was carried out, and what that came to.

    A plan is tried out as it is meant, not as it would lie there until the next rollout.
    """
    row, rehearsed = how
    if not rehearsed.requests:
        return what_if(world, request, context, watch, past=RowObjects(row.pk).at)
    _, decision = what_if(world, request, context, past=RowObjects(row.pk).at)
    for one in rehearsed.requests:
        world, _ = what_if(world, one, context)
    return world.fork(watch), decision


def since(cluster: int, number: int) -> tuple[AuditLine, ...]:
    """Return what people did to a cluster after a change, newest first."""
    rows = models.AuditEntry.objects.filter(cluster=cluster, number__gt=number).order_by("-id")
    return tuple(audit_line(row) for row in rows[:LISTED])


@contextmanager
def standing(row: models.Cluster) -> Iterator[tuple[World, Moment]]:
    """Lend the world of a cluster to be forked, and the moment at which it is like that. Raises NotFound."""
    with forks.lend(row, partial(_rested, row)) as world:
        yield world, clocks.moment_of(row, time.time())


def ahead(*, cluster: int) -> float:
    """Return how much of what previews of a cluster are made from is loaded, 0 to 1; if nothing, begin to.

    Raises NotFound.
    """
    row = cluster_of(cluster)
    return forks.ahead(row, partial(_rested, row))


def _rested(row: models.Cluster, world: World) -> World:
    """Return a world whose next pass has little to look at.

    One that was just loaded has everything to look at, and so would each of its forks. A pass that decides
    nothing takes that from all of them. So does one that only makes what every cluster has by itself where
    nobody mirrors that.
    """
    moment = clocks.moment_of(row, time.time())
    for _ in range(FIRST_PASSES):
        if world.due(moment.cluster) != moment.cluster:
            break
        looked = world.fork()
        made = plan(looked, moment, CountedNames()).changes
        if any(not world.settings.mirrored or change.reason != Reason.BUILTIN for change in made):
            break
        world = looked
    return world


def _without(world: World, moment: Moment, run: Simulation, patience: Patience) -> Simulation | None:
    """Play out what happens by itself, if anything is due while an edit is played out."""
    due = world.due(moment.cluster)
    if due is None or due - moment.cluster > run.elapsed:
        return None
    watch = Watch()
    fork = world.fork(watch)
    until = run.elapsed if run.ended is Ended.STOPPED else None
    return simulate(fork, watch, moment, go_on=patience.lasts, until=until)


def _writes(world: World, changes: Iterable[Change]) -> tuple[Write, ...]:
    """Return the objects that changes write, each once, however often it is written."""
    after: dict[Key, Manifest | None] = {}
    for change in changes:
        if change.key in after or len(after) < MOST_WRITES:
            after[change.key] = None if change.verb is Verb.DELETED else change.manifest
    standing = {key: world.find(*key) for key in after}
    return tuple(Write(key, found.manifest if found else None, after[key]) for key, found in standing.items())


def _sets(changes: Iterable[Change]) -> Iterator[str]:
    """Return the uids of the sets that changes are about."""
    for change in changes:
        if change.kind == DaemonSet.KIND and change.verb is not Verb.DELETED:
            yield change.manifest["metadata"]["uid"]
