"""The latest passes of a cluster: what the controllers saw and decided, for those who step through it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from controller import models
from controller.engine.outcome import Line
from controller.queries.source import Page, cluster_of, paged

PAGE = 20


@dataclass(frozen=True, slots=True)
class PassLine:
    """One pass. It made the changes ``first`` to ``last``; none if ``last`` is less than ``first``.

    ``creations`` and ``deletions`` are of pods, ``cluster_time`` is in seconds.
    """

    id: int
    first: int
    last: int
    at: datetime
    cluster_time: float
    creations: int
    deletions: int
    lines: tuple[Line, ...]


def passes(*, cluster: int, page: int = 1, size: int = PAGE) -> Page[PassLine]:
    """Return the passes that are kept, newest first. Raises NotFound."""
    rows = models.Pass.objects.filter(cluster=cluster_of(cluster)).order_by("-id")
    return paged(rows, pass_line, page, size)


def pass_line(row: models.Pass) -> PassLine:
    """Return a pass as a line."""
    return PassLine(
        id=row.pk,
        first=row.first,
        last=row.last,
        at=row.at,
        cluster_time=row.cluster_time,
        creations=row.creations,
        deletions=row.deletions,
        lines=tuple(Line(**line) for line in row.lines),
    )
