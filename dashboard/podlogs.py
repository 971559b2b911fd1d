"""The logs of one pod or of a workload's pods, read together: what a page follows.

Frames, as JSON objects with their kind in ``t``:

``pods``: whose logs come: ``pods`` [{n, name, namespace, node}], of ``total``; sent again when pods come.
``lines``: ``n`` of the pod, ``lines`` [[milliseconds since 1970, text]].
``state``: ``n`` of the pod and a sentence why nothing comes from it now, "" once something does.
``end``: nothing more will come.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from controller.apiserver.logs import Source, lines_of, unreachable
from controller.engine.container.logs import LogOptions
from controller.engine.errors import BadRequest, Gone, NotFound, Refused
from controller.queries.containers import PodSeen, pod_seen
from controller.queries.logs import LogTargets, log_targets
from controller.queries.podlines import PodLine
from controller.queries.source import cluster_view
from controller.upstream.client import AsyncClient
from dashboard.present.refusals import sentence
from dashboard.reallogs import RealLog

logger = logging.getLogger(__name__)

AGAIN = 1.0
"""Seconds between two looks for pods that are new, and at containers that print nothing yet."""
SELDOM = 10.0
"""Seconds at most between two looks at a log of a real cluster that tells nothing."""
KUBELET = re.compile(r'Get "[^"]*/containerLogs/[^"]*": (?P<why>.+)', re.DOTALL)
"""What an API server says when it cannot ask a kubelet."""
TAILS = (100, 1000, 5000)
LEAST_TAIL = 10


@dataclass(frozen=True, slots=True)
class LogsOptions:
    """What is asked for: whose logs (kind/namespace/name), of which container, how much, and whether on."""

    kind: str
    namespace: str
    name: str
    nodes: str = ""
    container: str = ""
    previous: bool = False
    tail: int = TAILS[0]

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """Read a page's address. Raises BadRequest."""
        kind, _slash, place = query.get("of", "").partition("/")
        namespace, _slash, name = place.partition("/")
        tail = query.get("tail", str(TAILS[0]))
        if not (kind and namespace and name):
            raise BadRequest(_("The address does not say whose logs: of=DaemonSet/default/agent."))
        if tail not in map(str, TAILS):
            raise BadRequest(_("tail is none of %(tails)s.") % {"tails": ", ".join(map(str, TAILS))})
        return cls(
            kind=kind,
            namespace=namespace,
            name=name,
            nodes=query.get("nodes", ""),
            container=query.get("container", ""),
            previous=query.get("previous", "") == "1",
            tail=int(tail),
        )

    def targets(self, cluster: int) -> LogTargets:
        """Return the pods that are meant now. Raises NotFound, BadRequest."""
        with cluster_view(cluster) as view:
            return log_targets(
                view,
                cluster=cluster,
                kind=self.kind,
                namespace=self.namespace,
                name=self.name,
                nodes=self.nodes,
            )


class PodLogs:
    """Follows the logs of several pods, each in a task of its own, also of those that come later."""

    def __init__(
        self,
        cluster: int,
        options: LogsOptions,
        tell: Callable[[dict[str, Any]], Awaitable[None]],
        client: AsyncClient | None = None,
    ) -> None:
        self._cluster, self._options, self._tell, self._client = cluster, options, tell, client
        self._shown: dict[str, dict[str, Any]] = {}

    async def run(self) -> None:
        """Send frames until there is nothing more to come. Raises Refused if there is nothing at all."""
        targets = await self._targets()
        tail = max(LEAST_TAIL, self._options.tail // max(1, len(targets.pods)))
        async with asyncio.TaskGroup() as tasks:
            total = -1
            while True:
                new = [one for one in targets.pods if one.uid not in self._shown]
                for line in new:
                    self._shown[line.uid] = _row(len(self._shown), line)
                if new or total != targets.total:
                    total = targets.total
                    await self._tell({"t": "pods", "pods": list(self._shown.values()), "total": total})
                for line in new:
                    container = self._options.container or targets.container
                    follow = self._follow if self._client is None else self._follow_real
                    tasks.create_task(follow(line, container, tail))
                if self._options.previous:
                    break
                await asyncio.sleep(AGAIN)
                try:
                    targets = await self._targets()
                except NotFound:
                    break  # who has been followed is gone; what their pods still say, the tasks tell
                except (OperationalError, InterfaceError) as error:
                    logger.warning("Pods could not be looked for, and are again: %s", error)
        await self._tell({"t": "end"})

    async def _targets(self) -> LogTargets:
        find = database_sync_to_async(self._options.targets, thread_sensitive=False)
        return await find(self._cluster)

    async def _follow_real(self, line: PodLine, container: str, tail: int) -> None:
        """Send the lines of one pod of a real cluster, until the pod is gone."""
        assert self._client  # noqa: S101 - whoever is asked has one
        number, said, previous, wait = self._shown[line.uid]["n"], "", self._options.previous, AGAIN
        log = RealLog(self._client, line, container, tail=tail, previous=previous)
        while True:
            wait = min(2 * wait, SELDOM)
            try:
                async for lines in log.lines():
                    if said:
                        said = ""
                        await self._tell({"t": "state", "n": number, "text": ""})
                    await self._tell({"t": "lines", "n": number, "lines": lines})
                    wait = AGAIN
            except NotFound:
                await self._tell({"t": "state", "n": number, "text": _("the pod is gone")})
                return
            except Refused as refused:
                if (why := why_silent(refused, line)) != said:
                    said = why
                    await self._tell({"t": "state", "n": number, "text": why})
            if previous:
                return
            await asyncio.sleep(wait)

    async def _follow(self, line: PodLine, container: str, tail: int) -> None:
        """Send the lines of one pod, life after life of its container, until the pod is gone."""
        number, said, read, options = self._shown[line.uid]["n"], "", -1, LogOptions(tail=tail)
        while True:
            why = ""
            try:
                source, seen = await database_sync_to_async(self._source, thread_sensitive=False)(
                    line, container
                )
                if source.run.number > read:
                    read = source.run.number
                    if said:
                        said = ""
                        await self._tell({"t": "state", "n": number, "text": ""})
                    async for lines in lines_of(source, seen, options, follow=not self._options.previous):
                        sent = [[round(one.at * 1000), one.text] for one in lines]
                        await self._tell({"t": "lines", "n": number, "lines": sent})
                    options = LogOptions()  # of the next life, all
                    continue
            except (NotFound, Gone):
                await self._tell({"t": "state", "n": number, "text": _("the pod is gone")})
                return
            except Refused as refused:
                why = sentence(refused)
            except (OperationalError, InterfaceError) as error:
                logger.warning("A log could not be read, and is tried again: %s", error)
            if why != said:
                said = why
                await self._tell({"t": "state", "n": number, "text": why})
            if self._options.previous:
                return
            await asyncio.sleep(AGAIN)

    def _source(self, line: PodLine, container: str) -> tuple[Source, PodSeen]:
        """Return the output of a container as it stands. Raises Refused; NotFound if the pod is gone."""
        seen = pod_seen(cluster=self._cluster, namespace=line.namespace, name=line.name)
        if seen.pod["metadata"]["uid"] != line.uid:
            raise NotFound("pods", line.name)
        if not seen.reached and line.bound:
            raise unreachable(seen)
        return Source.named(self._cluster, seen, container, previous=self._options.previous), seen


def why_silent(refused: Refused, line: PodLine) -> str:
    """Return why a log of a real cluster is not to be had. Its API server asks the kubelet for it."""
    found = KUBELET.match(refused.sentence)
    if found is None:
        return sentence(refused)
    facts = {"node": line.node, "why": found["why"]}
    return _("The API server does not reach the kubelet of %(node)s: %(why)s") % facts


def _row(number: int, line: PodLine) -> dict[str, Any]:
    return {"n": number, "name": line.name, "namespace": line.namespace, "node": line.node}
