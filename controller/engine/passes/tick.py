"""The order of a pass. Each controller sees what those before it did, as in a cluster that is quick."""

from __future__ import annotations

from controller.engine.objects import Moment
from controller.engine.outcome import Names, Outcome
from controller.engine.passes import daemonsets, garbage, kubelets, lifecycle, scheduling
from controller.engine.passes.turn import Turn
from controller.engine.world import World


def plan(world: World, now: Moment, names: Names) -> Outcome:
    """Run one pass. The world holds its changes afterwards, so one that is not stored must be dropped."""
    turn = Turn(world, now, names)
    world.wake(now.cluster)
    lifecycle.tend_nodes(turn)
    kubelets.tend_pods(turn)
    garbage.collect(turn)
    daemonsets.tend_sets(turn)
    lifecycle.evict(turn)
    scheduling.bind_pods(turn)
    daemonsets.report(turn)
    for change in world.events.flush():
        turn.changes.append(change)
    return Outcome(tuple(turn.changes), world.due(now.cluster), tuple(turn.lines))
