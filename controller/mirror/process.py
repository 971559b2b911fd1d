"""The process that mirrors: as many clusters as nobody else does, each under a lease that it keeps renewing.

Any number of such processes share the clusters. One that dies leaves its leases to run out, and whoever
takes them goes on from what stands in the rows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from controller.engine.errors import NotFound
from controller.store import holders, leases, mirrors
from controller.store.leases import Held, Lost

T = TypeVar("T")

LOOK_EVERY = 1.0
"""Seconds between two looks for clusters that nobody mirrors."""

logger = logging.getLogger(__name__)


class Hand:
    """A thread of its own for what uses the database; its connection is its own too."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def __call__(self, work: Callable[..., T], /, *args: Any) -> Awaitable[T]:  # noqa: ANN401 - whatever it takes
        """Return what ``work`` returns."""
        return asyncio.get_running_loop().run_in_executor(self._thread, partial(_sound, work, *args))

    def close(self) -> None:
        """Let the thread go, and its connection."""
        self._thread.submit(mirrors.let_go)
        self._thread.shutdown(wait=False)


def _sound(work: Callable[..., T], *args: Any) -> T:  # noqa: ANN401 - as above
    try:
        return work(*args)
    except DatabaseError:
        if not connection.in_atomic_block:
            close_old_connections()
        raise


class Mirrors:
    """All clusters that this process mirrors."""

    def __init__(self) -> None:
        self._owner = holders.holder()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._hand = Hand("mirrors")

    async def run(self) -> None:
        """Mirror whatever nobody else does, until cancelled. Then all leases are given back."""
        try:
            while True:
                try:
                    await self._look()
                except DatabaseError as error:
                    logger.warning("The mirror cannot read the database, and keeps trying: %s", error)
                    await self._hand(mirrors.let_go)
                await asyncio.sleep(LOOK_EVERY)
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            self._hand.close()

    async def _look(self) -> None:
        self._tasks = {cluster: task for cluster, task in self._tasks.items() if not task.done()}
        for cluster in await self._hand(mirrors.free):
            if cluster in self._tasks:
                continue
            held = await self._hand(leases.acquire, cluster, self._owner, leases.MIRROR)
            if held:
                self._tasks[cluster] = asyncio.create_task(self._mirror(held), name=f"mirror of {cluster}")

    async def _mirror(self, held: Held) -> None:
        """Mirror a cluster while its lease is ours; begin anew whenever its credentials are replaced."""
        # Only where there is a real cluster the libraries that speak to one are needed.
        from controller.mirror.following import follow  # noqa: PLC0415

        hand = Hand(f"mirror-{held.cluster}")
        try:
            while True:
                await follow(held, hand, self._hand)
        except* (Lost, NotFound):
            logger.info("Cluster %s is mirrored by another, or gone.", held.cluster)
        except* Exception:
            logger.exception("The mirroring of cluster %s failed and is begun anew.", held.cluster)
            await asyncio.sleep(settings.EVERYNODE_UPSTREAM_BACKOFF)  # it reads all: not again and again
        finally:
            with suppress(DatabaseError):
                await asyncio.shield(self._hand(leases.release, held))
            hand.close()
