"""The table twin of the map: a row a node, a cell a set, grouped, filtered and paged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.status import Counts
from controller.engine.objects import Node
from controller.engine.world import World
from controller.queries.source import paged
from controller.store.views import ClusterView

PAGE = 100
Tally = dict[CellState, int]


@dataclass(frozen=True, slots=True)
class SetColumn:
    """A set as the head of a column. ``states`` counts its cells over all nodes of the cluster."""

    id: str
    namespace: str
    name: str
    strategy: str
    paused: bool
    deleting: bool
    counts: Counts
    states: Tally


@dataclass(frozen=True, slots=True)
class NodeLine:
    """A node as a row: ``cells`` are in the order of the columns, ``group`` is its label's value."""

    name: str
    group: str | None
    ready: str
    unschedulable: bool
    down: bool
    labels: dict[str, str]
    taints: tuple[str, ...]
    cells: tuple[CellState, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The nodes with one value of the label that is grouped by; None: those without the label."""

    value: str | None
    nodes: int
    states: Tally


@dataclass(frozen=True, slots=True)
class Coverage:
    """One page of the table. ``matching`` of ``nodes`` pass the filter; groups count those."""

    number: int
    columns: tuple[SetColumn, ...]
    labels: tuple[str, ...]
    groups: tuple[Group, ...]
    lines: tuple[NodeLine, ...]
    nodes: int
    matching: int
    page: int
    pages: int


def coverage(
    view: ClusterView,
    *,
    group_by: str = "",
    text: str = "",
    states: AbstractSet[CellState] = frozenset(),
    page: int = 1,
    size: int = PAGE,
) -> Coverage:
    """Return the nodes in the order of group and name.

    ``text`` keeps the nodes in whose name, or in one of whose labels written ``key=value``, it
    occurs; ``states`` those with a cell in one of these states.
    """
    world = view.world
    sets = sorted(coverages(world).values(), key=lambda each: each.ds.key)
    every = _lines(view, [each.ds.uid for each in sets], group_by)
    matching = [line for line in every if _passes(line, text.strip().lower(), states)]
    shown = paged(matching, lambda line: line, page, size)
    return Coverage(
        number=world.number,
        columns=_columns(world, [each.ds.uid for each in sets], every),
        labels=tuple(sorted({key for node in world.nodes.values() for key in node.labels})),
        groups=_groups(matching) if group_by else (),
        lines=shown.items,
        nodes=len(every),
        matching=len(matching),
        page=shown.page,
        pages=shown.pages,
    )


def _lines(view: ClusterView, uids: Sequence[str], group_by: str) -> list[NodeLine]:
    lines = [
        _line(node, node.labels.get(group_by), [view.cell(uid, node.name) for uid in uids])
        for node in view.world.nodes.values()
    ]
    return sorted(lines, key=lambda line: (line.group is None, line.group or "", line.name))


def _line(node: Node, group: str | None, cells: Iterable[CellState]) -> NodeLine:
    return NodeLine(
        name=node.name,
        group=group,
        ready=node.ready,
        unschedulable=node.unschedulable,
        down=node.down,
        labels=node.labels,
        taints=tuple(str(taint) for taint in node.taints),
        cells=tuple(cells),
    )


def _passes(line: NodeLine, text: str, states: AbstractSet[CellState]) -> bool:
    if states and states.isdisjoint(line.cells):
        return False
    return (
        not text
        or text in line.name.lower()
        or any(text in f"{key}={value}".lower() for key, value in line.labels.items())
    )


def _columns(world: World, uids: Iterable[str], lines: Sequence[NodeLine]) -> tuple[SetColumn, ...]:
    columns = []
    for at, uid in enumerate(uids):
        found = coverages(world)[uid]
        ds = found.ds
        columns.append(
            SetColumn(
                id=uid,
                namespace=ds.namespace,
                name=ds.name,
                strategy=ds.strategy,
                paused=ds.paused,
                deleting=ds.deleting,
                counts=Counts.shown(found),
                states=dict(Counter(line.cells[at] for line in lines)),
            )
        )
    return tuple(columns)


def _groups(lines: Iterable[NodeLine]) -> tuple[Group, ...]:
    nodes: Counter[str | None] = Counter()
    states: dict[str | None, Counter[CellState]] = {}
    for line in lines:
        nodes[line.group] += 1
        states.setdefault(line.group, Counter()).update(line.cells)
    return tuple(Group(value, count, dict(states[value])) for value, count in nodes.items())
