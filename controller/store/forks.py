"""Worlds of clusters to be forked by whoever tries something out, kept for a while after each use.

The processes that show clusters hold projections of worlds, which cannot be planned. The first who tries
something out waits until the cluster is loaded; who tries again soon after only follows its log. So it is
loaded ahead for who may be about to, and tells how far that is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock, Thread, Timer

from django.db import connections

from controller import models
from controller.engine.errors import NotFound
from controller.engine.world import World
from controller.store.worlds import Warm

KEPT = 300.0
"""Seconds for which a world is kept after it was last used: a large one takes hundreds of megabytes."""

LOADED_SHARE = 0.65
"""How much of the time until a world can be lent goes by before it is loaded; then it is prepared."""

ROOM = 2
"""How many worlds a process keeps."""


Prepare = Callable[[World], World]


class ForkSource:
    """The worlds of a process that are there to be forked, each lent to one thread at a time."""

    def __init__(self, kept: float = KEPT) -> None:
        self._warm, self._kept = Warm(room=ROOM), kept
        self._locks: defaultdict[int, Lock] = defaultdict(Lock)
        self._timers: dict[int, Timer] = {}
        self._shares: dict[int, float] = {}

    def __contains__(self, cluster: int) -> bool:
        """Whether the world of a cluster is here."""
        return cluster in self._warm

    @contextmanager
    def lend(self, row: models.Cluster, prepare: Prepare) -> Iterator[World]:
        """Lend the world of a cluster, at least as new as its row. Whoever has it only forks it.

        ``prepare`` may put a fork in its place that is the same and better to have. Raises NotFound.
        """
        with self._locks[row.pk]:
            if timer := self._timers.pop(row.pk, None):
                timer.cancel()
            try:
                world = prepare(self._warm.take(row, partial(self._tell, row.pk)))
            finally:
                self._shares.pop(row.pk, None)
            try:
                yield world
            finally:
                self._warm.put(row.pk, world)
                self._forget_later(row.pk)

    def ahead(self, row: models.Cluster, prepare: Prepare) -> float:
        """Return how much of a cluster's world is here, 0 to 1; if nothing is, begin to load it."""
        if row.pk in self._shares:
            return self._shares[row.pk]
        if row.pk in self._warm or self._locks[row.pk].locked():
            return 1.0
        self._shares[row.pk] = 0.0
        Thread(target=self._load, args=(row, prepare), name="forks", daemon=True).start()
        return 0.0

    def clear(self) -> None:
        """Let go of all worlds."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._warm.forget_all_but(set())

    def _load(self, row: models.Cluster, prepare: Prepare) -> None:
        try:
            with self.lend(row, prepare):
                pass
        except NotFound:  # it was deleted meanwhile
            pass
        finally:
            self._shares.pop(row.pk, None)
            connections.close_all()

    def _tell(self, cluster: int, share: float) -> None:
        self._shares[cluster] = share * LOADED_SHARE

    def _forget_later(self, cluster: int) -> None:
        timer = self._timers[cluster] = Timer(self._kept, partial(self._warm.forget, cluster))
        timer.daemon = True
        timer.start()


forks = ForkSource()
