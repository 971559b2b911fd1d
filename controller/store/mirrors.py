"""Which real clusters nobody mirrors yet, what a mirror tells of itself, and which versions it has told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import FloatField
from django.db.models.expressions import RawSQL

from controller import models
from controller.engine.objects import Key
from controller.store import leases, rows
from controller.store.leases import Held, Lost

LEASE = 4.0
"""Seconds for which a mirror that reports keeps its lease: it reports several times in that time."""


def let_go() -> None:
    """Close this thread's connection to the database; it is opened again when it is needed."""
    connection.close()


def free() -> list[int]:
    """Return the ids of the clusters whose mirror's lease is to be had."""
    now = RawSQL(leases.clock(), (), FloatField())  # noqa: S611 - words of ours
    return list(models.Mirror.objects.filter(expires__lte=now).values_list("cluster", flat=True))


def reached(cluster: int) -> tuple[bytes, str]:
    """Return the sealed connection of a cluster, and the uid by which it was known there last, or "".

    Raises Lost if it is gone.
    """
    row = models.Mirror.objects.filter(pk=cluster).values_list("sealed", "cluster_uid").first()
    if row is None:
        raise Lost(f"cluster {cluster} is gone")
    return bytes(row[0]), row[1]


def report(held: Held, **facts: Any) -> bytes:  # noqa: ANN401 - values of columns
    """Hold the lease for longer and write what is to be told; return the sealed connection as it is now.

    Raises Lost if another mirrors the cluster by now, or it is gone.
    """
    until = RawSQL(f"{leases.clock()} + {LEASE}", (), FloatField())  # noqa: S611 - words of ours
    ours = models.Mirror.objects.filter(pk=held.cluster, owner=held.owner, fence=held.fence, expires__gt=0)
    if not ours.update(expires=until, **facts):
        raise Lost(f"cluster {held.cluster}: fence {held.fence} of {held.owner}")
    return reached(held.cluster)[0]


def versions(cluster: int) -> Iterator[tuple[Key, str, str]]:
    """Yield every object of a mirrored cluster with its uid and its resourceVersion upstream."""
    for kind, where in [*rows.TABLES.items(), ("", rows.OTHER)]:
        column = "kind" if where.kinds else f"'{kind}'"
        with connection.cursor() as cursor:
            facts = f"{column}, namespace, name, uid, upstream"
            cursor.execute(f"SELECT {facts} FROM {where.name} WHERE cluster_id = %s", [cluster])  # noqa: S608 - names of ours
            while some := cursor.fetchmany(rows.CHUNK):
                for kind_, namespace, name, uid, version in some:
                    yield (kind_, namespace, name), uid, version


class Upstream(NamedTuple):
    """An object of a mirrored cluster: its ``version`` upstream, and the number of its last change here."""

    version: str
    number: int


def upstream_of(cluster: int, key: Key) -> Upstream | None:
    """Return which version of an object its mirror told last, None if there is none."""
    where = rows.table(key[0])
    named = " AND ".join(f"{column} = %s" for column in where.key)
    with connection.cursor() as cursor:
        sql = f"SELECT upstream, version FROM {where.name} WHERE {named}"  # noqa: S608 - names of ours
        cursor.execute(sql, where.place(cluster, key))
        row = cursor.fetchone()
    return Upstream(*row) if row else None
