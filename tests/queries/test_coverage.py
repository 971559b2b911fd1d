"""The table twin of the map: the same cells, in rows that can be grouped, filtered and paged."""

from __future__ import annotations

import pytest

from controller.engine.daemonset.cells import CellState
from controller.engine.objects import Taint
from controller.queries.coverage import Group, coverage
from controller.services import nodes, objects
from tests.clusters import cluster, demo_text, looked
from tests.stepping import by, rest, stepped_cluster

pytestmark = pytest.mark.django_db

NEW, NONE = CellState.NEW, CellState.NONE


def two_sets() -> int:
    """Return a cluster with three nodes, of which the first has a fast disk, and two sets."""
    tried = stepped_cluster(nodes=3)
    objects.manifests_create(**by(tried), text=demo_text("ssd-monitor"))
    nodes.node_label_patch(**by(tried), nodes=["node-1"], set={"disk": "ssd"}, remove=[])
    nodes.node_label_patch(**by(tried), nodes=["node-2"], set={"disk": "hdd"}, remove=[])
    rest(tried)
    return tried


def test_rows_and_columns() -> None:
    """A row a node, a cell a set, each in the order of the columns."""
    tried = two_sets()
    table = looked(coverage, tried)
    assert [column.name for column in table.columns] == ["nginx-ds", "ssd-monitor"]
    assert [(line.name, line.cells) for line in table.lines] == [
        ("node-1", (NEW, NEW)),
        ("node-2", (NEW, NONE)),
        ("node-3", (NEW, NONE)),
    ]
    assert [column.states for column in table.columns] == [{NEW: 3}, {NEW: 1, NONE: 2}]
    assert "disk" in table.labels
    assert table.groups == ()


def test_groups() -> None:
    """Nodes are grouped by the value of a label; those without it come last, in a group of their own."""
    table = looked(coverage, two_sets(), group_by="disk")
    assert [line.name for line in table.lines] == ["node-2", "node-1", "node-3"]
    assert table.groups == (
        Group("hdd", 1, {NEW: 1, NONE: 1}),
        Group("ssd", 1, {NEW: 2}),
        Group(None, 1, {NEW: 1, NONE: 1}),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", ["node-1", "node-2", "node-3"], id="nothing asked"),
        pytest.param(" NODE-2 ", ["node-2"], id="name"),
        pytest.param("disk=s", ["node-1"], id="label"),
        pytest.param("disk=", ["node-1", "node-2"], id="any value"),
        pytest.param("disk=none", [], id="nothing found"),
    ],
)
def test_text(text: str, found: list[str]) -> None:
    """A text is looked for in names and in labels written key=value."""
    table = looked(coverage, two_sets(), text=text)
    assert [line.name for line in table.lines] == found
    assert (table.matching, table.nodes) == (len(found), 3)


def test_states() -> None:
    """States keep the nodes with a cell in one of them; the columns still count all nodes."""
    tried = two_sets()
    nodes.node_taints(**by(tried), node="node-2", taints=[Taint("held", "", "NoSchedule")])
    table = looked(coverage, tried, states={CellState.MISSCHEDULED, CellState.DOWN})
    assert [line.name for line in table.lines] == ["node-2"]
    assert table.lines[0].taints == ("held:NoSchedule",)
    assert table.columns[0].states == {NEW: 2, CellState.MISSCHEDULED: 1}


def test_pages() -> None:
    """A page beyond the last is the last: nodes may go while somebody looks."""
    tried = two_sets()
    table = looked(coverage, tried, page=9, size=2)
    assert ([line.name for line in table.lines], table.page, table.pages) == (["node-3"], 2, 2)


def test_an_empty_cluster() -> None:
    """Without nodes and sets there is one empty page."""
    table = looked(coverage, cluster())
    assert (table.lines, table.columns, table.page, table.pages) == ((), (), 1, 1)
