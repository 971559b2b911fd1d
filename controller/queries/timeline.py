"""What happened in a cluster, when, and who did it: the bar of its history, and how two moments differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from controller import models
from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.daemonset.cells import CellState
from controller.live.delta_source import moment_frame
from controller.queries.audit import AuditLine, audit_line
from controller.queries.source import ClusterView, Page, cluster_of, cluster_view_lent, paged
from controller.store import log

POINTS = 160
"""How many moments of the bar are read: it is some hundred pixels wide."""
MARKS = 300
"""How many of the latest edits, and of the latest passes that moved pods, the bar bears."""
PAGE = 50
HAS_POD = frozenset(CellState) - {CellState.NONE, CellState.MISSING, CellState.PENDING}


@dataclass(frozen=True, slots=True)
class Point:
    """When a change was made."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Moves:
    """A pass that made or deleted pods; ``number`` is its last change."""

    number: int
    at: datetime
    creations: int
    deletions: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is kept of the past: changes after ``first`` up to ``last``, oldest first."""

    first: int
    last: int
    points: tuple[Point, ...]
    edits: tuple[AuditLine, ...]
    moves: tuple[Moves, ...]


def timeline(*, cluster: int) -> Timeline:
    """Return the bar of a cluster's history. Raises NotFound."""
    row = cluster_of(cluster)
    first, last = log.first(cluster), row.number
    step = max(1, (last - first) // POINTS)
    edits = _edits(cluster).filter(number__gt=first)[:MARKS]
    marked = {number for one in edits if one.number for number in (one.number - 1, one.number)}
    wanted = {*range(first + 1, last + 1, step), last, *marked}  # a mark stands at its own time
    points = models.Change.objects.filter(cluster=cluster, number__in=wanted).order_by("number")
    moves = models.Pass.objects.filter(cluster=cluster, first__gt=first, last__gte=F("first"))
    moves = moves.exclude(creations=0, deletions=0).order_by("-pk")[:MARKS]
    return Timeline(
        first=first,
        last=last,
        points=tuple(Point(*facts) for facts in points.values_list("number", "at")),
        edits=tuple(audit_line(one) for one in edits)[::-1],
        moves=tuple(Moves(one.last, one.at, one.creations, one.deletions) for one in moves)[::-1],
    )


def edits(*, cluster: int, page: int = 1, size: int = PAGE) -> Page[AuditLine]:
    """Return what people did to objects, newest first, page by page."""
    return paged(_edits(cluster), audit_line, page, size)


def _edits(cluster: int) -> QuerySet[models.AuditEntry]:
    return models.AuditEntry.objects.filter(cluster=cluster, number__isnull=False).order_by("-pk")


def first_kept(*, cluster: int) -> int:
    """Return the oldest change after which a cluster can be shown."""
    return log.first(cluster)


def number_at(*, cluster: int, at: datetime) -> int:
    """Return the last change that was made up to a moment, or the first that can be shown."""
    changes = models.Change.objects.filter(cluster=cluster, at__lte=at).order_by("-number")
    return changes.values_list("number", flat=True).first() or log.first(cluster)


def frame_at(*, cluster: int, number: int) -> str:
    """Return the frame from which a browser draws the map as it was. Raises Gone, BadRequest, NotFound."""
    with cluster_view_lent(cluster, number) as view:
        return moment_frame(cluster_of(cluster), view)


# -- how two moments differ ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """Nodes on which a set has a pod at one moment and not at the other, with the edit that explains it.

    ``gained`` says which way. ``cause`` is the last edit in between of the node or of the set, if any;
    ``node_gone`` that the nodes themselves came or went.
    """

    namespace: str
    name: str
    gained: bool
    nodes: tuple[str, ...]
    node_gone: bool
    cause: AuditLine | None


def differences(*, cluster: int, before: int, after: int) -> list[Difference]:
    """Return what two moments of a cluster differ in, set by set. Raises Gone, BadRequest, NotFound."""
    with cluster_view_lent(cluster, before) as view:
        old, old_nodes, names = _placed(view)
    with cluster_view_lent(cluster, after) as view:
        new, new_nodes, more = _placed(view)
    names |= more
    edits = _edits_between(cluster, before, after)
    groups: dict[tuple[str, bool, bool, int], list[str]] = defaultdict(list)
    for uid in sorted(old.keys() | new.keys(), key=lambda one: names[one]):
        was, stands = old.get(uid, frozenset()), new.get(uid, frozenset())
        for node in sorted(was ^ stands):
            moved = (node in old_nodes) != (node in new_nodes)
            cause = edits.get(("Node", "", node)) or edits.get(("DaemonSet", *names[uid]))
            groups[uid, node in stands, moved, cause or 0].append(node)
    entries = models.AuditEntry.objects.filter(cluster=cluster).in_bulk({key[3] for key in groups})
    return [
        Difference(
            namespace=names[uid][0],
            name=names[uid][1],
            gained=gained,
            nodes=tuple(nodes),
            node_gone=moved,
            cause=audit_line(entries[cause]) if cause in entries else None,
        )
        for (uid, gained, moved, cause), nodes in groups.items()
    ]


Names = dict[str, tuple[str, str]]


def _placed(view: ClusterView) -> tuple[Mapping[str, frozenset[str]], frozenset[str], Names]:
    """Return on which nodes each set has a pod, the nodes, and what the sets are called."""
    placed = {
        uid: frozenset(node for node, state in line.items() if state in HAS_POD)
        for uid, line in view.cells.items()
    }
    names = {uid: (one.ds.namespace, one.ds.name) for uid, one in coverages(view.world).items()}
    return placed, frozenset(view.world.nodes), names


def _edits_between(cluster: int, before: int, after: int) -> dict[tuple[str, str, str], int]:
    """Return the audit entry (its id) of the last edit of each node and set in between."""
    low, high = sorted((before, after))
    entries = _edits(cluster).filter(number__gt=low).order_by("number").values_list("pk", "number", "actor")
    ends = [(number, pk, actor) for pk, number, actor in entries if number is not None]
    changes = models.Change.objects.filter(
        cluster=cluster, number__gt=low, number__lte=high, kind__in=("Node", "DaemonSet")
    ).order_by("number")
    found: dict[tuple[str, str, str], int] = {}
    place = 0
    for number, kind, namespace, name, actor in _facts(changes):
        while place < len(ends) and ends[place][0] < number:
            place += 1
        # An entry bears the number of its last change; one of the same person that comes next is that one.
        if place < len(ends) and ends[place][2] == actor:
            found[kind, namespace, name] = ends[place][1]
    return found


def _facts(changes: QuerySet[models.Change]) -> Iterable[tuple[int, str, str, str, str]]:
    return changes.values_list("number", "kind", "namespace", "name", "actor").iterator()
