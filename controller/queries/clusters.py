"""The clusters there are, and how each of them fares."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from django.db.models import Count, Q

from controller import models
from controller.engine.daemonset.status import Counts
from controller.engine.errors import NotFound
from controller.engine.objects import DaemonSet
from controller.modes import Capability, Mode
from controller.store.clocks import cluster_time


@dataclass(frozen=True, slots=True)
class Dump:
    """What a cluster was made of: the dump of a real one, its newest moment and its files."""

    at: datetime
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """A cluster and its clock. ``time`` is its own, in seconds; so are the delays.

    ``settled`` says whether the controllers have seen every change so far. ``dump``: what it was made of;
    ``resetting``: who has it reset just now, "" if nobody.
    """

    id: int
    name: str
    mode: str
    number: int
    settled: bool
    paused: bool
    speed: float
    time: float
    start_delay: float
    stop_delay: float
    node_grace: float
    kubelet_events: bool | None
    created: datetime
    capabilities: frozenset[Capability]
    dump: Dump | None = None
    resetting: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """How a cluster fares: numbers of its nodes, pods and sets; ``counts`` add up those of all sets."""

    cluster: ClusterFacts
    nodes: int
    ready: int
    cordoned: int
    pods: int
    sets: int
    counts: Counts


def cluster_id(name: str) -> int:
    """Return the id of a cluster. Raises NotFound."""
    return _named(name).pk


def cluster_named(name: str) -> ClusterFacts:
    """Return the cluster of that name. Raises NotFound."""
    return facts_of(_named(name))


def cluster_names() -> tuple[str, ...]:
    """Return the names of all clusters, in their order."""
    return tuple(models.Cluster.objects.order_by("name").values_list("name", flat=True))


def overviews() -> tuple[Overview, ...]:
    """Return all clusters by name."""
    clusters = list(models.Cluster.objects.order_by("name"))
    ids = [row.pk for row in clusters]
    nodes = (
        models.Node.objects.filter(cluster__in=ids)
        .values_list("cluster")
        .annotate(
            all=Count("pk"),
            answering=Count("pk", filter=Q(ready="True")),
            cordoned=Count("pk", filter=Q(unschedulable=True)),
        )
    )
    machines = {cluster: numbers for cluster, *numbers in nodes}
    pods = dict(models.Pod.objects.filter(cluster__in=ids).values_list("cluster").annotate(Count("pk")))
    counts = _counts(ids)
    made = []
    for row in clusters:
        there, ready, cordoned = machines.get(row.pk, (0, 0, 0))
        mine = counts[row.pk]
        made.append(
            Overview(facts_of(row), there, ready, cordoned, pods.get(row.pk, 0), len(mine), _sum(mine))
        )
    return tuple(made)


def facts_of(row: models.Cluster) -> ClusterFacts:
    """Return the facts of a cluster's row, as of now."""
    return ClusterFacts(
        id=row.pk,
        name=row.name,
        mode=row.mode,
        number=row.number,
        settled=row.planned >= row.number,
        paused=row.paused,
        speed=row.speed,
        time=cluster_time(row, time.time()),
        start_delay=row.start_delay,
        stop_delay=row.stop_delay,
        node_grace=row.node_grace,
        kubelet_events=row.kubelet_events,
        created=row.created,
        capabilities=Mode(row.mode).capabilities,
        dump=_dump_of(row),
        resetting=row.resetting,
    )


def _dump_of(row: models.Cluster) -> Dump | None:
    told = row.recipe.get("dump")
    return Dump(datetime.fromtimestamp(told["at"], UTC), tuple(told["files"])) if told else None


def _named(name: str) -> models.Cluster:
    row = models.Cluster.objects.filter(name=name).first()
    if row is None:
        raise NotFound("clusters", name)
    return row


def _counts(clusters: list[int]) -> dict[int, list[Counts]]:
    counts: dict[int, list[Counts]] = defaultdict(list)
    sets = models.DaemonSet.objects.filter(cluster__in=clusters).values_list("cluster", "manifest")
    for cluster, manifest in sets:
        counts[cluster].append(Counts.told_by(DaemonSet.read(manifest, {})))
    return counts


def _sum(counts: list[Counts]) -> Counts:
    return Counts(*(sum(getattr(each, field.name) for each in counts) for field in fields(Counts)))
