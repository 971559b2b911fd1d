"""Who did what: the audit list, newest first. It outlives the clusters that it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controller import models
from controller.queries.access import Rights
from controller.queries.source import Page, paged

PAGE = 50


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One thing that somebody did, as a code with its facts. ``cluster`` is "" where it was about people.

    ``number`` is the cluster's after it, None if no object changed.
    """

    id: int
    at: datetime
    actor: str
    cluster: str
    action: str
    about: str
    facts: dict[str, Any]
    number: int | None


def audit(
    rights: Rights, *, cluster: str = "", actor: str = "", page: int = 1, size: int = PAGE
) -> Page[AuditLine]:
    """Return what was done to the cluster of that name and by that person, or to and by any.

    That is what somebody with these ``rights`` may know: of clusters that they may see. What was done
    about people is for admins.
    """
    rows = models.AuditEntry.objects.order_by("-id")
    if rights.everything is None:
        rows = rows.filter(cluster__in=list(rights.single))
    elif not rights.is_admin:
        rows = rows.exclude(cluster_name="")
    if cluster:
        rows = rows.filter(cluster_name=cluster)
    if actor:
        rows = rows.filter(actor=actor)
    return paged(rows, audit_line, page, size)


def audit_line(row: models.AuditEntry) -> AuditLine:
    """Return an entry as a line."""
    return AuditLine(
        id=row.pk,
        at=row.at,
        actor=row.actor,
        cluster=row.cluster_name,
        action=row.action,
        about=row.about,
        facts=row.facts,
        number=row.number,
    )
