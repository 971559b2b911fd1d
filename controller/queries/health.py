"""Whether the parts that move clusters are there: the database, Redis, a worker."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import Error, connection
from redis import Redis, RedisError

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
    """Ask each part; answers within about two seconds, whatever is away."""
    redis, worker = _messengers()
    return Health(database=_database(), redis=redis, worker=worker)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _messengers() -> tuple[bool, bool]:
    with Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as redis:
        try:
            return True, heartbeat.is_heard(redis)
        except RedisError:
            return False, False
