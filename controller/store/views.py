"""Views of a cluster: a world, its moment and its number, with what stands in every cell of the map.

Every page asks one view and nothing else, so the same page shows a cluster as it is, as it was at a
change, and as it would be after an edit. What only pods carry at length (templates, full statuses) is
not kept in memory: a view fetches it, as of its own number.
"""

from __future__ import annotations

import copy
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakSet, WeakValueDictionary

from controller import models
from controller.engine.controllers.daemonset.controller import (
    Touched,
    cell,
    changed,
    coverages,
    revision_number,
)
from controller.engine.controllers.loads import BARE, Load, loads_of, take_touched, topmost, workload
from controller.engine.daemonset.cells import CellState
from controller.engine.errors import BadRequest, Gone
from controller.engine.objects import Manifest, Moment
from controller.engine.world import World
from controller.store import clocks, log, log_reader, projection
from controller.store.details import (
    Details,
    EventFilter,
    HeldDetails,
    Listed,
    LoggedDetails,
    PastDetails,
    State,
)
from controller.store.log_reader import Line, Place

Cells = dict[str, dict[str, CellState]]
"""State by set uid and node name. Every set has an entry; a node that is left out has none."""


@dataclass(eq=False)
class Moved:
    """What may look different: nodes, sets and workloads by uid, (uid, node) pairs, places of pods."""

    nodes: set[str] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    pairs: set[tuple[str, str]] = field(default_factory=set)
    pods: set[Place] = field(default_factory=set)
    workloads: set[str] = field(default_factory=set)

    def add(self, touched: Touched, workloads: set[str]) -> None:
        """Note what else may."""
        self.nodes |= touched.nodes
        self.sets |= touched.sets
        self.pairs |= touched.pairs
        self.pods |= touched.pods
        self.workloads |= workloads


class ClusterView:
    """A cluster to look at. Not safe for use by two threads at once.

    ``moment`` is when it is looked at, on both clocks; ``clock_stands`` whether anything will follow
    from what is seen before somebody lets time go on.
    """

    def __init__(self, world: World, moment: Moment, details: Details, *, clock_stands: bool) -> None:
        self.world, self.moment, self.details, self.clock_stands = world, moment, details, clock_stands
        self._noted: WeakSet[Moved] = WeakSet()
        changed(world)
        self.cells: Cells = {uid: {} for uid in coverages(world)}
        self._look([(uid, node) for uid in self.cells for node in world.nodes])
        take_touched(world)
        self.loads: dict[str, Mapping[str, Load]] = {uid: loads_of(world, uid) for uid in topmost(world)}

    @property
    def number(self) -> int:
        """Return the number of the change after which it was like this."""
        return self.world.number

    @property
    def state(self) -> State:
        """Return all of its objects in full."""
        return State(self.details, self.number)

    def cell(self, uid: str, node: str) -> CellState:
        """Return the state of one cell."""
        return self.cells[uid].get(node, CellState.NONE)

    def revision(self, uid: str) -> int:
        """Return the number of a set's present revision, or that which it will get in the next pass."""
        return revision_number(self.world, uid)

    def pods(self, places: Sequence[Place]) -> dict[Place, Manifest]:
        """Return pods in full, in the order they are asked for."""
        found = self.details.pods(places, self.number)
        return {place: found[place] for place in places if place in found}

    def events(self, wanted: EventFilter) -> Listed[Manifest]:
        """Return events in full, newest first."""
        return self.details.events(wanted)

    def noted(self) -> Moved:
        """Return what moves from now on: it grows for as long as somebody holds it."""
        moved = Moved()
        self._noted.add(moved)
        return moved

    def notes(self, moved: Moved) -> bool:
        """Return whether this is what moved in this view, and not in one that was there before."""
        return moved in self._noted

    @property
    def is_followed(self) -> bool:
        """Whether somebody wants to know what moves."""
        return bool(self._noted)

    def follow(self, row: models.Cluster, lines: Sequence[Line] = ()) -> None:
        """Bring it up to date with the cluster's row; ``lines`` of the log need not be read again.

        Raises Gone: too far behind.
        """
        projection.follow(self.world, row, lines)
        self._look_again()

    def fork(self) -> ClusterView:
        """Return a twin that nobody follows, and that can go elsewhere by itself."""
        twin = copy.copy(self)
        twin.world, twin._noted = self.world.fork(), WeakSet()  # noqa: SLF001 - it is one of us
        twin.cells = {uid: line.copy() for uid, line in self.cells.items()}
        twin.loads = self.loads.copy()
        changed(twin.world)
        return twin

    def travel(self, row: models.Cluster, number: int) -> None:
        """Go back, or on, to how the cluster was right after change ``number``. Raises Gone."""
        if number < self.number:
            stood = log_reader.stood(row.pk, projection.SHOWN, number, self.number)
            projection.rewind(self.world, number, stood)
        else:
            projection.go_on(self.world, row.pk, number)
        self._look_again()
        at = log.stood_at(row, number)
        self.moment = Moment(at, clocks.timeline(row, at.timestamp()).cluster_at(at.timestamp()))
        self.details, self.clock_stands = PastDetails(row.pk, number), False

    def _look_again(self) -> None:
        """Look at what changed in the world."""
        touched, sets = changed(self.world), coverages(self.world)
        for uid in touched.sets - sets.keys():
            self.cells.pop(uid, None)
        for uid in touched.sets & sets.keys():
            self.cells.setdefault(uid, {})
        for name in touched.nodes - self.world.nodes.keys():
            for cells in self.cells.values():
                cells.pop(name, None)
        self._look(touched.pairs)
        workloads = take_touched(self.world)
        self._look_at_loads(workloads)
        for moved in self._noted:
            moved.add(touched, workloads)

    def _look_at_loads(self, uids: Iterable[str]) -> None:
        for uid in uids:
            if workload(self.world, uid) or (uid == BARE and self.world.orphans):
                self.loads[uid] = loads_of(self.world, uid)
            else:
                self.loads.pop(uid, None)

    def _look(self, pairs: Iterable[tuple[str, str]]) -> None:
        for uid, node in pairs:
            cells = self.cells.get(uid)
            if cells is None or node not in self.world.nodes:
                continue
            state = cell(self.world, uid, node)
            if state is CellState.NONE:
                cells.pop(node, None)
            else:
                cells[node] = state


def present(row: models.Cluster) -> ClusterView:
    """Return a cluster as it stands. Raises NotFound."""
    moment = clocks.moment_of(row, time.time())
    return ClusterView(projection.load(row), moment, LoggedDetails(row.pk), clock_stands=row.paused)


def at(row: models.Cluster, number: int) -> ClusterView:
    """Return a cluster as it was right after change ``number``: back from how it stands, by the log.

    Raises Gone if that is older than what is kept, BadRequest if it has not happened yet, NotFound.
    """
    with cache.present(row) as present_view:
        if number > present_view.number:
            raise BadRequest(f"too large resource version: {number}, current: {present_view.number}")
        view = present_view.fork()
    view.travel(row, number)
    return view


def of_world(world: World, moment: Moment) -> ClusterView:
    """Return what a world shows, such as the fork on which an edit is tried. The world is not copied."""
    objects = {key: view.manifest for held in world.objects.values() for key, view in held.items()}
    return ClusterView(world, moment, HeldDetails(objects), clock_stands=True)


class ViewCache:
    """The views that a process's readers share: one a cluster.

    Those that nobody follows go when there are too many, the least used first. A cluster's lock is the
    same for as long as somebody has it or waits for it, whatever becomes of the view.
    """

    def __init__(self, room: int = 8) -> None:
        self._room = room
        self._views: OrderedDict[int, ClusterView] = OrderedDict()
        self._locks: WeakValueDictionary[int, Lock] = WeakValueDictionary()
        self._gone: WeakSet[Lock] = WeakSet()
        self._lock = Lock()

    @contextmanager
    def present(self, row: models.Cluster, lines: Sequence[Line] = ()) -> Iterator[ClusterView]:
        """Lend the view of a cluster, at least as new as its row, to one reader at a time.

        ``lines`` of the log need not be read again. Raises NotFound.
        """
        with self._lock:
            mine = self._locks.setdefault(row.pk, Lock())
        with mine:
            yield self._up_to_date(row, lines, mine)

    def forget(self, cluster: int) -> None:
        """Let go of the view of a cluster; who looks at it just now, or loads it, keeps it until then."""
        with self._lock:
            self._views.pop(cluster, None)
            if lock := self._locks.get(cluster):
                self._gone.add(lock)

    def _up_to_date(self, row: models.Cluster, lines: Sequence[Line], mine: Lock) -> ClusterView:
        with self._lock:
            view = self._views.pop(row.pk, None)  # it comes back unless it fails half way
        try:
            if view and view.number < row.number:
                view.follow(row, lines)
        except Gone:
            view = None
        if view is None:
            view = present(row)
        view.moment, view.clock_stands = clocks.moment_of(row, time.time()), row.paused
        with self._lock:
            if mine not in self._gone:
                self._views[row.pk] = view
                self._make_room()
        return view

    def _make_room(self) -> None:
        idle = [cluster for cluster, view in self._views.items() if not view.is_followed]
        for cluster in idle[: max(0, len(self._views) - self._room)]:
            if cluster != next(reversed(self._views)):
                del self._views[cluster]


cache = ViewCache()


class PastViews:
    """The moments that were looked at lately: a page asks for its moment again with everything pressed."""

    def __init__(self, room: int = 4) -> None:
        self._room = room
        self._views: OrderedDict[tuple[int, int], tuple[ClusterView, Lock]] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def lend(self, row: models.Cluster, number: int) -> Iterator[ClusterView]:
        """Lend the view of a moment, to one reader at a time. Raises what ``at`` raises."""
        with self._lock:
            held = self._views.get((row.pk, number))
        if held is None:
            held = (self._made(row, number), Lock())
        with self._lock:
            held = self._views.setdefault((row.pk, number), held)
            self._views.move_to_end((row.pk, number))
            while len(self._views) > self._room:
                self._views.popitem(last=False)
        view, lock = held
        with lock:
            yield view

    def forget(self, cluster: int) -> None:
        """Let go of the moments of a cluster."""
        with self._lock:
            for key in [key for key in self._views if key[0] == cluster]:
                del self._views[key]

    def _made(self, row: models.Cluster, number: int) -> ClusterView:
        """Make the view of a moment from the nearest one: of another moment, or of now."""
        with self._lock:
            moments = [moment for cluster, moment in self._views if cluster == row.pk]
            nearest = min(moments, key=lambda moment: abs(moment - number), default=row.number)
            near = self._views.get((row.pk, nearest))
        if near is None or abs(nearest - number) >= abs(row.number - number):
            return at(row, number)
        with near[1]:
            view = near[0].fork()
        view.travel(row, number)
        return view


past = PastViews()


def forget(cluster: int) -> None:
    """Let go of all views of a cluster: it is gone."""
    cache.forget(cluster)
    past.forget(cluster)
