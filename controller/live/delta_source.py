"""What is told of one cluster: reads the database, keeps its map, words the frames.

Everything here blocks and so runs in a thread, one call at a time; its follower sees to that.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from controller import models
from controller.engine.errors import NotFound
from controller.live.frames import Clock, ClusterRow, Gone, encode
from controller.live.mapview import MapView
from controller.live.reader import ClockFace, clock_face
from controller.store import rows, views
from controller.store.clocks import cluster_time
from controller.store.log_reader import Line
from controller.store.views import ClusterView


@dataclass(frozen=True, slots=True)
class Frames:
    """Encoded frames. A ``whole`` one stands on its own; after those that are ``over`` nothing follows."""

    frames: tuple[str, ...] = ()
    whole: bool = False
    over: bool = False


OVER = Frames((encode(Gone()),), over=True)


def cluster_row(row: models.Cluster) -> ClusterRow:
    """Return a cluster and its clock as of now."""
    wall = time.time()
    return ClusterRow(
        id=row.pk,
        name=row.name,
        paused=row.paused,
        speed=row.speed,
        time=cluster_time(row, wall),
        wall=datetime.fromtimestamp(wall, UTC).isoformat(),
    )


def moment_frame(row: models.Cluster, view: ClusterView) -> str:
    """Return the snapshot of a cluster as a view shows it, whose clock stands at the view's moment."""
    moment = view.moment
    clock = replace(
        cluster_row(row), paused=True, time=moment.cluster, wall=moment.wall.astimezone(UTC).isoformat()
    )
    return encode(MapView(view).snapshot(clock))


class DeltaSource:
    """The map of one cluster and its clock, as they were last told. Nothing is known at first."""

    def __init__(self, cluster: int) -> None:
        self._cluster = cluster
        self._map: MapView | None = None
        self._told_face: ClockFace | None = None

    @property
    def number(self) -> int | None:
        """Return the number of what was last told, None if nothing is known that news can follow on."""
        return self._map.number if self._map else None

    def forget(self) -> None:
        """Know nothing again: there is no news until a snapshot is asked for."""
        self._map = None

    def snapshot(self) -> Frames:
        """Return the map as it was last told (as it is, if nothing is known), with the clock as of now."""
        row = rows.cluster_row(self._cluster)
        if row is None:
            return OVER
        if self._map is None:
            try:
                with views.cache.present(row) as view:
                    self._map, self._told_face = MapView(view), clock_face(row)
            except NotFound:
                return OVER
        return Frames((encode(self._map.snapshot(cluster_row(row))),), whole=True)

    def news(self, row: models.Cluster | None, lines: Sequence[Line] = ()) -> Frames:
        """Return what has happened since it was last asked, if anything has.

        ``row`` is the cluster, None if it is gone; ``lines`` of its log need not be read again.
        """
        if row is None:
            return OVER
        if self._map is None:
            return Frames()
        try:
            with views.cache.present(row, lines) as view:
                delta = self._map.turn(view)
        except NotFound:
            return OVER
        clock = None
        if self._told_face != (face := clock_face(row)):
            self._told_face = face
            clock = Clock(**asdict(cluster_row(row)))
        return Frames(tuple(encode(frame) for frame in (clock, delta) if frame))
