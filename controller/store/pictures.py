"""Pictures: what stands in every cell of a cluster, kept up to date at the cost of what changed.

The page's map and its tables show thousands of cells, and most of them are as they were a moment ago.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from controller import models
from controller.engine.controllers.daemonset.controller import cell, changed, coverages, revisions_of
from controller.engine.daemonset.cells import CellState
from controller.engine.errors import Gone
from controller.store import lean

Cells = dict[str, dict[str, CellState]]
"""State by set uid and node name. Every set has an entry; a node that is left out has none."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What may look different: node names, set uids, pods (namespace, name); and cells that do.

    A cell that has gone is in the state none, unless its node or its set has gone.
    """

    nodes: set[str]
    sets: set[str]
    pods: set[tuple[str, str]]
    cells: Cells


class Picture:
    """A lean world with the states of all its cells. Not safe for use by two threads at once."""

    def __init__(self, row: models.Cluster) -> None:
        """Read a cluster as it stands. Raises NotFound."""
        self.world = lean.load(row)
        changed(self.world)
        self.cells: Cells = {uid: {} for uid in coverages(self.world)}
        self._look([(uid, node) for uid in self.cells for node in self.world.nodes])

    @property
    def number(self) -> int:
        """Return the number of the change after which it was like this."""
        return self.world.number

    def cell(self, uid: str, node: str) -> CellState:
        """Return the state of one cell."""
        return self.cells[uid].get(node, CellState.NONE)

    def revision(self, uid: str) -> int:
        """Return the number of a set's current revision, or 0 if no pass has made it yet."""
        kept, current = revisions_of(self.world, uid), coverages(self.world)[uid].hash
        return max((each.number for each in kept if each.hash == current), default=0)

    def follow(self, row: models.Cluster) -> Moved:
        """Bring it up to date with the cluster's row; return what moved. Raises Gone: too far behind."""
        lean.follow(self.world, row)
        touched, sets = changed(self.world), coverages(self.world)
        for uid in touched.sets - sets.keys():
            self.cells.pop(uid, None)
        for uid in touched.sets & sets.keys():
            self.cells.setdefault(uid, {})
        for name in touched.nodes - self.world.nodes.keys():
            for cells in self.cells.values():
                cells.pop(name, None)
        return Moved(touched.nodes, touched.sets, touched.pods, self._look(sorted(touched.pairs)))

    def _look(self, pairs: list[tuple[str, str]]) -> Cells:
        moved: Cells = {}
        for uid, node in pairs:
            cells = self.cells.get(uid)
            if cells is None or node not in self.world.nodes:
                continue
            state = cell(self.world, uid, node)
            if state is cells.get(node, CellState.NONE):
                continue
            moved.setdefault(uid, {})[node] = state
            if state is CellState.NONE:
                del cells[node]
            else:
                cells[node] = state
        return moved


class Shelf:
    """The pictures that a process's readers share: one a cluster, the least used of which go."""

    def __init__(self, room: int = 8) -> None:
        self._room = room
        self._pictures: OrderedDict[int, Picture] = OrderedDict()
        self._locks: dict[int, Lock] = {}
        self._lock = Lock()

    @contextmanager
    def looking(self, row: models.Cluster) -> Iterator[Picture]:
        """Lend the picture of a cluster, at least as new as its row, to one reader at a time.

        Raises NotFound.
        """
        with self._lock:
            mine = self._locks.setdefault(row.pk, Lock())
        with mine:
            picture = self._up_to_date(row)
            try:
                yield picture
            finally:
                self._keep(row.pk, picture)

    def _up_to_date(self, row: models.Cluster) -> Picture:
        with self._lock:
            picture = self._pictures.pop(row.pk, None)
        if picture is None:
            return Picture(row)
        try:
            if picture.number < row.number:
                picture.follow(row)
        except Gone:
            return Picture(row)
        return picture

    def _keep(self, cluster: int, picture: Picture) -> None:
        with self._lock:
            self._pictures[cluster] = picture
            while len(self._pictures) > self._room:
                gone, _ = self._pictures.popitem(last=False)
                self._locks.pop(gone, None)


shelf = Shelf()
