"""Objects of any kind as tables with kubectl's columns, and the kinds there are."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.apiserver.columns import columns_of
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from dashboard.present.links import kind_url, object_url
from dashboard.present.words import Option, Word, options, shown_moment

GROUPS: tuple[tuple[Word, tuple[str, ...]], ...] = (
    (
        gettext_lazy("Workloads"),
        ("DaemonSet", "Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Job", "CronJob",
         "Pod", "ControllerRevision", "PodTemplate", "PodDisruptionBudget", "PriorityClass"),
    ),
    (
        gettext_lazy("Network"),
        ("Service", "Endpoints", "EndpointSlice", "Ingress", "IngressClass", "NetworkPolicy"),
    ),
    (gettext_lazy("Storage"), ("PersistentVolumeClaim", "PersistentVolume", "StorageClass")),
    (gettext_lazy("Configuration"), ("ConfigMap", "Secret", "ResourceQuota", "LimitRange")),
    (gettext_lazy("Cluster"), ("Node", "Namespace", "Event", "Lease")),
)  # fmt: skip
"""The kinds in the order in which people look for them. Those that are not named come last."""

WORKLOADS = GROUPS[0][1]
"""The kinds that make pods, and what goes with them."""

OTHERS = gettext_lazy("Access and others")


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind with how many objects of it there are."""

    name: str
    url: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class KindGroup:
    """Kinds that belong together."""

    title: Word
    kinds: list[KindRow]


def kind_groups(
    cluster: str, counts: Mapping[str, int], chosen: str = "", *, read: Container[str] = KINDS
) -> list[KindGroup]:
    """Return all kinds that are served; of a real cluster those that are ``read``: others are unknown."""
    named = {kind for _title, kinds in GROUPS for kind in kinds}
    groups = [*GROUPS, (OTHERS, tuple(kind for kind in KINDS if kind not in named))]
    found = [
        KindGroup(
            title,
            [
                KindRow(kind, kind_url(cluster, kind), counts.get(kind, 0), kind == chosen)
                for kind in kinds
                if kind in KINDS and kind in read
            ],
        )
        for title, kinds in groups
    ]
    return [group for group in found if group.kinds]


def namespace_options(names: Iterable[str], chosen: str) -> list[Option]:
    """Return the namespaces to choose from, and all of them; one that is gone is offered if it is chosen."""
    every = [*names, *([chosen] if chosen and chosen not in set(names) else [])]
    return options([("", _("all namespaces")), *((name, name) for name in every)], chosen)


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """An object in a table; its name is not among the ``cells``. ``key`` is unique in a page."""

    key: str
    namespace: str
    name: str
    url: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class ObjectTable:
    """Objects of one kind under kubectl's columns, without the name."""

    kind: str
    url: str
    columns: list[str]
    rows: list[ObjectRow]

    @property
    def namespaced(self) -> bool:
        """Whether each row says in which namespace it is."""
        return KINDS[self.kind].namespaced


def object_table(cluster: str, kind: str, manifests: Iterable[Manifest]) -> ObjectTable:
    """Return objects as ``kubectl get`` shows them; of the wide columns none."""
    shown = columns_of(kind)
    kept = [at for at, one in enumerate(shown.columns) if not one.wide and one.name != "Name"]
    now = shown_moment()
    rows = []
    for manifest in manifests:
        meta, cells = manifest["metadata"], shown.cells(manifest, now)
        namespace, name = meta.get("namespace") or "", meta["name"]
        rows.append(
            ObjectRow(
                key=meta.get("uid") or f"{namespace}.{name}",
                namespace=namespace,
                name=name,
                url=object_url(cluster, kind, namespace, name),
                cells=[str(cells[at]) for at in kept],
            )
        )
    return ObjectTable(kind, kind_url(cluster, kind), [shown.columns[at].name for at in kept], rows)


UNSET = "<unset>"
"""What kubectl says of a field that hardly anybody uses."""


def _without_unset(table: ObjectTable) -> ObjectTable:
    """Return a table without the columns in which nothing is set, which a page has no room for."""
    held = [at for at in range(len(table.columns)) if any(row.cells[at] != UNSET for row in table.rows)]
    rows = [replace(row, cells=[row.cells[at] for at in held]) for row in table.rows]
    return replace(table, columns=[table.columns[at] for at in held], rows=rows)


def object_tables(cluster: str, manifests: Iterable[Manifest]) -> list[ObjectTable]:
    """Return objects as one table for each kind; those of a kind come together."""
    return [
        _without_unset(object_table(cluster, kind, held))
        for kind, held in groupby(manifests, key=lambda one: one["kind"])
    ]


UNTOLD = frozenset({"Name", "Age", "Created At"})


def figures(manifest: Manifest) -> list[tuple[str, str]]:
    """Return what kubectl's columns say of one object, as labels and values; its age stands elsewhere."""
    shown = columns_of(manifest["kind"])
    cells = shown.cells(manifest, shown_moment())
    return [
        (column.name, str(cell))
        for column, cell in zip(shown.columns, cells, strict=False)
        if column.name not in UNTOLD and not column.wide and str(cell) != UNSET
    ]
