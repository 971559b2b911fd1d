"""The log of a container in a real cluster, read through its API server: nothing of it is kept here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from channels.db import database_sync_to_async

from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.queries.mirrors import connection_of
from controller.queries.podlines import PodLine
from controller.upstream.client import AsyncClient, path_of
from controller.upstream.errors import NotThere

Line = tuple[int, str]
"""Milliseconds since 1970, and the text."""

Moment = tuple[int, str]
"""Seconds since 1970, and nine digits of their fraction."""

FRACTION = re.compile(r"\.(\d{1,9})")


async def client_of(cluster: int, person: str) -> AsyncClient | None:
    """Return a client of a cluster's API server, which acts as ``person`` if that is wished; None: no such.

    Raises NoKey, Upstream, BadAddress.
    """
    found = await database_sync_to_async(connection_of, thread_sensitive=False)(cluster=cluster)
    if found is None:
        return None
    connection, impersonate = found
    return AsyncClient(connection, person=person if impersonate else "")


class RealLog:
    """The log of a container, asked for again and again: each time it goes on after the line it told last."""

    def __init__(
        self, client: AsyncClient, pod: PodLine, container: str, *, tail: int, previous: bool
    ) -> None:
        self._client, self._pod = client, pod
        self._path = path_of(KINDS["Pod"], pod.namespace, pod.name, "log")
        self._query: dict[str, str | int] = {"container": container, "timestamps": "true", "tailLines": tail}
        self._query["previous" if previous else "follow"] = "true"
        self._last: Moment = (0, "000000000")
        self._unstamped = ""

    async def lines(self) -> AsyncIterator[list[Line]]:
        """Yield what it told since, and what it tells, until it ends. Raises NotFound, Upstream."""
        try:
            async for lines in self._client.lines(self._path, self._query):
                if new := [told for line in lines if line and (told := self._told(line))]:
                    yield new
        except NotThere as error:
            raise NotFound("pods", self._pod.name) from error

    def _told(self, line: str) -> Line | None:
        """Return a line, None if it was told before: from a moment on, a server tells all of that second."""
        moment, text = _read(line)
        if moment is None:  # the kubelet's own word, of a log that it cannot read
            if line == self._unstamped:
                return None
            self._unstamped = line
        elif moment <= self._last:
            return None
        else:
            self._last = moment
            self._query.pop("tailLines", None)
            self._query["sinceTime"] = f"{datetime.fromtimestamp(moment[0], UTC):%Y-%m-%dT%H:%M:%SZ}"
        seconds, fraction = self._last
        return seconds * 1000 + int(fraction[:3]), text


def _read(line: str) -> tuple[Moment | None, str]:
    """Return when a line was written, and its text. A node stamps it by the time zone that it is in."""
    stamp, _, text = line.partition(" ")
    try:
        seconds = int(datetime.fromisoformat(stamp).timestamp())
    except ValueError:
        return None, line
    fraction = FRACTION.search(stamp)
    return (seconds, (fraction[1] if fraction else "").ljust(9, "0")), text
