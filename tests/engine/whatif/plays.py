"""Clusters that are played, and edits that are tried out in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from controller.engine.edits.decide import Request
from controller.engine.edits.draft import Context
from controller.engine.edits.whatif import what_if
from controller.engine.settings import Settings
from controller.engine.whatif.effects import Effect, effects
from controller.engine.whatif.simulation import Simulation, Watch, simulate
from controller.engine.whatif.warnings import Warning, warnings  # noqa: A004 -- see there
from tests.engine.play import Play, set_manifest

SLOW = Settings(start_delay=2, stop_delay=3, node_grace=6)
ZONE = "topology.kubernetes.io/zone"


def slow_play(*nodes: str, **zones: str) -> Play:
    """Return a cluster whose machines take their time; ``zones`` say where nodes are."""
    play = Play(*nodes, settings=SLOW)
    for node, zone in zones.items():
        play.label(node, **{ZONE: zone})
    return play


def running(play: Play, name: str = "agent", **spec: Any) -> str:
    """Let a set run on all nodes; return its uid."""
    uid = play.add_set(set_manifest(name, **spec))
    play.wait(60)
    return uid


def tried(
    play: Play, request: Request, *, go_on: Callable[[], bool] = lambda: True, without: bool = False
) -> tuple[Simulation, tuple[Effect, ...], tuple[Warning, ...]]:
    """Return how a request is played out, what it does, and what there is to be said of it."""
    watch = Watch()
    context = Context(play.now, play.names, SLOW, "ada")
    fork, decision = what_if(play.world, request, context, watch)
    sets = {one.manifest["metadata"]["uid"] for one in decision.changes if one.kind == "DaemonSet"}
    run = simulate(fork, watch, play.now, go_on=go_on, sets=sets)
    anyway = None
    if without:
        other = Watch()
        anyway = simulate(play.world.fork(other), other, play.now, go_on=lambda: True)
    told = effects(play.world, run, anyway, sets)
    return run, told, warnings(play.world, run, told)
