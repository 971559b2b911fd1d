"""What is told of a cluster when something stands in the way of simply going on."""

from __future__ import annotations

import json

import pytest
from pytest_django import DjangoAssertNumQueries

from controller.live.delta_source import DeltaSource
from controller.queries.source import cluster_view
from controller.services import clusters, nodes
from controller.store import log, log_reader, views
from tests.clusters import PERSON, cluster, row_of

pytestmark = pytest.mark.django_db


def test_no_news_before_a_snapshot() -> None:
    """Nothing follows on nothing: whoever knows nothing has to ask for a snapshot."""
    tried = cluster(nodes=1)
    source = DeltaSource(tried)
    assert (source.news(row_of(tried)).frames, source.number) == ((), None)
    (snapshot,) = source.snapshot().frames
    assert (json.loads(snapshot)["t"], source.number) == ("snapshot", row_of(tried).number)


def test_no_news_of_nothing() -> None:
    """While nothing changes nothing is told."""
    tried = cluster(nodes=1)
    source = DeltaSource(tried)
    source.snapshot()
    assert source.news(row_of(tried)).frames == ()


def cordon(tried: int, name: str = "node-1") -> None:
    """Cordon a node."""
    nodes.node_cordon(cluster=tried, actor=PERSON, nodes=[name], cordoned=True)


def test_beyond_the_horizon() -> None:
    """What the log no longer holds is found by comparing what was told with the cluster as it is."""
    tried = cluster(nodes=2)
    source = DeltaSource(tried)
    source.snapshot()
    cordon(tried)
    log.clear(tried, upto=row_of(tried).number)
    (delta,) = source.news(row_of(tried)).frames
    assert [node["name"] for node in json.loads(delta)["nodes"]] == ["node-1"]


def test_what_a_page_saw_first_is_told() -> None:
    """The map and the pages share one view: what a page brought it up to date with is news nevertheless."""
    tried = cluster(nodes=2)
    source = DeltaSource(tried)
    source.snapshot()
    for name in ("node-1", "node-2"):
        cordon(tried, name)
        with cluster_view(tried) as view:
            assert view.world.nodes[name].unschedulable
    (delta,) = source.news(row_of(tried)).frames
    assert [node["name"] for node in json.loads(delta)["nodes"]] == ["node-1", "node-2"]


def test_what_was_read_before_is_not_read_again(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Lines of the log that the reader has are enough to follow."""
    tried = cluster(nodes=1)
    source = DeltaSource(tried)
    source.snapshot()
    assert source.number
    cordon(tried)
    row, lines = row_of(tried), log_reader.lines(tried, source.number, 9)
    with django_assert_num_queries(0):
        (delta,) = source.news(row, lines).frames
    assert json.loads(delta)["n"] == row.number


def test_a_cluster_that_is_gone() -> None:
    """It is told once more, to whoever asks, also if it went while it was read."""
    tried = cluster(nodes=1)
    source = DeltaSource(tried)
    source.snapshot()
    row = row_of(tried)
    clusters.cluster_delete(cluster=tried, actor=PERSON)
    views.cache.forget(tried)
    for news in (source.news(None), source.news(row), source.snapshot()):
        assert (news.frames, news.over) == (('{"t":"gone"}',), True)
