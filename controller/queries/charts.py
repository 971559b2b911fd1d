"""How numbers of a cluster went over time, read out of its log: those of a DaemonSet, and of all together.

A set tells its own numbers, so what it told when is what is read, and of many times only some.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from controller import models
from controller.engine.changes import Verb
from controller.engine.objects import DaemonSet, Manifest, Node
from controller.engine.reasons import Reason
from controller.queries.audit import AuditLine, audit_line
from controller.store.views import ClusterView

POINTS = 400
"""How many moments a chart has at most: it is some hundred pixels wide."""

FEWEST = 12
"""How many of the moments of a set are read, however many sets there are."""

MOST_READ = 6_000
"""How many moments of all sets together are read, unless there are more sets than half of that."""

MARKS = 60
"""How many of the latest edits a chart bears."""

STATUS = (
    "desiredNumberScheduled",
    "numberReady",
    "numberAvailable",
    "updatedNumberScheduled",
    "numberUnavailable",
)
"""The numbers of a set that are followed, as its status has them."""

ALL = (*STATUS[:2], "nodes", "unreadyNodes")
"""The numbers of a cluster."""

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """The numbers from change ``number`` on, in the order of the chart's ``names``."""

    number: int
    at: datetime
    values: Numbers


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers over time, oldest first. ``edits`` are those that the chart marks."""

    names: tuple[str, ...]
    points: tuple[Point, ...]
    edits: tuple[AuditLine, ...]


def set_chart(view: ClusterView, *, cluster: int, namespace: str, name: str) -> Chart:
    """Return how the numbers of a set went, for as long as the log goes back."""
    entries = _entries(view, cluster).filter(namespace=namespace, name=name)
    numbers = _some(entries.values_list("number", flat=True), POINTS - 1)
    told = _told(cluster, numbers)
    points = _until(view, [Point(number, at, values) for number, at, _place, values in told])
    about = [f"{namespace}/{name}", f"{DaemonSet.KIND} {namespace}/{name}"]
    return Chart(STATUS, points, _marks(cluster, points, about))


def cluster_chart(view: ClusterView, *, cluster: int) -> Chart:
    """Return how many pods of all sets were desired and ready, how many nodes there were and not ready."""
    by_set: dict[Place, list[int]] = defaultdict(list)
    older: set[Place] = set()
    for number, namespace, name, verb in _entries(view, cluster).values_list(
        "number", "namespace", "name", "verb"
    ):
        if (namespace, name) not in by_set and verb != Verb.ADDED:
            older.add((namespace, name))
        by_set[namespace, name].append(number)
    sets = max(1, len(by_set))
    share = max(POINTS // sets, min(FEWEST, MOST_READ // sets), 2)
    told = list(_told(cluster, [number for numbers in by_set.values() for number in _some(numbers, share)]))
    nodes, machines = _machines(view, cluster)
    start = Start({**_untold(view, by_set), **_first_told(told, older)}, nodes)
    known = {(one[0], one[1]) for one in told} | {(one.number, one.at) for one in machines}
    points = _until(view, list(_summed(_some(sorted(known), POINTS - 1), start, told, machines)))
    return Chart(ALL, points, _marks(cluster, points))


def _until(view: ClusterView, points: Sequence[Point]) -> tuple[Point, ...]:
    """Return points up to the moment of a view: nothing was told since the last of them."""
    if not points:
        return ()
    return (*points, Point(view.number, view.moment.wall, points[-1].values))


def _entries(view: ClusterView, cluster: int) -> QuerySet[models.Change]:
    kept = models.Change.objects.filter(cluster=cluster, kind=DaemonSet.KIND, number__lte=view.number)
    return kept.order_by("number")


T = TypeVar("T")


def _some(every: Sequence[T] | QuerySet[Any, T], most: int) -> list[T]:
    """Return at most so many of a sequence, evenly, with its first and its last."""
    listed = list(every)
    if len(listed) <= most:
        return listed
    return [listed[at * (len(listed) - 1) // (most - 1)] for at in range(most)]


Place = tuple[str, str]
"""Namespace and name of a set."""

Told = tuple[int, datetime, Place, Numbers]


def _told(cluster: int, numbers: Sequence[int]) -> Iterator[Told]:
    """Yield what sets told at these changes; one that is deleted has nothing any more."""
    rows = models.Change.objects.filter(cluster=cluster, number__in=numbers).order_by("number")
    facts = rows.values_list("number", "at", "verb", "namespace", "name", "manifest")
    for number, at, verb, namespace, name, manifest in facts:
        gone = verb == Verb.DELETED
        yield number, at, (namespace, name), (0,) * len(STATUS) if gone else _status(manifest)


def _status(manifest: Manifest) -> Numbers:
    status = manifest.get("status") or {}
    return tuple(int(status.get(name) or 0) for name in STATUS)


@dataclass(frozen=True, slots=True)
class Start:
    """How it was before the first change that is kept: numbers of sets, nodes and those not ready."""

    sets: dict[Place, Numbers]
    nodes: tuple[int, int]


def _untold(view: ClusterView, told: Container[Place]) -> dict[Place, Numbers]:
    """Return the numbers of sets of which no change is kept: they have been what they are."""
    sets = {(one.namespace, one.name): one for one in view.world.all_of(DaemonSet).values()}
    return {place: _status(one.manifest) for place, one in sets.items() if place not in told}


def _first_told(told: Iterable[Told], older: Container[Place]) -> dict[Place, Numbers]:
    """Return what sets that are ``older`` than all that is kept told first: they had told about the same."""
    first: dict[Place, Numbers] = {}
    for _number, _at, place, numbers in told:
        if place in older:
            first.setdefault(place, numbers)
    return first


@dataclass(frozen=True, slots=True)
class Machines:
    """How many nodes there were from change ``number`` on, and how many of them were not ready."""

    number: int
    at: datetime
    nodes: int
    unready: int


def _machines(view: ClusterView, cluster: int) -> tuple[tuple[int, int], list[Machines]]:
    """Return how many nodes, and not ready ones, there were before all that is kept, and then, oldest first.

    Reasons tell what became of a node, so none is unpacked.
    """
    told = Q(verb__in=(Verb.ADDED, Verb.DELETED)) | Q(reason__in=(Reason.KUBELET_READY, Reason.NODE_LOST))
    rows = models.Change.objects.filter(told, cluster=cluster, kind=Node.KIND, number__lte=view.number)
    by_node: dict[str, list[tuple[int, datetime, str]]] = defaultdict(list)
    for number, at, verb, name, reason in rows.order_by("number").values_list(
        "number", "at", "verb", "name", "reason"
    ):
        by_node[name].append((number, at, reason if verb == Verb.MODIFIED else verb))
    now = {name: node.ready == "True" for name, node in view.world.nodes.items()}
    states = [now[name] for name in now.keys() - by_node.keys()]
    steps: list[tuple[int, datetime, int, int]] = []
    for name, happened in by_node.items():
        before = _before(happened[0][2])
        states += [] if before is None else [before]
        for (number, at, what), later in zip_longest(happened, happened[1:]):
            after = _after(what, later[2] if later else "", now.get(name, False))
            steps.append((number, at, *_difference(before, after)))
            before = after
    start = nodes, unready = len(states), states.count(False)
    made = []
    for number, at, more, fewer_ready in sorted(steps):
        nodes, unready = nodes + more, unready + fewer_ready
        made.append(Machines(number, at, nodes, unready))
    return start, made


State = bool | None
"""Whether a node is ready; None: it is not there."""


def _before(what: str) -> State:
    """Return how a node was before the first that is known of it."""
    return None if what == Verb.ADDED else what != Reason.KUBELET_READY


def _after(what: str, later: str, now: bool) -> State:  # noqa: FBT001 -- a state
    """Return how a node is after something; of a new one that is what it was ``later``, or is ``now``."""
    if what == Verb.DELETED:
        return None
    if what == Verb.ADDED:
        return later != Reason.KUBELET_READY if later else now
    return what == Reason.KUBELET_READY


def _difference(before: State, after: State) -> tuple[int, int]:
    """Return how many more nodes there are, and how many more are not ready."""
    return (after is not None) - (before is not None), (after is False) - (before is False)


def _summed(
    moments: Iterable[tuple[int, datetime]], start: Start, told: Sequence[Told], machines: Sequence[Machines]
) -> Iterator[Point]:
    """Yield the numbers of all sets and of the nodes at some moments, oldest first."""
    latest, nodes = dict(start.sets), start.nodes
    place, stand = 0, 0
    for number, at in moments:
        while place < len(told) and told[place][0] <= number:
            latest[told[place][2]] = told[place][3]
            place += 1
        while stand < len(machines) and machines[stand].number <= number:
            nodes = (machines[stand].nodes, machines[stand].unready)
            stand += 1
        desired, ready = (sum(values[at_] for values in latest.values()) for at_ in (0, 1))
        yield Point(number, at, (desired, ready, *nodes))


def _marks(
    cluster: int, points: Sequence[Point], about: Sequence[str] | None = None
) -> tuple[AuditLine, ...]:
    """Return the latest edits within a chart, oldest first: of everything, or of what they are ``about``."""
    if not points:
        return ()
    edits = models.AuditEntry.objects.filter(
        cluster=cluster, number__gte=points[0].number, number__lte=points[-1].number
    )
    if about is not None:
        edits = edits.filter(about__in=about)
    return tuple(audit_line(one) for one in edits.order_by("-pk")[:MARKS])[::-1]
