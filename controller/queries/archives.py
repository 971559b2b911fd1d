"""A cluster with its history as the lines of a file: see ``manifests.archive``."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import transaction

from controller import models
from controller.manifests.archive import (
    FORMAT,
    AuditLine,
    ChangeLine,
    Head,
    Line,
    ObjectLine,
    PassLine,
    SpanLine,
    packed,
)
from controller.queries.source import cluster_of
from controller.store import clocks, log


def cluster_archive(*, cluster: int) -> bytes:
    """Return a cluster with all that is kept of its history as a file. Raises NotFound.

    Everything is read at one moment of the database, where that can be had.
    """
    with transaction.atomic():
        return b"".join(packed(_lines(cluster)))


def _lines(cluster: int) -> Iterator[Line]:
    row = cluster_of(cluster)
    first = log.first(cluster)
    yield Head(
        format=FORMAT,
        name=row.name,
        number=row.number,
        first=first,
        time=clocks.cluster_time(row, time.time()),
        speed=row.speed,
        paused=row.paused,
        start_delay=row.start_delay,
        stop_delay=row.stop_delay,
        node_grace=row.node_grace,
        kubelet_events=row.kubelet_events,
    )
    for (kind, _namespace, _name), one in log.packed_at(cluster, first).items():
        stored = one.parsed(kind)
        yield ObjectLine(one.version, kind, stored.manifest, stored.timers)
    changes = models.Change.objects.filter(cluster=cluster, number__gt=first, number__lte=row.number)
    for each in changes.order_by("number").iterator():
        yield ChangeLine(
            number=each.number,
            verb=each.verb,
            kind=each.kind,
            manifest=each.manifest,
            timers=each.timers,
            actor=each.actor,
            reason=each.reason,
            at=each.at.isoformat(),
        )
    yield from _beside(row)


def _beside(row: models.Cluster) -> Iterator[Line]:
    """Yield what is kept beside the log."""
    for made in models.Pass.objects.filter(cluster=row).order_by("pk").iterator():
        at, counts = made.at.isoformat(), (made.creations, made.deletions)
        yield PassLine(made.first, made.last, at, made.cluster_time, made.lines, *counts)
    for note in models.AuditEntry.objects.filter(cluster=row).order_by("pk").iterator():
        yield AuditLine(note.at.isoformat(), note.actor, note.action, note.about, note.facts, note.number)
    for span in models.ClockSpan.objects.filter(cluster=row).order_by("until").iterator():
        yield SpanLine(span.wall, span.time, span.speed, span.until)
