"""The workloads beside the DaemonSet in the rail, by their kinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.controllers.loads import BARE
from controller.queries.loads import WorkloadRow
from dashboard.present.links import kind_url, map_url, object_url
from dashboard.present.words import Part, Word, bar, grouped

TITLES: dict[str, Word] = {
    "Deployment": "Deployments",
    "StatefulSet": "StatefulSets",
    "ReplicaSet": "ReplicaSets",
    "ReplicationController": "ReplicationControllers",
    "Job": "Jobs",
    "CronJob": "CronJobs",
    "Pod": gettext_lazy("Pods of their own"),
}
"""What the workloads of a kind are called in the rail, in its order."""


@dataclass(frozen=True, slots=True)
class RailWorkload:
    """A workload in the rail; ``key`` is kind/namespace/name, or ``BARE``."""

    uid: str
    key: str
    name: Word
    namespace: str
    url: str
    figure: str
    aside: str
    parts: list[Part]
    current: bool


@dataclass(frozen=True, slots=True)
class RailGroup:
    """The workloads of one kind."""

    title: Word
    rows: list[RailWorkload]


def in_order(rows: Iterable[WorkloadRow]) -> list[WorkloadRow]:
    """Return the workloads in the order of the rail."""
    order = list(TITLES)
    return sorted(rows, key=lambda row: order.index(row.kind))


def rail_groups(cluster: str, rows: Iterable[WorkloadRow], *, on_map: bool, chosen: str) -> list[RailGroup]:
    """Return the workloads by their kinds. On the map one is chosen, elsewhere its page is opened."""
    return [
        RailGroup(
            TITLES[kind],
            [_rail_row(cluster, row, on_map=on_map, chosen=chosen) for row in held],
        )
        for kind, held in groupby(in_order(rows), key=lambda row: row.kind)
    ]


def _rail_row(cluster: str, row: WorkloadRow, *, on_map: bool, chosen: str) -> RailWorkload:
    key, total = key_of(row), row.pods if row.desired is None else max(row.desired, row.pods)
    tone = "bad" if row.failing else "warn"
    return RailWorkload(
        uid=row.id,
        key=key,
        name=name_of(row),
        namespace=row.namespace,
        url=map_url(cluster, chosen=key) if on_map else page_of(cluster, row),
        figure=grouped(row.pods) if row.desired is None else f"{grouped(row.ready)}/{grouped(row.desired)}",
        aside=_aside(row),
        parts=bar([("good", row.ready), (tone, total - row.ready)], total),
        current=key == chosen,
    )


def key_of(row: WorkloadRow) -> str:
    """Return how an address names a workload."""
    return BARE if row.id == BARE else f"{row.kind}/{row.namespace}/{row.name}"


def name_of(row: WorkloadRow) -> Word:
    """Return what a workload is called."""
    return gettext_lazy("without a controller") if row.id == BARE else row.name


def page_of(cluster: str, row: WorkloadRow) -> str:
    """Return the page of a workload; of bare pods it is their list."""
    return (
        kind_url(cluster, "Pod") if row.id == BARE else object_url(cluster, row.kind, row.namespace, row.name)
    )


def _aside(row: WorkloadRow) -> str:
    if row.deleting:
        return _("being deleted")
    if row.unplaced:
        return _("%(n)s on no node") % {"n": grouped(row.unplaced)}
    return _("in trouble") if row.failing else ""
