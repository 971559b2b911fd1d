"""Tells that a worker lives, by a Redis key that expires when nobody writes it anew.

The page's banner and /readyz read it: a cluster without a worker looks alive and never moves.
"""

from __future__ import annotations

import threading

from django.conf import settings
from redis import Redis

from controller import broker

EVERY = 2.0  # seconds between two beats
LIVES = 7  # seconds that a beat counts: three may be late

_stopped = threading.Event()


def key() -> str:
    """Return the name of the key."""
    return f"{settings.REDIS_PREFIX}worker"


def heard() -> bool | None:
    """Return whether a worker wrote its beat lately; None when there is no Redis to tell."""

    def ask(redis: Redis) -> bool:
        return bool(redis.exists(key()))

    return broker.attempt(ask)


def start(**_signal: object) -> None:
    """Beat from a thread until ``stop``; made for Celery's ``worker_ready``."""
    _stopped.clear()
    threading.Thread(target=_beat, name="heartbeat", daemon=True).start()


def stop(**_signal: object) -> None:
    """End the beat; made for Celery's ``worker_shutting_down``."""
    _stopped.set()


def _beat() -> None:
    while True:
        broker.attempt(lambda redis: redis.set(key(), "", ex=LIVES))
        if _stopped.wait(EVERY):
            return
