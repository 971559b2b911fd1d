"""One cluster as its map shows it, kept up to date from the log: where deltas come from.

A delta is never guessed from what a change was about. Whatever a change may have touched is read
anew from the world and told only if it differs from what was told before, so the frames add up to
what a fresh snapshot would say.
"""

from __future__ import annotations

from controller import models
from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.status import Counts
from controller.engine.objects import Node
from controller.live.frames import (
    PODS_NAMED,
    ClusterRow,
    CountsRow,
    Delta,
    NodeRow,
    SetRow,
    Snapshot,
)
from controller.store.views import ClusterView


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


class MapView:
    """The map of one cluster as it was last told, and the view that it is read from.

    Not safe for use by two threads at once.
    """

    def __init__(self, view: ClusterView) -> None:
        self._view = view
        world = view.world
        self._nodes = {name: node_row(node) for name, node in world.nodes.items()}
        self._sets = {uid: self._row(uid) for uid in coverages(world)}

    def snapshot(self, cluster: ClusterRow) -> Snapshot:
        """Return the map as it was last told."""
        return Snapshot(
            n=self._view.number,
            cluster=cluster,
            nodes=tuple(self._nodes[name] for name in sorted(self._nodes)),
            sets=tuple(sorted(self._sets.values(), key=lambda row: (row.namespace, row.name, row.id))),
            cells=self._view.cells,
        )

    def turn(self, row: models.Cluster) -> Delta | None:
        """Go on to the cluster's row; return what is different, or None if it has the same number.

        Raises Gone: too far behind.
        """
        since = self._view.number
        if row.number == since:
            return None
        moved = self._view.follow(row)
        nodes, gone_nodes = self._turn_nodes(moved.nodes)
        sets, gone_sets = self._turn_sets(moved.sets)
        return Delta(
            since=since,
            n=self._view.number,
            nodes=nodes,
            gone_nodes=gone_nodes,
            sets=sets,
            gone_sets=gone_sets,
            cells=moved.cells,
            pods=tuple(f"{namespace}/{name}" for namespace, name in sorted(moved.pods)[:PODS_NAMED]),
        )

    def _row(self, uid: str) -> SetRow:
        return set_row(coverages(self._view.world)[uid], self._view.revision(uid))

    def _turn_nodes(self, touched: set[str]) -> tuple[tuple[NodeRow, ...], tuple[str, ...]]:
        changed, gone = [], []
        for name in sorted(touched):
            node = self._view.world.nodes.get(name)
            if node is None:
                if self._nodes.pop(name, None):
                    gone.append(name)
            elif (row := node_row(node)) != self._nodes.get(name):
                self._nodes[name] = row
                changed.append(row)
        return tuple(changed), tuple(gone)

    def _turn_sets(self, touched: set[str]) -> tuple[tuple[SetRow, ...], tuple[str, ...]]:
        changed, gone = [], []
        for uid in sorted(touched):
            if uid not in coverages(self._view.world):
                if self._sets.pop(uid, None):
                    gone.append(uid)
            elif (row := self._row(uid)) != self._sets.get(uid):
                self._sets[uid] = row
                changed.append(row)
        return tuple(changed), tuple(gone)
