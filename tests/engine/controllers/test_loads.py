"""Where the pods of the workloads beside the DaemonSet stand."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.changes import Change, Verb
from controller.engine.controllers.loads import BARE, Load, Loads, loads_of, take_touched, topmost, workload
from controller.engine.controllers.row import PROJECTED, new_world
from controller.engine.daemonset.cells import CellState
from controller.engine.objects import Manifest
from controller.engine.world import Turn, World
from tests.engine.edits.ledger import NOW, SETTINGS
from tests.engine.play import SeededNames


def world() -> World:
    """Return an empty world that is looked at."""
    return new_world(SETTINGS, PROJECTED)


def put(made: World, kind: str, name: str, owner: str = "", verb: Verb = Verb.ADDED, **parts: Any) -> None:
    """Write an object; its uid is its name with a u before it, unless ``uid`` is given."""
    meta: Manifest = {"name": name, "namespace": "default", "uid": parts.pop("uid", f"u-{name}")}
    if owner:
        meta["ownerReferences"] = [{"kind": "X", "name": owner, "uid": f"u-{owner}", "controller": True}]
    manifest = {"kind": kind, "metadata": {**meta, **parts.pop("meta", {})}, "spec": {}, **parts}
    made.apply(Change(verb, kind, manifest, "", "", {"due": 1.0} if kind == "Pod" else {}))


def pod(
    made: World, name: str, owner: str = "", node: str = "a", phase: str = "Running", **more: Any
) -> None:
    """Write a pod that is ready if it runs."""
    ready = more.pop("ready", phase == "Running")
    status = {"phase": phase, "conditions": [{"type": "Ready", "status": str(ready)}]}
    spec: Manifest = {"containers": [], **({"nodeName": node} if node else {})}
    put(made, "Pod", name, owner, spec=spec, status=status, **more)


def test_pods_count_for_the_topmost_workload() -> None:
    """A Deployment's pods count for it, whichever came first; a set of its own counts for itself."""
    made = world()
    pod(made, "one", "set")
    assert list(topmost(made)) == []
    put(made, "ReplicaSet", "set", "web")
    assert list(topmost(made)) == ["u-set"]
    put(made, "Deployment", "web")
    pod(made, "two", "set", "b", ready=False)
    assert list(topmost(made)) == ["u-web"]
    assert loads_of(made, "u-web") == {"a": Load(CellState.NEW, 1), "b": Load(CellState.UPDATING, 1)}
    assert workload(made, "u-web")
    assert workload(made, "u-set") is None
    assert workload(made, BARE) is None


@pytest.mark.parametrize(
    ("pods", "load"),
    [
        ([{}, {"ready": False}], Load(CellState.UPDATING, 2)),
        ([{"phase": "Failed"}, {}, {}], Load(CellState.FAILING, 3)),
        ([{"phase": "Succeeded"}, {}], Load(CellState.NEW, 1)),
        ([{"meta": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}], Load(CellState.UPDATING, 1)),
    ],
)
def test_the_worst_of_a_node(pods: list[Any], load: Load) -> None:
    """A node shows how many pods stand there and how the worst of them fares; the finished are no load."""
    made = world()
    for number, more in enumerate(pods):
        pod(made, f"p{number}", **more)
    assert list(topmost(made)) == [BARE]
    assert loads_of(made, BARE) == {"a": load}


def test_pods_on_no_node() -> None:
    """Pods that are bound to no node count together."""
    made = world()
    pod(made, "one", node="", phase="Pending")
    assert loads_of(made, BARE) == {"": Load(CellState.PENDING, 1)}


def test_what_was_touched() -> None:
    """A pod touches the topmost workload above it, an adoption both, a deletion the one that is gone."""
    made = world()
    put(made, "Deployment", "web")
    put(made, "ReplicaSet", "set", "web")
    take_touched(made)
    pod(made, "one", "set")
    assert "u-web" in take_touched(made)
    put(made, "ReplicaSet", "set", verb=Verb.MODIFIED)
    assert {"u-web", "u-set"} <= take_touched(made)
    put(made, "Deployment", "web", verb=Verb.DELETED)
    assert take_touched(made) == {"u-web"}
    assert list(topmost(made)) == ["u-set"]
    put(made, "ReplicaSet", "set", verb=Verb.MODIFIED, uid="u-new")
    assert list(topmost(made)) == ["u-new"]


def test_a_circle_of_owners_ends() -> None:
    """Two that name each other as owners end nothing in a loop."""
    made = world()
    put(made, "Job", "one", "two")
    put(made, "Job", "two", "one")
    pod(made, "p", "one")
    assert loads_of(made, "u-one") == {"a": Load(CellState.NEW, 1)}
    assert len(list(topmost(made))) <= 2


def test_a_world_that_makes_passes() -> None:
    """A world without this controller, such as the fork of a what-if, is read as it stands."""
    made = new_world(SETTINGS, ())
    put(made, "Deployment", "web")
    pod(made, "one", "web")
    assert list(topmost(made)) == ["u-web"]
    assert loads_of(made, "u-web") == {"a": Load(CellState.NEW, 1)}
    assert not take_touched(made)


def test_it_decides_nothing() -> None:
    """In a pass it would do nothing."""
    made = world()
    turn = Turn(made, NOW, SeededNames())
    made.controller(Loads).sync(turn)
    assert not turn.changes
