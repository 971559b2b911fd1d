"""Who may make passes over a cluster: at most one holder at a time, and each taking raises a fence.

Whoever sleeps through its lease wakes up with an old fence, and what it commits is refused. Leases run
out by the database's own clock, the only one that all machines share.

Every pass comes here several times, hence the plain SQL: Django's way to it takes ten times as long.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError, connection

from controller import models
from controller.store import holders

SECONDS = 2.0
"""How long a lease lasts: a cluster whose holder vanished, machine and all, stands still for that long."""

RENEWED_EVERY = 0.5
"""Seconds between two renewals of the leases whose holders load or plan: several may be late."""

LONGEST = 300.0
"""Seconds after which a holder that has not let go counts as stuck: its lease is renewed no more."""

LEASE = models.Lease._meta.db_table  # noqa: SLF001 - Django's own door to a model's facts
MIRROR = models.Mirror._meta.db_table  # noqa: SLF001 - as above
"""The tables that hold leases: of who makes passes over a cluster, and of who mirrors it."""

CLOCKS = {
    # The first is exact to a millisecond; Unix seconds of this SQLite's own (unixepoch) are whole.
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
    # Not now(): that is when the transaction began.
    "postgresql": "extract(epoch FROM clock_timestamp())::float8",
}

logger = logging.getLogger(__name__)


class Lost(Exception):
    """The lease was taken by another meanwhile: nothing may be committed under it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease as it was given out, of one of the tables."""

    cluster: int
    owner: str
    fence: int
    table: str = LEASE


def clock() -> str:
    """Return the SQL of the database's wall time in Unix seconds, whatever machine asks."""
    return CLOCKS[connection.vendor]


def acquire(cluster: int, owner: str, table: str = LEASE) -> Held | None:
    """Take a lease of a cluster, or return None while another holds it."""
    sql = f"UPDATE {table} SET owner = %s, expires = {clock()} + %s, fence = fence + 1"  # noqa: S608 - a name of ours
    with connection.cursor() as cursor:
        whose = f"WHERE cluster_id = %s AND expires <= {clock()} RETURNING fence"
        cursor.execute(f"{sql} {whose}", (owner, SECONDS, cluster))
        taken = cursor.fetchone()
    return Held(cluster, owner, taken[0], table) if taken else None


def is_free(cluster: int) -> bool:
    """Return whether nobody holds the lease of a cluster, as far as can be told without taking it."""
    sql = f"SELECT 1 FROM {LEASE} WHERE cluster_id = %s AND expires <= {clock()}"  # noqa: S608 - as above
    with connection.cursor() as cursor:
        cursor.execute(sql, (cluster,))
        return cursor.fetchone() is not None


def release_dead() -> None:
    """Give back what dead processes of this machine held: others need not wait until it runs out."""
    with connection.cursor() as cursor:
        for table in (LEASE, MIRROR):
            cursor.execute(f"SELECT DISTINCT owner FROM {table} WHERE expires > {clock()}")  # noqa: S608 - as above
            for (owner,) in cursor.fetchall():
                if holders.is_dead(owner):
                    cursor.execute(f"UPDATE {table} SET expires = 0 WHERE owner = %s", [owner])  # noqa: S608 - as above


def extend(held: Held) -> None:
    """Hold the lease for longer. In a transaction, this proves that its commit is still allowed.

    Raises Lost if the lease was taken by another.
    """
    if not _set_expiry(held, f"{clock()} + {SECONDS}"):
        raise Lost(f"cluster {held.cluster}: fence {held.fence} of {held.owner}")


def release(held: Held) -> None:
    """Give the lease back, if it is still held."""
    _set_expiry(held, "0")


@contextmanager
def kept(held: Held, longest: float | None = None) -> Iterator[None]:
    """Hold a lease until the block ends, for as long as its work takes up to ``longest``, then give it back.

    A process that stands still renews nothing, so it loses its leases like one that died.
    """
    _keeper.add(held, LONGEST if longest is None else longest)
    try:
        yield
    finally:
        _keeper.remove(held)
        release(held)


def _set_expiry(held: Held, expires: str) -> int:
    # What was given back (0) stays so: a renewal that was on its way must not take it again for nobody.
    whose = "WHERE cluster_id = %s AND owner = %s AND fence = %s AND expires > 0"
    sql = f"UPDATE {held.table} SET expires = {expires} {whose}"  # noqa: S608 - as above
    with connection.cursor() as cursor:
        cursor.execute(sql, (held.cluster, held.owner, held.fence))
        return int(cursor.rowcount)


class _Keeper:
    """A thread that renews what this process holds: who loads or plans has no time for it."""

    def __init__(self) -> None:
        self._held: dict[Held, tuple[float, float]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, held: Held, longest: float) -> None:
        """Renew a lease from now on, but no longer than so many seconds."""
        now = time.monotonic()
        with self._lock:
            self._held[held] = now, now + longest
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()

    def remove(self, held: Held) -> None:
        """Leave a lease to itself."""
        with self._lock:
            self._held.pop(held, None)

    def _run(self) -> None:
        while True:
            time.sleep(RENEWED_EVERY)
            for held in self._old():
                self._renew(held)
            connection.close()  # a turn is mostly shorter than a renewal is far: seldom anything is open

    def _old(self) -> list[Held]:
        now = time.monotonic()
        with self._lock:
            return [
                held
                for held, (since, until) in self._held.items()
                if now - since > RENEWED_EVERY / 2 and now < until
            ]

    def _renew(self, held: Held) -> None:
        try:
            extend(held)
        except Lost:
            self.remove(held)  # its holder finds out when it commits
        except DatabaseError as error:
            logger.info("The lease of cluster %s could not be renewed: %s", held.cluster, error)
            connection.close()


_keeper = _Keeper()
