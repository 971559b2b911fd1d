"""The clock: finds what is due or was left undone in the rows, and wakes the workers.

It is what makes the rest forgetful: no message has to arrive and no worker has to survive, because
whatever is not as wanted is found again here within moments.
"""

from __future__ import annotations

import logging
import signal
import threading
import time

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from controller import models, wakeups
from controller.store import leases
from controller.store.clocks import waiting

TICK = 0.05
"""Seconds between two looks at what is due."""

KEEP_EVERY = 60.0
"""Seconds between two rounds of housekeeping."""

logger = logging.getLogger(__name__)


class Clock:
    """Looks at the rows until it is stopped; what goes wrong is told once and tried again."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._keep_at = 0.0
        self._failing = False

    def stop(self, *_signal: object) -> None:
        """Let ``run`` return at once; made to be a signal's handler."""
        self.stopped.set()

    def run(self) -> None:
        """Tick until stopped."""
        while not self.stopped.wait(TICK):
            try:
                self._tick()
                self._failing = False
            except DatabaseError as error:
                connection.close()
                if not self._failing:
                    logger.warning("The clock cannot read the database, and keeps trying: %s", error)
                self._failing = True

    def _tick(self) -> None:
        leases.release_dead()
        for cluster in waiting(time.time()):
            wakeups.wake(cluster)
        if time.monotonic() >= self._keep_at:
            self._keep_at = time.monotonic() + KEEP_EVERY
            for cluster in models.Cluster.objects.values_list("pk", flat=True):
                wakeups.ask(wakeups.KEEP, cluster)
            due = models.PendingPurge.objects.filter(after__lte=time.time())
            for cluster in due.values_list("pk", flat=True):
                wakeups.ask(wakeups.CLEAR, cluster)


class Command(BaseCommand):
    """Runs the clock in the foreground."""

    help = "Wake the workers for every cluster that has something to do, until stopped."
    requires_system_checks = ()

    def handle(self, **_options: object) -> None:
        """Run until SIGTERM or SIGINT."""
        clock = Clock()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, clock.stop)
        clock.run()
