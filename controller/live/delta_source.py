"""What is told of one cluster: reads the database, keeps its map, words the frames.

Everything here blocks and so runs in a thread, one call at a time; its follower sees to that.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from controller import models
from controller.engine.errors import Gone as TooOld
from controller.live.frames import Clock, ClusterRow, Gone, encode
from controller.live.mapview import MapView
from controller.store import views
from controller.store.clocks import cluster_time

ClockFace = tuple[str, bool, float, float, float]


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


def _face(row: models.Cluster) -> ClockFace:
    return (row.name, row.paused, row.speed, row.anchor_wall, row.anchor_cluster)


class DeltaSource:
    """The map of one cluster and its clock, as they were last told. Nothing is known at first."""

    def __init__(self, cluster: int) -> None:
        self._cluster = cluster
        self._view: MapView | None = None
        self._told_face: ClockFace | None = None

    @property
    def knows(self) -> bool:
        """Whether anything is known that news can follow on."""
        return self._view is not None

    def forget(self) -> None:
        """Know nothing again: there is no news until a snapshot is asked for."""
        self._view = None

    def snapshot(self) -> Frames:
        """Return the map as it was last told (as it is, if nothing is known), with the clock as of now."""
        row = models.Cluster.objects.filter(pk=self._cluster).first()
        if row is None:
            return OVER
        if self._view is None:
            self._view, self._told_face = MapView(views.present(row)), _face(row)
        return Frames((encode(self._view.snapshot(cluster_row(row))),), whole=True)

    def news(self) -> Frames:
        """Return what has happened since it was last asked, if anything has.

        What lies beyond the horizon of the log cannot be told: then nothing is known any more.
        """
        row = models.Cluster.objects.filter(pk=self._cluster).first()
        if row is None:
            return OVER
        if self._view is None:
            return Frames()
        try:
            delta = self._view.turn(row)
        except TooOld:
            self.forget()
            return Frames()
        clock = None
        if self._told_face != (face := _face(row)):
            self._told_face = face
            clock = Clock(**asdict(cluster_row(row)))
        return Frames(tuple(encode(frame) for frame in (clock, delta) if frame))
