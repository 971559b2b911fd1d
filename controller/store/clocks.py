"""Cluster time, from a cluster's row and the wall time (Unix seconds)."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

from controller import models
from controller.engine.objects import Moment
from controller.engine.timeline import Span, Timeline
from controller.store import leases

CLUSTER = models.Cluster._meta.db_table  # noqa: SLF001 - Django's documented door to a model's facts


def cluster_time(row: models.Cluster, wall: float) -> float:
    """Return the cluster time in seconds; it stands still while the cluster is paused."""
    return row.anchor_cluster if row.paused else row.anchor_cluster + (wall - row.anchor_wall) * row.speed


def moment_of(row: models.Cluster, wall: float) -> Moment:
    """Return the instant ``wall`` on both clocks."""
    return Moment(datetime.fromtimestamp(wall, UTC), cluster_time(row, wall))


def anchor(row: models.Cluster, wall: float) -> None:
    """Let cluster time go on from here: to be called before speed or pause are set."""
    row.anchor_cluster, row.anchor_wall = cluster_time(row, wall), wall


def running(row: models.Cluster) -> Span:
    """Return how the clock of a cluster goes now."""
    return Span(row.anchor_wall, row.anchor_cluster, 0.0 if row.paused else row.speed)


def turned(row: models.Cluster, before: Span, wall: float) -> None:
    """Remember how the clock went until now, if it goes in another way from here."""
    after = running(row)
    if after != before:
        models.ClockSpan.objects.create(
            cluster=row, wall=before.wall, time=before.cluster, speed=before.speed, until=wall
        )


def timeline(row: models.Cluster, since: float) -> Timeline:
    """Return how a cluster's time went since a wall time (Unix seconds), and how it goes now."""
    over = models.ClockSpan.objects.filter(cluster=row, until__gte=since).order_by("pk")
    spans = [Span(*facts) for facts in over.values_list("wall", "time", "speed")]
    return Timeline((*spans, running(row)))


def needs_reconcile(row: models.Cluster, wall: float) -> bool:
    """Return whether a pass has something to do now: unseen changes, or a deadline that is reached."""
    return row.number > row.planned or (row.due is not None and row.due <= cluster_time(row, wall))


def waiting(wall: float) -> list[int]:
    """Return the ids of the clusters that need a pass, or a reset to be done, while nobody is at it.

    Deadlines are compared with the wall time that is given, leases with the database's own. It is
    asked twenty times a second, so it is asked in plain SQL.
    """
    sql = f"""
        SELECT id FROM {CLUSTER} JOIN {leases.LEASE} ON cluster_id = id
        WHERE expires <= {leases.clock()} AND (resetting <> '' OR NOT paused
        AND (number > planned OR due <= anchor_cluster + (%s - anchor_wall) * speed))
    """  # noqa: S608 - names of ours
    with connection.cursor() as cursor:
        cursor.execute(sql, (wall,))
        return [pk for (pk,) in cursor.fetchall()]
