"""What would come of edits, by the engine alone: at 100,000 pods, and four strategies at 500 nodes."""

from __future__ import annotations

import time

from controller.engine.changes import Change, Verb
from controller.engine.edits.daemonsets import SetStrategy
from controller.engine.edits.decide import Request
from controller.engine.edits.draft import Context
from controller.engine.edits.nodes import PatchLabels
from controller.engine.edits.whatif import what_if
from controller.engine.edits.workloads import SetImage
from controller.engine.objects import Key, Pod
from controller.engine.settings import Settings
from controller.engine.whatif.effects import effects
from controller.engine.whatif.simulation import Simulation, Watch, simulate
from controller.engine.whatif.warnings import warnings
from controller.engine.world import World
from tests.engine.play import Play, set_manifest

NODES, SETS, LABELLED = 5_000, 20, 500
RACERS = 500
STRATEGIES: tuple[tuple[int | str, int | str], ...] = ((1, 0), ("10%", 0), (0, "10%"), ("33%", 0))
MACHINES = Settings(start_delay=1, stop_delay=1)
SET: Key = ("DaemonSet", "default", "agent")


def what_if_label_s() -> list[float]:
    """Return the seconds in which a label on 500 nodes is played out at 5,000 nodes and 20 sets, thrice."""
    play = _full()
    spent = []
    for _ in range(3):
        began = time.perf_counter()
        names = [f"node-{number}" for number in range(LABELLED)]
        watch = Watch()
        fork, _decision = what_if(play.world, PatchLabels(names, {"disk": "ssd"}), _context(play), watch)
        run = simulate(fork, watch, play.now, go_on=lambda: True)
        (effect,) = effects(play.world, run, None)
        warnings(play.world, run, [effect])
        spent.append(time.perf_counter() - began)
        assert len(effect.gains) == LABELLED, "each gets its pod"
    return spent


def race_s() -> float:
    """Return the seconds in which four strategies replace the pods of a set on 500 nodes, all together."""
    play = Play(*(f"node-{number}" for number in range(RACERS)))
    uid = play.add_set(set_manifest())
    play.settle()
    play.world.settings = MACHINES
    began = time.perf_counter()
    for unavailable, surge in STRATEGIES:
        request = SetStrategy(SET, "RollingUpdate", unavailable, surge, 0)
        run = _played(what_if(play.world, request, _context(play))[0], SetImage(SET, "main", "agent:2"), play)
        assert run.courses[uid].samples[-1][1:4] == (RACERS,) * 3, "all pods are replaced"
    return time.perf_counter() - began


def _played(world: World, request: Request, play: Play) -> Simulation:
    watch = Watch()
    fork, _decision = what_if(world, request, _context(play), watch)
    return simulate(fork, watch, play.now, go_on=lambda: True)


def _context(play: Play) -> Context:
    return Context(play.now, play.names, MACHINES, "bench")


def _full() -> Play:
    """Return a cluster of 100,000 ready pods, and one more set that waits for a label."""
    like = _ready_pod()
    play = Play(*(f"node-{number}" for number in range(NODES)))
    play.settle()
    for number in range(SETS):
        uid = play.add_set(set_manifest(f"set-{number}"))
        for at in range(NODES):
            _put_pod(play, like, f"set-{number}", uid, at)
    play.add_set(set_manifest(pod={"nodeSelector": {"disk": "ssd"}}))
    play.settle()
    assert len(play.world.pods) == NODES * SETS, "nothing was to be done but to look at them"
    play.world.settings = MACHINES
    return play


def _ready_pod() -> Pod:
    play = Play("node-0")
    play.add_set(set_manifest("set-0"))
    play.settle()
    return play.pod("node-0")


def _put_pod(play: Play, like: Pod, name: str, uid: str, at: int) -> None:
    manifest = like.manifest
    (owner,) = manifest["metadata"]["ownerReferences"]
    meta = {
        **manifest["metadata"],
        "name": f"{name}-{at:05}",
        "uid": play.names.uid(),
        "labels": {**like.labels, "app": name},
        "ownerReferences": [{**owner, "name": name, "uid": uid}],
    }
    spec = {**manifest["spec"], "nodeName": f"node-{at}"}
    change = Change(Verb.ADDED, "Pod", {**manifest, "metadata": meta, "spec": spec}, "bench", "", like.timers)
    play.world.apply(change)
