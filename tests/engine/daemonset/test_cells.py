"""What the map shows of a pair, for every state of its node and pods."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.controllers.daemonset.controller import cell
from controller.engine.daemonset.cells import CellState
from controller.engine.settings import Settings
from tests.engine.play import Play, set_manifest

SLOW = Settings(start_delay=5, stop_delay=5, node_grace=6)
SURGE = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


def play_of(**spec: Any) -> tuple[Play, str]:
    """Return a settled cluster of one node with one set."""
    play = Play("a", settings=SLOW)
    uid = play.add_set(set_manifest(**spec))
    play.wait(10)
    return play, uid


def test_the_life_of_a_cell() -> None:
    """Not wanted, missing, updating, new; then old until the rollout comes by."""
    play = Play("a", settings=SLOW)
    uid = play.add_set(set_manifest(pod={"nodeSelector": {"disk": "ssd"}}, strategy={"type": "OnDelete"}))
    play.settle()
    seen = [cell(play.world, uid, "a")]
    play.label("a", disk="ssd")
    seen.append(cell(play.world, uid, "a"))
    play.settle()
    seen.append(cell(play.world, uid, "a"))
    play.wait(6)
    seen.append(cell(play.world, uid, "a"))
    play.set_image(uid, "agent:2")
    play.settle()
    seen.append(cell(play.world, uid, "a"))
    play.delete_pod(play.pod("a"))
    seen.append(cell(play.world, uid, "a"))

    assert seen == ["none", "missing", "updating", "new", "old", "updating"]


def test_a_taint_makes_a_standing_pod_misscheduled() -> None:
    """It may stay and should not run."""
    play, uid = play_of()
    play.taint("a", "gpu", "NoSchedule")
    play.settle()
    assert cell(play.world, uid, "a") is CellState.MISSCHEDULED


def test_a_silent_machine_is_down() -> None:
    """Down is shown as soon as the machine stops, and once its node is given up."""
    play, uid = play_of()
    play.annotate_node("a", down="true")
    assert cell(play.world, uid, "a") is CellState.DOWN
    play.wait(10)
    assert cell(play.world, uid, "a") is CellState.DOWN


def test_a_pod_that_waits_for_room_is_pending() -> None:
    """The scheduler has not bound it."""
    cpu = {"containers": [{"name": "m", "image": "a:1", "resources": {"requests": {"cpu": "64"}}}]}
    play, uid = play_of(pod=cpu)
    assert cell(play.world, uid, "a") is CellState.PENDING


def test_two_pods_side_by_side_are_a_surge() -> None:
    """The old one stays until the new one is available."""
    play, uid = play_of(strategy=SURGE)
    play.set_image(uid, "agent:2")
    play.settle()
    assert cell(play.world, uid, "a") is CellState.SURGE


@pytest.mark.parametrize("behaviour", ["crash-loop", "never-ready", "image-pull-error"])
def test_trouble_that_waiting_will_not_end_is_failing(behaviour: str) -> None:
    """A pod that waits after an error, and one that runs and never gets ready."""
    play, uid = play_of()
    play.annotate_pod(play.pod("a"), behaviour=behaviour)
    play.settle()
    assert cell(play.world, uid, "a") is CellState.FAILING


def test_a_failed_pod_is_failing_until_it_is_replaced() -> None:
    """The second failure within a second is left alone by the back-off, and shown."""
    play = Play("a")
    uid = play.add_set(set_manifest())
    play.settle()
    for _ in range(2):
        play.annotate_pod(play.pod("a"), behaviour="exit-1")
        play.settle()
    assert cell(play.world, uid, "a") is CellState.FAILING
