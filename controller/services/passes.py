"""Passes: the engine looks at a cluster, and what it decides is committed in one transaction.

A pass plans without holding any lock, on a world that may be outrun: the commit looks at what others
wrote meanwhile. Whoever dies half way leaves nothing behind but a lease that runs out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from django.db import IntegrityError

from controller import models, wakeups
from controller.engine.changes import Change, Verb
from controller.engine.differences import differences
from controller.engine.errors import Busy, NotFound
from controller.engine.objects import DaemonSet, Key, Manifest, Moment, Pod
from controller.engine.outcome import Outcome
from controller.engine.passes import plan
from controller.engine.world import World
from controller.metrics import count_pass
from controller.modes import Capability, Mode
from controller.services import resets, staging
from controller.services.edits import announce
from controller.services.names import NAMES
from controller.store import leases, log, rows, worlds
from controller.store.clocks import moment_of, needs_reconcile
from controller.store.leases import Held
from controller.store.log import Entry
from controller.store.rows import Packed
from controller.store.writes import Writing, writing

TURN = 0.5
"""Seconds after which a cluster makes room for the others that wait for a worker."""

MANY = 1_000
"""Changes that may take a good part of a lease to write: it is extended after them as well."""

CHECK_EVERY = 60.0
"""Seconds between two comparisons of a warm world with one that is loaded anew, at least."""

CHECK_SHARE = 0.01
"""The part of its time that a cluster spends on comparisons at most: to load a large world takes seconds."""

BACK_OFF = 5.0
"""Wall seconds that a cluster rests after its pass raised an error."""

logger = logging.getLogger(__name__)
_checked: WeakKeyDictionary[World, tuple[float, float]] = WeakKeyDictionary()
"""When a warm world was compared (monotonic seconds) and how long that took; forgotten with the world."""


class StalePlan(Exception):
    """Somebody wrote meanwhile what the pass also writes, so it was planned on what no longer is."""


class ReconcileError(Exception):
    """The engine raised an error: a fault of the program, not of the cluster."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a pass decided at a moment, on the world at change ``seen``, and the ``pods`` of that world."""

    outcome: Outcome
    moment: Moment
    seen: int
    pods: Mapping[Key, Pod]


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of a plan: its row if it decided something, and the changes as they were written.

    ``written`` are the objects as the database has them. ``interim`` is what others wrote since it was
    planned, ``rebased`` those changes that were written onto it.
    """

    made: models.Pass | None
    changes: tuple[Change, ...]
    interim: tuple[Entry, ...]
    rebased: tuple[Change, ...]
    written: Mapping[Key, Packed]


def cluster_pass(*, cluster: int, owner: str) -> None:
    """Make passes over a cluster until there is nothing to do now, or its turn is over.

    Does nothing while another makes them: that one looks again after it has let go.
    """
    alone = taken = False
    try:
        with worlds.warm.alone(cluster) as alone:
            taken = alone and _take_turn(cluster, owner)
    finally:
        if alone:
            # Not earlier: a pass need not wait for Redis, what is edited meanwhile is found below, and
            # who is waked from now on is not turned away.
            wakeups.answered(wakeups.PASS, cluster)
    row = rows.cluster_row(cluster) if taken else None
    if row and not row.paused and needs_reconcile(row, time.time()):
        wakeups.wake(cluster)


def worlds_forget() -> None:
    """Forget the worlds of clusters that are gone; every worker calls it now and then."""
    worlds.warm.forget_all_but(set(models.Cluster.objects.values_list("pk", flat=True)))


def _take_turn(cluster: int, owner: str) -> bool:
    """Make passes under the lease; return False if there is none to be had, or nothing to do."""
    if not _is_warm(cluster):
        return False
    held = leases.acquire(cluster, owner)
    if held is None:
        return False
    with leases.kept(held):
        _make_passes(held)
    return True


def _is_warm(cluster: int) -> bool:
    """Load a cluster's world if it is needed, and return whether the lease is worth taking.

    That may take seconds, so nobody is kept out meanwhile: a worker whose world is warm goes first.
    """
    if cluster in worlds.warm:
        return True
    row = rows.cluster_row(cluster)
    if row is not None and row.resetting:
        return True  # what stands is of no use
    if row is None or row.paused or not needs_reconcile(row, time.time()) or not leases.is_free(cluster):
        return False
    try:
        worlds.warm.put(cluster, worlds.warm.take(row))
    except NotFound:
        return False
    return True


def _make_passes(held: Held) -> None:
    end = time.monotonic() + TURN
    while time.monotonic() < end:
        row = rows.cluster_row(held.cluster)
        wall = time.time()
        if row is not None and row.resetting:
            resets.carry_out(held)
            return
        if row is None or row.paused or not needs_reconcile(row, wall):
            return
        if not _counted_pass(row, held, moment_of(row, wall)):
            return


def _counted_pass(row: models.Cluster, held: Held, moment: Moment) -> bool:
    """Make one pass and count it; return whether the next may follow."""
    began, outcome = time.monotonic(), "committed"
    try:
        if Capability.RECONCILE in Mode(row.mode).capabilities:
            one_pass(row, held, moment)
        else:
            staging.look(row, held, moment)
    except StalePlan:
        outcome = "stale"
    except (ReconcileError, staging.Failed, leases.Lost, NotFound, Busy):
        outcome = "failed"
    count_pass(outcome, time.monotonic() - began)
    return outcome != "failed"


def one_pass(row: models.Cluster, held: Held, moment: Moment, *, step: bool = False) -> models.Pass | None:
    """Make one pass over a cluster at a moment, and return its row if it decided something.

    A ``step`` moves the clock of a paused cluster to the moment and always leaves a row. Raises
    StalePlan (plan anew), ReconcileError (the error is logged and the cluster rests), Lost, NotFound.
    """
    world = worlds.warm.take(row)
    planned = Planned(_decide(world, held, moment), moment, world.number, world.pods)
    try:
        done = _commit(held, planned, step=step)
    except IntegrityError as error:
        raise StalePlan from error
    _pack(world, done.written)
    for change in (*(entry.change for entry in done.interim), *done.rebased):
        world.apply(change)
    world.number = planned.seen + len(done.interim) + len(done.changes)
    if not _is_at_rest(planned) or _is_right(world, row, moment):
        worlds.warm.put(row.pk, world)
    return done.made


def _pack(world: World, written: Mapping[Key, Packed]) -> None:
    """Let the pods of a pass that came to rest be kept as they were just written."""
    pods = world.pods
    for key, packed in written.items():
        if key[0] == Pod.KIND and (pod := pods.get(key)):
            worlds.pack(pod, packed)


def _decide(world: World, held: Held, moment: Moment) -> Outcome:
    try:
        return plan(world, moment, NAMES)
    except Exception as error:
        logger.exception("The pass over cluster %s at change %s failed", held.cluster, world.number)
        _rest(held, world.number, moment)
        raise ReconcileError from error


def _rest(held: Held, seen: int, moment: Moment) -> None:
    with writing(held.cluster) as opened:
        leases.extend(held)
        opened.row.planned = seen
        opened.row.due = moment.cluster + BACK_OFF * opened.row.speed


def _commit(held: Held, planned: Planned, *, step: bool) -> Committed:
    """Write an outcome under the fence."""
    with writing(held.cluster) as opened:
        row = opened.row
        leases.extend(held)
        interim = log.since(row.pk, planned.seen, newest=row.number) if row.number > planned.seen else []
        if row.paused is not step:
            raise StalePlan
        changes, rebased = _rebase(planned.outcome.changes, interim)
        made = _pass_row(opened, planned) if changes or step else None
        written = opened.put(changes, planned.pods)
        row.planned = planned.seen if interim else row.number
        row.due = planned.outcome.come_back
        if step:
            row.anchor_cluster, row.anchor_wall = planned.moment.cluster, opened.now.timestamp()
        if made:
            rows.insert(made)
            announce(row, made.first - 1, wake=False)
        if len(changes) > MANY:
            leases.extend(held)
        return Committed(made, changes, tuple(interim), rebased, written)


def _rebase(
    changes: tuple[Change, ...], interim: Sequence[Entry]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Write the changes onto what others wrote meanwhile; return all, and those that are others now.

    Raises StalePlan if somebody wrote an object that was decided on.
    """
    if not interim:
        return changes, ()
    theirs = {entry.change.key: entry.change for entry in interim}
    if not theirs.keys() & {change.key for change in changes}:
        return changes, ()
    moved = {
        at: _status_onto(theirs[change.key], change)
        for at, change in enumerate(changes)
        if change.key in theirs
    }
    return tuple(moved.get(at, change) for at, change in enumerate(changes)), tuple(moved.values())


def _status_onto(theirs: Change, ours: Change) -> Change:
    """Write the status of a set onto a version whose fields are the same, as its subresource would be.

    An edit of labels of its own or of managed fields is no reason to plan anew. Raises StalePlan.
    """
    if ours.kind != DaemonSet.KIND or {theirs.verb, ours.verb} != {Verb.MODIFIED}:
        raise StalePlan
    if _rules(theirs.manifest) != _rules(ours.manifest):
        raise StalePlan
    return replace(ours, manifest={**theirs.manifest, "status": ours.manifest.get("status") or {}})


def _rules(manifest: Manifest) -> DaemonSet:
    """Return what the controller goes by in a set."""
    return DaemonSet.read({**manifest, "status": {}, "metadata": _placed(manifest["metadata"])}, {})


def _placed(meta: Manifest) -> Manifest:
    return {
        key: value for key, value in meta.items() if key not in {"resourceVersion", "managedFields", "labels"}
    }


def _pass_row(opened: Writing, planned: Planned) -> models.Pass:
    changes = planned.outcome.changes
    verbs = [change.verb for change in changes if change.kind == "Pod"]
    return models.Pass(
        cluster_id=opened.row.pk,
        first=opened.number + 1,
        last=opened.number + len(changes),
        at=opened.now,
        cluster_time=planned.moment.cluster,
        lines=[
            {"actor": line.actor, "about": line.about, "code": line.code, "facts": line.facts}
            for line in planned.outcome.lines
        ],
        creations=verbs.count(Verb.ADDED),
        deletions=verbs.count(Verb.DELETED),
    )


def _is_at_rest(planned: Planned) -> bool:
    """Say whether the next pass has time: who compares holds it up, for seconds if the cluster is large."""
    back = planned.outcome.come_back
    return back is None or back > planned.moment.cluster


def _is_right(world: World, row: models.Cluster, moment: Moment) -> bool:
    """Compare, once in a while, what a world keeps up to date with one that is loaded anew."""
    began = time.monotonic()
    last, took = _checked.setdefault(world, (began, 0.0))
    if began - last < max(CHECK_EVERY, took / CHECK_SHARE):
        return True
    fresh = worlds.load(row.pk, world.settings)
    # If somebody wrote meanwhile, they may differ: another time.
    wrong = differences(world, fresh, moment) if fresh.number == world.number else []
    ended = time.monotonic()
    _checked[world] = (ended, ended - began)
    for difference in wrong:
        logger.error("The world of cluster %s at change %s was wrong: %s", row, world.number, difference)
    return not wrong
