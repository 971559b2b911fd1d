"""The numbered log of a cluster: reading on from a number, and rebuilding any moment.

A snapshot holds all objects as they were at its number. The log is kept from the oldest snapshot on,
so every number from there to the last can be rebuilt.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.errors import BadRequest, Gone, NotFound
from controller.engine.objects import Key
from controller.engine.values import value
from controller.store import rows
from controller.store.rows import Packed, Stored
from controller.store.snapshots import State, packed, unpacked

EVERY = 10_000
"""How many changes lie between two snapshots, at least: or as many as there are objects, if that is more."""

CHUNK = 2_000
"""How many old entries go in one transaction, so that nobody waits long for the lock."""

LOG = models.Change._meta.db_table  # noqa: SLF001 - Django's own door to a model's facts


@value(frozen=True, slots=True)
class Entry:
    """A change with its number."""

    number: int
    change: Change


def last(cluster: int) -> int:
    """Return the number of a cluster's last change. Raises NotFound if there is no such cluster."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number FROM {rows.CLUSTER} WHERE id = %s", [cluster])  # noqa: S608 - a name of ours
        found = cursor.fetchone()
    if found is None:
        raise NotFound("clusters", str(cluster))
    return int(found[0])


def first(cluster: int) -> int:
    """Return the oldest number of a cluster that can be rebuilt: its log goes on from there."""
    entries = models.Change.objects.filter(cluster=cluster).order_by("number")
    oldest = entries.values_list("number", flat=True).first()
    return last(cluster) if oldest is None else oldest - 1


def stood_at(row: models.Cluster, number: int) -> datetime:
    """Return a moment at which a cluster stood as it was right after change ``number``: when that was made.

    Of the oldest number it is when the next change was made: of its own no entry is kept.
    """
    entries = models.Change.objects.filter(cluster=row, number__gte=number).order_by("number")
    return entries.values_list("at", flat=True).first() or row.created


def since(cluster: int, number: int, *, upto: int | None = None, newest: int | None = None) -> list[Entry]:
    """Return what changed after ``number`` (and up to another), oldest first.

    ``newest`` is the number of a row of the cluster that was read before. Raises Gone if the log that is
    kept begins later, NotFound if there is no such cluster.
    """
    if newest is None:
        newest = last(cluster)  # read first: what is committed after it is not missing from the entries
    entries = [
        Entry(at, Change(Verb(verb), kind, one.manifest, actor, reason, one.timers))
        for at, kind, _, _, verb, body, timers, actor, reason in _read(cluster, number, upto)
        for one in (Packed(at, body, timers).parsed(kind),)
    ]
    begins = entries[0].number if entries else newest + 1
    if begins > number + 1 and (upto is None or upto > number):
        raise Gone(f"too old resource version: {number}")
    return entries


def packed_since(cluster: int, number: int, upto: int | None) -> Iterator[tuple[Key, str, Packed]]:
    """Yield the same as key, verb and object, packed, for those who need not look into every one.

    Nobody is told if the log that is kept begins later.
    """
    for at, kind, namespace, name, verb, body, timers, *_ in _read(cluster, number, upto):
        yield (kind, namespace, name), verb, Packed(at, body, timers)


def packed_to_now(cluster: int, number: int) -> Iterator[tuple[Key, str, Packed]]:
    """Yield all that changed after ``number``. Raises Gone: some of it was forgotten meanwhile."""
    for key, verb, one in packed_since(cluster, number, None):
        if one.version != number + 1:
            raise Gone(f"too old resource version: {number}")
        number = one.version
        yield key, verb, one


def gather(
    cluster: int, kinds: Collection[str] | None = None, *, events: int | None = None
) -> tuple[int, State]:
    """Return all objects of a cluster at one number, or those of some ``kinds``, without a lock.

    Of the events only the latest ``events`` are looked for, if that is given.

    The rows are read first, each as it happens to stand, and then brought to one moment by the log. If
    that was cut off meanwhile it is begun anew. Raises NotFound if there is no such cluster.
    """
    while True:
        with suppress(Gone):
            return _gathered(cluster, kinds, events)


def _gathered(cluster: int, kinds: Collection[str] | None, events: int | None) -> tuple[int, State]:
    number = last(cluster)
    state = dict(rows.all_packed(cluster, kinds, events=events))
    for key, verb, one in packed_to_now(cluster, number):
        number = one.version
        if kinds is not None and key[0] not in kinds:
            continue
        if key not in state or state[key].version < number:
            _fold(state, key, verb, one)
    return number, state


def state_at(cluster: int, number: int) -> dict[Key, Stored]:
    """Return all objects of a cluster as they were right after change ``number``.

    Raises Gone if that is older than what is kept, BadRequest if it has not happened yet, NotFound.
    """
    newest = last(cluster)
    if number > newest:
        raise BadRequest(f"too large resource version: {number}, current: {newest}")
    return {key: one.parsed(key[0]) for key, one in packed_at(cluster, number).items()}


def packed_at(cluster: int, number: int) -> State:
    """Return all objects as they were right after change ``number``, packed. Raises Gone."""
    kept = models.Snapshot.objects.filter(cluster=cluster, number__lte=number).order_by("-number").first()
    begin, state = (kept.number, unpacked(bytes(kept.body))) if kept else (0, {})
    read = 0
    for key, verb, one in packed_since(cluster, begin, number):
        _fold(state, key, verb, one)
        read += 1
    if read < number - begin:
        raise Gone(f"too old resource version: {number}")
    return state


def snapshot_take(cluster: int) -> int:
    """Keep all objects of a cluster as they are now. Returns their number."""
    number, state = gather(cluster)
    models.Snapshot.objects.get_or_create(cluster_id=cluster, number=number, defaults={"body": packed(state)})
    return number


def snapshot_due(cluster: int) -> bool:
    """Return whether the log has grown enough since the last snapshot for another one."""
    newest = (
        models.Snapshot.objects.filter(cluster=cluster).order_by("-number").values_list("number", flat=True)
    )
    grown = last(cluster) - (newest.first() or 0)
    # To read as many entries again as the snapshot holds objects takes no longer than to open it.
    return grown >= EVERY and grown >= rows.count(cluster)


def trim(cluster: int, *, keep: int, spare: int) -> None:
    """Forget what is not needed to rebuild the last ``keep`` numbers. The snapshot ``spare`` stays."""
    snapshots = models.Snapshot.objects.filter(cluster=cluster)
    horizon = snapshots.filter(number__lte=last(cluster) - keep).order_by("-number").first()
    if horizon is not None:
        cut(cluster, horizon.number, spare=spare)


def snapshot_at(cluster: int, number: int) -> None:
    """Keep all objects of a cluster as they were right after change ``number``. Raises Gone."""
    if number:
        body = packed(packed_at(cluster, number))
        models.Snapshot.objects.get_or_create(cluster_id=cluster, number=number, defaults={"body": body})


def cut(cluster: int, number: int, *, spare: int) -> None:
    """Forget what led up to a number of which there is a snapshot. The snapshot ``spare`` stays."""
    clear(cluster, upto=number)
    models.Snapshot.objects.filter(cluster=cluster, number__lt=number).exclude(number=spare).delete()


def clear(cluster: int, *, upto: int | None = None) -> None:
    """Remove the log of a cluster, all of it or up to a number, in small steps."""
    entries = _between(cluster, 0, upto)
    while (first := entries.values_list("number", flat=True).first()) is not None:
        _between(cluster, 0, first + CHUNK if upto is None else min(upto, first + CHUNK)).delete()


def _between(cluster: int, number: int, upto: int | None) -> QuerySet[models.Change]:
    entries = models.Change.objects.filter(cluster=cluster, number__gt=number).order_by("number")
    return entries if upto is None else entries.filter(number__lte=upto)


def _read(cluster: int, number: int, upto: int | None) -> Iterator[tuple[Any, ...]]:
    """Yield entries as the database holds them: a pass reads the log, and Django's way costs it twice."""
    columns = "number, kind, namespace, name, verb, manifest, timers, actor, reason"
    sql = f"SELECT {columns} FROM {LOG} WHERE cluster_id = %s AND number > %s"  # noqa: S608 - names of ours
    until, values = (
        (" AND number <= %s", [cluster, number, upto]) if upto is not None else ("", [cluster, number])
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{sql}{until} ORDER BY number", values)
        while some := cursor.fetchmany(CHUNK):
            yield from some


def _fold(state: State, key: Key, verb: str, one: Packed) -> None:
    if verb == Verb.DELETED:
        state.pop(key, None)
    else:
        state[key] = one
