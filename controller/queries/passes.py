"""The latest passes of a cluster: what the controllers saw and decided, for those who step through it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from controller import models
from controller.engine.outcome import Line
from controller.queries.source import Page, cluster_of, paged

PAGE = 20
SEARCHED = 500
"""How many passes are looked through for some of their lines."""
KUBELET = "kubelet"


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


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines of passes: those in whose actor or object ``text`` occurs, and ``kubelets`` or not.

    A pass of which no line is left is left out; only the newest ``SEARCHED`` are looked through.
    """

    text: str = ""
    kubelets: bool = True

    def keeps(self, line: Line) -> bool:
        """Whether a line is among them."""
        word = self.text.strip().lower()
        said = f"{line.actor} {line.about}".lower()
        return word in said and (self.kubelets or line.actor != KUBELET)


EVERY = LineFilter()


def passes(
    wanted: LineFilter = EVERY, *, cluster: int, upto: int | None = None, page: int = 1, size: int = PAGE
) -> Page[PassLine]:
    """Return the passes that are kept, newest first: all, or those ``upto`` a change. Raises NotFound."""
    rows = models.Pass.objects.filter(cluster=cluster_of(cluster)).order_by("-id")
    if upto is not None:
        rows = rows.filter(last__lte=upto)
    if wanted == EVERY:
        return paged(rows, pass_line, page, size)
    looked = (_filtered(pass_line(row), wanted) for row in rows[:SEARCHED])
    return paged([one for one in looked if one.lines], lambda one: one, page, size)


def _filtered(one: PassLine, wanted: LineFilter) -> PassLine:
    return replace(one, lines=tuple(filter(wanted.keeps, one.lines)))


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
