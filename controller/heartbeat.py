"""Tells that a worker lives, by a Redis key that expires when nobody writes it anew.

The page's banner and /readyz read it: a cluster without a worker looks alive and never moves.
"""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from redis import Redis, RedisError

EVERY = 2.0  # seconds between two beats
LIVES = 7  # seconds that a beat counts: three may be late

log = logging.getLogger(__name__)
_stopped = threading.Event()


def key() -> str:
    """Return the name of the key."""
    return f"{settings.REDIS_PREFIX}worker"


def is_heard(redis: Redis) -> bool:
    """Return whether a worker wrote its beat lately; raises RedisError when Redis is away."""
    return bool(redis.exists(key()))


def start(**_signal: object) -> None:
    """Beat from a thread until ``stop``; made for Celery's ``worker_ready``."""
    _stopped.clear()
    threading.Thread(target=_beat, name="heartbeat", daemon=True).start()


def stop(**_signal: object) -> None:
    """End the beat; made for Celery's ``worker_shutting_down``."""
    _stopped.set()


def _beat() -> None:
    redis = Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    while True:
        try:
            redis.set(key(), "alive", ex=LIVES)
        except RedisError as error:
            log.warning("The heartbeat found no Redis: %s", error)
        if _stopped.wait(EVERY):
            return
