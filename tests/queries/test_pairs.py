"""The nodes and pods behind the numbers of a set, and why a set targets none."""

from __future__ import annotations

import pytest

from controller.engine.objects import Taint
from controller.queries.causes import nowhere
from controller.queries.pairs import Pairs, Wanted, pairs
from controller.services import nodes, objects, workloads
from tests.clusters import demo_text, looked
from tests.stepping import SET, by, rest, stepped_cluster

pytestmark = pytest.mark.django_db


def listed(tried: int, name: str = "nginx-ds", **wanted: str) -> Pairs:
    """Return pairs of a set."""
    return looked(pairs, tried, Wanted(**wanted), namespace="default", name=name)


def names(found: Pairs) -> list[str]:
    """Return the nodes that are listed."""
    return [line.node for line in found.lines.items]


def test_every_number_leads_to_its_nodes() -> None:
    """Each number lists the very nodes that it counts, no more and no fewer."""
    tried = stepped_cluster(nodes=3)
    nodes.node_taints(**by(tried), node="node-2", taints=[Taint("held", "", "NoSchedule")])
    workloads.workload_image(
        kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:does-not-exist"
    )
    rest(tried)
    expected = {
        "": ["node-1", "node-2", "node-3"],
        "desired": ["node-1", "node-3"],
        "current": ["node-1", "node-3"],
        "available": ["node-3"],
        "ready": ["node-3"],
        "updated": ["node-1"],
        "unavailable": ["node-1"],
        "outdated": ["node-2", "node-3"],
        "misscheduled": ["node-2"],
        "not-targeted": ["node-2"],
        "refused": [],
        "no such number": ["node-1", "node-2", "node-3"],
    }
    assert {number: names(listed(tried, number=number)) for number in expected} == expected


def test_refused() -> None:
    """Nodes whose pods the API server refuses are counted as such."""
    tried = stepped_cluster(nodes=2)
    text = demo_text("nginx-ds").replace("nginx-ds", "refused")
    text = text.replace("      containers:", "      serviceAccountName: nope\n      containers:")
    objects.manifests_create(**by(tried), text=text)
    rest(tried)
    assert names(listed(tried, "refused", number="refused")) == ["node-1", "node-2"]


def test_those_with_one_cause() -> None:
    """A cause is told with how many nodes have it, and leads to those; text and order apply."""
    tried = stepped_cluster(nodes=3)
    nodes.node_label_patch(**by(tried), nodes=["node-2"], set={"disk": "hdd"}, remove=())
    objects.manifests_create(**by(tried), text=demo_text("ssd-monitor"))
    rest(tried)
    found = listed(tried, "ssd-monitor")
    assert [(one.nodes, one.first) for one in found.causes] == [(2, "node-1"), (1, "node-2")]
    assert names(listed(tried, "ssd-monitor", like="node-1")) == ["node-1", "node-3"]
    assert names(listed(tried, "ssd-monitor", like="node-1", sort="-node")) == ["node-3", "node-1"]
    assert names(listed(tried, "ssd-monitor", text="DE-2")) == ["node-2"]
    assert names(listed(tried, "ssd-monitor", sort="cause"))[-1] in {"node-2", "node-3"}


def test_a_set_that_targets_no_node() -> None:
    """It is told which label no node bears; a set that targets one says nothing."""
    tried = stepped_cluster(nodes=2)
    objects.manifests_create(**by(tried), text=demo_text("ssd-monitor"))
    rest(tried)
    found = looked(nowhere, tried, namespace="default", name="ssd-monitor")
    assert found
    assert (found.nodes, found.unmatched) == (2, (("disk", "ssd"),))
    assert looked(nowhere, tried, namespace="default", name="nginx-ds") is None
