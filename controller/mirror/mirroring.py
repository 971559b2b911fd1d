"""Follows one real cluster: a list and a watch for each kind, and what they tell written in batches.

Every kind is followed by itself, so one that may not be read, or is slow, holds up no other. What breaks
is begun again where it was, after a while that grows; only what the server no longer keeps is listed anew.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.db import DatabaseError, DataError, IntegrityError

from controller.engine.cluster.scheduler.demand import NODE_LOAD
from controller.engine.kinds import Kind
from controller.engine.objects import Manifest, Pod
from controller.mirror.earlyevents import EarlyEvents
from controller.mirror.faring import Faring
from controller.mirror.kinds import ORDER, SYSTEM, actor_of, is_daemons, key_of, trimmed
from controller.mirror.ledger import Ledger, Listed, Rewound, Seen, Told
from controller.mirror.nodeloads import NodeLoads
from controller.mirror.versions import Versions
from controller.services.mirrors import mirror_rewound
from controller.store.mirrors import let_go
from controller.upstream.addresses import BadAddress
from controller.upstream.client import AsyncClient, path_of
from controller.upstream.errors import NotAllowed, NotThere, Overloaded, TooOld, Upstream
from controller.upstream.states import State, state_after

T = TypeVar("T")

GATHER = 0.05
"""Seconds for which news is gathered after some were written: so many small ones make few transactions."""

BATCH = 500
"""How many changes one transaction writes, while a cluster is followed; lists are written in larger ones."""

BACKLOG = 1_000
"""How many pieces of news wait to be written at most: then reading waits."""

SUMS_EVERY = 1.0
"""Seconds between two looks at what other workloads take of nodes."""

FIRST_WAIT = 0.5
"""Seconds until what broke is begun again: at first. The most is EVERYNODE_UPSTREAM_BACKOFF."""

LASTED = 5.0
"""Seconds after which a connection was a good one: what ends it then is no failure to begin with."""

MOST_PATIENCE = 600.0
"""Seconds that are waited at most because a server says so."""

REMEMBERED = 10_000
"""Pods that are gone, of whose events it is known that they were daemon pods."""

REWOUND_TOLD = 60.0
"""Seconds within which all kinds notice that a server's store was restored: it is told of once."""

ODD = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, DataError)
"""What is raised where an object has not the shape that its kind has everywhere."""

CHANCE = random.SystemRandom()
"""Keeps mirrors from asking in step, whatever seeds the others."""

logger = logging.getLogger(__name__)


class Recreated(Exception):
    """Another cluster answers at the address: what is known of versions says nothing of that one."""


class InThread(Protocol):
    """Runs what uses the database in a thread, one after the other."""

    def __call__(self, work: Callable[..., T], /, *args: Any) -> Awaitable[T]:  # noqa: ANN401 - whatever it takes
        """Return what ``work`` returns."""


class Mirroring:
    """One cluster that is followed, and how that fares.

    ``cluster_uid`` is the uid of the cluster that was followed last, "" if there was none.
    """

    def __init__(
        self, ledger: Ledger, client: AsyncClient, in_thread: InThread, *, cluster_uid: str = ""
    ) -> None:
        self.faring = Faring(ledger.held.cluster)
        self.cluster_uid, self.version = cluster_uid, ""
        self._ledger, self._client, self._in_thread = ledger, client, in_thread
        self._loads = NodeLoads()
        self._daemons: set[str] = set()
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._early = EarlyEvents()
        self._versions = Versions()
        self._news: list[Told] = []
        self._come, self._room, self._turn = asyncio.Event(), asyncio.Event(), asyncio.Lock()
        self._room.set()
        self._counted = False
        self._rewound = -math.inf
        self._met, self._meeting, self._anew = 0.0, asyncio.Lock(), asyncio.Event()

    async def run(self) -> None:
        """Follow the cluster until it is cancelled.

        Raises, in a group, Lost and NotFound (it is no longer ours to follow) and Recreated.
        """
        await self._in_thread(self._ledger.load)
        self._daemons = {_place(key) for key in self._ledger.known if key[0] == Pod.KIND}
        for key, known in self._ledger.known.items():
            self._versions.tell(key[0], known.version)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._write())
            tasks.create_task(self._sum_up())
            tasks.create_task(self._ask_version())
            for kind in ORDER:
                tasks.create_task(self._follow(kind))

    # -- one kind ----------------------------------------------------------------------------

    async def _follow(self, kind: Kind) -> None:
        failures, ended = 0, time.monotonic()
        while True:
            version, began, after, is_broken = self._versions.at(kind.name), math.inf, 0.0, True
            try:
                await self._meet(ended)
                if version is None or await self._is_rewound(kind):
                    version = await self._list(kind)
                    self._versions.reach(kind.name, version)
                began = time.monotonic()
                await self._watch(kind)
                is_broken = False
            except TooOld:
                self._versions.list_anew(kind.name)
            except (NotAllowed, NotThere) as error:
                self.faring.fares(kind, State.FORBIDDEN, error)
                self._versions.list_anew(kind.name)
            except (Upstream, BadAddress) as error:
                self.faring.fares(kind, state_after(error), error)
                after = error.after if isinstance(error, Overloaded) else 0.0
            ended = time.monotonic()
            # What lasted, or told anything, was a good connection. Else it is asked again ever later.
            has_lasted = ended - began >= LASTED
            is_good = has_lasted or self._versions.at(kind.name) not in {None, version}
            failures = 1 if is_good else failures + 1
            if is_broken or not has_lasted:
                await asyncio.sleep(_wait(failures, after))

    async def _meet(self, ended: float) -> None:
        """Look who answers before what ended at a moment is taken up again. One kind asks for all.

        Raises Recreated, Upstream, BadAddress.
        """
        async with self._meeting:
            if self._met > ended:
                return
            with suppress(NotAllowed, NotThere):  # then it cannot be told
                system = await self._client.get(path_of(ORDER[0], "", SYSTEM))
                before, self.cluster_uid = self.cluster_uid, str(system["metadata"]["uid"])
                if before not in {"", self.cluster_uid}:
                    raise Recreated
            self._met = time.monotonic()
            self._anew.set()

    async def _is_rewound(self, kind: Kind) -> bool:
        """Whether its server stands before what it told of a kind. Kinds may be kept in different stores."""
        page = await self._client.get(path_of(kind), {"limit": 1})
        version = str((page.get("metadata") or {}).get("resourceVersion") or "")
        if not self._versions.is_behind(kind.name, version):
            return False
        logger.warning("Cluster %s: %s went back to %s", self._ledger.held.cluster, kind.plural, version)
        if time.monotonic() - self._rewound > REWOUND_TOLD:
            self._rewound = time.monotonic()
            await self._in_thread(partial(mirror_rewound, cluster=self._ledger.held.cluster))
        return True

    async def _ask_version(self) -> None:
        """Ask for the version of Kubernetes whenever a connection begins: it may have been upgraded."""
        while True:
            await self._anew.wait()
            self._anew.clear()
            with suppress(Upstream, BadAddress):
                self.version = str((await self._client.get("/version")).get("gitVersion") or "")

    async def _list(self, kind: Kind) -> str:
        """Read all that there is of a kind, one kind at a time; return the version of the list."""
        async with self._turn:
            version, keys, others = "", set(), set[str]()
            async for items, version in self._client.pages(path_of(kind)):
                self.faring.fares(kind, State.LISTING)
                if self._versions.is_behind(kind.name, version):
                    self._versions.begin_anew(kind.name)
                    await self._tell(Rewound(kind.name))
                for item in items:
                    if seen := self._seen(kind, item, others):
                        keys.add(seen.key)
                        await self._tell(seen)
            await self._tell(Listed(kind.name, frozenset(keys)))
            if kind.name == Pod.KIND:
                for place in self._daemons - {_place(key) for key in keys}:
                    self._part_with(place)
                self._loads.keep_only(others)
                await self._tell_sums()
                nodes = frozenset((NODE_LOAD, "", node) for node in self._loads.nodes())
                await self._tell(Listed(NODE_LOAD, nodes))
                self._counted = True
            return version

    async def _watch(self, kind: Kind) -> None:
        """Take in what changes, until the watch ends; it is taken up again where it was."""
        version = self._versions.at(kind.name) or ""
        async for events in self._client.watch(path_of(kind), version):
            self.faring.fares(kind, State.LIVE)
            for what, item in events:
                if what == "DELETED":
                    await self._tell_gone(kind, item)
                elif what != "BOOKMARK" and (seen := self._seen(kind, item)):
                    await self._tell(seen)
                self._versions.reach(kind.name, str(item["metadata"]["resourceVersion"]))

    # -- what is kept ------------------------------------------------------------------------

    def _seen(self, kind: Kind, item: Manifest, others: set[str] | None = None) -> Seen | None:
        """Return what is to be written of an object; None: it is not kept, only added up, or odd."""
        try:
            seen = self._read(kind, item, others)
        except ODD as error:
            self.faring.leave_out(kind.name, item, error)
            return None
        self.faring.take_in(kind.name, item)
        return seen

    def _read(self, kind: Kind, item: Manifest, others: set[str] | None) -> Seen | None:
        key = key_of(kind, item)
        if kind.name == Pod.KIND:
            place = _place(key)
            if not is_daemons(item):
                return self._other_pod(place, key, item, others)
            self._loads.drop(place)
            self._daemons.add(place)
        if kind.name == "ControllerRevision" and not is_daemons(item):
            return None
        seen = Seen(key, trimmed(kind, item), str(item["metadata"]["resourceVersion"]), actor_of(item))
        if kind.name == "Event" and not self._concerns(item):
            if (pod := _pod_of(item)) and not self._loads.has(pod):
                self._early.put(pod, seen)
            return None
        return seen

    def _other_pod(
        self, place: str, key: tuple[str, str, str], item: Manifest, others: set[str] | None
    ) -> Seen | None:
        """Add a pod of another workload to the sums. If it was a daemon's before, that is gone."""
        self._loads.put(place, item)
        self._early.take(place)
        if others is not None:
            others.add(place)
        if place not in self._daemons:
            return None
        self._daemons.discard(place)
        return Seen(key, None, "")

    def _concerns(self, event: Manifest) -> bool:
        """Whether an event is about a node, a set or a pod of a set."""
        if pod := _pod_of(event):
            return pod in self._daemons or pod in self._gone
        return (event.get("involvedObject") or {}).get("kind") in {"Node", "DaemonSet"}

    async def _tell_gone(self, kind: Kind, item: Manifest) -> None:
        key = key_of(kind, item)
        self.faring.take_in(kind.name, item)
        if kind.name == Pod.KIND:
            place = _place(key)
            self._loads.drop(place)
            if place not in self._daemons:
                return
            self._part_with(place)
        elif pod := _pod_of(item):
            self._early.drop(pod, key)
        await self._tell(Seen(key, None, ""))

    def _part_with(self, place: str) -> None:
        """Remember of a daemon pod that is gone only that it was one."""
        self._daemons.discard(place)
        self._gone[place] = None
        if len(self._gone) > REMEMBERED:
            self._gone.popitem(last=False)

    # -- what is written ---------------------------------------------------------------------

    async def _tell(self, told: Told) -> None:
        await self._room.wait()
        self._news.append(told)
        if isinstance(told, Seen) and told.manifest and told.key[0] == Pod.KIND:
            self._news += self._early.take(_place(told.key))
        self._has_come()

    def _has_come(self) -> None:
        self._come.set()
        if len(self._news) >= BACKLOG:
            self._room.clear()

    async def _sum_up(self) -> None:
        while True:
            await asyncio.sleep(SUMS_EVERY)
            if self._counted:
                await self._tell_sums()

    async def _tell_sums(self) -> None:
        await self._room.wait()
        # All at once: one that waits for room would come after what is told of its node meanwhile.
        self._news += [Seen(*sums) for sums in self._loads.told()]
        self._has_come()

    async def _write(self) -> None:
        while True:
            await self._come.wait()
            most = 2 * BATCH if self.faring.is_listing else BATCH
            some, self._news = self._news[:most], self._news[most:]
            self._room.set()
            if not self._news:
                self._come.clear()
            await self._written(some)
            if len(self._news) < BATCH:
                await asyncio.sleep(GATHER)

    async def _written(self, some: list[Told]) -> None:
        """Write news, as often as it takes; what cannot be written alone."""
        wait = FIRST_WAIT
        while True:
            try:
                await self._in_thread(self._ledger.write, some, self._client.heard.skew)
            except ODD as error:
                await self._written_apart(some, error)
                return
            except DatabaseError as error:
                logger.warning("Cluster %s: not written yet: %s", self._ledger.held.cluster, error)
                await self._in_thread(let_go)
                if isinstance(error, IntegrityError):  # somebody else wrote: what we know is not so
                    await self._in_thread(self._ledger.load)
                await asyncio.sleep(wait)
                wait = min(2 * wait, settings.EVERYNODE_UPSTREAM_BACKOFF)
            else:
                return

    async def _written_apart(self, some: list[Told], error: Exception) -> None:
        """Write news of which one is odd in halves, until that one is alone, and leave it out."""
        if len(some) > 1:
            middle = len(some) // 2
            await self._written(some[:middle])
            await self._written(some[middle:])
        elif isinstance(some[0], Seen):
            self.faring.leave_out(some[0].key[0], some[0].manifest, error)


def _wait(failures: int, after: float) -> float:
    """Return for how many seconds to wait after some failures: never less than a server asked for."""
    longest: float = settings.EVERYNODE_UPSTREAM_BACKOFF
    back_off = min(FIRST_WAIT * 2.0 ** min(failures - 1, 8), longest)
    return max(back_off, min(after, MOST_PATIENCE)) * CHANCE.uniform(1.0, 1.4)


def _pod_of(event: Manifest) -> str:
    """Return the place of the pod that an event is about, "" if it is about something else."""
    involved = event.get("involvedObject") or {}
    return f"{involved.get('namespace')}/{involved.get('name')}" if involved.get("kind") == Pod.KIND else ""


def _place(key: tuple[str, str, str]) -> str:
    return f"{key[1]}/{key[2]}"
