"""What the history of a cluster takes on disk, and how far back it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from controller import models
from controller.store import log, sizes
from controller.store.sizes import Share


@dataclass(frozen=True, slots=True)
class Storage:
    """What a cluster takes in the database, about.

    History begins right after change ``first``; the oldest change of it was at ``oldest``, None without any.
    """

    first: int
    last: int
    oldest: datetime | None
    objects: Share
    changes: Share
    snapshots: Share
    passes: Share


def storage(*, cluster: int) -> Storage:
    """Return what a cluster takes. Raises NotFound."""
    entries = models.Change.objects.filter(cluster=cluster).order_by("number")
    return Storage(
        first=log.first(cluster),
        last=log.last(cluster),
        oldest=entries.values_list("at", flat=True).first(),
        objects=sizes.object_share(cluster),
        changes=sizes.log_share(cluster),
        snapshots=sizes.snapshot_share(cluster),
        passes=sizes.pass_share(cluster),
    )
