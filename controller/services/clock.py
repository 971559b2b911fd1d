"""The clock of a cluster: pause it, let it run at any speed, or step from one pass to the next."""

from __future__ import annotations

import time

from controller import models
from controller.engine.admission import field_errors, grammar
from controller.engine.errors import Busy, Invalid, NotFound, NotPaused
from controller.engine.objects import Moment
from controller.services import passes
from controller.services.edits import Edit, editing, in_turn
from controller.store import clocks, holders, leases
from controller.store.leases import Held

SLOWEST, FASTEST = 0.1, 100.0
LOOKS = 10
"""How many passes that decide nothing a step may skip."""

TRIES = 20
"""How often a step is planned anew because others write at the same time."""

TIMEOUT = leases.SECONDS + 3.0
"""Seconds that a step waits for a pass that still runs, or for the lease of one that died."""


def clock_pause(*, cluster: int, actor: str) -> None:
    """Let a cluster's time stand still: edits are kept, and nothing follows from them yet.

    Raises NotFound.
    """
    with editing(cluster=cluster, actor=actor) as edit:
        if _set_paused(edit, paused=True):
            edit.note("clock_pause", edit.row.name)


def clock_resume(*, cluster: int, actor: str) -> None:
    """Let a cluster's time go on from where it stood. Raises NotFound."""
    with editing(cluster=cluster, actor=actor) as edit:
        if _set_paused(edit, paused=False):
            edit.note("clock_resume", edit.row.name)


def clock_speed(*, cluster: int, actor: str, speed: float) -> None:
    """Let so many seconds of cluster time pass in one second. Raises NotFound, Invalid (0.1 to 100)."""
    with editing(cluster=cluster, actor=actor) as edit:
        name = edit.row.name
        if not SLOWEST <= speed <= FASTEST:
            outside = grammar.outside(SLOWEST, FASTEST)
            raise Invalid("Cluster", name, [field_errors.invalid("speed", speed, outside)])
        clocks.anchor(edit.row, edit.opened.now.timestamp())
        edit.note("clock_speed", name, before=edit.row.speed, after=speed)
        edit.row.speed = speed


def clock_step(*, cluster: int, actor: str) -> models.Pass:
    """Jump to the moment at which something is to be done, make one pass, and stay paused.

    If nothing is ever to be done the clock stays where it is, and the pass says what was seen.
    Raises NotFound, Busy if no turn is to be had, NotPaused if it was resumed meanwhile.
    """
    with editing(cluster=cluster, actor=actor) as edit:
        _set_paused(edit, paused=True)
        edit.note("clock_step", edit.row.name)
    with in_turn():
        held = _wait_for_lease(cluster)
        with leases.kept(held):
            return _step(held)


def _set_paused(edit: Edit, *, paused: bool) -> bool:
    if edit.row.paused is paused:
        return False
    clocks.anchor(edit.row, edit.opened.now.timestamp())
    edit.row.paused = paused
    return True


def _wait_for_lease(cluster: int) -> Held:
    owner = holders.holder()
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        held = leases.acquire(cluster, owner)
        if held:
            return held
        time.sleep(0.01)
    raise Busy


def _step(held: Held) -> models.Pass:
    """Make passes until one decides something: controllers that only see their own work are no step."""
    for _ in range(LOOKS):
        made = _pass(held)
        if made.first <= made.last or models.Cluster.objects.get(pk=held.cluster).due is None:
            return made
        made.delete()
    return _pass(held)


def _pass(held: Held) -> models.Pass:
    for _ in range(TRIES):
        row = models.Cluster.objects.filter(pk=held.cluster).first()
        if row is None:
            raise NotFound("clusters", str(held.cluster))
        if not row.paused:
            raise NotPaused(row.name)
        now = clocks.moment_of(row, time.time())
        later = row.due if row.due is not None and row.number == row.planned else now.cluster
        try:
            made = passes.one_pass(row, held, Moment(now.wall, max(now.cluster, later)), step=True)
        except passes.StalePlan:
            continue
        except (passes.ReconcileError, leases.Lost) as error:
            raise Busy from error
        if made:
            return made
    raise Busy
