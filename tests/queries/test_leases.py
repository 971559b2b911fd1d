"""The leases by which kubelets say that they live."""

from __future__ import annotations

from datetime import datetime

import pytest

from controller import models
from controller.engine.errors import NotFound
from controller.engine.objects import Manifest
from controller.queries import leases
from controller.services import clock, nodes
from tests.clusters import PERSON, cluster, node, settle
from tests.servers import wait_until

pytestmark = pytest.mark.django_db


def renewed(lease: Manifest) -> float:
    """Return when a lease was renewed, as a wall time."""
    return datetime.fromisoformat(lease["spec"]["renewTime"]).timestamp()


def test_every_node_has_a_lease_that_nothing_stores() -> None:
    """It is held by the node, owned by it, and always the same one."""
    tried = cluster(nodes=2)
    settle(tried)
    found = list(leases.node_leases(cluster=tried))

    assert [each["spec"]["holderIdentity"] for each in found] == ["node-1", "node-2"]
    assert found[0]["metadata"]["ownerReferences"][0]["uid"] == node(tried, "node-1")["metadata"]["uid"]
    again = leases.node_lease(cluster=tried, name="node-1")
    assert again["metadata"] == found[0]["metadata"]
    assert not models.Resource.objects.filter(cluster=tried, kind="Lease").exists()
    with pytest.raises(NotFound):
        leases.node_lease(cluster=tried, name="nobody")


def test_a_lease_is_renewed_as_the_clock_goes() -> None:
    """Every ten seconds of cluster time; not while the clock stands still, nor by a machine that is down."""
    tried = cluster(nodes=1)
    settle(tried)
    clock.clock_speed(cluster=tried, actor=PERSON, speed=100)
    first = renewed(leases.node_lease(cluster=tried, name="node-1"))

    def later() -> bool:
        return renewed(leases.node_lease(cluster=tried, name="node-1")) > first

    wait_until(later, what="a lease that is renewed")
    nodes.node_power(cluster=tried, actor=PERSON, nodes=["node-1"], up=False)
    settle(tried)
    assert node(tried, "node-1")["status"]["conditions"][-1]["status"] == "Unknown"
    lost = renewed(leases.node_lease(cluster=tried, name="node-1"))
    assert lost == renewed(leases.node_lease(cluster=tried, name="node-1"))
