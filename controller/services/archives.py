"""Clusters out of files: see ``manifests.archive`` for what is in one.

A history is read and written for minutes, and nobody shall wait for the database meanwhile. So it is
written ahead, portion by portion, under an id that no cluster has, which stands among the histories that
are to be cleared. One transaction then makes the cluster of it. Whoever dies before leaves what the clock
clears away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, cast

from django.db import transaction
from django.db.models import QuerySet

from controller import models
from controller.engine.admission import field_errors, grammar
from controller.engine.errors import BadRequest, Busy
from controller.engine.passes import plan
from controller.engine.world import World
from controller.manifests import archive
from controller.services import clusters, history
from controller.services.clock import FASTEST, SLOWEST
from controller.services.edits import editing, in_turn
from controller.services.names import NAMES
from controller.services.restoring import Restored
from controller.store import clocks

SILENCE = 600
"""After so many seconds without a sign of it an import is dead."""


def cluster_import(*, file: IO[bytes], actor: str, name: str = "") -> models.Cluster:
    """Make a cluster of a file that ``cluster_archive`` made, with its history; without a name, of its own.

    Its clock goes on from where it stood. Nothing is made of a file that is cut, foreign or hostile.
    Raises AlreadyExists, Invalid (its name), BadRequest (with the line), TooLarge.
    """
    lines = archive.read(file)
    head = cast("archive.Head", next(lines))
    wanted = name or head.name
    row = models.Cluster(
        name=wanted,
        number=head.number,
        planned=head.number,
        due=head.time,
        anchor_wall=time.time(),
        anchor_cluster=head.time,
        speed=head.speed,
        paused=head.paused,
        start_delay=head.start_delay,
        stop_delay=head.stop_delay,
        node_grace=head.node_grace,
        kubelet_events=head.kubelet_events,
        recipe={"snapshot": head.number},
    )
    wrong = clusters.delay_faults(row.start_delay, row.stop_delay, row.node_grace)
    if not SLOWEST <= head.speed <= FASTEST:
        wrong.append(field_errors.invalid("speed", head.speed, grammar.outside(SLOWEST, FASTEST)))
    clusters.refuse(wanted, [*clusters.name_faults(wanted), *wrong])
    with _ahead(row) as put_off:
        restored = Restored(row, head, put_off)
        restored.take(lines)
        refuse_unworkable(row, restored.world)
        row.anchor_wall = time.time()
        with clusters.made(row):
            if not _due(row).delete()[0]:
                raise Busy
            restored.insert()
            with editing(cluster=row.pk, actor=actor) as edit:
                edit.note("cluster_import", wanted, origin=head.name, at=head.number)
    return models.Cluster.objects.get(pk=row.pk)


@contextmanager
def _ahead(row: models.Cluster) -> Iterator[Callable[[], None]]:
    """Give a row an id under which its history can be written, and clear that away if it comes to nothing.

    Yields what is to be called now and then, so that nobody else clears it away. Raises AlreadyExists.
    """
    with in_turn(), transaction.atomic():
        with clusters.name_free(row.name):
            row.save(force_insert=True)
        models.Cluster.objects.filter(pk=row.pk).delete()  # no other will ever have its id
        models.PendingPurge.objects.create(cluster_id=row.pk, after=time.time() + SILENCE)

    def put_off() -> None:
        if not _due(row).update(after=time.time() + SILENCE):
            raise Busy

    try:
        with in_turn():
            yield put_off
    except BaseException:
        models.PendingPurge.objects.filter(pk=row.pk).update(after=0)
        history.history_clear(cluster=row.pk)
        raise


def _due(row: models.Cluster) -> QuerySet[models.PendingPurge]:
    """Return what is to be cleared of a row's history, as long as nobody has begun with it."""
    return models.PendingPurge.objects.filter(pk=row.pk, after__gt=time.time())


def refuse_unworkable(row: models.Cluster, load: Callable[[], World]) -> None:
    """Raise BadRequest if no pass can be made over what a file brought: none ever could."""
    try:
        plan(load(), clocks.moment_of(row, time.time()), NAMES)
    except Exception as error:
        raise BadRequest(f"the cluster in the file cannot be simulated: {error!r}") from error
