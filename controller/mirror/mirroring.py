"""Follows one real cluster: a list and a watch for each kind, and what they tell written in batches.

Every kind is followed by itself, so one that may not be read, or is slow, holds up no other. What breaks
is begun again where it was, after a while that grows; only what the server no longer keeps is listed anew.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from django.db import DatabaseError, IntegrityError

from controller.engine.cluster.scheduler.demand import NODE_LOAD
from controller.engine.kinds import Kind
from controller.engine.objects import Manifest, Pod
from controller.mirror.kinds import ORDER, SYSTEM, actor_of, is_daemons, key_of, trimmed
from controller.mirror.ledger import Ledger, Listed, Seen, Told
from controller.mirror.nodeloads import NodeLoads
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

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds until what broke is begun again: at first, and at most. A good connection starts over."""

LASTED = 5.0
"""Seconds after which a connection was a good one: what ends it then is no failure to begin with."""

FORBIDDEN_AGAIN = 60.0
"""Seconds until it is tried whether a kind may be read by now."""

REMEMBERED = 10_000
"""Pods that are gone, of whose events it is known that they were daemon pods."""

logger = logging.getLogger(__name__)


class Recreated(Exception):
    """Another cluster answers at the address: what is known of versions says nothing of that one."""


class InThread(Protocol):
    """Runs what uses the database in a thread, one after the other."""

    def __call__(self, work: Callable[..., T], /, *args: Any) -> Awaitable[T]:  # noqa: ANN401 - whatever it takes
        """Return what ``work`` returns."""


class Mirroring:
    """One cluster that is followed. ``states`` says how each kind fares, ``errors`` what was last wrong."""

    def __init__(self, ledger: Ledger, client: AsyncClient, in_thread: InThread) -> None:
        self.states: dict[str, State] = {kind.name: State.CONNECTING for kind in ORDER}
        self.errors: dict[str, str] = {}
        self.cluster_uid = ""
        self._ledger, self._client, self._in_thread = ledger, client, in_thread
        self._loads = NodeLoads()
        self._daemons: set[str] = set()
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._versions: dict[str, str] = {}
        self._news: list[Told] = []
        self._come, self._room, self._turn = asyncio.Event(), asyncio.Event(), asyncio.Lock()
        self._room.set()
        self._counted = False

    @property
    def state(self) -> State:
        """Return how it fares on the whole: as the worst kind, but for those that are kept from us."""
        told = set(self.states.values())
        if told == {State.FORBIDDEN}:
            return State.FORBIDDEN
        worst = [state for state in told if state not in {State.FORBIDDEN, State.LIVE}]
        return min(worst, key=_badness) if worst else State.LIVE

    @property
    def missing(self) -> list[str]:
        """Return the kinds that we may not read."""
        return [name for name, state in self.states.items() if state is State.FORBIDDEN]

    async def run(self) -> None:
        """Follow the cluster until it is cancelled.

        Raises, in a group, Lost and NotFound (it is no longer ours to follow) and Recreated.
        """
        await self._in_thread(self._ledger.load)
        self._daemons = {_place(key) for key in self._ledger.known if key[0] == Pod.KIND}
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._write())
            tasks.create_task(self._sum_up())
            for kind in ORDER:
                tasks.create_task(self._follow(kind))

    # -- one kind ----------------------------------------------------------------------------

    async def _follow(self, kind: Kind) -> None:
        failures = 0
        while True:
            began, wait = time.monotonic(), 0.0
            try:
                if kind.name not in self._versions:
                    self._versions[kind.name] = await self._list(kind)
                self._fares(kind, State.LIVE)
                await self._watch(kind)
            except TooOld:
                self._versions.pop(kind.name, None)
            except (NotAllowed, NotThere) as error:
                self._fares(kind, State.FORBIDDEN, error)
                self._versions.pop(kind.name, None)
                wait = FORBIDDEN_AGAIN
            except (Upstream, BadAddress) as error:
                self._fares(kind, state_after(error), error)
                await self._look_who_it_is(kind)
                wait = max(_after(error), min(FIRST_WAIT * 2 ** min(failures, 8), LONGEST_WAIT))
            # What lasted was a good connection. One that ends at once is not asked for again at once.
            failures = failures + 1 if time.monotonic() - began < LASTED else 0
            await asyncio.sleep(max(wait, FIRST_WAIT if failures else 0.0) * random.uniform(0.8, 1.2))  # noqa: S311 - no secret

    async def _look_who_it_is(self, kind: Kind) -> None:
        """Raise Recreated if it is another cluster that answers again. One kind asks for all."""
        if kind.name != "Namespace" or not self.cluster_uid:
            return
        with suppress(Upstream, BadAddress):
            system = await self._client.get(path_of(kind, "", SYSTEM))
            if system["metadata"]["uid"] != self.cluster_uid:
                raise Recreated

    def _fares(self, kind: Kind, state: State, error: Exception | None = None) -> None:
        if self.states[kind.name] is not state:
            logger.info("Cluster %s: %s: %s", self._ledger.held.cluster, kind.plural, state)
        self.states[kind.name] = state
        if error is None:
            self.errors.pop(kind.name, None)
        else:
            self.errors[kind.name] = str(error)[:500]

    async def _list(self, kind: Kind) -> str:
        """Read all that there is of a kind, one kind at a time; return the version of the list."""
        async with self._turn:
            self._fares(kind, State.LISTING)
            version, keys, others = "", set(), set[str]()
            async for items, version in self._client.pages(path_of(kind)):  # noqa: B007 - of the last page
                for item in items:
                    if seen := self._seen(kind, item, others):
                        keys.add(seen.key)
                        await self._tell(seen)
            await self._tell(Listed(kind.name, frozenset(keys)))
            if kind.name == Pod.KIND:
                self._loads.keep_only(others)
                await self._tell_sums()
                nodes = frozenset((NODE_LOAD, "", node) for node in self._loads.nodes())
                await self._tell(Listed(NODE_LOAD, nodes))
                self._counted = True
            return version

    async def _watch(self, kind: Kind) -> None:
        """Take in what changes, until the watch ends; it is taken up again where it was."""
        async for events in self._client.watch(path_of(kind), self._versions[kind.name]):
            for what, item in events:
                if what == "DELETED":
                    await self._tell_gone(kind, item)
                elif what != "BOOKMARK" and (seen := self._seen(kind, item)):
                    await self._tell(seen)
                self._versions[kind.name] = str(item["metadata"]["resourceVersion"])

    # -- what is kept ------------------------------------------------------------------------

    def _seen(self, kind: Kind, item: Manifest, others: set[str] | None = None) -> Seen | None:
        """Return what is to be written of an object; None: it is not kept, or only added up."""
        key = key_of(kind, item)
        if kind.name == Pod.KIND:
            place = _place(key)
            if not is_daemons(item):
                return self._other_pod(place, key, item, others)
            self._loads.drop(place)
            self._daemons.add(place)
        if kind.name == "ControllerRevision" and not is_daemons(item):
            return None
        if kind.name == "Event" and not self._concerns(item):
            return None
        if kind.name == "Namespace" and key[2] == SYSTEM:
            self.cluster_uid = item["metadata"]["uid"]
        return Seen(key, trimmed(kind, item), str(item["metadata"]["resourceVersion"]), actor_of(item))

    def _other_pod(
        self, place: str, key: tuple[str, str, str], item: Manifest, others: set[str] | None
    ) -> Seen | None:
        """Add a pod of another workload to the sums. If it was a daemon's before, that is gone."""
        self._loads.put(place, item)
        if others is not None:
            others.add(place)
        if place not in self._daemons:
            return None
        self._daemons.discard(place)
        return Seen(key, None, "")

    def _concerns(self, event: Manifest) -> bool:
        """Whether an event is about a node, a set or a pod of a set."""
        involved = event.get("involvedObject") or {}
        if involved.get("kind") == Pod.KIND:
            place = f"{involved.get('namespace')}/{involved.get('name')}"
            return place in self._daemons or place in self._gone
        return involved.get("kind") in {"Node", "DaemonSet"}

    async def _tell_gone(self, kind: Kind, item: Manifest) -> None:
        key = key_of(kind, item)
        if kind.name == Pod.KIND:
            place = _place(key)
            self._loads.drop(place)
            if place not in self._daemons:
                return
            self._daemons.discard(place)
            self._gone[place] = None
            if len(self._gone) > REMEMBERED:
                self._gone.popitem(last=False)
        await self._tell(Seen(key, None, ""))

    # -- what is written ---------------------------------------------------------------------

    async def _tell(self, told: Told) -> None:
        await self._room.wait()
        self._news.append(told)
        self._come.set()
        if len(self._news) >= BACKLOG:
            self._room.clear()

    async def _sum_up(self) -> None:
        while True:
            await asyncio.sleep(SUMS_EVERY)
            if self._counted:
                await self._tell_sums()

    async def _tell_sums(self) -> None:
        for key, manifest, digest in list(self._loads.told()):
            await self._tell(Seen(key, manifest, digest))

    async def _write(self) -> None:
        while True:
            await self._come.wait()
            most = 2 * BATCH if State.LISTING in self.states.values() else BATCH
            some, self._news = self._news[:most], self._news[most:]
            self._room.set()
            if not self._news:
                self._come.clear()
            await self._written(some)
            if len(self._news) < BATCH:
                await asyncio.sleep(GATHER)

    async def _written(self, some: list[Told]) -> None:
        """Write news, as often as it takes."""
        wait = FIRST_WAIT
        while True:
            try:
                await self._in_thread(self._ledger.write, some, self._client.heard.skew)
            except DatabaseError as error:
                logger.warning("Cluster %s: not written yet: %s", self._ledger.held.cluster, error)
                await self._in_thread(let_go)
                if isinstance(error, IntegrityError):  # somebody else wrote: what we know is not so
                    await self._in_thread(self._ledger.load)
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
            else:
                return


def _after(error: Exception) -> float:
    return error.after if isinstance(error, Overloaded) else 0.0


def _place(key: tuple[str, str, str]) -> str:
    return f"{key[1]}/{key[2]}"


BADNESS = (
    State.SEALED,
    State.REFUSED,
    State.UNAUTHORIZED,
    State.UNTRUSTED,
    State.UNREACHABLE,
    State.OVERLOADED,
    State.CONNECTING,
    State.LISTING,
)
"""The states that are not as they should be, the worst first."""


def _badness(state: State) -> int:
    return BADNESS.index(state)
