"""Whether the parts that move clusters are there: the database, Redis, a worker."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import Error, connection

from controller import heartbeat


@dataclass(frozen=True)
class Health:
    """What answers. Without Redis nobody can tell whether a worker lives, so ``worker`` is False then."""

    database: bool
    redis: bool
    worker: bool

    @property
    def ready(self) -> bool:
        """Return whether clusters move and pages show it."""
        return self.database and self.redis and self.worker


def health() -> Health:
    """Ask each part; answers within about a second, whatever is away."""
    worker = heartbeat.heard()
    return Health(database=_database(), redis=worker is not None, worker=bool(worker))


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True
