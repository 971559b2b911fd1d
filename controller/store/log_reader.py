"""The log as text: what changed since a number, and single objects as they were at one.

Clients hold numbers of minutes ago: a list that is fetched page by page, a watch that is resumed.
Nothing is parsed here, because most of it is only carried on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import chain

import orjson
from django.db import connection

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.errors import Gone
from controller.engine.objects import Key, Manifest
from controller.engine.values import value
from controller.fields import unpacked
from controller.store import log, rows, snapshots
from controller.store.log import LOG
from controller.store.rows import Packed, Stored

Place = tuple[str, str]
"""Namespace and name."""

AT_ONCE = 500
"""How many objects are asked for in one statement."""


@value(frozen=True, slots=True)
class Line:
    """An entry of the log: ``text`` is the object after the change, or as it was last if it is gone.

    ``timers`` are text as well.
    """

    number: int
    key: Key
    verb: str
    text: str
    timers: str

    @property
    def version(self) -> int:
        """Return the number, as of an object that is packed."""
        return self.number

    def parsed(self, kind: str) -> Stored:
        """Return the object itself."""
        return Stored(kind, orjson.loads(self.text), orjson.loads(self.timers))


def lines(cluster: int, number: int, most: int, *, newest: int | None = None) -> list[Line]:
    """Return at most so many changes after ``number``, oldest first.

    None is later than ``newest``, the number of a row of the cluster that was read before: what is
    committed meanwhile belongs to a later row. Raises Gone if the log that is kept begins later, NotFound
    if there is no such cluster.
    """
    facts = "number, kind, namespace, name, verb, manifest, timers"
    stretch = "cluster_id = %s AND number > %s AND number <= %s"
    sql = f"SELECT {facts} FROM {LOG} WHERE {stretch} ORDER BY number LIMIT %s"  # noqa: S608 - names of ours
    if newest is None:
        newest = log.last(cluster)
    with connection.cursor() as cursor:
        cursor.execute(sql, [cluster, number, newest, most])
        found = [
            Line(at, (kind, namespace, name), verb, unpacked(body).decode(), timers)
            for at, kind, namespace, name, verb, body, timers in cursor.fetchall()
        ]
    begins = found[0].number if found else newest + 1
    if begins > number + 1:
        raise Gone(f"too old resource version: {number} ({begins - 1})")
    return found


def changed(cluster: int, kind: str, number: int, upto: int) -> set[Place]:
    """Return which objects of a kind changed after ``number``, up to another one. Raises Gone."""
    stretch = f"FROM {LOG} WHERE cluster_id = %s AND number > %s AND number <= %s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) {stretch}", [cluster, number, upto])
        (kept,) = cursor.fetchone()
        if kept < upto - number:
            raise Gone(f"too old resource version: {number} ({upto - kept})")
        cursor.execute(f"SELECT namespace, name {stretch} AND kind = %s", [cluster, number, upto, kind])
        return set(cursor.fetchall())


def objects_at(cluster: int, kind: str, places: Collection[Place], number: int) -> dict[Place, str]:
    """Return objects of a kind as they stood right after change ``number``; those that did not are left out.

    So are those of which nothing is kept that is older. A snapshot is opened for what did not change
    between the log's begin and ``number``, but did since, and then only where those objects lie in it.
    """
    return {place: one.text() for place, one in _objects_at(cluster, kind, places, number).items() if one}


def stood(cluster: int, kinds: Collection[str], number: int, upto: int) -> dict[Key, Packed | None]:
    """Return how the objects of some kinds that changed after ``number``, up to another, stood after it.

    None: they were not there. Raises Gone.
    """
    sql = (
        f"SELECT kind, namespace, name, verb FROM {LOG}"  # noqa: S608 - names of ours
        " WHERE cluster_id = %s AND number > %s AND number <= %s ORDER BY number"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [cluster, number, upto])
        changes = cursor.fetchall()
    if len(changes) < upto - number:
        raise Gone(f"too old resource version: {number} ({upto - len(changes)})")
    found: dict[Key, Packed | None] = {}
    there: defaultdict[str, list[Place]] = defaultdict(list)
    for kind, namespace, name, verb in changes:
        key = (kind, namespace, name)
        if kind in kinds and key not in found:
            found[key] = None
            if verb != Verb.ADDED:
                there[kind].append((namespace, name))
    for kind, places in there.items():
        at = _objects_at(cluster, kind, places, number)
        found.update({(kind, *place): one for place, one in at.items()})
    return found


def _objects_at(
    cluster: int, kind: str, places: Collection[Place], number: int
) -> dict[Place, Packed | None]:
    """Return objects of a kind as they stood right after change ``number``: None if deleted by then.

    Those of which nothing is kept that is older are left out. What did not change since the log begins
    stands as it stood, or lies in a snapshot.
    """
    listed = list(places)
    found: dict[Place, Packed | None] = {}
    for start in range(0, len(listed), AT_ONCE):
        found.update(_last_changes(cluster, kind, listed[start : start + AT_ONCE], number))
    missing = [place for place in listed if place not in found]
    for start in range(0, len(missing), AT_ONCE):
        standing = rows.picked(cluster, kind, missing[start : start + AT_ONCE])
        found.update({place: one for place, one in standing.items() if one.version <= number})
    missing = [place for place in missing if place not in found]
    if missing and not _from_the_start(cluster):
        body = _snapshot_body(cluster, number)
        kept = snapshots.picked(body, [(kind, *place) for place in missing])
        found.update({key[1:]: one for key, one in kept.items()})
    return found


def changes_of(
    cluster: int, kind: str, namespace: str, number: int, *, names: Collection[str] | None = None, most: int
) -> list[tuple[datetime, Change]]:
    """Return when objects of a kind and a namespace were changed after ``number``, and how, oldest first.

    ``names`` are those that are looked at, None for all. Of more than ``most`` the oldest are returned.
    """
    entries = models.Change.objects.filter(cluster=cluster, kind=kind, namespace=namespace, number__gt=number)
    if names is not None:
        entries = entries.filter(name__in=names)
    return [
        (row.at, Change(Verb(row.verb), kind, row.manifest, row.actor, row.reason, row.timers))
        for row in entries.order_by("number")[:most]
    ]


def versions_of(cluster: int, key: Key, most: int) -> list[tuple[datetime, Manifest]]:
    """Return the last versions of an object that are kept, oldest first, and when each was written."""
    kind, namespace, name = key
    entries = models.Change.objects.filter(cluster=cluster, kind=kind, namespace=namespace, name=name)
    entries = entries.exclude(verb=Verb.DELETED).order_by("-number")[:most]
    return [(row.at, row.manifest) for row in reversed(entries)]


def number_before(cluster: int, number: int, at: datetime) -> int:
    """Return the number of the last change before the transaction of ``at``, which ended with ``number``."""
    earlier = models.Change.objects.filter(cluster=cluster, number__lte=number, at__lt=at)
    return earlier.order_by("-number").values_list("number", flat=True).first() or 0


def _from_the_start(cluster: int) -> bool:
    """Return whether the log still holds the first change of the cluster, or the cluster none."""
    entries = models.Change.objects.filter(cluster=cluster).order_by("number")
    return entries.values_list("number", flat=True).first() == 1


def _snapshot_body(cluster: int, number: int) -> bytes:
    """Return the newest snapshot that is not younger than a number, or an empty one."""
    older = models.Snapshot.objects.filter(cluster=cluster, number__lte=number).order_by("-number")
    return bytes(older.values_list("body", flat=True).first() or snapshots.packed({}))


def _last_changes(
    cluster: int, kind: str, places: Sequence[Place], number: int
) -> dict[Place, Packed | None]:
    """Return the objects as the last change of each up to a number left them, None if it deleted it."""
    marks = ", ".join(["(%s, %s)"] * len(places))
    # One look into the index for each place: for a list of them SQLite would go through all of the kind.
    newest = (
        f"SELECT MAX(number) FROM {LOG} WHERE cluster_id = %s AND kind = %s"  # noqa: S608 - names of ours
        " AND namespace = wanted.column1 AND name = wanted.column2 AND number <= %s"
    )
    last = f"SELECT ({newest}) FROM (VALUES {marks}) AS wanted"  # noqa: S608 - as above
    facts = "namespace, name, number, verb, manifest, timers"
    sql = f"SELECT {facts} FROM {LOG} WHERE cluster_id = %s AND number IN ({last})"  # noqa: S608 - as above
    asked: list[int | str] = [cluster, cluster, kind, number, *chain.from_iterable(places)]
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return {
            (namespace, name): None if verb == Verb.DELETED else Packed(at, bytes(body), timers)
            for namespace, name, at, verb, body, timers in cursor.fetchall()
        }
