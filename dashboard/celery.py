"""The Celery application: found by ``celery -A dashboard`` and loaded with Django by ``dashboard.apps``."""

from __future__ import annotations

import gc
import os

from celery import Celery
from celery.signals import worker_init, worker_ready, worker_shutting_down
from django.db import connections

from controller import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

app = Celery("everynode")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

worker_ready.connect(heartbeat.start)
worker_shutting_down.connect(heartbeat.stop)


@worker_init.connect
def collect_rarely(**_signal: object) -> None:
    """Let the garbage collector rest: it would walk worlds of a million objects, none of them in a cycle.

    While 100,000 pods were made, a full collection at 25,000 of them stood still for 7 s, with the lock of
    the interpreter held. Now one comes after ten thousand million new objects at the earliest, and one of
    the young ones after five million: a large pass makes half a million, and to walk those took a twentieth
    of it. What they are for is rare: 400 tasks leave twenty objects in cycles.
    """
    gc.set_threshold(5_000_000, 20, 100)


@worker_init.connect
def keep_connections(**_signal: object) -> None:
    """Keep each thread's connection from task to task: to open one takes longer than a small pass."""
    connections.settings["default"]["CONN_MAX_AGE"] = 600
