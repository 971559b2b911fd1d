"""Ways to listen to a hub, and to wait until what is heard is what is true."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import ParamSpec, TypeVar

import pytest
from channels.db import database_sync_to_async

from controller.live.fold import Gap, Wire, fold
from controller.live.hub import Hub, hub
from controller.live.mailbox import Mailbox
from tests.servers import wait_until

P = ParamSpec("P")
T = TypeVar("T")
TIMEOUT = 30.0
"""Seconds after which something that was waited for counts as missing."""


async def do(action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do something that blocks, beside the event loop."""
    return await database_sync_to_async(partial(action, *args, **kwargs))()


@asynccontextmanager
async def running_hub() -> AsyncIterator[Hub]:
    """Run the process' hub for the length of a test."""
    running = hub()
    try:
        yield running
    finally:
        await running.close()


async def until(condition: Callable[[], bool]) -> None:
    """Return as soon as ``condition()`` holds."""
    await do(wait_until, condition)


class Listener:
    """A client that folds what it hears; ``frames`` are all frames so far, ``gaps`` the missed ones."""

    def __init__(self, running: Hub, cluster: int, person: str = "") -> None:
        self.hub, self.cluster = running, cluster
        self.box: Mailbox = running.join(cluster, person)
        self.state: Wire | None = None
        self.frames: list[Wire] = []
        self.gaps = 0

    async def hear(self) -> Wire | None:
        """Take the next frame; ask for a snapshot if one is missing. None at the end."""
        text = await asyncio.wait_for(self.box.take(), TIMEOUT)
        if text is None:
            return None
        frame: Wire = json.loads(text)
        self.frames.append(frame)
        try:
            self.state = fold(self.state, frame)
        except Gap:
            self.gaps += 1
            self.hub.resync(self.cluster, self.box)
        return frame

    async def reach(self, number: int) -> Wire:
        """Listen until the map is that of a number or a later one; return it."""
        while not self.state or self.state["n"] < number:
            if await self.hear() is None:
                pytest.fail("The frames came to their end.")
        return self.state

    @property
    def kinds(self) -> list[str]:
        """Return of which kinds the frames were."""
        return [frame["t"] for frame in self.frames]
