"""Whose fault it is that a node has no available pod."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.daemonset.faults import Fault, fault_of, when
from controller.engine.settings import Settings
from tests.engine.play import Play, set_manifest

OLD = 1000.0
"""The age of a node that has not just joined, in seconds."""


def faults(play: Play, uid: str, **options: Any) -> dict[str, Fault | None]:
    """Return the fault of each node of a set."""
    coverage = play.sets[uid]
    coverage.refresh(play.world.nodes, play.time)
    asked = {"refused": bool(coverage.refusal), **options}
    return {name: fault_of(pair, play.node(name), play.now, **asked) for name, pair in coverage.pairs.items()}


def settled(*nodes: str, start: float = 5, **spec: Any) -> tuple[Play, str]:
    """Return a cluster that has stood for a while, with a set that is where it should be."""
    play = Play(*(nodes or ("a", "b")), settings=Settings(start_delay=start, stop_delay=1, node_grace=6))
    uid = play.add_set(set_manifest(**spec))
    play.wait(OLD)
    return play, uid


def rolled(behaviour: str = "", seconds: float = 3.0) -> tuple[Play, str]:
    """Return a rollout that has just replaced the first pod."""
    play, uid = settled()
    play.set_image(uid, "agent:2", {"sim.everynode.dev/behaviour": behaviour} if behaviour else None)
    play.wait(seconds)
    return play, uid


def test_nobody_is_at_fault_where_nothing_is_missing() -> None:
    """An available pod, old or new, and a node that is not to have one."""
    play, uid = settled()
    play.add_node("c", {"type": "virtual"})
    assert set(faults(*settled()).values()) == {None}
    play.taint("a", "gpu", "NoSchedule")
    assert faults(play, uid)["a"] is None


def test_a_pod_that_is_replaced_is_under_way() -> None:
    """Until it is ready, or its deadline is over."""
    play, uid = rolled()
    assert faults(play, uid) == {"a": Fault.UNDER_WAY, "b": None}
    assert faults(play, uid, deadline=1)["a"] is Fault.REVISION
    assert faults(play, uid, deadline=0)["a"] is Fault.UNDER_WAY


def test_a_pod_that_is_ready_but_not_for_long_enough_is_under_way() -> None:
    """However long minReadySeconds are."""
    play, uid = settled(minReadySeconds=900)
    play.set_image(uid, "agent:2")
    play.wait(800)
    assert faults(play, uid)["a"] is Fault.UNDER_WAY


@pytest.mark.parametrize("behaviour", ["crash-loop", "never-ready"])
def test_a_new_pod_in_trouble_is_the_revisions_fault(behaviour: str) -> None:
    """It crashes, or runs and is never ready."""
    assert faults(*rolled(behaviour, 20))["a"] is Fault.REVISION


def test_a_refused_pod_is_the_revisions_fault() -> None:
    """The API server refuses what the template asks for."""
    play, uid = settled()
    template = play.sets[uid].ds.template
    play.change_set(uid, template={**template, "spec": {**template["spec"], "serviceAccountName": "nope"}})
    play.wait(5)
    assert faults(play, uid)["a"] is Fault.REVISION


def test_an_old_pod_that_broke_is_neither() -> None:
    """Its revision is the one before."""
    play, uid = settled("a", start=0, strategy={"type": "OnDelete"})
    play.annotate_pod(play.pod("a"), behaviour="never-ready")
    play.wait(1)
    play.set_image(uid, "agent:2")
    play.wait(1)
    assert faults(play, uid)["a"] is Fault.OLD_POD


def test_a_silent_machine_is_the_nodes_fault() -> None:
    """Once its node is given up, and with it the pod."""
    play, uid = settled()
    play.annotate_node("a", down="true")
    play.wait(20)
    assert faults(play, uid)["a"] is Fault.NODE


def test_a_machine_that_fails_after_the_new_pod_is_doubtful() -> None:
    """It may be the pod that killed it: within ten minutes nobody can tell, later it is the node's."""
    play, uid = rolled(seconds=20)
    play.annotate_node("a", down="true")
    play.wait(20)
    assert faults(play, uid)["a"] is Fault.DOUBTFUL

    later, other = rolled(seconds=700)
    later.annotate_node("a", down="true")
    later.wait(20)
    assert faults(later, other)["a"] is Fault.NODE


def test_a_cordoned_node_is_draining_and_a_young_one_has_just_joined() -> None:
    """Trouble of the revision goes before both."""
    play, uid = settled()
    play.add_node("c")
    play.wait(3)
    assert faults(play, uid)["c"] is Fault.JOINED
    play.cordon("c")
    play.wait(1)
    assert faults(play, uid)["c"] is Fault.DRAINING


def test_a_node_that_has_not_reported_has_joined_or_is_broken() -> None:
    """For two minutes nobody wonders."""
    play, uid = settled("a", pod={"tolerations": [{"operator": "Exists"}]})
    play.add_node("c")
    young = faults(play, uid)["c"]
    play.time += 200
    assert (young, faults(play, uid)["c"]) == (Fault.JOINED, Fault.NODE)


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-01-01T00:00:00"])
def test_a_moment_that_nobody_can_place_is_none(stamp: str) -> None:
    """Nodes may be written by anybody."""
    assert when(stamp) is None
