"""Clusters out of files: see ``manifests.archive`` for what is in one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import IO, cast

from controller import models
from controller.engine.admission import field_errors, grammar
from controller.engine.errors import BadRequest
from controller.engine.passes import plan
from controller.engine.world import World
from controller.manifests import archive
from controller.services import clusters
from controller.services.clock import FASTEST, SLOWEST
from controller.services.edits import editing
from controller.services.names import NAMES
from controller.services.newclusters import made_whole, reserved
from controller.services.restoring import Restored
from controller.store import clocks


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
    with reserved(row) as alive:
        restored = Restored(row, head, alive)
        restored.take(lines)
        refuse_unworkable(row, restored.world)
        row.anchor_wall = time.time()
        with made_whole(row):
            restored.insert()
            with editing(cluster=row.pk, actor=actor) as edit:
                edit.note("cluster_import", wanted, origin=head.name, at=head.number)
    return models.Cluster.objects.get(pk=row.pk)


def refuse_unworkable(row: models.Cluster, load: Callable[[], World]) -> None:
    """Raise BadRequest if no pass can be made over what a file brought: none ever could."""
    try:
        plan(load(), clocks.moment_of(row, time.time()), NAMES)
    except Exception as error:
        raise BadRequest(f"the cluster in the file cannot be simulated: {error!r}") from error
