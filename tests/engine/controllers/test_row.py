"""The row of controllers: each stands by itself."""

from __future__ import annotations

import pytest

from controller.engine.controllers.daemonset.controller import DaemonSets
from controller.engine.controllers.row import ROW, new_world
from controller.engine.world import Controller
from tests.engine.play import Play, set_manifest


@pytest.mark.parametrize("missing", ROW, ids=lambda controller: controller.name)
def test_the_others_work_without_one(missing: type[Controller]) -> None:
    """A world that lacks a controller does everything but what that one does."""
    play = Play("a", "b", row=[controller for controller in ROW if controller is not missing])
    meta = {"name": "bare", "namespace": "default", "uid": "bare"}
    spec = {"containers": [{"name": "main", "image": "bare:1"}]}
    play.edit("Pod", {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
    if missing is not DaemonSets:
        play.add_set(set_manifest())
    play.wait(20)
    play.taint("a", "spot", "NoExecute")
    play.annotate_node("b", down="true")
    play.wait(20)
    play.remove_node("a")
    play.wait(20)
    assert play.tick().changes == ()


def test_a_name_stands_for_one_controller() -> None:
    """Deadlines find their controller by its name."""
    assert len({controller.name for controller in ROW}) == len(ROW)


def test_a_world_says_which_controller_it_lacks() -> None:
    """Who asks for one that is not there is told its name."""
    world = new_world(Play().settings, [])
    with pytest.raises(LookupError, match="daemonset-controller"):
        world.controller(DaemonSets)
