"""Draining nodes: pods leave within their budgets, and the node says who is in the way."""

from __future__ import annotations

import pytest

from controller.engine.controllers.drains import SEVERAL
from controller.engine.disruption.drain import (
    DRAIN_ANNOTATION,
    DRAIN_STATUS_ANNOTATION,
    DrainOptions,
    DrainStatus,
    Fate,
)
from controller.engine.edits.decide import Request, decide
from controller.engine.edits.draft import Context
from controller.engine.edits.drain import Drain, StopDrain
from controller.engine.edits.whatif import WorldObjects
from tests.engine.controllers.test_disruption import BARE, WEB, budget
from tests.engine.play import set_manifest
from tests.engine.workloads import Workloads

FORCE = DrainOptions(unmanaged=True, local_data=True)
COMES_BACK = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: stubborn}
spec:
  selector: {matchLabels: {app: stubborn}}
  template:
    metadata: {labels: {app: stubborn}}
    spec:
      nodeSelector: {only: here}
      tolerations: [{operator: Exists}]
      containers: [{name: main, image: "web:1"}]
"""


def do(play: Workloads, request: Request) -> None:
    """Carry out a request."""
    context = Context(play.now, play.names, play.settings, "ada")
    for change in decide(WorldObjects(play.world), request, context).changes:
        play.edit(change.kind, change.manifest, change.verb, change.timers)


def start(*texts: str) -> Workloads:
    """Return a cluster of two nodes with a DaemonSet and what else is told."""
    play = Workloads("a", "b")
    play.add_set(set_manifest())
    for text in texts:
        play.create(text)
    play.wait(1)
    return play


def marks_of(play: Workloads, node: str = "a") -> dict[str, str]:
    """Return the annotations of a node."""
    found: dict[str, str] = play.node(node).manifest["metadata"].get("annotations") or {}
    return found


def status(play: Workloads) -> DrainStatus:
    """Return who is in the way."""
    return DrainStatus.read(marks_of(play).get(DRAIN_STATUS_ANNOTATION, ""))


def apps(play: Workloads, node: str) -> list[str]:
    """Return of what the pods of a node are."""
    return sorted(pod.labels.get("app", pod.name) for pod in play.pods(node))


def test_a_node_is_drained() -> None:
    """All but daemon pods leave, their replacements come elsewhere, and the node is cordoned and at rest."""
    play = start(WEB)
    do(play, Drain(["a"], DrainOptions()))
    play.wait(5)
    assert apps(play, "a") == ["agent"]
    assert apps(play, "b") == ["agent", "web", "web", "web", "web"]
    assert play.node("a").unschedulable
    assert DRAIN_ANNOTATION not in marks_of(play)
    assert play.events("Drained") == ["All pods that had to go are gone"]
    assert play.world.due(play.time) is None
    assert play.differences() == []


def test_the_evictions_are_told() -> None:
    """A pod that is evicted says so, as if a client had asked for it."""
    play = start(WEB)
    do(play, Drain(["a"], DrainOptions()))
    play.tick()
    (pod, *_more) = [one for one in play.pods("a") if one.terminating]
    conditions = pod.manifest["status"]["conditions"]
    assert [one["reason"] for one in conditions if one["type"] == "DisruptionTarget"] == [
        "EvictionByEvictionAPI"
    ]


def test_a_budget_holds_pods_until_it_allows_them() -> None:
    """A pod that a budget holds is named with it; each goes as soon as its replacement is healthy."""
    play = start(WEB, budget("minAvailable: 4"))
    do(play, Drain(["a"], DrainOptions()))
    play.wait(5)
    held = {f"default/{pod.name}": "web" for pod in play.pods("a") if pod.labels["app"] == "web"}
    assert held
    assert status(play).held == held
    assert play.world.due(play.time) is None
    assert play.differences() == []
    play.change("PodDisruptionBudget", "web", minAvailable=3)
    play.wait(10)
    assert apps(play, "a") == ["agent"]
    assert marks_of(play) == {}


def test_a_pod_of_several_budgets() -> None:
    """The API never evicts a pod that several budgets hold, and a drain says so."""
    play = start(WEB, budget("minAvailable: 1"), budget("minAvailable: 1", "other"))
    do(play, Drain(["a"], DrainOptions()))
    play.wait(5)
    assert set(status(play).held.values()) == {SEVERAL}


def test_a_pod_that_nobody_agreed_to_lose() -> None:
    """One that stands in the way although the drain has begun holds it up and is named."""
    play = start()
    do(play, Drain(["a"], DrainOptions()))
    play.create(BARE)
    play.wait(1)
    assert status(play).refused == {"default/bare": Fate.UNMANAGED}
    assert marks_of(play)[DRAIN_ANNOTATION]


def test_it_is_stopped() -> None:
    """Who stops a drain keeps the pods that are left; an uncordoned node is drained no longer."""
    play = start(WEB, budget("minAvailable: 4"))
    do(play, Drain(["a", "b"], DrainOptions()))
    play.wait(1)
    do(play, StopDrain(["a"]))
    play.cordon("b", cordoned=False)
    play.change("PodDisruptionBudget", "web", minAvailable=0)
    before = apps(play, "a")
    play.wait(5)
    assert apps(play, "a") == before
    assert marks_of(play) == marks_of(play, "b") == {}
    assert play.events("DrainStopped") == ["Node was uncordoned while it was drained"]


def test_a_pod_that_comes_back_is_left_alone() -> None:
    """Who stands being unschedulable comes back, and is evicted once and not for ever."""
    play = start(COMES_BACK)
    play.label("a", only="here")
    play.wait(5)
    do(play, Drain(["a"], DrainOptions()))
    play.wait(30)
    assert "stubborn" in apps(play, "a")
    assert marks_of(play) == {}


@pytest.mark.parametrize("text", ["x", "{}x"])
def test_options_that_cannot_be_read(text: str) -> None:
    """An annotation that is none is told of in an event and taken away."""
    play = start(WEB)
    play.cordon("a")
    node = play.node("a")
    meta = {**node.manifest["metadata"], "annotations": {DRAIN_ANNOTATION: text}}
    play.edit("Node", {**node.manifest, "metadata": meta}, timers=node.timers)
    before = apps(play, "a")
    play.wait(1)
    assert apps(play, "a") == before
    assert marks_of(play) == {}
    assert play.events("InvalidDrain") == [f"Annotation {DRAIN_ANNOTATION} holds no options of a drain"]


def test_a_node_goes_while_it_is_drained() -> None:
    """A node that is removed is drained no longer, and nothing is left to do."""
    play = start(WEB, budget("minAvailable: 4"))
    do(play, Drain(["a"], DrainOptions()))
    play.wait(1)
    play.remove_node("a")
    play.wait(100)
    assert apps(play, "a") == []
    assert play.differences() == []


def test_many_pods_of_a_drained_node_that_is_silent() -> None:
    """Pods of a machine that does not answer wait for it, and the drain for them."""
    play = start(WEB)
    play.annotate_node("a", down="true")
    do(play, Drain(["a"], DrainOptions()))
    play.wait(2)
    assert any(pod.terminating for pod in play.pods("a"))
    assert marks_of(play)[DRAIN_ANNOTATION]
