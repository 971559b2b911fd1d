"""Who may make passes over a cluster: one at a time, wherever it runs.

A lease that runs out may be taken by another, even if its holder only sleeps. So each taking has a
fence number of its own, and what a holder commits is refused once a higher one was given out.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, QuerySet

from controller import models

SECONDS = 4.0
"""How long a lease lasts in wall time. A killed holder's cluster stands still for at most that long."""


class Lost(Exception):
    """The lease was taken by another meanwhile: nothing may be committed under it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease as it was given out."""

    cluster: int
    owner: str
    fence: int


def acquire(cluster: int, owner: str, *, now: float) -> Held | None:
    """Take the lease of a cluster, or return None while another holds it. ``now``: Unix seconds."""
    free = models.Lease.objects.filter(cluster=cluster, expires__lte=now)
    with transaction.atomic():
        if not free.update(owner=owner, expires=now + SECONDS, fence=F("fence") + 1):
            return None
        return Held(cluster, owner, models.Lease.objects.values_list("fence", flat=True).get(cluster=cluster))


def extend(held: Held, *, now: float) -> None:
    """Hold the lease for longer. In a transaction, this proves that its commit is still allowed.

    Raises Lost if the lease was taken by another.
    """
    if not _mine(held).update(expires=now + SECONDS):
        raise Lost(f"cluster {held.cluster}: fence {held.fence} of {held.owner}")


def release(held: Held) -> None:
    """Give the lease back, if it is still held."""
    _mine(held).update(expires=0.0)


def _mine(held: Held) -> QuerySet[models.Lease]:
    return models.Lease.objects.filter(cluster=held.cluster, owner=held.owner, fence=held.fence)
