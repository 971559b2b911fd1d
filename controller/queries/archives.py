"""A cluster with its history as the lines of a file: see ``manifests.archive``."""

from __future__ import annotations

import time
from collections.abc import Iterator

from controller import models
from controller.engine.errors import Busy, Gone
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


def cluster_archive(*, cluster: int) -> Iterator[bytes]:
    """Return a cluster with all that is kept of its history as a file, piece by piece.

    Raises NotFound, and Busy while the cluster is being reset.

    Whoever takes the pieces may take long, so the database is not held at one moment: the log up to the
    number that stands now only loses its beginning. Where it does meanwhile, Gone is raised, and what was
    taken so far is no file.
    """
    row = cluster_of(cluster)
    if row.resetting:
        raise Busy
    return packed(_lines(row))


def _lines(row: models.Cluster) -> Iterator[Line]:
    cluster, first = row.pk, log.first(row.pk)
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
    yield from _changes(row, first)
    yield from _beside(row)


def _changes(row: models.Cluster, first: int) -> Iterator[Line]:
    """Yield the log after a number, up to that of the row. Raises Gone if some of it was forgotten."""
    changes = models.Change.objects.filter(cluster=row, number__gt=first, number__lte=row.number)
    for expected, each in enumerate(changes.order_by("number").iterator(), start=first + 1):
        if each.number != expected:
            raise Gone(f"too old resource version: {expected}")
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


def _beside(row: models.Cluster) -> Iterator[Line]:
    """Yield what is kept beside the log."""
    known = models.Pass.objects.filter(cluster=row, last__lte=row.number)
    for made in known.order_by("pk").iterator():
        at, counts = made.at.isoformat(), (made.creations, made.deletions)
        yield PassLine(made.first, made.last, at, made.cluster_time, made.lines, *counts)
    noted = models.AuditEntry.objects.filter(cluster=row).exclude(number__gt=row.number)
    for note in noted.order_by("pk").iterator():
        yield AuditLine(note.at.isoformat(), note.actor, note.action, note.about, note.facts, note.number)
    for span in models.ClockSpan.objects.filter(cluster=row).order_by("until").iterator():
        yield SpanLine(span.wall, span.time, span.speed, span.until)
