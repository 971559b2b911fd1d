"""What is told of a cluster when something stands in the way of simply going on."""

from __future__ import annotations

import json

import pytest

from controller.live.delta_source import DeltaSource
from controller.services import clusters, nodes
from controller.store import log
from tests.clusters import PERSON, cluster, row_of

pytestmark = pytest.mark.django_db


def test_no_news_before_a_snapshot() -> None:
    """Nothing follows on nothing: whoever knows nothing has to ask for a snapshot."""
    teller = DeltaSource(cluster(nodes=1))
    assert (teller.news().frames, teller.knows) == ((), False)
    (snapshot,) = teller.snapshot().frames
    assert (json.loads(snapshot)["t"], teller.knows) == ("snapshot", True)


def test_no_news_of_nothing() -> None:
    """While nothing changes nothing is told."""
    teller = DeltaSource(cluster(nodes=1))
    teller.snapshot()
    assert teller.news().frames == ()


def test_beyond_the_horizon() -> None:
    """What the log no longer holds cannot be told: nothing is known then until a snapshot is asked for."""
    tried = cluster(nodes=1)
    teller = DeltaSource(tried)
    teller.snapshot()
    nodes.node_cordon(cluster=tried, actor=PERSON, nodes=["node-1"], cordoned=True)
    log.clear(tried, upto=row_of(tried).number)
    assert (teller.news().frames, teller.knows) == ((), False)
    (snapshot,) = teller.snapshot().frames
    assert json.loads(snapshot)["nodes"][0]["unschedulable"] is True


def test_a_cluster_that_is_gone() -> None:
    """It is told once more, to whoever asks."""
    tried = cluster(nodes=1)
    teller = DeltaSource(tried)
    teller.snapshot()
    clusters.cluster_delete(cluster=tried, actor=PERSON)
    for news in (teller.news(), teller.snapshot()):
        assert (news.frames, news.over) == (('{"t":"gone"}',), True)
