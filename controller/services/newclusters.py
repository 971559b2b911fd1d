"""How a cluster comes to be: at once, or after all that is in it was written ahead.

A large cluster is written for minutes, and nobody shall wait for the database meanwhile. So its objects and
its history are written ahead, portion by portion, under an id that no cluster has, which stands among what
is to be cleared. One short transaction then makes the cluster of it. Whoever dies before leaves what the
clock clears away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from controller import models
from controller.engine.errors import AlreadyExists, Busy, NotPreviewed
from controller.services.edits import Edit, in_turn, is_holding
from controller.services.history import history_clear
from controller.store.writes import AheadWriting

SILENCE = 600
"""After so many seconds without a sign of it what was begun is given up."""


@contextmanager
def made(row: models.Cluster) -> Iterator[None]:
    """Insert a cluster's row and its lease, and whatever else the caller writes, or nothing at all."""
    with in_turn(), transaction.atomic():
        with name_free(row.name):
            row.save(force_insert=True)
        models.Lease.objects.create(cluster=row)
        yield


@contextmanager
def made_ahead(row: models.Cluster, actor: str) -> Iterator[Edit]:
    """Yield an edit that writes ahead, and make the cluster of it; if it fails, nothing is left.

    Raises AlreadyExists, Busy, NotPreviewed.
    """
    with reserved(row) as alive:
        edit = Edit(AheadWriting(row, alive), actor)
        yield edit
        with made_whole(row):
            edit.close()


@contextmanager
def reserved(row: models.Cluster) -> Iterator[Callable[[], None]]:
    """Give a row an id under which can be written ahead, and clear that away if it comes to nothing.

    Yields what is to be called with every portion, in its transaction: so nobody else clears it away.
    Raises AlreadyExists, Busy, NotPreviewed.
    """
    if is_holding():
        raise NotPreviewed
    with in_turn(), transaction.atomic():
        with name_free(row.name):
            row.save(force_insert=True)
        models.Cluster.objects.filter(pk=row.pk).delete()  # no other will ever have its id
        models.PendingPurge.objects.create(cluster_id=row.pk, after=time.time() + SILENCE)

    def alive() -> None:
        if not _due(row).update(after=time.time() + SILENCE):
            raise Busy

    try:
        with in_turn():
            yield alive
    except BaseException:
        models.PendingPurge.objects.update_or_create(pk=row.pk, defaults={"after": 0})
        history_clear(cluster=row.pk)
        raise


@contextmanager
def made_whole(row: models.Cluster) -> Iterator[None]:
    """Make the cluster of what was written ahead, and whatever else the caller writes, in one transaction."""
    with made(row):
        if not _due(row).delete()[0]:
            raise Busy
        yield


def _due(row: models.Cluster) -> QuerySet[models.PendingPurge]:
    """Return what is to be cleared of a row, as long as nobody has begun with it."""
    return models.PendingPurge.objects.filter(pk=row.pk, after__gt=time.time())


@contextmanager
def name_free(name: str) -> Iterator[None]:
    """Raise AlreadyExists if what is written within gives a cluster a name that another one has."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise AlreadyExists("clusters", name) from error
