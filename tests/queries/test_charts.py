"""Numbers over time: what sets told, how many nodes there were, and which edits the chart marks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from controller import models
from controller.engine.changes import Verb
from controller.engine.reasons import Reason
from controller.queries import charts
from controller.queries.charts import Chart, cluster_chart, set_chart
from controller.queries.source import cluster_view, cluster_view_lent
from controller.services.nodes import node_labels, node_power, nodes_remove
from controller.services.objects import object_delete
from tests.clusters import PERSON, cluster, row_of, settle, with_daemonset
from tests.servers import wait_until
from tests.stepping import Place

pytestmark = pytest.mark.django_db

PLACE: Place = {"namespace": "default", "name": "ssd-monitor"}


def chart_of(tried: int) -> Chart:
    """Return the chart of the set."""
    with cluster_view(tried) as view:
        return set_chart(view, cluster=tried, **PLACE)


def all_of(tried: int) -> Chart:
    """Return the chart of the cluster."""
    with cluster_view(tried) as view:
        return cluster_chart(view, cluster=tried)


def values(chart: Chart) -> list[tuple[int, ...]]:
    """Return the numbers that differ from those before."""
    told = [point.values for point in chart.points]
    return [one for at, one in enumerate(told) if at == 0 or one != told[at - 1]]


def test_a_set_over_time() -> None:
    """The numbers are those that the set told, from its beginning to its end; edits of it are marked."""
    tried = cluster(nodes=2)
    with_daemonset(tried, "ssd-monitor")
    node_labels(cluster=tried, actor=PERSON, node="node-1", labels={"disk": "ssd"})
    settle(tried)
    found = chart_of(tried)
    assert found.names == charts.STATUS
    assert values(found)[0] == (0, 0, 0, 0, 0)
    assert values(found)[-1] == (1, 1, 1, 1, 0)
    assert [one.action for one in found.edits] == ["object_create"]
    object_delete(cluster=tried, actor=PERSON, kind="DaemonSet", **PLACE)
    settle(tried)
    assert values(chart_of(tried))[-1] == (0, 0, 0, 0, 0)


def test_a_cluster_over_time() -> None:
    """Pods of all sets are added up, and nodes are counted: there, and not ready."""
    tried = cluster(nodes=3)
    for name in ("nginx-ds", "ssd-monitor"):
        with_daemonset(tried, name)
    settle(tried)
    assert values(all_of(tried))[-1] == (3, 3, 3, 0)
    node_power(cluster=tried, actor=PERSON, nodes=["node-1"], up=False)

    def lost() -> bool:
        settle(tried)
        return values(all_of(tried))[-1][2:] == (3, 1)

    wait_until(lost, what="a node that is not ready")
    nodes_remove(cluster=tried, actor=PERSON, names=["node-1", "node-2"])
    settle(tried)
    told = values(all_of(tried))
    assert told[-1][2:] == (1, 0)
    assert max(one[3] for one in told) == 3, "nodes that are new are not ready"
    assert "nodes_remove" in {one.action for one in all_of(tried).edits}


def test_a_chart_of_the_past() -> None:
    """Of a moment of the past a chart shows what had happened until then."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    settle(tried)
    number = row_of(tried).number
    nodes_remove(cluster=tried, actor=PERSON, names=["node-1"])
    settle(tried)
    with cluster_view_lent(tried, number) as view:
        assert cluster_chart(view, cluster=tried).points[-1].values == (1, 1, 1, 0)
        assert (
            set_chart(view, cluster=tried, namespace="default", name="nginx-ds").points[-1].number <= number
        )
    assert all_of(tried).points[-1].values == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("happened", "now", "states"),
    [
        pytest.param([], True, [(1, 0)], id="nothing"),
        pytest.param([Reason.NODE_LOST], False, [(1, 0), (1, 1)], id="lost"),
        pytest.param([Reason.KUBELET_READY], True, [(1, 1), (1, 0)], id="ready"),
        pytest.param([Verb.ADDED], True, [(0, 0), (1, 0)], id="copied as it was"),
        pytest.param([Verb.ADDED, Reason.KUBELET_READY], True, [(0, 0), (1, 1), (1, 0)], id="added"),
        pytest.param([Verb.ADDED, Reason.NODE_LOST], False, [(0, 0), (1, 0), (1, 1)], id="copied and lost"),
        pytest.param([Verb.DELETED], None, [(1, 0), (0, 0)], id="removed"),
        pytest.param([Reason.NODE_LOST, Verb.DELETED], None, [(1, 0), (1, 1), (0, 0)], id="lost and removed"),
    ],
)
def test_what_became_of_a_node(
    happened: list[str],
    now: bool | None,  # noqa: FBT001 -- of a table
    states: list[tuple[int, int]],
) -> None:
    """Reasons say whether a node was ready, also before the first that is known of it."""
    before = charts._before(happened[0]) if happened else now
    found = [charts._difference(None, before)]
    for at, what in enumerate(happened):
        later = happened[at + 1] if at + 1 < len(happened) else ""
        after = charts._after(what, later, bool(now))
        more = charts._difference(before, after)
        found.append((found[-1][0] + more[0], found[-1][1] + more[1]))
        before = after
    assert found == states


def test_what_is_older_than_the_log() -> None:
    """Nodes and sets of which no change is kept count as they are, and an older set as it told first."""
    tried = cluster(nodes=2)
    for name in ("nginx-ds", "ssd-monitor"):
        with_daemonset(tried, name)
    settle(tried)
    kept = row_of(tried).number
    node_labels(cluster=tried, actor=PERSON, node="node-1", labels={"disk": "ssd"})
    settle(tried)
    models.Change.objects.filter(cluster=tried, number__lte=kept).delete()
    assert values(all_of(tried)) == [(3, 3, 2, 0)]


def test_a_long_history_is_bounded() -> None:
    """Of many moments only some are read, with the first and the last."""
    tried = cluster()
    at = datetime(2026, 1, 1, tzinfo=UTC)
    base = row_of(tried).number
    rows = [
        models.Change(
            cluster_id=tried,
            number=base + 1 + n,
            kind="DaemonSet",
            namespace="default",
            name=f"s{n % 3}",
            verb=Verb.MODIFIED,
            manifest={"status": {"numberReady": n}},
            timers={},
            actor="a",
            reason=Reason.STATUS,
            at=at + timedelta(seconds=n),
        )
        for n in range(3000)
    ]
    models.Change.objects.bulk_create(rows)
    models.Cluster.objects.filter(pk=tried).update(number=base + 3000)
    with cluster_view_lent(tried, base + 3000) as view:
        one = set_chart(view, cluster=tried, namespace="default", name="s0")
        every = cluster_chart(view, cluster=tried)
    assert len(one.points) == len(every.points) == charts.POINTS
    assert (one.points[0].values[1], one.points[-1].values[1]) == (0, 2997)
    assert every.points[-1].values[1] == 2997 + 2998 + 2999
