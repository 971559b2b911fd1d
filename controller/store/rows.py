"""Between rows and the engine's objects. Rows translate, they do not think.

Objects pass here packed wherever nobody has to look inside, because most readers only carry them on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain
from sys import intern
from typing import Any, NamedTuple, TypeVar

import orjson
from django.db import connection
from django.db.models import Model
from django.db.models.expressions import Col

from controller import models
from controller.engine.cluster.kubelet import rests
from controller.engine.objects import (
    HASH_LABEL,
    Key,
    Manifest,
    Node,
    Pod,
    Timers,
    owner_uid,
)
from controller.engine.values import value
from controller.fields import unpacked

Columns = tuple[object, ...]
M = TypeVar("M", bound=Model)

CHUNK = 2_000
"""How many rows of a cursor are in memory at once."""

LATEST = " ORDER BY last DESC, version DESC LIMIT {:d}"
"""Of events: there is an index of their moments, and none of their numbers."""


@value(frozen=True, slots=True)
class Stored:
    """An object as it stands: its manifest carries its resourceVersion."""

    kind: str
    manifest: Manifest
    timers: Timers

    @property
    def key(self) -> Key:
        """Return which object it is."""
        meta = self.manifest["metadata"]
        return (self.kind, meta.get("namespace") or "", meta["name"])

    @property
    def version(self) -> int:
        """Return the number of the object's last change."""
        return int(self.manifest["metadata"]["resourceVersion"])


class PackedManifest(bytes):
    """A manifest as the database holds it: what a world keeps of pods that rest."""

    __slots__ = ()

    def manifest(self) -> Manifest:
        """Return the manifest, made anew."""
        return dict(orjson.loads(unpacked(self)))


class Rest(NamedTuple):
    """What the columns of a pod that rests say of it (see ``models.Pod``)."""

    uid: str
    node: str
    owner: str
    phase: str
    resting: str


@value(frozen=True, slots=True)
class Packed:
    """An object as the database holds it, and the number of its last change; ``rest`` for a pod's row."""

    version: int
    body: bytes
    timers: str
    rest: Rest | None = None

    def text(self) -> str:
        """Return the manifest as text."""
        return unpacked(self.body).decode()

    def parsed(self, kind: str) -> Stored:
        """Return the object itself."""
        return Stored(kind, orjson.loads(unpacked(self.body)), orjson.loads(self.timers))

    def pod_at_rest(self, key: Key) -> Pod | None:
        """Return the pod that ``key`` names without a look at its manifest, if it rests."""
        if self.rest is None or not self.rest.resting:
            return None
        labels, owners, created = _facts(self.rest.resting)
        return Pod(
            held=PackedManifest(self.body),
            timers=_timers(self.timers),
            namespace=key[1],
            name=key[2],
            uid=self.rest.uid,
            labels=labels,
            references=owners,
            owner=intern(self.rest.owner),
            node=intern(self.rest.node),
            bound=True,
            phase=intern(self.rest.phase),
            ready=True,
            terminating=False,
            created=created,
            waiting="",
            claims=(),
        )


def _resting(pod: Pod) -> str:
    """Return the facts of a pod that has no column of its own for them; read back below.

    One that uses claims is read as a whole: there are few.
    """
    if pod.claims or not rests(pod):
        return ""
    return orjson.dumps((pod.labels, pod.references, pod.created)).decode()


@lru_cache(maxsize=16_384)
def _facts(resting: str) -> tuple[dict[str, str], list[Manifest], str]:
    """Return labels, ownerReferences and creationTimestamp: the same objects for pods that came together."""
    labels, owners, created = orjson.loads(resting)
    return labels, owners, created


@lru_cache(maxsize=16_384)
def _timers(text: str) -> Timers:
    return dict(orjson.loads(text))


@value(frozen=True, slots=True)
class Table:
    """Where objects of a kind are kept. ``columns`` are read from each manifest by ``read``."""

    model: type[models.ObjectRow]
    columns: tuple[str, ...]
    read: Callable[[Manifest, Timers], Columns]
    kinds: bool = False
    """Whether it holds objects of several kinds."""

    @property
    def key(self) -> tuple[str, ...]:
        """Return the columns that tell objects apart."""
        return ("cluster_id", *(("kind",) if self.kinds else ()), "namespace", "name")

    def place(self, cluster: int, key: Key) -> tuple[int | str, ...]:
        """Return the values of the key's columns for an object."""
        return (cluster, *(key if self.kinds else key[1:]))

    @property
    def name(self) -> str:
        """Return the name of the table in the database."""
        return self.model._meta.db_table  # noqa: SLF001 - Django's documented door to a model's facts


def _node(manifest: Manifest, timers: Timers) -> Columns:
    node = Node.read(manifest, timers)
    return (node.ready, node.unschedulable)


def _pod(manifest: Manifest, timers: Timers) -> Columns:
    return pod_columns(Pod.read(manifest, timers))


def pod_columns(pod: Pod) -> Columns:
    """Return the columns of a pod that was read already."""
    return (
        pod.node,
        pod.owner,
        pod.phase,
        pod.ready,
        pod.labels.get(HASH_LABEL, ""),
        pod.terminating,
        _resting(pod) if pod.ready else "",
    )


def _revision(manifest: Manifest, _timers: Timers) -> Columns:
    meta = manifest["metadata"]
    return (owner_uid(meta), manifest["revision"], (meta.get("labels") or {}).get(HASH_LABEL, ""))


def _event(manifest: Manifest, _timers: Timers) -> Columns:
    involved = manifest["involvedObject"].get("uid") or ""
    # Its time to live begins when it is written, however long ago its writer saw it.
    last = max(manifest.get("lastTimestamp") or "", manifest["metadata"]["creationTimestamp"])
    return (involved, manifest.get("reason") or "", manifest.get("type") or "", last)


def _other(manifest: Manifest, _timers: Timers) -> Columns:
    return (manifest["kind"],)


def _nothing(_manifest: Manifest, _timers: Timers) -> Columns:
    return ()


OTHER = Table(models.Resource, ("kind",), _other, kinds=True)
TABLES = {
    "Node": Table(models.Node, ("ready", "unschedulable"), _node),
    "Pod": Table(models.Pod, ("node", "owner", "phase", "ready", "hash", "terminating", "resting"), _pod),
    "DaemonSet": Table(models.DaemonSet, (), _nothing),
    "ControllerRevision": Table(models.ControllerRevision, ("owner", "revision", "hash"), _revision),
    "Event": Table(models.Event, ("involved", "reason", "type", "last"), _event),
}


def table(kind: str) -> Table:
    """Return where objects of a kind are kept."""
    return TABLES.get(kind, OTHER)


CLUSTER = models.Cluster._meta.db_table  # noqa: SLF001 - as above
SETTABLE = tuple(field for field in models.Cluster._meta.concrete_fields if not field.primary_key)  # noqa: SLF001 - as above


def cluster_row(cluster: int, *, lock: bool = False) -> models.Cluster | None:
    """Return the row of a cluster, or None; with its lock where the database locks rows.

    Every pass reads it twice and saves it once, and to let Django word and wrap that each time took a
    third of a small pass.
    """
    ours = " FOR UPDATE" if lock and connection.features.has_select_for_update else ""
    return _cluster(f"id = %s{ours}", cluster)


def cluster_named(name: str) -> models.Cluster | None:
    """Return the row of the cluster of a name, or None."""
    return _cluster("name = %s", name)


def _cluster(where: str, value: int | str) -> models.Cluster | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns(models.Cluster)} FROM {CLUSTER} WHERE {where}", [value])  # noqa: S608 - names of ours
        row = cursor.fetchone()
    return instance(models.Cluster, row) if row else None


def columns(model: type[M], table: str = "") -> str:
    """Return the columns of a model as SQL names them, in the order in which ``instance`` takes them."""
    prefix = f"{table}." if table else ""
    return ", ".join(f"{prefix}{field.column}" for field in model._meta.concrete_fields)  # noqa: SLF001 - as above


def instance(model: type[M], row: Sequence[Any]) -> M:
    """Return the values of all columns of a row as Django would: for statements that it need not word."""
    values = list(row)
    for at, column, converters in _readers(model, connection.vendor):
        for convert in converters:
            values[at] = convert(values[at], column, connection)
    names = [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001 - as above
    return model.from_db(connection.alias, names, values)


@cache
def _readers(model: type[Model], _vendor: str) -> tuple[tuple[int, Col, list[Callable[..., Any]]], ...]:
    """Return what is to be converted: no database gives every value as its field has it."""
    fields = model._meta.concrete_fields  # noqa: SLF001 - as above
    columns = [field.get_col(model._meta.db_table) for field in fields]  # noqa: SLF001 - as above
    found = (
        (at, column, connection.ops.get_db_converters(column) + column.get_db_converters(connection))
        for at, column in enumerate(columns)
    )
    return tuple(reader for reader in found if reader[2])


def insert(row: Model) -> None:
    """Insert a row that the database gives its id: every edit and every pass does, one at a time."""
    meta = row._meta  # noqa: SLF001 - as above
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    names, marks = ", ".join(str(field.column) for field in fields), ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        sql = f"INSERT INTO {meta.db_table} ({names}) VALUES ({marks}) RETURNING id"  # noqa: S608 - names of ours
        cursor.execute(sql, values)
        (row.pk,) = cursor.fetchone()


def save_cluster(row: models.Cluster) -> None:
    """Save all fields of a cluster's row."""
    news = ", ".join(f"{field.column} = %s" for field in SETTABLE)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in SETTABLE]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {CLUSTER} SET {news} WHERE id = %s", [*values, row.pk])  # noqa: S608 - names of ours


def find(cluster: int, key: Key) -> Stored | None:
    """Return one object of a cluster, or None."""
    where = table(key[0])
    named = " AND ".join(f"{column} = %s" for column in where.key)
    with connection.cursor() as cursor:
        sql = f"SELECT version, manifest, timers FROM {where.name} WHERE {named}"  # noqa: S608 - names of ours
        cursor.execute(sql, where.place(cluster, key))
        row = cursor.fetchone()
    return Packed(*row).parsed(key[0]) if row else None


def picked(cluster: int, kind: str, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], Packed]:
    """Return those of the objects of a kind, by namespace and name, that stand."""
    where = table(kind)
    only, values = (" AND kind = %s", [cluster, kind]) if where.kinds else ("", [cluster])
    marks = ", ".join(["(%s, %s)"] * len(places))
    sql = (
        f"SELECT namespace, name, version, manifest, timers FROM {where.name} WHERE cluster_id = %s{only}"  # noqa: S608 - names of ours
        f" AND (namespace, name) IN (VALUES {marks})"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *chain.from_iterable(places)])
        return {(namespace, name): Packed(*row) for namespace, name, *row in cursor.fetchall()}


def names(cluster: int, kind: str) -> set[str]:
    """Return the names of all objects of a kind that has a table of its own."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name FROM {table(kind).name} WHERE cluster_id = %s", [cluster])  # noqa: S608 - names of ours
        return {name for (name,) in cursor.fetchall()}


def all_of(cluster: int, kind: str) -> list[Stored]:
    """Return all objects of one kind."""
    where = table(kind)
    only = " AND kind = %s" if where.kinds else ""
    with connection.cursor() as cursor:
        sql = f"SELECT version, manifest, timers FROM {where.name} WHERE cluster_id = %s{only}"  # noqa: S608 - names of ours
        cursor.execute(sql, [cluster, *([kind] if where.kinds else ())])
        return [Packed(*row).parsed(kind) for row in cursor.fetchall()]


def in_namespace(cluster: int, kind: str, namespace: str) -> list[Stored]:
    """Return all objects of one kind in a namespace."""
    where = table(kind)
    which = "cluster_id = %s AND namespace = %s" + (" AND kind = %s" if where.kinds else "")
    with connection.cursor() as cursor:
        sql = f"SELECT version, manifest, timers FROM {where.name} WHERE {which}"  # noqa: S608 - names of ours
        cursor.execute(sql, [cluster, namespace, *([kind] if where.kinds else ())])
        return [Packed(*row).parsed(kind) for row in cursor.fetchall()]


def count(cluster: int) -> int:
    """Return how many objects a cluster holds."""
    tables = [where.model for where in TABLES.values()] + [OTHER.model]
    return sum(model._default_manager.filter(cluster=cluster).count() for model in tables)  # noqa: SLF001 - as above


def all_packed(
    cluster: int, kinds: Collection[str] | None = None, *, events: int | None = None
) -> Iterator[tuple[Key, Packed]]:
    """Yield every object of a cluster, or those of some ``kinds``; of events the latest ``events``, if given.

    Rows that change meanwhile are read before or after it.
    """
    for kind, where in [*TABLES.items(), ("", OTHER)]:
        if kinds is not None and kind not in kinds and not (where.kinds and set(kinds) - TABLES.keys()):
            continue
        column = "kind" if where.kinds else f"'{kind}'"
        also = Rest._fields if kind == Pod.KIND else ()
        with connection.cursor() as cursor:
            facts = ", ".join((column, "namespace", "name", "version", "manifest", "timers", *also))
            latest = LATEST.format(events) if events and kind == "Event" else ""
            cursor.execute(f"SELECT {facts} FROM {where.name} WHERE cluster_id = %s{latest}", [cluster])  # noqa: S608 - names of ours
            while some := cursor.fetchmany(CHUNK):
                for kind_, namespace, name, version, body, timers, *more in some:
                    if kinds is None or kind_ in kinds:
                        rest = Rest(*more) if more else None
                        yield (kind_, namespace, name), Packed(version, body, timers, rest)


def revisions(cluster: int, owner: str) -> list[Manifest]:
    """Return the ControllerRevisions that the object with the uid ``owner`` controls."""
    kept = models.ControllerRevision.objects.filter(cluster=cluster, owner=owner)
    return list(kept.order_by("revision").values_list("manifest", flat=True))
