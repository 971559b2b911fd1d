"""The same queries tell of a cluster as it is, as it was at a change, and as it would be after an edit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from controller.engine.daemonset.cells import CellState
from controller.engine.edits.draft import Context
from controller.engine.edits.nodes import SetTaints
from controller.engine.edits.whatif import what_if
from controller.engine.errors import BadRequest, Gone
from controller.engine.objects import Moment, Taint
from controller.engine.passes import plan
from controller.queries.coverage import Request, coverage
from controller.queries.daemonsets import daemonset
from controller.queries.events import events
from controller.queries.explain import explain
from controller.queries.nodes import node
from controller.queries.pods import pod, pods
from controller.queries.rollouts import rollout
from controller.queries.source import cluster_view, cluster_view_at
from controller.services import nodes, workloads
from controller.services.names import NAMES
from controller.store import log, views, worlds
from tests.clusters import row_of
from tests.stepping import SET, by, rest, stepped_cluster

pytestmark = pytest.mark.django_db

PAIR = {"namespace": "default", "name": "nginx-ds", "node": "node-1"}


def test_the_past_is_told_by_the_same_queries() -> None:
    """What was seen at a number is what a view of that number tells later, pods and events included."""
    tried = stepped_cluster(nodes=2)
    with cluster_view(tried) as view:
        number = view.number
        table, (first, second) = coverage(view, Request()), pods(view).items
        told = (
            # Then, the clock stood; seen from now, it has gone on since.
            replace(explain(view, **PAIR), clock_stands=False),
            rollout(view, **SET).counts,
            daemonset(view, **SET),
            node(view, name="node-1"),
        )
        whole, events_then = pod(view, namespace="default", name=first.name), events(view).items
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:2")
    rest(tried)

    past = cluster_view_at(tried, number)

    assert past.number == number
    assert coverage(past, Request()) == table
    assert pods(past).items == (first, second)
    assert pod(past, namespace="default", name=first.name) == whole
    assert events(past).items == events_then
    now = (
        explain(past, **PAIR),
        rollout(past, **SET).counts,
        daemonset(past, **SET),
        node(past, name="node-1"),
    )
    assert now == told


def test_what_is_not_kept_and_what_has_not_been() -> None:
    """A number that has not been reached, or is no longer kept, is refused."""
    tried = stepped_cluster(nodes=1)
    with pytest.raises(BadRequest):
        cluster_view_at(tried, row_of(tried).number + 1)
    log.clear(tried, upto=2)
    with pytest.raises(Gone):
        cluster_view_at(tried, 1)


def test_a_page_reads_one_number() -> None:
    """Pods are read as of the view's number, whatever is written while it is looked at."""
    tried = stepped_cluster(nodes=1)
    with cluster_view(tried) as view:
        (before,) = pods(view).items
        nodes.node_power(**by(tried), nodes=["node-1"], up=False)
        rest(tried)

        assert pods(view).items == (before,)


def test_what_if_is_told_by_the_same_queries() -> None:
    """A taint tried on a fork shows the pod that would go; the cluster itself is as it was."""
    tried = stepped_cluster(nodes=2)
    row = row_of(tried)
    settings = worlds.settings_of(row)
    with cluster_view(tried) as view:
        moment, standing = view.moment, coverage(view, Request())
    taint = SetTaints("node-1", [Taint("held", "", "NoExecute")])
    fork, _decision = what_if(
        worlds.load(tried, settings), taint, Context(moment, NAMES, settings, "somebody")
    )
    for seconds in range(3):
        plan(fork, Moment(moment.wall, moment.cluster + seconds), NAMES)

    tried_out = views.of_world(fork, moment)

    explained = explain(tried_out, **PAIR)
    assert (explained.state, explained.verdict.should_run, explained.pods) == (CellState.NONE, False, ())
    assert [line.node for line in pods(tried_out).items] == ["node-2"]
    assert rollout(tried_out, **SET).counts.desired == 1
    with cluster_view(tried) as view:
        assert coverage(view, Request()) == standing
