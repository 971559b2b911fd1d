"""What is kept of the past of a cluster, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.errors import NotFound
from controller.services.edits import announce
from controller.store import log
from controller.store.writes import writing

EVENTS_LIVE = timedelta(hours=1)
"""Kubernetes' own span: an event that has not happened again for so long is forgotten."""

PASSES = 500
"""How many passes of a cluster are kept."""

ACTOR = "event-expiry"


def log_keep(*, cluster: int) -> None:
    """Forget old events and passes, take a snapshot if one is due, and cut off the oldest log.

    Does nothing if the cluster is gone.
    """
    try:
        _forget_events(cluster)
        if log.snapshot_due(cluster):
            log.snapshot_take(cluster)
        recipe = models.Cluster.objects.values_list("recipe", flat=True).get(pk=cluster)
        log.trim(cluster, keep=settings.EVERYNODE_LOG_KEEP, spare=recipe.get("snapshot", 0))
        _forget_passes(cluster)
    except (NotFound, models.Cluster.DoesNotExist):
        return


def history_clear(*, cluster: int) -> None:
    """Clear what a deleted cluster left behind, in small steps; what is interrupted is begun anew."""
    if not models.Remains.objects.filter(pk=cluster).exists():
        return
    log.clear(cluster)
    models.Snapshot.objects.filter(cluster=cluster).delete()
    models.Pass.objects.filter(cluster=cluster).delete()
    models.Remains.objects.filter(pk=cluster).delete()


def _forget_events(cluster: int) -> None:
    before = (datetime.now(UTC) - EVENTS_LIVE).strftime("%Y-%m-%dT%H:%M:%SZ")
    old = models.Event.objects.filter(cluster=cluster, last__lt=before)
    while old.exists():
        with writing(cluster) as opened:
            began, reason = opened.number, "not seen again for an hour"
            gone = old.order_by("last").values_list("manifest", flat=True)[: log.CHUNK]
            opened.put([Change(Verb.DELETED, "Event", manifest, ACTOR, reason) for manifest in gone])
            announce(opened.row, began, wake=not opened.row.paused)


def _forget_passes(cluster: int) -> None:
    passes = models.Pass.objects.filter(cluster=cluster)
    oldest = passes.order_by("-pk").values_list("pk", flat=True)[PASSES - 1 : PASSES].first()
    if oldest is not None:
        passes.filter(pk__lt=oldest).delete()
