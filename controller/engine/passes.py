"""One pass over a cluster: its row of controllers looks at it, one after the other, and decides.

Each controller sees what those before it did, as in a cluster that is quick. When all have decided,
those that report write what then stands.
"""

from __future__ import annotations

from controller.engine.objects import Moment
from controller.engine.outcome import Names, Outcome
from controller.engine.world import Turn, World


def plan(world: World, now: Moment, names: Names) -> Outcome:
    """Run one pass. The world holds its changes afterwards, so one that is not stored must be dropped."""
    turn = Turn(world, now, names)
    world.pop_due(now.cluster)
    for controller in world.controllers:
        controller.sync(turn)
    for controller in world.controllers:
        controller.report(turn)
    turn.changes += world.events.flush()
    return Outcome(tuple(turn.changes), world.due(now.cluster), tuple(turn.lines))
