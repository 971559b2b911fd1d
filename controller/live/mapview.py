"""One cluster as its map shows it, kept up to date from the log: where deltas come from.

A delta is never guessed from what a change was about. Whatever a change may have touched is read
anew from the world and told only if it differs from what was told before, so the frames add up to
what a fresh snapshot would say.
"""

from __future__ import annotations

from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.controllers.loads import NOWHERE, workload
from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.status import Counts
from controller.engine.objects import Node
from controller.live import columns
from controller.live.frames import (
    PODS_NAMED,
    ClusterRow,
    CountsRow,
    Delta,
    Loads,
    NodeRow,
    SetRow,
    Snapshot,
    WorkloadRow,
)
from controller.store.views import Cells, ClusterView, Moved


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
    ds, counts = coverage.ds, Counts.shown(coverage)
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


def workload_row(view: ClusterView, uid: str) -> WorkloadRow:
    """Return another workload as the map shows it."""
    nowhere = view.loads[uid].get(NOWHERE)
    kind, namespace, name = found.key if (found := workload(view.world, uid)) else ("Pod", "", "")
    return WorkloadRow(uid, kind, namespace, name, nowhere.pods if nowhere else 0)


class MapView:
    """The map of one cluster as it was last told. Not safe for use by two threads at once."""

    def __init__(self, view: ClusterView) -> None:
        self._number, self._moved = view.number, view.noted()
        self._nodes = {name: node_row(node) for name, node in view.world.nodes.items()}
        self._sets = {uid: _row(view, uid) for uid in coverages(view.world)}
        self._cells: Cells = {uid: dict(line) for uid, line in view.cells.items()}
        self._workloads = {uid: workload_row(view, uid) for uid in view.loads}
        self._loads: Loads = {uid: placed(view, uid) for uid in view.loads}

    @property
    def number(self) -> int:
        """Return the number of the change after which it was like this."""
        return self._number

    def snapshot(self, cluster: ClusterRow) -> Snapshot:
        """Return the map as it was last told."""
        return columns.snapshot(
            n=self._number,
            cluster=cluster,
            nodes=self._nodes,
            sets=self._sets.values(),
            cells=self._cells,
            workloads=self._workloads.values(),
            loads=self._loads,
        )

    def turn(self, view: ClusterView) -> Delta | None:
        """Go on to what a view shows; return what is different, or None if it has the same number."""
        if view.number <= self._number:
            return None
        since, moved = self._number, self._moved if view.notes(self._moved) else self._everything(view)
        self._number, self._moved = view.number, view.noted()
        # Pods of a node that was gone may have stood there all the time.
        came = (moved.nodes & view.world.nodes.keys()) - self._nodes.keys()
        stood = {uid for uid, row in view.loads.items() if came & row.keys()}
        nodes, gone_nodes = self._turn_nodes(view, moved.nodes)
        sets, gone_sets = self._turn_sets(view, moved.sets)
        workloads, gone_workloads = self._turn_workloads(view, moved.workloads)
        return Delta(
            since=since,
            n=self._number,
            nodes=nodes,
            gone_nodes=gone_nodes,
            sets=sets,
            gone_sets=gone_sets,
            cells=self._turn_cells(view, moved.pairs),
            workloads=workloads,
            gone_workloads=gone_workloads,
            loads=self._turn_loads(view, moved.workloads | stood),
            pods=tuple(f"{namespace}/{name}" for namespace, name in sorted(moved.pods)[:PODS_NAMED]),
        )

    def _everything(self, view: ClusterView) -> Moved:
        """Return what may be different in a view that is new: whatever it shows, or was told."""
        nodes = view.world.nodes.keys() | self._nodes.keys()
        sets = coverages(view.world).keys() | self._sets.keys()
        pods = {(namespace, name) for _kind, namespace, name in view.world.pods}
        workloads = view.loads.keys() | self._workloads.keys()
        return Moved(nodes, sets, {(uid, node) for uid in sets for node in nodes}, pods, workloads)

    def _turn_nodes(
        self, view: ClusterView, touched: set[str]
    ) -> tuple[tuple[NodeRow, ...], tuple[str, ...]]:
        changed, gone = [], []
        for name in sorted(touched):
            node = view.world.nodes.get(name)
            if node is None:
                if self._nodes.pop(name, None):
                    gone.append(name)
                for line in self._cells.values():
                    line.pop(name, None)
                for loads in self._loads.values():
                    loads.pop(name, None)
            elif (row := node_row(node)) != self._nodes.get(name):
                self._nodes[name] = row
                changed.append(row)
        return tuple(changed), tuple(gone)

    def _turn_sets(self, view: ClusterView, touched: set[str]) -> tuple[tuple[SetRow, ...], tuple[str, ...]]:
        changed, gone = [], []
        for uid in sorted(touched):
            if uid not in coverages(view.world):
                self._cells.pop(uid, None)
                if self._sets.pop(uid, None):
                    gone.append(uid)
                continue
            self._cells.setdefault(uid, {})
            if (row := _row(view, uid)) != self._sets.get(uid):
                self._sets[uid] = row
                changed.append(row)
        return tuple(changed), tuple(gone)

    def _turn_cells(self, view: ClusterView, pairs: set[tuple[str, str]]) -> Cells:
        changed: Cells = {}
        for uid, node in sorted(pairs):
            told = self._cells.get(uid)
            if told is None or node not in view.world.nodes:
                continue
            state = view.cell(uid, node)
            if state is told.get(node, CellState.NONE):
                continue
            changed.setdefault(uid, {})[node] = state
            if state is CellState.NONE:
                del told[node]
            else:
                told[node] = state
        return changed

    def _turn_workloads(
        self, view: ClusterView, touched: set[str]
    ) -> tuple[tuple[WorkloadRow, ...], tuple[str, ...]]:
        changed, gone = [], []
        for uid in sorted(touched):
            if uid not in view.loads:
                self._loads.pop(uid, None)
                if self._workloads.pop(uid, None):
                    gone.append(uid)
            elif (row := workload_row(view, uid)) != self._workloads.get(uid):
                self._workloads[uid] = row
                changed.append(row)
        return tuple(changed), tuple(gone)

    def _turn_loads(self, view: ClusterView, touched: set[str]) -> Loads:
        changed: Loads = {}
        for uid in sorted(touched & view.loads.keys()):
            now, told = placed(view, uid), self._loads.get(uid, {})
            moved = {node: load for node, load in now.items() if told.get(node) != load}
            moved |= {node: (CellState.NONE, 0) for node in told if node not in now}
            self._loads[uid] = now
            if moved:
                changed[uid] = moved
        return changed


def placed(view: ClusterView, uid: str) -> dict[str, tuple[CellState, int]]:
    """Return the loads of a workload on nodes that are there."""
    return {
        node: (load.state, load.pods) for node, load in view.loads[uid].items() if node in view.world.nodes
    }


def _row(view: ClusterView, uid: str) -> SetRow:
    return set_row(coverages(view.world)[uid], view.revision(uid))
