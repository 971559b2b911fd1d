"""The sockets of a crowd, in a process of their own: prints which stamp each was sent, and when.

``python -m tests.bench.sockets ADDRESS COOKIES COUNT`` says ``ready`` once each has its snapshot, listens
until its input ends, and then tells.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.typing import Origin

AT_ONCE = 20
"""So many come in at the same time."""

STAMP = re.compile(r'"stamp":"([0-9]+)"')

Seen = list[tuple[str, float]]
"""Stamps and moments, on the clock (of ``time.perf_counter``) that all processes of the machine share."""


async def _follow(
    address: str, cookies: str, door: asyncio.Semaphore, all_in: asyncio.Barrier, seen: Seen
) -> None:
    origin = Origin(f"http://{urlsplit(address).netloc}")
    async with door:
        line = await connect(address, additional_headers={"Cookie": cookies}, origin=origin, max_size=None)
        while '"t":"snapshot"' not in str(await line.recv()):
            pass
    await all_in.wait()
    async with line:
        async for frame in line:
            now = time.perf_counter()
            seen += [(found, now) for found in STAMP.findall(str(frame))]


async def _crowd(address: str, cookies: str, count: int) -> None:
    door, all_in, seen = asyncio.Semaphore(AT_ONCE), asyncio.Barrier(count + 1), Seen()
    lines = [asyncio.create_task(_follow(address, cookies, door, all_in, seen)) for _ in range(count)]
    await all_in.wait()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for task in lines:
        task.cancel()
    await asyncio.gather(*lines, return_exceptions=True)
    sys.stdout.writelines(f"{stamp} {at}\n" for stamp, at in seen)


if __name__ == "__main__":
    asyncio.run(_crowd(sys.argv[1], sys.argv[2], int(sys.argv[3])))
