"""Taints that stand for conditions, taken away or put by hand: who sees the moment before they are undone."""

from __future__ import annotations

from tests.engine.workloads import Workloads

POD = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: main, image: "web:1"}]}
"""
PRESSURE = "node.kubernetes.io/disk-pressure"


def pressed(play: Workloads) -> None:
    """Let the machine report a pressure, and wait for its taint."""
    node = play.node("a")
    others = [one for one in node.manifest["status"]["conditions"] if one["type"] != "DiskPressure"]
    conditions = [*others, {"type": "DiskPressure", "status": "True"}]
    status = {**node.manifest["status"], "conditions": conditions}
    play.edit("Node", {**node.manifest, "status": status}, timers=node.timers)
    play.settle()


def test_a_pod_gets_its_place_while_a_taint_is_away() -> None:
    """Somebody takes the taint of a pressure away: it comes back, but the scheduler was told at once."""
    play = Workloads("a")
    play.settle()
    pressed(play)
    play.create(POD)
    play.settle()
    assert not play.pods()[0].bound
    play.untaint("a", PRESSURE)
    play.settle()
    assert play.pods()[0].node == "a"
    assert [taint.key for taint in play.node("a").taints] == [PRESSURE]
    assert play.differences() == []


def test_a_taint_without_its_condition_goes() -> None:
    """Put by hand, it is taken away in the pass after the next."""
    play = Workloads("a")
    play.settle()
    play.taint("a", PRESSURE, "NoSchedule")
    assert play.tick().come_back is not None
    play.settle()
    assert play.node("a").taints == ()
