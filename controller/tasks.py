"""The workers' door: thin tasks, one a service.

Each takes a cluster's id and swallows keywords it does not know, so that a worker survives a sender
of a newer version. Every worker runs the same tasks; which of them makes a pass, the lease decides.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from celery import shared_task
from django.db import InterfaceError, OperationalError

from controller import wakeups
from controller.services import history, passes
from controller.store import holders

log = logging.getLogger(__name__)


@contextmanager
def patient(cluster: int) -> Iterator[None]:
    """Let work that finds no database be: the clock finds it again, so a line in the log is enough."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        log.warning("Cluster %s has to wait, the database does not answer: %s", cluster, error)


@shared_task(name=wakeups.PASS)
def cluster_pass(*, cluster_id: int, **_future: object) -> None:
    """Let the engine look at a cluster until there is nothing to do."""
    with patient(cluster_id):
        passes.cluster_pass(cluster=cluster_id, owner=holders.holder())


@shared_task(name=wakeups.KEEP)
def keep_log(*, cluster_id: int, **_future: object) -> None:
    """Take a snapshot if one is due, and forget what is too old."""
    wakeups.answered(wakeups.KEEP, cluster_id)
    with patient(cluster_id):
        history.log_keep(cluster=cluster_id)
        passes.worlds_forget()


@shared_task(name=wakeups.CLEAR)
def clear_history(*, cluster_id: int, **_future: object) -> None:
    """Clear what a deleted cluster left behind."""
    wakeups.answered(wakeups.CLEAR, cluster_id)
    with patient(cluster_id):
        history.history_clear(cluster=cluster_id)
        passes.worlds_forget()
