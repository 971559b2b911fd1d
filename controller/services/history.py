"""What is kept of the past of a cluster, and for how long."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.errors import Busy, NotFound
from controller.engine.reasons import Reason
from controller.modes import Capability, Mode
from controller.services.audit import audit_note
from controller.services.edits import announce, in_turn
from controller.store import dictionaries, log, rows, sizes
from controller.store.writes import writing

EVENTS_LIVE = timedelta(hours=1)
"""Kubernetes' own span: an event that has not happened again for so long is forgotten."""

PASSES = 500
"""How many passes of a cluster are kept."""

SPANS = 2_000
"""How many turns of a cluster's clock are kept: what a container printed long ago is timed by them."""

TOKENS_SHOWN = timedelta(days=30)
"""For how long a token that was revoked or has expired is still listed as such."""

LEAST = 100
"""How many changes are kept whatever a person says."""

ACTOR = "event-expiry"


def log_keep(*, cluster: int) -> None:
    """Forget old events and passes, take a snapshot if one is due, and cut off the oldest log.

    Does nothing if the cluster is gone, and leaves it for the next time if that is being reset.
    """
    try:
        _forget_events(cluster)
        if log.snapshot_due(cluster):
            log.snapshot_take(cluster)
        recipe = models.Cluster.objects.values_list("recipe", flat=True).get(pk=cluster)
        log.trim(cluster, keep=settings.EVERYNODE_LOG_KEEP, spare=recipe.get("snapshot", 0))
        dictionaries.collect(cluster)
        _forget_passes(cluster)
        _forget_spans(cluster)
        _forget_tokens(cluster)
        audit_trim(before=datetime.now(UTC) - timedelta(days=settings.EVERYNODE_AUDIT_DAYS))
        sizes.give_back()
    except (NotFound, Busy, models.Cluster.DoesNotExist):
        return


def history_trim(*, cluster: int, actor: str, keep: int = 0, since: datetime | None = None) -> int:
    """Forget all but the last ``keep`` changes, or what happened before ``since``.

    Returns the number that history begins with from now on: that moment stays, as a snapshot. What
    is interrupted leaves the whole history or a part of it. The last few changes stay in any case:
    passes and watches that are under way go on from them. Raises NotFound, StorageFull.
    """
    with in_turn():
        row = models.Cluster.objects.filter(pk=cluster).first()
        if row is None:
            raise NotFound("clusters", str(cluster))
        number = _last_before(cluster, since) if since else row.number - keep
        number = min(number, row.planned, row.number - LEAST)
        spare = row.recipe.get("snapshot", 0)
        if number <= log.first(cluster):
            return log.first(cluster)
        with transaction.atomic():
            log.snapshot_at(cluster, number)
            audit_note(actor=actor, action="history_trim", about=row.name, cluster=row, after=number)
        log.cut(cluster, number, spare=spare)
        dictionaries.collect(cluster)
        models.Pass.objects.filter(cluster=cluster, last__lte=number).delete()
        sizes.give_back()
    return number


def _last_before(cluster: int, since: datetime) -> int:
    older = models.Change.objects.filter(cluster=cluster, at__lt=since).order_by("-number")
    return older.values_list("number", flat=True).first() or 0


def history_clear(*, cluster: int) -> None:
    """Clear what there is of a cluster that is not there, in small steps; what is interrupted is begun anew.

    It is left of a deleted one, or came of a large one that was not written to its end.
    """
    if not models.PendingPurge.objects.filter(pk=cluster, after__lte=time.time()).exists():
        return
    for table in (*rows.TABLES.values(), rows.OTHER):
        held = table.model._default_manager.filter(cluster=cluster)  # noqa: SLF001 - Django's documented name
        while some := list(held.values_list("pk", flat=True)[: log.CHUNK]):
            held.filter(pk__in=some).delete()
    log.clear(cluster)
    models.Snapshot.objects.filter(cluster=cluster).delete()
    models.Pass.objects.filter(cluster=cluster).delete()
    models.Dictionary.objects.filter(cluster=cluster).delete()
    sizes.give_back()
    models.PendingPurge.objects.filter(pk=cluster).delete()


def _forget_events(cluster: int) -> None:
    """Forget old events as an API server does. That of a mirrored cluster does so itself."""
    mode, resetting = models.Cluster.objects.values_list("mode", "resetting").get(pk=cluster)
    if resetting or Capability.RECONCILE not in Mode(mode).capabilities:
        return
    before = (datetime.now(UTC) - EVENTS_LIVE).strftime("%Y-%m-%dT%H:%M:%SZ")
    old = models.Event.objects.filter(cluster=cluster, last__lt=before)
    while old.exists():
        with writing(cluster) as opened:
            began = opened.number
            gone = old.order_by("last").values_list("manifest", flat=True)[: log.CHUNK]
            opened.put(
                [Change(Verb.DELETED, "Event", manifest, ACTOR, Reason.EVENT_EXPIRED) for manifest in gone]
            )
            announce(opened.row, began, wake=not opened.row.paused)


def audit_trim(*, before: datetime) -> None:
    """Forget what was done longer ago, to whichever cluster."""
    entries = models.AuditEntry.objects.order_by("pk")
    while (oldest := entries.first()) and oldest.at < before:
        some = entries.filter(at__lt=before).values_list("pk", flat=True)[: log.CHUNK]
        models.AuditEntry.objects.filter(pk__in=list(some)).delete()


def _forget_spans(cluster: int) -> None:
    """Forget how a clock went that was turned too often to be told of every time."""
    _forget_all_but(models.ClockSpan.objects.filter(cluster=cluster), SPANS)


def _forget_tokens(cluster: int) -> None:
    tokens = models.Token.objects.filter(cluster=cluster)
    before = datetime.now(UTC) - TOKENS_SHOWN
    tokens.filter(Q(revoked__lt=before) | Q(expires__lt=before)).delete()


def _forget_all_but(rows: QuerySet[Any], newest: int) -> None:
    oldest = rows.order_by("-pk").values_list("pk", flat=True)[newest - 1 : newest].first()
    if oldest is not None:
        rows.filter(pk__lt=oldest).delete()


def _forget_passes(cluster: int) -> None:
    _forget_all_but(models.Pass.objects.filter(cluster=cluster), PASSES)
