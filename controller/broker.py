"""The process' connection to Redis, for messages that may be lost.

Everything true is in the database, so nobody waits for Redis or fails without it: an attempt takes a
fraction of a second at most, and after a failed one the next second's are not made at all.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

T = TypeVar("T")
PAUSE = 1.0
"""Seconds without attempts after a failed one."""

log = logging.getLogger(__name__)


class _State:
    """When Redis may be tried again (monotonic seconds), and whether its absence was told."""

    again = 0.0
    away = False


@cache
def _redis(url: str) -> Redis:
    # One retry: the first attempt after a restart of Redis finds a closed connection.
    retry = Retry(NoBackoff(), 1)
    return Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.25, retry=retry)


def attempt(action: Callable[[Redis], T]) -> T | None:
    """Do something with Redis and return what it returns, or None if Redis is away."""
    if time.monotonic() < _State.again:
        return None
    try:
        done = action(_redis(settings.REDIS_URL))
    except (RedisError, OperationalError, OSError) as error:
        _State.again = time.monotonic() + PAUSE
        if not _State.away:
            log.warning("Redis is away; browsers and workers notice changes up to a second later: %s", error)
        _State.away = True
        return None
    if _State.away:
        log.warning("Redis is back.")
    _State.away = False
    return done
