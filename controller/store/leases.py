"""Who may make passes over a cluster: one at a time, wherever it runs.

A lease that runs out may be taken by another, even if its holder only sleeps. So each taking has a
fence number of its own, and what a holder commits is refused once a higher one was given out.

Every pass comes here several times, hence the plain SQL: Django's way to it takes ten times as long.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from controller import models

SECONDS = 4.0
"""How long a lease lasts in wall time. A killed holder's cluster stands still for at most that long."""

LEASE = models.Lease._meta.db_table  # noqa: SLF001 - Django's own door to a model's facts


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
    sql = f"UPDATE {LEASE} SET owner = %s, expires = %s, fence = fence + 1"  # noqa: S608 - a name of ours
    with connection.cursor() as cursor:
        whose = "WHERE cluster_id = %s AND expires <= %s RETURNING fence"
        cursor.execute(f"{sql} {whose}", (owner, now + SECONDS, cluster, now))
        taken = cursor.fetchone()
    return Held(cluster, owner, taken[0]) if taken else None


def extend(held: Held, *, now: float) -> None:
    """Hold the lease for longer. In a transaction, this proves that its commit is still allowed.

    Raises Lost if the lease was taken by another.
    """
    if not _set_expiry(held, now + SECONDS):
        raise Lost(f"cluster {held.cluster}: fence {held.fence} of {held.owner}")


def release(held: Held) -> None:
    """Give the lease back, if it is still held."""
    _set_expiry(held, 0.0)


def _set_expiry(held: Held, expires: float) -> int:
    sql = f"UPDATE {LEASE} SET expires = %s WHERE cluster_id = %s AND owner = %s AND fence = %s"  # noqa: S608 - as above
    with connection.cursor() as cursor:
        cursor.execute(sql, (expires, held.cluster, held.owner, held.fence))
        return int(cursor.rowcount)
