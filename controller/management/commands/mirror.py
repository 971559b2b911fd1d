"""The mirror: follows real clusters and writes what they tell into our rows."""

from __future__ import annotations

import asyncio
import gc
import signal
from contextlib import suppress

from django.core.management.base import BaseCommand

from controller.mirror.process import Mirrors

GARBAGE = (100_000, 50, 100)
"""After how many new objects cycles are looked for, and how much seldomer among older ones."""


class Command(BaseCommand):
    """Runs the mirror in the foreground."""

    help = "Mirror the real clusters that no other process mirrors, until stopped."
    requires_system_checks = ()

    def handle(self, **_options: object) -> None:
        """Run until SIGTERM or SIGINT."""
        # What is read is JSON, which holds no cycles: to look for some took half the time of a list.
        gc.set_threshold(*GARBAGE)
        with suppress(asyncio.CancelledError):
            asyncio.run(self._run())

    @staticmethod
    async def _run() -> None:
        task = asyncio.current_task()
        assert task  # noqa: S101 - asyncio.run makes one
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await Mirrors().run()
