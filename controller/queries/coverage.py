"""The table twin of the map: a row a node, a cell a workload; grouped, filtered, sorted and paged."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.controllers.loads import workload
from controller.engine.daemonset.cells import WORST_FIRST, CellState
from controller.engine.disruption.drain import options_of
from controller.engine.objects import DaemonSet, Node, Pod
from controller.queries.source import paged
from controller.store.views import ClusterView

PAGE = 100
GROUPS = (":taint", ":state", ":revision")
"""What nodes can be grouped by besides labels, whose keys do not begin like that."""

CONDITION = "condition"
"""What rows can be sorted by besides a column: whether the node is well. "" is its name."""

_RANKS = {state: rank for rank, state in enumerate(WORST_FIRST)}
_REVISIONS = {
    CellState.NEW: "current",
    CellState.OLD: "older",
    CellState.NONE: "nobody",
    CellState.MISSING: "nobody",
}
"""What nodes are grouped by revision under; all other states are between two."""

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Column:
    """A workload as the head of a column; of all pods without a controller kind and name are Pod and ""."""

    id: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A workload on a node. ``pods`` counts those of a workload that is no DaemonSet."""

    state: CellState
    pods: int = 0


@dataclass(frozen=True, slots=True)
class NodeLine:
    """A node as a row: ``cells`` are in the order of the columns, ``group`` has a value a level."""

    name: str
    group: tuple[str | None, ...]
    ready: str
    unschedulable: bool
    down: bool
    draining: bool
    labels: dict[str, str]
    taints: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """How many nodes are grouped under some values, one a level; None: they lack what others have."""

    values: tuple[str | None, ...]
    nodes: int


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the table.

    ``test`` says which nodes; of those are kept the ones with a shown cell in one of ``states``, if there
    are any. ``column`` is the id of the only one that is shown, "" for all. ``groups`` are keys of labels
    or of GROUPS, the outer first. ``sort`` is "" for names, CONDITION, or the id of a column: the worst
    come first, or last if it is ``descending``. ``size`` None: all on one page.
    """

    test: Callable[[Node], bool] = lambda _node: True
    states: Collection[CellState] = ()
    column: str = ""
    groups: Sequence[str] = ()
    sort: str = ""
    descending: bool = False
    page: int = 1
    size: int | None = PAGE


@dataclass(frozen=True, slots=True)
class Coverage:
    """One page of the table. ``every`` are all columns there are; ``columns`` those that are shown.

    ``matching`` of ``nodes`` pass the filter; ``groups`` count those.
    """

    number: int
    every: tuple[Column, ...]
    columns: tuple[Column, ...]
    labels: tuple[str, ...]
    groups: tuple[Group, ...]
    lines: tuple[NodeLine, ...]
    nodes: int
    matching: int
    page: int
    pages: int


@lru_cache(maxsize=20_000)
def natural(name: str) -> tuple[tuple[int, str], ...]:
    """Return by what names are sorted as people count: node-2 before node-10."""
    return tuple([(int(part), "") if at % 2 else (-1, part) for at, part in enumerate(_DIGITS.split(name))])


def columns_of(view: ClusterView) -> tuple[Column, ...]:
    """Return the DaemonSets by namespace and name, and then the other workloads by kind too."""
    sets = sorted(coverages(view.world).values(), key=lambda each: each.ds.key)
    made = [Column(each.ds.uid, DaemonSet.KIND, each.ds.namespace, each.ds.name) for each in sets]
    others = []
    for uid in view.loads:
        found = workload(view.world, uid)
        others.append(Column(uid, *(found.key if found else (Pod.KIND, "", ""))))
    return (*made, *sorted(others, key=lambda one: (one.kind, one.namespace, one.name)))


def coverage(view: ClusterView, asked: Request) -> Coverage:
    """Return a page of the nodes that are asked for, in the order of groups and what sorts them."""
    reader = _Reader(view, asked)
    matching = [node for node in view.world.nodes.values() if reader.passes(node)]
    placed = {node.name: reader.group(node) for node in matching} if asked.groups else {}
    matching.sort(key=lambda node: natural(node.name))
    if asked.sort:
        matching.sort(key=reader.rank, reverse=asked.descending)
    elif asked.descending:
        matching.reverse()
    if placed:
        matching.sort(key=lambda node: _order(placed[node.name]))
    shown = paged(
        matching,
        lambda node: reader.line(node, placed.get(node.name, ())),
        asked.page,
        asked.size or max(1, len(matching)),
    )
    return Coverage(
        number=view.number,
        every=reader.every,
        columns=reader.columns,
        labels=tuple(sorted({key for node in view.world.nodes.values() for key in node.labels})),
        groups=tuple(
            Group(*one) for one in Counter(placed[node.name] for node in matching if placed).items()
        ),
        lines=shown.items,
        nodes=len(view.world.nodes),
        matching=len(matching),
        page=shown.page,
        pages=shown.pages,
    )


def _order(values: Iterable[str | None]) -> list[tuple[bool, tuple[tuple[int, str], ...]]]:
    return [(value is None, natural(value or "")) for value in values]


class _Reader:
    """Reads what a request asks of the nodes of a view."""

    def __init__(self, view: ClusterView, asked: Request) -> None:
        self.view, self.asked = view, asked
        self.every = columns_of(view)
        self.columns = tuple(one for one in self.every if not asked.column or one.id == asked.column)

    def cell(self, column: Column, node: Node) -> Cell:
        if column.id in self.view.cells:
            return Cell(self.view.cell(column.id, node.name))
        load = self.view.loads[column.id].get(node.name)
        if load is None:
            return Cell(CellState.NONE)
        return Cell(CellState.DOWN if node.down else load.state, load.pods)

    def passes(self, node: Node) -> bool:
        if not self.asked.test(node):
            return False
        return not self.asked.states or any(
            self.cell(column, node).state in self.asked.states for column in self.columns
        )

    def worst(self, node: Node) -> CellState:
        if len(self.columns) > 1 and (node.down or node.ready != "True"):
            return CellState.DOWN
        states = [self.cell(column, node).state for column in self.columns]
        return min(states, key=_RANKS.__getitem__, default=CellState.NONE)

    def rank(self, node: Node) -> tuple[int, int]:
        if self.asked.sort == CONDITION:
            return (not node.down and node.ready == "True", int(not node.unschedulable))
        column = next((one for one in self.every if one.id == self.asked.sort), None)
        if column is None:
            return (0, 0)
        found = self.cell(column, node)
        return (_RANKS[found.state], -found.pods)

    def group(self, node: Node) -> tuple[str | None, ...]:
        return tuple(self._under(key, node) for key in self.asked.groups)

    def _under(self, key: str, node: Node) -> str | None:
        match key:
            case ":taint":
                own = [str(taint) for taint in node.taints if not taint.key.startswith("node.kubernetes.io/")]
                return ", ".join(own) or None
            case ":state":
                return str(self.worst(node))
            case ":revision":
                return _REVISIONS.get(self.worst(node), "between")
        return node.labels.get(key)

    def line(self, node: Node, group: tuple[str | None, ...]) -> NodeLine:
        return NodeLine(
            name=node.name,
            group=group,
            ready=node.ready,
            unschedulable=node.unschedulable,
            down=node.down,
            draining=bool(options_of(node.manifest)),
            labels=node.labels,
            taints=tuple(str(taint) for taint in node.taints),
            cells=tuple(self.cell(column, node) for column in self.columns),
        )
