"""Why a set has a pod on a node or has none, and what would cure it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.edits import NodeEdit
from controller.engine.errors import NotFound
from controller.engine.objects import Taint
from controller.queries.explain import Explanation, explain
from controller.services import daemonsets, nodes, objects
from tests.clusters import demo_text, looked
from tests.stepping import SET, Place, by, rest, step_at, step_until, stepped_cluster

pytestmark = pytest.mark.django_db


def asked(tried: int, node: str = "node-1", name: str = "nginx-ds") -> Explanation:
    """Return what is said of a set on a node."""
    return looked(explain, tried, namespace="default", name=name, node=node)


def test_all_is_well() -> None:
    """A pod that runs where it should needs no cure."""
    tried = stepped_cluster(nodes=1)
    said = asked(tried)
    (standing,) = said.pods
    assert (said.state, said.verdict.should_run, said.node_cure, said.set_cure) == (
        CellState.NEW,
        True,
        None,
        None,
    )
    assert (standing.updated, standing.revision) == (True, 1)
    assert (standing.available_in, standing.waits_for) == (0.0, "")


def test_cures_can_be_applied() -> None:
    """Each of the two cures, written as it is offered, makes the pod appear."""
    tried = stepped_cluster(nodes=2)
    objects.manifests_create(**by(tried), text=demo_text("ssd-monitor"))
    nodes.node_taints(**by(tried), node="node-1", taints=[Taint("held", "", "NoExecute")])
    rest(tried)
    said = asked(tried, name="ssd-monitor")
    assert (said.state, said.verdict.should_run, said.pods) == (CellState.NONE, False, ())
    assert said.verdict.first_failing
    assert said.verdict.first_failing.rule == "nodeSelector"
    assert said.node_cure == NodeEdit((("disk", "ssd"),), (), (Taint("held", "", "NoExecute"),))
    versions = {"seen": said.version, "node_seen": said.node_version}
    ssd: Place = {"namespace": "default", "name": "ssd-monitor"}
    daemonsets.daemonset_cure(**by(tried), **ssd, node="node-1", side="node", **versions)
    rest(tried)
    assert asked(tried, name="ssd-monitor").state is CellState.NEW

    other = asked(tried, node="node-2", name="ssd-monitor")
    assert other.set_cure
    assert other.set_cure.drop_selector == ("disk",)
    versions = {"seen": other.version, "node_seen": other.node_version}
    daemonsets.daemonset_cure(**by(tried), **ssd, node="node-2", side="set", **versions)
    rest(tried)
    assert asked(tried, node="node-2", name="ssd-monitor").state is CellState.NEW


def test_old_and_new() -> None:
    """During a rollout each pod is told with its revision; one that is ready may still have to wait."""
    tried = stepped_cluster(nodes=2)
    daemonsets.daemonset_strategy(
        **by(tried), **SET, strategy="RollingUpdate", max_unavailable=1, max_surge=0, min_ready_seconds=30
    )
    rest(tried)
    daemonsets.daemonset_image(**by(tried), **SET, container="nginx", image="nginx:2")
    while not any(pod.available_in for pod in asked(tried).pods):
        step_at(tried, datetime(2027, 1, 15, 8, 0, 0, 250_000, UTC))
    (new,), (old,) = asked(tried).pods, asked(tried, node="node-2").pods
    assert (new.updated, new.revision) == (True, 2)
    assert new.available_in == pytest.approx(29.75)  # it counts from the whole second that the API shows
    assert (old.updated, old.revision, old.available_in) == (False, 1, 0.0)


def test_pending() -> None:
    """A pod that has no place says why in the scheduler's words, and is not Ready."""
    tried = stepped_cluster(nodes=1)
    nodes.nodes_add(**by(tried), names=["small"], capacity={"pods": "0"})
    rest(tried)
    said = asked(tried, node="small")
    (waiting,) = said.pods
    assert (said.state, waiting.available_in) == (CellState.PENDING, None)
    assert "Too many pods" in waiting.waits_for


def test_back_off() -> None:
    """Where pods fail again and again, the rest of the back-off is told."""
    tried = stepped_cluster(nodes=1)
    daemonsets.daemonset_behaviour(**by(tried), **SET, behaviour="exit-1")
    step_until(tried, lambda: asked(tried).state is CellState.FAILING)

    said = asked(tried)
    assert 0 < said.backoff <= 15 * 60


def test_what_holds_everything() -> None:
    """A clock that stands, a paused set and a machine that is down are told beside the verdict."""
    tried = stepped_cluster(nodes=1)
    daemonsets.daemonset_pause(**by(tried), **SET, paused=True)
    nodes.node_power(**by(tried), nodes=["node-1"], up=False)
    rest(tried)
    said = asked(tried)
    assert (said.clock_stands, said.paused, said.down, said.deleting) == (True, True, True, False)
    assert said.state is CellState.DOWN


def test_unknown() -> None:
    """A set or a node that is not there is refused in its name."""
    tried = stepped_cluster(nodes=1)
    with pytest.raises(NotFound, match='nodes "lost"'):
        asked(tried, node="lost")
    with pytest.raises(NotFound, match=r'daemonsets.apps "lost"'):
        asked(tried, name="lost")
