"""The log as text: what changed since a number, and single objects as they were at one.

Clients hold numbers of minutes ago: a list that is fetched page by page, a watch that is resumed.
Nothing is parsed here, because most of it is only carried on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import connection

from controller import models
from controller.engine.changes import Verb
from controller.engine.errors import Gone
from controller.engine.objects import Key
from controller.store import log
from controller.store.log import LOG

Place = tuple[str, str]
"""Namespace and name."""

AT_ONCE = 500
"""How many names are asked for in one statement."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the log: ``text`` is the object after the change, or as it was last if it is gone."""

    number: int
    key: Key
    verb: str
    text: str


def lines(cluster: int, number: int, most: int) -> list[Line]:
    """Return at most so many changes after ``number``, oldest first.

    Raises Gone if the log that is kept begins later, NotFound if there is no such cluster.
    """
    facts = "number, kind, namespace, name, verb, manifest"
    sql = f"SELECT {facts} FROM {LOG} WHERE cluster_id = %s AND number > %s ORDER BY number LIMIT %s"  # noqa: S608 - names of ours
    newest = log.last(cluster)  # before the log is read: what is committed meanwhile is not missing
    with connection.cursor() as cursor:
        cursor.execute(sql, [cluster, number, most])
        found = [
            Line(at, (kind, namespace, name), verb, text)
            for at, kind, namespace, name, verb, text in cursor.fetchall()
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

    So are those of which nothing is kept that is older.
    """
    snapshots = models.Snapshot.objects.filter(cluster=cluster, number__lte=number).order_by("-number")
    begin = snapshots.values_list("number", flat=True).first() or 0
    found = {}
    for some in _portions(places):
        found.update(_last_words(cluster, kind, some, begin, number))
    missing = set(places) - found.keys()
    if begin and missing:
        state = log.unpacked(bytes(snapshots.values_list("body", flat=True)[0]))
        found.update({place: text.manifest for place in missing if (text := state.get((kind, *place)))})
    return {place: text for place, text in found.items() if text}


def _portions(places: Collection[Place]) -> Iterator[list[Place]]:
    listed = list(places)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]


def _last_words(cluster: int, kind: str, places: list[Place], begin: int, number: int) -> dict[Place, str]:
    """Return the objects' texts at the last change of each in a stretch of the log: "" if it deleted it."""
    marks = ", ".join(["%s"] * len(places))
    last = (
        f"SELECT MAX(number) FROM {LOG} WHERE cluster_id = %s AND number > %s AND number <= %s"  # noqa: S608 - names of ours
        f" AND kind = %s AND name IN ({marks}) GROUP BY namespace, name"
    )
    sql = f"SELECT namespace, name, verb, manifest FROM {LOG} WHERE cluster_id = %s AND number IN ({last})"  # noqa: S608 - as above
    wanted = set(places)
    with connection.cursor() as cursor:
        cursor.execute(sql, [cluster, cluster, begin, number, kind, *(name for _namespace, name in places)])
        return {
            (namespace, name): "" if verb == Verb.DELETED else text
            for namespace, name, verb, text in cursor.fetchall()
            if (namespace, name) in wanted
        }
