"""Which real clusters nobody mirrors yet, and what a mirror tells of itself in its row."""

from __future__ import annotations

from typing import Any

from django.db.models import FloatField
from django.db.models.expressions import RawSQL

from controller import models
from controller.store import leases
from controller.store.leases import Held, Lost

LEASE = 4.0
"""Seconds for which a mirror that reports keeps its lease: it reports several times in that time."""


def free() -> list[int]:
    """Return the ids of the clusters whose mirror's lease is to be had."""
    now = RawSQL(leases.clock(), (), FloatField())  # noqa: S611 - words of ours
    return list(models.Mirror.objects.filter(expires__lte=now).values_list("cluster", flat=True))


def sealed(cluster: int) -> bytes:
    """Return the sealed connection of a cluster. Raises Lost if it is gone."""
    row = models.Mirror.objects.filter(pk=cluster).values_list("sealed", flat=True).first()
    if row is None:
        raise Lost(f"cluster {cluster} is gone")
    return bytes(row)


def report(held: Held, **facts: Any) -> bytes:  # noqa: ANN401 - values of columns
    """Hold the lease for longer and write what is to be told; return the sealed connection as it is now.

    Raises Lost if another mirrors the cluster by now, or it is gone.
    """
    until = RawSQL(f"{leases.clock()} + {LEASE}", (), FloatField())  # noqa: S611 - words of ours
    ours = models.Mirror.objects.filter(pk=held.cluster, owner=held.owner, fence=held.fence, expires__gt=0)
    if not ours.update(expires=until, **facts):
        raise Lost(f"cluster {held.cluster}: fence {held.fence} of {held.owner}")
    return sealed(held.cluster)
