"""Sets: the list with its counts, and one with what it wants, ready to be edited."""

from __future__ import annotations

import pytest

from controller import manifests
from controller.engine.daemonset.cells import CellState
from controller.engine.errors import NotFound
from controller.queries.daemonsets import daemonset, daemonsets
from controller.services import daemonsets as services
from controller.services import nodes, objects, workloads
from tests.clusters import demo_text, looked
from tests.stepping import SET, by, rest, step, stepped_cluster

pytestmark = pytest.mark.django_db


def test_the_list() -> None:
    """Sets come by namespace and name, with the status of the controller and the cells of the map."""
    tried = stepped_cluster(nodes=2)
    objects.manifests_create(**by(tried), text=demo_text("fluentd-elasticsearch"))
    rest(tried)
    first, second = looked(daemonsets, tried)
    assert [(row.namespace, row.name) for row in (first, second)] == [
        ("default", "nginx-ds"),
        ("kube-system", "fluentd-elasticsearch"),
    ]
    assert (first.counts.desired, first.counts.available, first.revision) == (2, 2, 1)
    assert first.states == {CellState.NEW: 2, CellState.NONE: 0}
    assert first.images == ("nginx:1.7.9",)


def test_before_the_first_pass() -> None:
    """A set that no pass has seen shows the revision that it will get; its generation is not observed."""
    tried = stepped_cluster(nodes=1)
    objects.manifests_create(**by(tried), text=demo_text("fluentd-elasticsearch"))
    row = looked(daemonsets, tried)[1]
    assert (row.revision, row.generation, row.observed) == (1, 1, 0)
    assert row.states == {CellState.MISSING: 1, CellState.NONE: 0}


def test_while_it_rolls() -> None:
    """Counts are the controller's last word, but for an edit that it has not seen; states are as of now."""
    tried = stepped_cluster(nodes=2)
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:2")
    row = looked(daemonsets, tried)[0]
    assert (row.counts.updated, row.states[CellState.OLD], row.observed, row.generation) == (0, 2, 1, 2)
    step(tried)
    row = looked(daemonsets, tried)[0]
    assert (row.revision, row.counts.updated, row.observed) == (2, 0, 2)


def test_one_set() -> None:
    """A set shows what its template asks for, its events, and itself."""
    tried = stepped_cluster(nodes=1)
    objects.manifests_create(**by(tried), text=demo_text("ssd-monitor"))
    services.daemonset_strategy(
        **by(tried), namespace="default", name="ssd-monitor", strategy="RollingUpdate",
        max_unavailable="20%", max_surge=0, min_ready_seconds=7,
    )  # fmt: skip
    workloads.workload_behaviour(
        kind="DaemonSet", **by(tried), namespace="default", name="ssd-monitor", behaviour="crash-loop"
    )
    nodes.node_label_patch(**by(tried), nodes=["node-1"], set={"disk": "ssd"}, remove=[])
    rest(tried)
    found = looked(daemonset, tried, namespace="default", name="ssd-monitor")
    assert found.node_selector == {"disk": "ssd"}
    assert found.behaviour == "crash-loop"
    assert [event.reason for event in found.events] == ["SuccessfulCreate"]
    assert found.manifest["spec"]["minReadySeconds"] == 7


def test_the_text_can_be_written_back() -> None:
    """What is offered for editing is accepted as it is, and then nothing has changed."""
    tried = stepped_cluster(nodes=1)
    found = looked(daemonset, tried, **SET)
    text = manifests.dump(found.manifest)
    assert "resourceVersion" not in text
    objects.object_edit(kind="DaemonSet", **by(tried), **SET, text=text, seen=found.row.version)
    assert looked(daemonset, tried, **SET).row.version == found.row.version


def test_an_unknown_set() -> None:
    """A set that is not there is refused in its name."""
    with pytest.raises(NotFound, match=r'daemonsets.apps "lost" not found'):
        looked(daemonset, stepped_cluster(nodes=0), namespace="default", name="lost")
