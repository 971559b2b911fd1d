"""Objects of any kind, as text: what the door for clients lists, page by page, at one number.

The rows and the cluster's number are read by one statement, so a list is exactly as of its number and a
watch from there misses nothing. An older number is rebuilt: the objects that changed since are taken
from the log.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson
from django.db import connection

from controller import models
from controller.engine.errors import Gone, NotFound, TooNew
from controller.engine.kinds import KINDS
from controller.engine.matching.selection import Selection
from controller.engine.objects import Manifest
from controller.fields import unpacked
from controller.store import log, log_reader, rows
from controller.store.log_reader import Place

MAX_LAG = 20_000
"""How many changes a list may be behind: more of them would take too long to undo."""

CHUNK = 200
"""How many rows are in memory at once."""

COLUMNS = {
    "Pod": {"spec.nodeName": "node", "status.phase": "phase"},
    "Event": {"involvedObject.uid": "involved", "reason": "reason", "type": "type"},
}
"""Columns by which the database leaves out most of what a field selector does not want."""

Row = tuple[Place, str]


@dataclass(frozen=True, slots=True)
class Found:
    """An object of a list. ``manifest`` is there if somebody had to look inside."""

    place: Place
    text: str
    manifest: Manifest | None

    def parsed(self) -> Manifest:
        """Return the object itself."""
        return orjson.loads(self.text) if self.manifest is None else self.manifest


class Listing:
    """The objects of a selection at a ``number``, by namespace and name, to be gone through once.

    ``after`` leaves out those up to a place, ``limit`` all beyond so many. After that ``last`` is the
    place of the last one if there are more, and ``remaining`` is how many more if that is known.
    """

    def __init__(
        self,
        cluster: int,
        selection: Selection,
        *,
        after: Place | None = None,
        limit: int = 0,
        number: int | None = None,
    ) -> None:
        """Begin to read. Raises NotFound (cluster), TooNew and Gone for a number that cannot be had."""
        self._cluster, self._selection, self._after, self._limit = cluster, selection, after, limit
        current, rows_ = _rows(cluster, selection, after, limit + 1 if limit and selection.fixed else 0)
        if number is not None and number > current:
            raise TooNew(number, current)
        if number is not None and number < current:
            current, rows_ = _rows(cluster, selection, after, 0)
            rows_ = self._undone(rows_, number, current)
        self.number = current if number is None else number
        self._rows = rows_
        self.last: Place | None = None
        self.remaining: int | None = None

    def __iter__(self) -> Iterator[Found]:
        place, given = None, 0
        for found in _selected(self._selection, self._rows):
            if self._limit and given == self._limit:
                self.last = place
                self.remaining = self._rest(place)
                return
            place, given = found.place, given + 1
            yield found

    def _undone(self, rows_: Iterator[Row], number: int, current: int) -> Iterator[Row]:
        """Return rows as they were at an older number. Raises Gone."""
        if current - number > MAX_LAG:
            raise Gone(f"too old resource version: {number} ({current - MAX_LAG})")
        kind, after = self._selection.kind, self._after
        changed = log_reader.changed(self._cluster, kind, number, current)
        wanted = {
            place
            for place in changed
            if (after is None or place > after) and self._selection.covers((kind, *place))
        }
        old = sorted(log_reader.objects_at(self._cluster, kind, wanted, number).items())
        standing = (row for row in rows_ if row[0] not in changed)
        return heapq.merge(standing, old, key=itemgetter(0))

    def _rest(self, place: Place | None) -> int | None:
        """Return how many come after a place, or None if a selector would have to be asked."""
        if self._selection.labels or self._selection.fields:
            return None
        where, values = _conditions(self._selection, place)
        table = rows.table(self._selection.kind).name
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT COUNT(*) FROM {table} o WHERE {where} AND o.cluster_id = %s",  # noqa: S608 - names of ours
                [*values, self._cluster],
            )
            return int(cursor.fetchone()[0])


def one(*, cluster: int, kind: str, namespace: str, name: str, number: int | None = None) -> str:
    """Return one object as text, as it stands, or as it stood after change ``number``.

    Raises NotFound, Gone.
    """
    if number is not None:
        return _then(cluster, kind, (namespace, name), number)
    if "\0" in namespace + name:  # no name, and not every database takes the question
        raise NotFound(KINDS[kind].resource, name)
    where = rows.table(kind)
    named = " AND ".join(f"{column} = %s" for column in where.key)
    with connection.cursor() as cursor:
        sql = f"SELECT manifest FROM {where.name} WHERE {named}"  # noqa: S608 - names of ours
        cursor.execute(sql, where.place(cluster, (kind, namespace, name)))
        found = cursor.fetchone()
    if found is None:
        raise NotFound(KINDS[kind].resource, name)
    return unpacked(found[0]).decode()


def _then(cluster: int, kind: str, place: Place, number: int) -> str:
    if number < log.first(cluster):
        raise Gone(f"too old resource version: {number}")
    text = (
        None if "\0" in "".join(place) else log_reader.objects_at(cluster, kind, [place], number).get(place)
    )
    if text is None:
        raise NotFound(KINDS[kind].resource, place[1])
    return text


def number(*, cluster: int) -> int:
    """Return the number of a cluster's last change. Raises NotFound."""
    return log.last(cluster)


def before(*, cluster: int, kind: str, place: Place, number: int) -> str | None:
    """Return an object as it stood right before change ``number``, or None if nobody knows any more."""
    return log_reader.objects_at(cluster, kind, [place], number - 1).get(place)


def _rows(cluster: int, selection: Selection, after: Place | None, most: int) -> tuple[int, Iterator[Row]]:
    """Return the cluster's number and, read with it, what the database can tell of the selection."""
    table, clusters = rows.table(selection.kind).name, models.Cluster._meta.db_table  # noqa: SLF001 - Django's own door
    where, values = _conditions(selection, after)
    namespace, name = _place_columns()
    sql = (
        f"SELECT c.number, o.namespace, o.name, o.manifest FROM {clusters} c"  # noqa: S608 - names of ours
        f" LEFT JOIN {table} o ON o.cluster_id = c.id AND {where}"
        f" WHERE c.id = %s ORDER BY {namespace}, {name}" + (f" LIMIT {most}" if most else "")
    )
    cursor = connection.cursor()
    cursor.execute(sql, [*values, cluster])
    some = cursor.fetchmany(CHUNK)
    if not some:
        raise NotFound("clusters", str(cluster))
    return some[0][0], _read(cursor, some)


def _read(cursor: Any, some: list[tuple[Any, ...]]) -> Iterator[Row]:  # noqa: ANN401 - a wrapper of Django's
    with cursor:
        while some:
            for _number, namespace, name, body in some:
                if body is not None:
                    yield (namespace, name), unpacked(body).decode()
            some = cursor.fetchmany(CHUNK)


def _place_columns() -> tuple[str, str]:
    """Return how to order: by bytes, as Kubernetes does and as SQLite does by itself."""
    order = ' COLLATE "C"' if connection.vendor == "postgresql" else ""
    return f"o.namespace{order}", f"o.name{order}"


def _conditions(selection: Selection, after: Place | None) -> tuple[str, list[Any]]:
    """Return what the database filters by: it may let through what the selection does not want."""
    wanted: list[tuple[str, Any]] = []
    if rows.table(selection.kind).kinds:
        wanted.append(("o.kind = %s", selection.kind))
    if selection.namespace:
        wanted.append(("o.namespace = %s", selection.namespace))
    columns = {"metadata.name": "name", "metadata.namespace": "namespace", **COLUMNS.get(selection.kind, {})}
    for field, column in columns.items():
        if value := selection.wanted(field):
            wanted.append((f"o.{column} = %s", value))
    sql = " AND ".join(condition for condition, _value in wanted) or "1 = 1"
    values = [value for _condition, value in wanted]
    if any("\0" in value for value in values):  # as above
        return "1 = 0", []
    if after is None:
        return sql, values
    return f"{sql} AND ({', '.join(_place_columns())}) > (%s, %s)", [*values, *after]


def _selected(selection: Selection, rows_: Iterator[Row]) -> Iterator[Found]:
    for place, text in rows_:
        if not selection.covers((selection.kind, *place)):
            continue
        if selection.fixed:
            yield Found(place, text, None)
        elif selection.selects(manifest := orjson.loads(text)):
            yield Found(place, text, manifest)


def namespaces(*, cluster: int, number: int | None = None) -> list[str]:
    """Return the names of the namespaces, as of now or of change ``number``.

    Raises NotFound, Gone, TooNew.
    """
    return [found.place[1] for found in Listing(cluster, Selection("Namespace"), number=number)]


def counts(*, cluster: int, number: int | None = None) -> dict[str, int]:
    """Return how many objects of each kind a cluster holds, or held after change ``number``.

    A kind of which there is none is left out.
    """
    clauses = [
        f"SELECT '{kind}' AS kind, COUNT(*) FROM {where.name} WHERE cluster_id = %s"  # noqa: S608 - names of ours
        for kind, where in rows.TABLES.items()
    ]
    clauses.append(f"SELECT kind, COUNT(*) FROM {rows.OTHER.name} WHERE cluster_id = %s GROUP BY kind")  # noqa: S608 - as above
    values = [cluster] * len(clauses)
    if number is not None:
        moved = "SUM(CASE verb WHEN 'ADDED' THEN -1 ELSE 1 END)"
        where = "cluster_id = %s AND number > %s AND verb <> 'MODIFIED'"
        clauses.append(f"SELECT kind, {moved} FROM {log.LOG} WHERE {where} GROUP BY kind")  # noqa: S608 - as above
        values += [cluster, number]
    held: Counter[str] = Counter()
    with connection.cursor() as cursor:
        # In one statement: what is written between two would be in one of them and not in the other.
        cursor.execute(" UNION ALL ".join(clauses), values)
        for kind, many in cursor.fetchall():
            held[kind] += int(many)
    return {kind: many for kind, many in held.items() if many}
