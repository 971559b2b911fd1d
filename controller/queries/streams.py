"""Ends what stays open for long as soon as the right to it has ended: sockets, watches, logs, programs.

Who may do something is asked when it begins. A stream goes on for hours, so the same is asked again for
all of a process's open streams together, every few seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from channels.db import database_sync_to_async

from controller.engine.errors import Refused
from controller.live.supervise import supervised
from controller.queries.access import Access, ended

AGAIN = 4.0
"""Seconds between two looks at who may still do what."""

End = Callable[[Refused], None]


class Streams:
    """The open streams of a process. Lives in one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._open: dict[int, tuple[Access, End]] = {}
        self._numbers = count()
        self._task = supervised("asking again who may do what", self._ask_again)

    @contextmanager
    def held(self, access: Access, end: End) -> Iterator[None]:
        """Hold a stream open for the length of a block; call ``end`` once if it would be refused by now."""
        number = next(self._numbers)
        self._open[number] = access, end
        try:
            yield
        finally:
            self._open.pop(number, None)

    async def _ask_again(self) -> None:
        find = database_sync_to_async(ended, thread_sensitive=False)
        while True:
            await asyncio.sleep(AGAIN)
            if not self._open:
                continue
            refused = await find([access for access, _end in self._open.values()])
            for number, (access, end) in list(self._open.items()):
                if access in refused and number in self._open:
                    del self._open[number]
                    end(refused[access])


class _Process:
    """What this process has one of."""

    streams: Streams | None = None


def streams() -> Streams:
    """Return the open streams of this process; the first call begins to look after them."""
    loop = asyncio.get_running_loop()
    if _Process.streams is None or _Process.streams.loop is not loop:
        _Process.streams = Streams()
    return _Process.streams
