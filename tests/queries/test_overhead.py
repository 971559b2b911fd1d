"""What the DaemonSets ask of the nodes."""

from __future__ import annotations

import json

import pytest

from controller.queries.overhead import Amounts, overhead
from controller.services import objects
from tests.clusters import cluster, looked, settle
from tests.stepping import by

pytestmark = pytest.mark.django_db
MI = 2**20


def text(name: str, cpu: str, **pod: object) -> str:
    """Return a DaemonSet whose pods request so much cpu, and 64 Mi."""
    resources = {"requests": {"cpu": cpu, "memory": "64Mi"}}
    spec = {"containers": [{"name": "main", "image": "main:1", "resources": resources}], **pod}
    template = {"metadata": {"labels": {"app": name}}, "spec": spec}
    wanted = {"selector": {"matchLabels": {"app": name}}, "template": template}
    kind = {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name}}
    return json.dumps({**kind, "spec": wanted})


def test_what_sets_ask_of_nodes() -> None:
    """Each node and each set is told with what its standing pods request; who has no place counts nothing."""
    tried = cluster(nodes=2)
    objects.manifests_create(**by(tried), text=text("small", "250m"))
    objects.manifests_create(**by(tried), text=text("one", "1", nodeName="node-2"))
    objects.manifests_create(**by(tried), text=text("huge", "100"))
    settle(tried)
    found = looked(overhead, tried)
    assert [(one.node, one.sets, one.asked) for one in found.nodes] == [
        ("node-1", 1, Amounts(250, 64 * MI, 1)),
        ("node-2", 2, Amounts(1250, 128 * MI, 2)),
    ]
    assert [(one.name, one.asked, one.each) for one in found.sets] == [
        ("huge", Amounts(), Amounts()),
        ("one", Amounts(1000, 64 * MI, 1), Amounts(1000, 64 * MI, 1)),
        ("small", Amounts(500, 128 * MI, 2), Amounts(250, 64 * MI, 1)),
    ]
    assert found.asked == Amounts(1500, 192 * MI, 3)
    assert found.allocatable.cpu == 8000
    assert found.nodes[1].asked.share(found.nodes[1].allocatable)[0] == pytest.approx(0.3125)


def test_an_empty_cluster() -> None:
    """Without nodes and sets everything is nothing, and a share of nothing is none."""
    found = looked(overhead, cluster())
    assert (found.nodes, found.sets, found.asked.share(found.allocatable)) == ((), (), (0.0, 0.0, 0.0))
