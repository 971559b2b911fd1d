"""How clusters fare, in numbers that are right without looking at every pod."""

from __future__ import annotations

import pytest

from controller.engine.daemonset.status import Counts
from controller.engine.errors import NotFound
from controller.queries import clusters
from controller.services import nodes
from tests.clusters import bare_cluster, cluster
from tests.stepping import by, rest, step, stepped_cluster

pytestmark = pytest.mark.django_db


def test_overviews() -> None:
    """Every cluster is told of by name, an empty one too, with its nodes, pods and added-up counts."""
    bare_cluster("empty")
    tried = stepped_cluster(nodes=3)
    nodes.node_cordon(**by(tried), nodes=["node-1"], cordoned=True)
    nodes.node_power(**by(tried), nodes=["node-2"], up=False)
    rest(tried)

    empty, busy = clusters.overviews()
    assert (empty.cluster.name, empty.nodes, empty.pods, empty.sets) == ("empty", 0, 0, 0)
    assert empty.counts == Counts()
    assert (busy.nodes, busy.ready, busy.cordoned, busy.pods, busy.sets) == (3, 2, 1, 3, 1)
    assert (busy.counts.desired, busy.counts.available, busy.counts.misscheduled) == (2, 2, 1)


def test_facts() -> None:
    """A cluster is found by name and says whether its controllers have seen everything."""
    tried = stepped_cluster()
    settled = clusters.cluster_named("tried")
    nodes.node_cordon(**by(tried), nodes=["node-1"], cordoned=True)
    edited = clusters.cluster_named("tried")
    assert (settled.id, settled.settled, edited.settled) == (clusters.cluster_id("tried"), True, False)
    assert (edited.number, edited.paused) == (settled.number + 1, True)


def test_cluster_time_runs() -> None:
    """The clock of a cluster that is not paused goes on between two looks; that of a paused one stands."""
    cluster("running")
    stepped_cluster()
    assert clusters.cluster_named("running").time < clusters.cluster_named("running").time
    assert clusters.cluster_named("tried").time == clusters.cluster_named("tried").time


def test_an_unknown_cluster() -> None:
    """What is asked of a cluster that is not there is refused in its name."""
    with pytest.raises(NotFound, match='clusters "gone" not found'):
        clusters.cluster_named("gone")


def test_steps_count(django_assert_num_queries: object) -> None:
    """All overviews take four queries, however many clusters there are, once the dictionaries are read."""
    for name in ("one", "two", "three"):
        cluster(name, nodes=2)
    tried = stepped_cluster()
    step(tried)
    clusters.overviews()
    with django_assert_num_queries(4):  # type: ignore[operator]
        assert len(clusters.overviews()) == 4
