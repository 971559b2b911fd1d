"""One cluster as its map shows it, kept up to date from the log: where deltas come from.

A delta is never guessed from what a change was about. Whatever a change may have touched is read
anew from the world and told only if it differs from what was told before, so the frames add up to
what a fresh snapshot would say.
"""

from __future__ import annotations

from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.status import Counts
from controller.engine.objects import Node
from controller.engine.world import Touched, World
from controller.live.frames import (
    PODS_NAMED,
    Cells,
    ClusterRow,
    CountsRow,
    Delta,
    NodeRow,
    SetRow,
    Snapshot,
)


def node_row(node: Node) -> NodeRow:
    """Return a node as the map shows it."""
    return NodeRow(
        name=node.name,
        labels=node.labels,
        ready=node.ready,
        unschedulable=node.unschedulable,
        down=node.down,
        taints=tuple(str(taint) for taint in node.taints),
    )


def set_row(coverage: Coverage, revision: int) -> SetRow:
    """Return a DaemonSet as the map shows it; ``revision`` is its current one's number."""
    ds, counts = coverage.ds, Counts.told_by(coverage.ds)
    return SetRow(
        id=ds.uid,
        namespace=ds.namespace,
        name=ds.name,
        revision=revision,
        strategy=ds.strategy,
        paused=ds.paused,
        deleting=ds.deleting,
        counts=CountsRow(
            desired=counts.desired,
            current=counts.current,
            ready=counts.ready,
            updated=counts.updated,
            available=counts.available,
            unavailable=counts.unavailable,
            misscheduled=counts.misscheduled,
        ),
    )


class MapView:
    """The map of one cluster as it was last told, and the world it is read from.

    Not safe for use by two threads at once.
    """

    def __init__(self, world: World) -> None:
        """Begin with what stands in ``world``, which others feed with changes from now on."""
        self.number = world.number
        self._world = world
        world.changed()
        self._nodes = {name: node_row(node) for name, node in world.nodes.items()}
        self._sets = {uid: self._row(uid) for uid in world.sets}
        self._cells = {uid: self._shown_cells(uid) for uid in self._sets}

    def snapshot(self, cluster: ClusterRow) -> Snapshot:
        """Return the map as it was last told."""
        return Snapshot(
            n=self.number,
            cluster=cluster,
            nodes=tuple(self._nodes[name] for name in sorted(self._nodes)),
            sets=tuple(sorted(self._sets.values(), key=lambda row: (row.namespace, row.name, row.id))),
            cells=self._cells,
        )

    def turn(self) -> Delta:
        """Return what is different from what was told before; from now on it counts as told."""
        since, self.number = self.number, self._world.number
        touched = self._world.changed()
        nodes, gone_nodes = self._turn_nodes(touched)
        sets, gone_sets = self._turn_sets(touched)
        return Delta(
            since=since,
            n=self.number,
            nodes=nodes,
            gone_nodes=gone_nodes,
            sets=sets,
            gone_sets=gone_sets,
            cells=self._turn_cells(touched),
            pods=tuple(f"{namespace}/{name}" for namespace, name in sorted(touched.pods)[:PODS_NAMED]),
        )

    def _row(self, uid: str) -> SetRow:
        coverage = self._world.sets[uid]
        numbers = [each.number for each in self._world.revisions_of(uid) if each.hash == coverage.hash]
        return set_row(coverage, max(numbers, default=0))

    def _shown_cells(self, uid: str) -> dict[str, CellState]:
        states = ((node, self._world.cell(uid, node)) for node in self._nodes)
        return {node: state for node, state in states if state is not CellState.NONE}

    def _turn_nodes(self, touched: Touched) -> tuple[tuple[NodeRow, ...], tuple[str, ...]]:
        changed, gone = [], []
        for name in sorted(touched.nodes):
            node = self._world.nodes.get(name)
            if node is None:
                if self._nodes.pop(name, None):
                    gone.append(name)
                    for cells in self._cells.values():
                        cells.pop(name, None)
            elif (row := node_row(node)) != self._nodes.get(name):
                self._nodes[name] = row
                changed.append(row)
        return tuple(changed), tuple(gone)

    def _turn_sets(self, touched: Touched) -> tuple[tuple[SetRow, ...], tuple[str, ...]]:
        changed, gone = [], []
        for uid in sorted(touched.sets):
            if uid not in self._world.sets:
                if self._sets.pop(uid, None):
                    del self._cells[uid]
                    gone.append(uid)
            elif (row := self._row(uid)) != self._sets.get(uid):
                self._sets[uid] = row
                self._cells.setdefault(uid, {})
                changed.append(row)
        return tuple(changed), tuple(gone)

    def _turn_cells(self, touched: Touched) -> Cells:
        told: Cells = {}
        for uid, node in sorted(touched.pairs):
            cells = self._cells.get(uid)
            if cells is None or node not in self._nodes:
                continue
            state = self._world.cell(uid, node)
            if state is cells.get(node, CellState.NONE):
                continue
            told.setdefault(uid, {})[node] = state
            if state is CellState.NONE:
                del cells[node]
            else:
                cells[node] = state
        return told
