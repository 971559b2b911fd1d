"""Tells every process that a cluster changed. What changed stands in the log; this only nudges."""

from __future__ import annotations

import orjson
from django.conf import settings

from controller import broker


def channel() -> str:
    """Return the name of the Redis channel that carries the nudges of this instance."""
    return f"{settings.REDIS_PREFIX}changes"


def nudge(cluster: int, *, gone: bool = False) -> None:
    """Tell that the log of a cluster, its clock or its name changed, or that it is ``gone``.

    To be called after the commit. A dead Redis is no error: listeners also look by themselves.
    """
    message = orjson.dumps({"cluster": cluster, "gone": gone})
    broker.attempt(lambda redis: redis.publish(channel(), message))
