"""Asks the workers to look at a cluster. Tasks are named, not imported: services lie below them.

A wake says nothing but the cluster's id, so any number of them are one. A key in Redis holds the
further ones back until the task answers them; it expires, so a lost message is sent again.
"""

from __future__ import annotations

from celery import current_app
from django.conf import settings
from redis import Redis

from controller import broker

PASS = "controller.tasks.cluster_pass"  # noqa: S105 - a name
KEEP = "controller.tasks.keep_log"
CLEAR = "controller.tasks.clear_history"

HOLD = 1
"""Seconds after which an unanswered message counts as lost: with the worker that had it, for instance."""

STALE = 60
"""Seconds after which a message is not worth an answer: without workers they would only pile up."""


def wake(cluster: int) -> None:
    """Ask for a pass over a cluster. To be called after the commit; best effort."""
    ask(PASS, cluster)


def ask(task: str, cluster: int) -> None:
    """Ask for one of the tasks above, unless it was asked for already and has not answered."""

    def send(redis: Redis) -> None:
        if redis.set(_key(task, cluster), "", nx=True, ex=HOLD):
            current_app.send_task(task, kwargs={"cluster_id": cluster}, expires=STALE, ignore_result=True)

    broker.attempt(send)


def answered(task: str, cluster: int) -> None:
    """Let the next wake through. To be called by the task before its last look at the cluster."""
    broker.attempt(lambda redis: redis.delete(_key(task, cluster)))


def _key(task: str, cluster: int) -> str:
    return f"{settings.REDIS_PREFIX}{task}:{cluster}"
