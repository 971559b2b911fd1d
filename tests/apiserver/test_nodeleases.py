"""Leases of kubelets in watches: they are stored nowhere, and yet a watch tells of them."""

from __future__ import annotations

from typing import Any

import pytest

from controller.apiserver.nodeleases import Renewals
from controller.engine.changes import Verb
from controller.engine.matching.selection import Selection
from controller.engine.matching.selectors import FieldTerm
from controller.services import clock, nodes
from tests.apiserver.asking import Asker, Watcher
from tests.clusters import PERSON, cluster, settle
from tests.live.listening import do, running_hub
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"


def told(event: Any) -> tuple[str, str]:
    """Return what an event says of which object."""
    return event["type"], event["object"]["metadata"]["name"]


async def test_a_watch_tells_of_the_leases_of_machines() -> None:
    """Of those that stand, and of those that come and go with their machines."""
    tried: Any = await do(cluster, nodes=1)
    async with running_hub():
        watcher = await Watcher.open(await do(Asker, tried), LEASES)
        assert told(await watcher.next()) == ("ADDED", "node-1")
        await do(nodes.nodes_add, cluster=tried, actor=PERSON, names=["late"])
        assert told(await watcher.next()) == ("ADDED", "late")
        await do(nodes.nodes_remove, cluster=tried, actor=PERSON, names=["node-1"])
        assert told(await watcher.next()) == ("DELETED", "node-1")
        await watcher.close()


def test_a_renewal_is_a_change() -> None:
    """Every ten seconds of the cluster's clock, of those leases that are selected."""
    tried = cluster(nodes=2)
    settle(tried)
    clock.clock_speed(cluster=tried, actor=PERSON, speed=100)
    renewals = Renewals(
        tried, Selection("Lease", "kube-node-lease", fields=(FieldTerm("metadata.name", "node-1"),))
    )
    ((verb, found),) = renewals.look()
    assert (verb, found.place) == (Verb.ADDED, ("kube-node-lease", "node-1"))
    renewed: list[tuple[Verb, str]] = []

    def is_renewed() -> bool:
        renewed.extend((verb, found.place[1]) for verb, found in renewals.look())
        return bool(renewed)

    wait_until(is_renewed, what="a renewal")
    assert renewed == [(Verb.MODIFIED, "node-1")]
