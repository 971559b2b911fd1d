"""Worlds: loaded from the rows, kept warm, and brought up to date from the log."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from threading import Lock

from django.utils.crypto import salted_hmac

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.cluster.eventbook import REMEMBERED
from controller.engine.cluster.kubelet import rests
from controller.engine.controllers.row import new_world
from controller.engine.errors import Gone
from controller.engine.objects import Key, Pod
from controller.engine.settings import Settings
from controller.engine.world import World
from controller.modes import Capability, Mode
from controller.store import log
from controller.store.rows import Packed, PackedManifest
from controller.store.sharing import KEPT, READ, Sharing
from controller.store.snapshots import State

MAX_LAG = 20_000
"""A world that is this many changes behind is loaded anew: that is quicker than to follow."""

Told = Callable[[float], None]
"""What is told how much of a world is loaded: a share, 0 to 1."""

READ_SHARE = 0.4
"""How much of the time of a load goes by before the first object is put into the world."""

STEP = 1000
"""So many objects are put between two things told."""


def untold(_share: float) -> None:
    """Nobody asks how far a load is."""


def settings_of(row: models.Cluster) -> Settings:
    """Return what is set for a cluster."""
    return Settings(
        start_delay=row.start_delay,
        stop_delay=row.stop_delay,
        node_grace=row.node_grace,
        kubelet_events=row.kubelet_events,
        mirrored=Capability.RECONCILE not in Mode(row.mode).capabilities,
        manager=manager_of(row),
    )


def manager_of(row: models.Cluster) -> str:
    """Return the name by which this Everynode carries plans out in a real cluster, "" in a simulated one.

    All its processes have the same, and no other Everynode has it: that is another secret key.
    """
    if Capability.RECONCILE in Mode(row.mode).capabilities:
        return ""
    return f"everynode-{salted_hmac('staged rollouts', str(row.pk)).hexdigest()[:12]}"


def load(cluster: int, settings: Settings, told: Told = untold) -> World:
    """Return a world with everything that is in a cluster; ``told`` hears how far it is. Raises NotFound.

    Of the events only the latest are read: a world remembers no more of them, and large clusters have
    as many events as pods.
    """
    with _uncollected:
        return _filled(*log.gather(cluster, events=REMEMBERED), settings, told)


def of_state(number: int, state: State, settings: Settings) -> World:
    """Return a world with all objects as they are at a number, wherever they were read."""
    with _uncollected:
        return _filled(number, dict(state), settings, untold)


def _filled(number: int, state: State, settings: Settings, told: Told) -> World:
    """Return a world with what is taken out of ``state``, so that nothing is held twice."""
    world, sharing = new_world(settings), Sharing()
    world.number = number
    events = sorted((key for key in state if key[0] == "Event"), key=lambda key: state[key].version)
    keys = [*(key for key in state if key[0] != "Event"), *events[-REMEMBERED:]]
    for at, key in enumerate(keys):
        if not at % STEP:
            told(READ_SHARE + (1 - READ_SHARE) * at / len(keys))
        _put(world, key, state.pop(key), sharing)
    return world


def _put(world: World, key: Key, packed: Packed, sharing: Sharing) -> None:
    """Put an object as it stands in the database into a world that is being loaded."""
    if pod := packed.pod_at_rest(key):
        world.put(key, pod)
        return
    stored = packed.parsed(key[0])
    if key[0] == Pod.KIND:
        sharing.share(stored.manifest, READ)
    world.apply(Change(Verb.ADDED, key[0], stored.manifest, "", "", stored.timers))
    if key[0] == Pod.KIND and not pack(world.pods[key], packed):
        sharing.share(stored.manifest, KEPT)


class _Uncollected:
    """Keeps the garbage collector from what is made while somebody is within, then and later.

    It would walk a world again and again while that grows, for a fifth of the time of a load, and there
    is nothing to collect: no object of a world is part of a cycle.
    """

    def __init__(self) -> None:
        self._within = 0
        self._lock = Lock()

    def __enter__(self) -> None:
        with self._lock:
            self._within += 1
            gc.disable()

    def __exit__(self, *_raised: object) -> None:
        with self._lock:
            self._within -= 1
            gc.freeze()
            if not self._within:
                gc.enable()


_uncollected = _Uncollected()


def pack(pod: Pod, packed: Packed) -> bool:
    """Let a pod that rests keep its manifest as it stands in the database; say whether it does.

    Nobody asks for it until the pod changes, and it is a fortieth of what the parsed one takes.
    """
    if rests(pod):
        pod.pack(PackedManifest(packed.body))
        return True
    return False


def follow(world: World, row: models.Cluster) -> None:
    """Bring a world up to its cluster's row, or further, from the log. Raises Gone: too far behind."""
    for entry in log.since(row.pk, world.number, newest=row.number):
        world.apply(entry.change)
        world.number = entry.number


class Warm:
    """The worlds of a process, the least used of which go when there are too many.

    A world is taken out while it is used, so nobody else can use it, and one that is not put back is
    forgotten: whoever fails half way need only drop it.
    """

    def __init__(self, room: int = 64) -> None:
        self._room = room
        self._worlds: OrderedDict[int, World] = OrderedDict()
        self._busy: set[int] = set()
        self._lock = Lock()

    @contextmanager
    def alone(self, cluster: int) -> Iterator[bool]:
        """Yield whether this thread may work on a cluster: no other one of this process does.

        Two threads that load the same world at once need twice as long and throw one away.
        """
        with self._lock:
            free = cluster not in self._busy
            self._busy.add(cluster)
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._busy.discard(cluster)

    def __contains__(self, cluster: int) -> bool:
        """Whether a cluster's world is here."""
        return cluster in self._worlds

    def take(self, row: models.Cluster, told: Told = untold) -> World:
        """Take a cluster's world out, at least as new as its row. Raises NotFound.

        ``told`` hears how far it is if it must be loaded.
        """
        with self._lock:
            world = self._worlds.pop(row.pk, None)
        if world is None or row.number - world.number > MAX_LAG:
            return load(row.pk, settings_of(row), told)
        world.settings = settings_of(row)
        try:
            if world.number < row.number:
                follow(world, row)
        except Gone:
            return load(row.pk, settings_of(row), told)
        return world

    def put(self, cluster: int, world: World) -> None:
        """Keep a world for the next time."""
        with self._lock:
            self._worlds[cluster] = world
            while len(self._worlds) > self._room:
                self._worlds.popitem(last=False)

    def forget(self, cluster: int) -> None:
        """Forget a cluster's world, if it is here."""
        with self._lock:
            self._worlds.pop(cluster, None)

    def forget_all_but(self, clusters: AbstractSet[int]) -> None:
        """Forget the worlds of all clusters but these."""
        with self._lock:
            for cluster in self._worlds.keys() - clusters:
                del self._worlds[cluster]


warm = Warm()
