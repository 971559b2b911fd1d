"""One transaction on one cluster: the only place that numbers changes and writes objects.

Whoever writes holds the lock of the cluster's row, so numbers have no gaps and nobody else's change
slips between what a writer saw and what it writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import orjson
from django.db import connection, transaction

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.daemonset.staged.status import PLAN_STATUS_ANNOTATION
from controller.engine.errors import Busy, NotFound
from controller.engine.objects import PLAN_ANNOTATION, DaemonSet, Key, Manifest, Pod, Timers
from controller.modes import Capability, require
from controller.store import clocks, leases, rows
from controller.store.dictionaries import Dictionaries
from controller.store.leases import Held
from controller.store.rows import Packed

SHARED = ("cluster_id", "namespace", "name", "uid", "version", "manifest", "timers", "upstream")
LOG = ("cluster_id", "number", "kind", "namespace", "name", "verb", "manifest", "timers")
LOG_ALSO = ("actor", "reason", "at")
NO_TIMERS = "{}"
PORTION = 1_000
"""How many rows are written at once where others shall not wait: some hundredths of a second."""
Values = tuple[Any, ...]
NOTHING: Mapping[Key, str] = MappingProxyType({})
"""The versions upstream of objects that have none."""


class _Rows(NamedTuple):
    """What becomes of the rows, by kind: which go, and the values of those that come or are others now."""

    gone: Mapping[str, Sequence[Key]]
    fresh: Mapping[str, Sequence[Values]]
    moved: Mapping[str, Sequence[Values]]


class _Ready(NamedTuple):
    """Changes as they are to be written: for the log, the objects as they stand after it, and their rows."""

    log: Sequence[Values]
    last: Mapping[Key, Packed]
    rows: _Rows


class Locked:
    """A transaction that holds the lock of ``row``, the cluster. Fields set on ``row`` are saved.

    ``now`` is the wall time of the transaction, and ``number`` that of the last change so far.
    """

    def __init__(self, row: models.Cluster, now: datetime) -> None:
        self.row, self.now = row, now

    @property
    def number(self) -> int:
        """Return the number of the cluster's last change, those of this transaction included."""
        return self.row.number


class _Putting(Locked):
    """Such a transaction that writes objects."""

    def __init__(self, row: models.Cluster, now: datetime) -> None:
        super().__init__(row, now)
        self._dictionaries = Dictionaries(row)

    def _put(
        self, changes: Iterable[Change], pods: Mapping[Key, Pod] | None, upstream: Mapping[Key, str]
    ) -> Mapping[Key, Packed]:
        ready = self._ready(changes, pods, upstream)
        self._write(ready)
        return ready.last

    def _ready(
        self, changes: Iterable[Change], pods: Mapping[Key, Pod] | None, upstream: Mapping[Key, str]
    ) -> _Ready:
        """Return changes as they are to be written."""
        cluster, number, at = self.row.pk, self.row.number, stamp(self.now)
        pack = self._dictionaries.pack
        log: list[Values] = []
        born: set[Key] = set()
        last: dict[Key, tuple[Change, Packed]] = {}
        for change in changes:
            number += 1
            kind, manifest, timers = change.kind, change.manifest, change.timers
            if pods is None:
                manifest = {**manifest, "metadata": {**manifest["metadata"]}}
            manifest["metadata"]["resourceVersion"] = str(number)
            body = pack(kind, orjson.dumps(manifest))
            kept = orjson.dumps(timers).decode() if timers else NO_TIMERS
            key = change.key
            if change.verb is Verb.ADDED and key not in last:
                born.add(key)
            last[key] = (change, Packed(number, body, kept))
            # Plain texts: to find out how to write one that is of a class takes as long as to write it.
            log.append((cluster, number, *key, str.__str__(change.verb), body, kept,
                        str.__str__(change.actor), str.__str__(change.reason), at))  # fmt: skip
        standing = {key: one for key, (_, one) in last.items()}
        return _Ready(log, standing, _rows(cluster, last, born, pods, upstream))

    def _write(self, ready: _Ready) -> None:
        if not ready.log:
            return
        self.row.number += len(ready.log)
        for kind, keys in ready.rows.gone.items():
            _delete(self.row.pk, kind, keys)
        for kind, values in ready.rows.fresh.items():
            insert_rows(kind, values)
        for kind, values in ready.rows.moved.items():
            _executemany(_upsert(rows.table(kind)), values)
        insert_log(ready.log)


class Writing(_Putting):
    """Such a transaction that may write objects: only to be had where our controllers act."""

    def put(self, changes: Iterable[Change], pods: Mapping[Key, Pod] | None = None) -> Mapping[Key, Packed]:
        """Give changes their numbers, in their order, and write them to the rows and to the log.

        A pass gives the ``pods`` of its world, in which the changes were made: so they need not be read
        again. Nobody else has these manifests yet, and for once they are edited: the numbers are written
        into them. Returns the objects as they were written last, also those that are deleted. Raises
        IntegrityError if an object that is ADDED stands already.
        """
        return self._put(changes, pods, NOTHING)


class AheadWriting(Writing):
    """Writes objects of a cluster whose ``row`` is not there yet, a portion at a time.

    Each portion is made ready first, and then written in a transaction of its own, in which ``alive`` is
    called: so others wait for one portion at most.
    """

    def __init__(self, row: models.Cluster, alive: Callable[[], None]) -> None:
        super().__init__(row, datetime.now(UTC))
        self._alive = alive

    def put(self, changes: Iterable[Change], pods: Mapping[Key, Pod] | None = None) -> Mapping[Key, Packed]:
        """Write changes as ``Writing.put`` does, but for the transaction."""
        written: dict[Key, Packed] = {}
        left = iter(changes)
        while some := list(islice(left, PORTION)):
            ready = self._ready(some, pods, NOTHING)
            with transaction.atomic():
                self._alive()
                self._write(ready)
            written |= ready.last
        return written


class PortionedWriting(Writing):
    """Writes objects of a cluster a portion at a time, each in a transaction that ``portion`` opens.

    Nobody else may write objects of it meanwhile.
    """

    def __init__(self, row: models.Cluster, portion: Callable[[], AbstractContextManager[Writing]]) -> None:
        super().__init__(row, datetime.now(UTC))
        self._portion = portion

    def put(self, changes: Iterable[Change], pods: Mapping[Key, Pod] | None = None) -> Mapping[Key, Packed]:
        """Write changes as ``Writing.put`` does, but for the transaction."""
        written: dict[Key, Packed] = {}
        left = iter(changes)
        while some := list(islice(left, PORTION)):
            with self._portion() as opened:
                written |= opened.put(some, pods)
            self.row.number = opened.number
        return written


class MirrorWriting(_Putting):
    """Such a transaction that writes what the API server of a mirrored cluster told: for its mirror alone."""

    def put(self, changes: Iterable[Change], upstream: Mapping[Key, str]) -> None:
        """Write changes as ``Writing.put`` does. ``upstream`` are the resourceVersions of their objects."""
        known = list(changes)
        self._put(known, None, upstream)
        if any(change.kind == DaemonSet.KIND and _is_staged(change.manifest) for change in known):
            self.row.due = clocks.moment_of(self.row, self.now.timestamp()).cluster

    def touch(self, upstream: Mapping[Key, str]) -> None:
        """Note the resourceVersions of objects that are otherwise as they were: nobody is told of it."""
        for (kind, namespace, name), version in upstream.items():
            where = rows.table(kind)
            named = " AND ".join(f"{column} = %s" for column in where.key)
            values = [(version, *where.place(self.row.pk, (kind, namespace, name)))]
            _executemany(f"UPDATE {where.name} SET upstream = %s WHERE {named}", values)  # noqa: S608 - names of ours


def insert_log(entries: Sequence[Values]) -> None:
    """Insert entries of logs, each the values of ``LOG`` and ``LOG_ALSO``."""
    _executemany(_insert(models.Change._meta.db_table, LOG + LOG_ALSO), entries)  # noqa: SLF001 - Django's own door


def insert_rows(kind: str, values: Sequence[Values]) -> None:
    """Insert rows of new objects of a kind, each as ``row_values`` gives them."""
    where = rows.table(kind)
    _executemany(_insert(where.name, SHARED + where.columns), values)


def row_values(cluster: int, key: Key, manifest: Manifest, timers: Timers, one: Packed) -> Values:
    """Return the values of an object's row: of ``SHARED`` and the columns of its table."""
    return _shared(cluster, key, manifest, one, "") + rows.table(key[0]).read(manifest, timers)


@contextmanager
def writing(cluster: int, *, resets: bool = False) -> Iterator[Writing]:
    """Open a transaction that may write objects. Raises NotFound, NotOffered; nothing is half done.

    While the cluster is being reset, only who ``resets`` it writes any: others are Busy.
    """
    with _locked(cluster, Writing) as opened:
        require(opened.row.mode, Capability.RECONCILE)
        if opened.row.resetting and not resets:
            raise Busy
        yield opened


@contextmanager
def locked(cluster: int) -> Iterator[Locked]:
    """Open a transaction on a cluster of any mode that writes no objects. Raises NotFound."""
    with _locked(cluster, Locked) as opened:
        yield opened


@contextmanager
def mirroring(held: Held) -> Iterator[MirrorWriting]:
    """Open a transaction in which what a real cluster told is written, under the fence of its mirror.

    Raises NotFound, Lost if another process mirrors it by now.
    """
    with _locked(held.cluster, MirrorWriting) as opened:
        leases.extend(held)
        yield opened
        if opened.row.due is None:  # no set has a plan: there is nothing that we do there
            opened.row.planned = opened.number


L = TypeVar("L", bound=Locked)


@contextmanager
def _locked(cluster: int, way: type[L]) -> Iterator[L]:
    with transaction.atomic():
        row = rows.cluster_row(cluster, lock=True)
        if row is None:
            raise NotFound("clusters", str(cluster))
        opened, clock = way(row, datetime.now(UTC)), clocks.running(row)
        yield opened
        clocks.turned(row, clock, opened.now.timestamp())
        rows.save_cluster(row)


def _is_staged(manifest: Manifest) -> bool:
    annotations = manifest["metadata"].get("annotations") or {}
    return not annotations.keys().isdisjoint({PLAN_ANNOTATION, PLAN_STATUS_ANNOTATION})


def stamp(now: datetime) -> object:
    """Return a moment as this database's driver takes it: raw SQL passes by Django's fields."""
    return connection.ops.adapt_datetimefield_value(now)


def _rows(
    cluster: int,
    last: dict[Key, tuple[Change, Packed]],
    born: set[Key],
    pods: Mapping[Key, Pod] | None,
    upstream: Mapping[Key, str],
) -> _Rows:
    gone: dict[str, list[Key]] = {}
    fresh: dict[str, list[Values]] = {}
    moved: dict[str, list[Values]] = {}
    for key, (change, one) in last.items():
        kind = key[0]
        if change.verb is Verb.DELETED:
            gone.setdefault(kind, []).append(key)
            continue
        pod = pods.get(key) if pods and kind == Pod.KIND else None
        own = rows.pod_columns(pod) if pod else rows.table(kind).read(change.manifest, change.timers)
        row = _shared(cluster, key, change.manifest, one, upstream.get(key, "")) + own
        (fresh if key in born else moved).setdefault(kind, []).append(row)
    return _Rows(gone, fresh, moved)


def _shared(cluster: int, key: Key, manifest: Manifest, one: Packed, upstream: str) -> Values:
    uid = manifest["metadata"]["uid"]
    return (cluster, *key[1:], uid, one.version, one.body, one.timers, upstream)


def _delete(cluster: int, kind: str, keys: Sequence[Key]) -> None:
    where = rows.table(kind)
    named = " AND ".join(f"{column} = %s" for column in where.key)
    sql = f"DELETE FROM {where.name} WHERE {named}"  # noqa: S608 - names of ours
    _executemany(sql, [where.place(cluster, key) for key in keys])


def _insert(table: str, columns: Sequence[str]) -> str:
    marks = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names of ours


def _upsert(where: rows.Table) -> str:
    columns = SHARED + where.columns
    news = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in where.key)
    return f"{_insert(where.name, columns)} ON CONFLICT ({', '.join(where.key)}) DO UPDATE SET {news}"


def _executemany(sql: str, values: Sequence[Values]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)
