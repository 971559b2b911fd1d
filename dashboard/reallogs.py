"""The log of a container in a real cluster, read through its API server: nothing of it is kept here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

from channels.db import database_sync_to_async

from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.queries.mirrors import connection_of
from controller.queries.podlines import PodLine
from controller.upstream.client import AsyncClient, path_of
from controller.upstream.errors import NotThere

AGAIN = 1.0
"""Seconds until a log that came to its end is asked for again: the next life of its container."""

Line = tuple[int, str]
"""Milliseconds since 1970, and the text."""


async def client_of(cluster: int, person: str) -> AsyncClient | None:
    """Return a client of a cluster's API server, which acts as ``person`` if that is wished; None: no such.

    Raises NoKey, Upstream, BadAddress.
    """
    found = await database_sync_to_async(connection_of, thread_sensitive=False)(cluster=cluster)
    if found is None:
        return None
    connection, impersonate = found
    return AsyncClient(connection, person=person if impersonate else "")


async def real_lines(
    client: AsyncClient, pod: PodLine, container: str, *, tail: int, previous: bool
) -> AsyncIterator[list[Line]]:
    """Yield the lines of a container, life after life, until its pod is gone. Raises NotFound, Upstream."""
    path = path_of(KINDS["Pod"], pod.namespace, pod.name, "log")
    query: dict[str, str | int] = {"container": container, "timestamps": "true", "tailLines": tail}
    query["previous" if previous else "follow"] = "true"
    last = ""
    while True:
        try:
            async for lines in client.lines(path, query):
                # Asked from a moment on, a server tells what it told in that second once more.
                new = [line for line in lines if line and line.partition(" ")[0] > last]
                if new:
                    last = new[-1].partition(" ")[0]
                    yield [_read(line) for line in new]
        except NotThere as error:
            raise NotFound("pods", pod.name) from error
        if previous:
            return
        if last:
            query.pop("tailLines", None)
            query["sinceTime"] = f"{last[:19]}Z"
        await asyncio.sleep(AGAIN)


def _read(line: str) -> Line:
    stamp, _, text = line.partition(" ")
    try:
        at = datetime.fromisoformat(f"{stamp[:26].rstrip('Z')}+00:00").timestamp()
    except ValueError:
        return 0, line
    return round(at * 1000), text
