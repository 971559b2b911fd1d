"""The table twin of the map: the same cells, in rows that can be grouped, filtered and paged."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.daemonset.cells import CellState
from controller.engine.matching.nodefilter import node_filter
from controller.engine.objects import Taint
from controller.queries.coverage import Group, NodeLine, Request, coverage
from controller.services import nodes, objects
from tests.clusters import cluster, demo_text, looked, row_of
from tests.stepping import by, rest, stepped_cluster

pytestmark = pytest.mark.django_db

REPLICAS = """
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1"}]}
"""
NEW, NONE = CellState.NEW, CellState.NONE


def two_sets() -> int:
    """Return a cluster with three nodes, of which the first has a fast disk, and two sets."""
    tried = stepped_cluster(nodes=3)
    objects.manifests_create(**by(tried), text=demo_text("ssd-monitor"))
    nodes.node_label_patch(**by(tried), nodes=["node-1"], set={"disk": "ssd"}, remove=[])
    nodes.node_label_patch(**by(tried), nodes=["node-2"], set={"disk": "hdd"}, remove=[])
    rest(tried)
    return tried


def told(lines: tuple[NodeLine, ...]) -> list[tuple[str, list[CellState]]]:
    """Return the names of rows with the states of their cells."""
    return [(line.name, [cell.state for cell in line.cells]) for line in lines]


def named(tried: int, **asked: Any) -> list[str]:
    """Return the names of the rows that are asked for."""
    return [line.name for line in looked(coverage, tried, asked=Request(**asked)).lines]


def test_rows_and_columns() -> None:
    """A row a node, a cell a workload, each in the order of the columns; others follow the DaemonSets."""
    tried = two_sets()
    objects.manifests_create(**by(tried), text=REPLICAS)
    rest(tried)
    table = looked(coverage, tried, asked=Request())
    assert [(one.kind, one.name) for one in table.columns] == [
        ("DaemonSet", "nginx-ds"),
        ("DaemonSet", "ssd-monitor"),
        ("ReplicaSet", "web"),
    ]
    assert [(name, cells[:2]) for name, cells in told(table.lines)] == [
        ("node-1", [NEW, NEW]),
        ("node-2", [NEW, NONE]),
        ("node-3", [NEW, NONE]),
    ]
    web = [line.cells[2] for line in table.lines]
    assert sum(cell.pods for cell in web) == 2
    assert all((cell.state is NEW) == (cell.pods > 0) for cell in web)
    assert "disk" in table.labels
    assert (table.groups, table.number) == ((), row_of(tried).number)


def test_one_column() -> None:
    """One workload can be shown alone; all there are stay known."""
    tried = two_sets()
    every = looked(coverage, tried, asked=Request()).every
    table = looked(coverage, tried, asked=Request(column=every[1].id))
    assert ([one.name for one in table.columns], table.every) == (["ssd-monitor"], every)
    assert told(table.lines) == [("node-1", [NEW]), ("node-2", [NONE]), ("node-3", [NONE])]


def test_groups() -> None:
    """Nodes are grouped by the value of a label; those without it come last, in a group of their own."""
    table = looked(coverage, two_sets(), asked=Request(groups=["disk"]))
    assert [line.name for line in table.lines] == ["node-2", "node-1", "node-3"]
    assert table.groups == (Group(("hdd",), 1), Group(("ssd",), 1), Group((None,), 1))


def test_groups_of_two_levels() -> None:
    """The second level divides each group of the first: here by taints, states and revisions."""
    tried = two_sets()
    nodes.node_taints(**by(tried), node="node-3", taints=[Taint("held", "", "NoSchedule")])
    shown = [
        [one.values for one in looked(coverage, tried, asked=Request(groups=groups)).groups]
        for groups in ([":taint", "disk"], [":state"], [":revision"])
    ]
    assert shown == [
        [("held:NoSchedule", None), (None, "hdd"), (None, "ssd")],
        [("misscheduled",), ("new",)],
        [("between",), ("current",)],
    ]


def test_only_those_that_pass() -> None:
    """A test keeps the nodes that pass it, and says how many of how many."""
    tried = two_sets()
    table = looked(coverage, tried, asked=Request(test=node_filter("disk=ssd")))
    assert ([line.name for line in table.lines], table.matching, table.nodes) == (["node-1"], 1, 3)


def test_states() -> None:
    """States keep the nodes with a shown cell in one of them."""
    tried = two_sets()
    nodes.node_taints(**by(tried), node="node-2", taints=[Taint("held", "", "NoSchedule")])
    assert named(tried, states={CellState.MISSCHEDULED, CellState.DOWN}) == ["node-2"]


def test_sorting() -> None:
    """By name as people count, by the node's condition, or by the cells of a column; either way round."""
    tried = two_sets()
    nodes.nodes_add(**by(tried), names=["node-10"])
    nodes.node_power(**by(tried), nodes=["node-2"], up=False)
    ssd = looked(coverage, tried, asked=Request()).every[1].id
    assert named(tried) == ["node-1", "node-2", "node-3", "node-10"]
    assert named(tried, descending=True) == ["node-10", "node-3", "node-2", "node-1"]
    assert named(tried, sort="condition")[0] in {"node-2", "node-10"}
    assert named(tried, sort=ssd)[0] == "node-1"
    assert named(tried, sort=ssd, descending=True)[-1] == "node-1"
    assert named(tried, sort="nothing") == named(tried)


def test_pages() -> None:
    """A page beyond the last is the last: nodes may go while somebody looks. Without a size there is one."""
    tried = two_sets()
    table = looked(coverage, tried, asked=Request(page=9, size=2))
    assert ([line.name for line in table.lines], table.page, table.pages) == (["node-3"], 2, 2)
    assert len(named(tried, size=None)) == 3


def test_an_empty_cluster() -> None:
    """Without nodes and sets there is one empty page."""
    table = looked(coverage, cluster(), asked=Request())
    assert (table.lines, table.columns, table.page, table.pages) == ((), (), 1, 1)
