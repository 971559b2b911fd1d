"""What a cluster takes in the database, and how room that was freed goes back to the disk."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Model, QuerySet, Sum, Value
from django.db.models.functions import Length

from controller import models

ENTRY = 210
"""Bytes of an entry of the log besides its object: columns and two indexes, as measured on SQLite."""

ROW = 350
"""Bytes of an object's row besides the object, with its indexes; of a pass a few less."""

PAGES = 4_000
"""How many pages are given back in one transaction."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many there are of something, and about how many bytes they take."""

    count: int
    size: int


def log_share(cluster: int) -> Share:
    """Return what the log of a cluster takes."""
    return _share(models.Change.objects.filter(cluster=cluster), "manifest", ENTRY)


def snapshot_share(cluster: int) -> Share:
    """Return what its snapshots take, and the dictionaries that all its texts need."""
    kept = _share(models.Snapshot.objects.filter(cluster=cluster), "body", 0)
    words = _share(models.Dictionary.objects.filter(cluster=cluster), "body", 0)
    return Share(kept.count, kept.size + words.size)


def pass_share(cluster: int) -> Share:
    """Return what the passes that are listed take."""
    return _share(models.Pass.objects.filter(cluster=cluster), "lines", ROW // 2)


def object_share(cluster: int) -> Share:
    """Return what the objects take as they stand."""
    tables = (
        models.Node,
        models.Pod,
        models.DaemonSet,
        models.ControllerRevision,
        models.Event,
        models.Resource,
    )
    shares = [_share(table.objects.filter(cluster=cluster), "manifest", ROW) for table in tables]
    return Share(sum(share.count for share in shares), sum(share.size for share in shares))


def _share(rows: QuerySet[Model], column: str, each: int) -> Share:
    found = rows.aggregate(count=Count("*"), size=Sum(Length(column), default=Value(0)))
    return Share(found["count"], found["size"] + each * found["count"])


def give_back() -> None:
    """Let SQLite's file shrink by what is no longer used, in small steps; PostgreSQL sees to it itself."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA freelist_count")
        (free,) = cursor.fetchone()
        for _step in range(0, free, PAGES):
            cursor.execute(f"PRAGMA incremental_vacuum({PAGES})")
            cursor.fetchall()
