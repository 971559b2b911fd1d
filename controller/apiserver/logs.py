"""Logs of containers: what the simulation has them print, once or as it comes."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from channels.db import database_sync_to_async
from django.db import OperationalError
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from controller.apiserver.call import Call, Stream
from controller.engine.admission.field_errors import forbidden, invalid
from controller.engine.container.logs import (
    ContainerLog,
    ContainerRun,
    LogLine,
    LogOptions,
    container_of,
    run_of,
)
from controller.engine.container.programs import LINE_ANNOTATION
from controller.engine.container.recorded import recorded
from controller.engine.container.scriptlogs import ScriptLog
from controller.engine.container.scripts import Script, argv_of, script_of
from controller.engine.errors import BadRequest, Cause, Gone, Invalid, Refused, Unreachable
from controller.engine.objects import Manifest
from controller.live.feed import Tail, feed
from controller.queries.containers import PodSeen, config_sources_of, pod_seen

log_book = logging.getLogger(__name__)

TEXT = "text/plain"
LOOK = 0.5
"""Seconds between two looks at a pod whose log is followed: it may be gone, or the clock paused."""
PACE = 0.1
"""Seconds between two looks at least, however often something is printed."""
PIECE = 500
"""How many lines are made at once; others have their turn in between."""


@dataclass(frozen=True, slots=True)
class Source:
    """The output of a container of one pod (by its uid, since names are born again)."""

    cluster: int
    uid: str
    container: Manifest
    run: ContainerRun
    container_log: ContainerLog | ScriptLog

    @classmethod
    def of(cls, cluster: int, seen: PodSeen, container: Manifest, *, previous: bool = False) -> Source:
        """Return what a container of a pod prints. Raises BadRequest."""
        run = run_of(seen.pod, container["name"], previous=previous)
        script = _script(cluster, seen, container, run)
        container_log: ContainerLog | ScriptLog
        if script:
            container_log = ScriptLog(run, seen.timeline, script)
        else:
            container_log = ContainerLog(seen.pod, container, run, seen.timeline)
        return cls(cluster, seen.pod["metadata"]["uid"], container, run, container_log)

    @classmethod
    def named(cls, cluster: int, seen: PodSeen, container: str, *, previous: bool = False) -> Source:
        """Return what the container of that name prints. Raises BadRequest."""
        return cls.of(cluster, seen, container_of(seen.pod, container), previous=previous)

    @property
    def over(self) -> bool:
        """Whether the run has ended: it will print no more."""
        return not math.isinf(self.run.ended)


def _script(cluster: int, seen: PodSeen, container: Manifest, run: ContainerRun) -> Script | None:
    """Return what a container's command prints, unless an annotation says what is printed."""
    if not argv_of(container) or LINE_ANNOTATION in (seen.pod["metadata"].get("annotations") or {}):
        return None
    if kept := recorded(seen.pod, container["name"], run.number):
        return kept
    sources = config_sources_of(cluster=cluster, pod=seen.pod)
    return script_of(seen.pod, container, seen.node, sources, datetime.fromtimestamp(run.begun, UTC))


def log(call: Call) -> HttpResponseBase:
    """Answer with the lines of a container. Raises BadRequest, Invalid, NotFound, Unreachable."""
    options = options_of(call, time.time())
    seen = pod_seen(cluster=call.cluster.pk, namespace=call.namespace, name=call.name)
    container = container_of(seen.pod, call.query.get("container", ""))
    if not seen.pod["spec"].get("nodeName"):
        return HttpResponse(content_type=TEXT)
    if not seen.reached:
        raise unreachable(seen)
    source = Source.of(call.cluster.pk, seen, container, previous=call.flag("previous"))
    lines = lines_of(source, seen, options, follow=call.flag("follow"))
    return Stream(_sent(lines, options), content_type=TEXT)


def unreachable(seen: PodSeen) -> Unreachable:
    """Return the refusal of what only the pod's machine could answer."""
    node = seen.pod["spec"]["nodeName"]
    return Unreachable(
        f"error dialing backend: dial tcp: the machine {node} does not answer: no route to host"
    )


async def _sent(pieces: AsyncIterator[list[LogLine]], options: LogOptions) -> AsyncIterator[bytes]:
    """Send lines, as many bytes as are wished for."""
    room = math.inf if options.limit is None else options.limit
    async for lines in pieces:
        text = b"".join(line.render(timestamps=options.timestamps) for line in lines)
        if len(text) >= room:
            yield text[: int(room)]
            return
        room -= len(text)
        yield text


async def lines_of(
    source: Source, seen: PodSeen, options: LogOptions, *, follow: bool
) -> AsyncIterator[list[LogLine]]:
    """Yield the lines that are asked for, and with ``follow`` what comes until the run ends."""
    number = source.container_log.begin(options, seen.now)
    tail = feed().tail(source.cluster, seen.number) if follow and not source.over else None
    try:
        while True:
            count = source.container_log.count(seen.now) if seen.reached else number
            for lines in _pieces(source.container_log, number, count):
                yield lines
                await asyncio.sleep(0)
            number = max(number, count)
            if tail is None or source.over:
                return
            await _wait(tail, seen, min(LOOK, source.container_log.at(number) - time.time()))
            before = source.container_log.program
            source, seen = await _looked(source, seen)
            if source.container_log.program != before:
                # Somebody set another line or pace: it holds from the start of the run, for whoever asks.
                number = source.container_log.count(seen.now)
    except Refused:
        return
    finally:
        if tail:
            feed().leave(tail)


async def _wait(tail: Tail, seen: PodSeen, seconds: float) -> None:
    """Wait for the next line, or until the pod changes. Raises Gone if there is nothing to wait for."""
    await asyncio.sleep(PACE)
    loop = asyncio.get_running_loop()
    until, meta = loop.time() + seconds - PACE, seen.pod["metadata"]
    while (left := until - loop.time()) > 0:
        entries = await tail.next(left)
        if entries is None:
            raise Gone("the cluster is gone, or the server stops")
        if any(entry.key == ("Pod", meta["namespace"], meta["name"]) for entry in entries):
            return


async def _looked(source: Source, seen: PodSeen) -> tuple[Source, PodSeen]:
    try:
        return await database_sync_to_async(_again, thread_sensitive=False)(source, seen)
    except OperationalError as error:
        log_book.warning("A followed log could not be read on, and is tried again: %s", error)
        return source, seen


def _pieces(container_log: ContainerLog | ScriptLog, first: int, count: int) -> Iterator[list[LogLine]]:
    for begin in range(first, count, PIECE):
        yield [container_log.line(number) for number in range(begin, min(begin + PIECE, count))]


def _again(source: Source, seen: PodSeen) -> tuple[Source, PodSeen]:
    """Look again at a pod; of a container that was started anew the run before is what is followed.

    Raises NotFound if the pod is gone, and BadRequest if the run is.
    """
    meta = seen.pod["metadata"]
    fresh = pod_seen(cluster=source.cluster, namespace=meta["namespace"], name=meta["name"])
    if fresh.pod["metadata"]["uid"] != source.uid:
        raise BadRequest("the pod is another one")
    found = Source.of(source.cluster, fresh, source.container)
    if found.run.number != source.run.number:
        found = Source.of(source.cluster, fresh, source.container, previous=True)
    if found.run.number != source.run.number:
        raise BadRequest("the container was started anew more than once")
    return found, fresh


# -- the query -------------------------------------------------------------------------------------


def options_of(call: Call, now: float) -> LogOptions:
    """Return which lines a client asks for, at a wall time. Raises BadRequest, Invalid."""
    tail, limit = _whole(call, "tailLines"), _whole(call, "limitBytes")
    seconds, moment = _whole(call, "sinceSeconds"), call.query.get("sinceTime")
    faults: list[Cause] = []
    if tail is not None and tail < 0:
        faults.append(invalid("tailLines", tail, "must be greater than or equal to 0"))
    if limit is not None and limit < 1:
        faults.append(invalid("limitBytes", limit, "must be greater than 0"))
    if seconds is not None and moment:
        faults.append(forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    elif seconds is not None and seconds < 1:
        faults.append(invalid("sinceSeconds", seconds, "must be greater than 0"))
    if faults:
        raise Invalid("PodLogOptions", call.name, faults)
    since = -math.inf if seconds is None else now - seconds
    return LogOptions(tail, _moment(moment) if moment else since, limit, call.flag("timestamps"))


def _whole(call: Call, name: str) -> int | None:
    text = call.query.get(name, "")
    if not text:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text, re.ASCII):
        raise BadRequest(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse') from error
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
