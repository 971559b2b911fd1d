"""One cluster as the rules see it: its objects by kind, four indexes, and a row of controllers.

A world is fed with changes, its own and others', through ``apply``; it never asks anybody. It hands
each change, with the object before and after it, to the controllers of its row, which keep their own
queues and tallies and put their decisions into the ``Turn`` of a pass. It knows none of them by name.
"""

from __future__ import annotations

import copy
import heapq
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf
from typing import Any, ClassVar, NamedTuple, Self, TypeVar, cast

from controller.engine.admission.managed import UPDATE, Manager, after_status
from controller.engine.changes import Change, Verb
from controller.engine.cluster.eventbook import EventBook, Telling
from controller.engine.deletion import is_being_deleted
from controller.engine.kinds import KINDS
from controller.engine.namespaces import NAMESPACE
from controller.engine.objects import Key, Manifest, Moment, Node, Pod, Timers, View, references
from controller.engine.outcome import LINES, Line, Names
from controller.engine.reasons import Seen
from controller.engine.settings import Settings
from controller.engine.tables import Tables
from controller.engine.views import view_of

V = TypeVar("V", bound=View)
C = TypeVar("C", bound="Controller")

Read = Callable[[str, Manifest, Timers, View | None], View]

DONE = {Verb.ADDED: Seen.CREATED, Verb.MODIFIED: Seen.CHANGED, Verb.DELETED: Seen.DELETED}

STATUS_MANAGERS = {"Node": "kubelet", "Pod": "kubelet"}
CONTROLLER_MANAGER = "kube-controller-manager"
"""Who owns the status of these kinds, as Kubernetes' managedFields name them, and of all others."""

LEAVING = "leaving"
"""Where the memo of a world has the names of the namespaces that are on their way out."""

ALL_KINDS: frozenset[str] = frozenset()
"""The ``kinds`` of a controller that takes changes of every kind."""


class Update(NamedTuple):
    """What a change did to an object: ``before`` is None for a new one, ``after`` for one that is gone."""

    key: Key
    before: View | None
    after: View | None

    @property
    def replaced(self) -> bool:
        """Whether the object that was there is gone: deleted, or another bears its name now."""
        return self.before is not None and (self.after is None or self.after.uid != self.before.uid)


class Controller(ABC):
    """One controller of a row. What it keeps between passes is its own, and follows from changes alone.

    ``queue`` holds what it has to look at in the next pass. A subclass whose other state is flat (sets
    and dictionaries of what is never edited) needs no ``fork`` of its own.
    """

    name: ClassVar[str]
    kinds: ClassVar[frozenset[str]]

    def __init__(self) -> None:
        self.queue: set[Any] = set()

    @abstractmethod
    def take(self, world: World, update: Update) -> None:
        """Take one change of its ``kinds`` into account; the world's indexes already hold it."""

    def heeds(self, kind: str) -> bool:  # noqa: ARG002 -- most heed all of them
        """Whether changes of one of its ``kinds`` matter now.

        Only changes of other kinds than pods and nodes may alter the answer: it is asked anew after each of
        those, and not for every pod.
        """
        return True

    @abstractmethod
    def sync(self, turn: Turn) -> None:
        """Look at what is queued, and decide."""

    def report(self, turn: Turn) -> None:  # noqa: B027 -- few have something to tell
        """Write what is to be told at the end of a pass, when every controller has decided."""

    def enqueue(self, item: Any) -> None:  # noqa: ANN401 -- each controller queues items of its own
        """Queue what it had scheduled for a moment that has come."""
        self.queue.add(item)

    def awaits(self, world: World, at: float, item: Any) -> bool:  # noqa: ANN401, ARG002 -- as above
        """Whether a moment it had scheduled still matters; one that does not is forgotten when it is next."""
        return True

    def drain(self) -> list[Any]:
        """Take everything out of the queue, in order."""
        items = sorted(self.queue)
        self.queue.clear()
        return items

    def is_busy(self) -> bool:
        """Whether the next pass would find something to do."""
        return bool(self.queue)

    def facts(self, world: World, now: Moment) -> Mapping[Any, object]:  # noqa: ARG002 -- for those who keep some
        """Return what it keeps of a world besides its queue, so that it can be compared with another's."""
        return {}

    def fork(self) -> Self:
        """Return a twin that can be changed by itself."""
        twin = copy.copy(self)
        for name, value in vars(self).items():
            if isinstance(value, (set, dict)):
                setattr(twin, name, value.copy())
        return twin


class World:
    """A cluster at change ``number``, with its row of controllers. Not safe for two threads at once.

    ``read`` makes a view of a manifest; a world that is only looked at keeps less of it. ``on_node`` are
    the bound pods by node, ``orphans`` those that no controller owns by namespace. ``now`` is the cluster
    time of its last pass. ``memo`` is for what follows from objects other than pods and nodes alone, by its
    name: it is forgotten when one of them changes.
    """

    def __init__(
        self, settings: Settings, controllers: tuple[Controller, ...] = (), read: Read = view_of
    ) -> None:
        self.settings = settings
        self._read = read
        self.number = 0
        self.now = -inf
        self.memo: dict[str, Any] = {}
        self.controllers = controllers
        self.objects: Tables[str, View] = Tables()
        self.nodes: dict[str, Node] = {}
        self.on_node: Tables[str, Pod] = Tables()
        self.orphans: Tables[str, Pod] = Tables()
        self.events = EventBook()
        self._owned: Tables[tuple[str, str], View] = Tables()
        self._deadlines: list[tuple[float, str, Any]] = []
        self._takers: dict[str, tuple[Controller, ...]] = {}

    # -- changes come in ---------------------------------------------------------------------

    def apply(self, change: Change) -> None:
        """Take one change into account, whoever made it. Order within an object matters."""
        if change.kind == "Event":
            self.events.take(change)
            return
        key, kind = change.key, change.kind
        before = self.objects.of(kind).get(key)
        if change.verb is Verb.DELETED:
            self._put(key, before, None)
        else:
            self._put(key, before, self._read(kind, change.manifest, change.timers, before))

    def put(self, key: Key, after: View | None) -> None:
        """Take an object as it was read, or that it is gone, into account."""
        self._put(key, self.objects.of(key[0]).get(key), after)

    def _put(self, key: Key, before: View | None, after: View | None) -> None:
        kind = key[0]
        if after is None:
            self.objects.drop(kind, key)
        else:
            self.objects.put(kind, key, after)
        update = Update(key, before, after)
        self._index_owners(update)
        if kind == Pod.KIND:
            self._index_pod(update)
        elif kind == Node.KIND:
            self._index_node(update)
        else:
            self.memo.clear()
        for controller in self._takers.get(kind) or self._takers_of(kind):
            controller.take(self, update)
        if kind not in {Pod.KIND, Node.KIND}:
            self._takers.clear()

    def _takers_of(self, kind: str) -> tuple[Controller, ...]:
        takers = self._takers[kind] = tuple(
            one
            for one in self.controllers
            if (one.kinds is ALL_KINDS or kind in one.kinds) and one.heeds(kind)
        )
        return takers

    def _index_owners(self, update: Update) -> None:
        key, before, after = update.key, update.before, update.after
        refs = references(after) if after else []
        refs_before = references(before) if before else []
        if refs_before and refs_before is not refs:
            kept = {ref["uid"] for ref in refs}
            for ref in refs_before:
                if ref["uid"] not in kept:
                    self._owned.drop((ref["uid"], key[0]), key)
        if after:
            for ref in refs:
                self._owned.put((ref["uid"], key[0]), key, after)

    def _index_node(self, update: Update) -> None:
        name = update.key[2]
        if isinstance(update.after, Node):
            self.nodes[name] = update.after
        else:
            self.nodes.pop(name, None)

    def _index_pod(self, update: Update) -> None:
        before = update.before if isinstance(update.before, Pod) else None
        after = update.after if isinstance(update.after, Pod) else None
        there = after.node if after and after.bound else ""
        if before and before.bound and before.node != there:
            self.on_node.drop(before.node, update.key)
        if after and there:
            self.on_node.put(there, update.key, after)
        if after and not after.owner:
            self.orphans.put(after.namespace, update.key, after)
        elif before and not before.owner:
            self.orphans.drop(before.namespace, update.key)

    # -- time --------------------------------------------------------------------------------

    def schedule(self, at: float, controller: str, item: Any) -> None:  # noqa: ANN401 -- see enqueue
        """Put ``item`` into a controller's queue at cluster time ``at``."""
        heapq.heappush(self._deadlines, (at, controller, item))

    def pop_due(self, now: float) -> None:
        """Queue everything that is due at cluster time ``now``."""
        self.now = now
        row = {controller.name: controller for controller in self.controllers}
        while self._deadlines and self._deadlines[0][0] <= now:
            _, name, item = heapq.heappop(self._deadlines)
            row[name].enqueue(item)

    def due(self, now: float) -> float | None:
        """Return the cluster time at which a pass has something to look at: ``now``, later, or None."""
        if any(controller.is_busy() for controller in self.controllers):
            return now
        row = {controller.name: controller for controller in self.controllers}
        while self._deadlines:
            at, name, item = self._deadlines[0]
            if row[name].awaits(self, at, item):
                return max(now, at)
            heapq.heappop(self._deadlines)
        return None

    # -- questions ---------------------------------------------------------------------------

    @property
    def pods(self) -> Mapping[Key, Pod]:
        """All pods."""
        return cast("Mapping[Key, Pod]", self.objects.of(Pod.KIND))

    def all_of(self, view: type[V]) -> Mapping[Key, V]:
        """Return all objects of a kind that has a view of its own."""
        return cast("Mapping[Key, V]", self.objects.of(view.KIND))

    def find(self, kind: str, namespace: str, name: str) -> View | None:
        """Return one object, or None."""
        return self.objects.of(kind).get((kind, namespace, name))

    def is_leaving(self, namespace: str) -> bool:
        """Whether a namespace is on its way out, so that nothing can be created in it."""
        leaving: frozenset[str] | None = self.memo.get(LEAVING)
        if leaving is None:
            standing = self.objects.of(NAMESPACE).items()
            leaving = self.memo[LEAVING] = frozenset(key[2] for key, one in standing if is_being_deleted(one))
        return namespace in leaving

    def dependants(self, uid: str) -> list[View]:
        """Return what names the object ``uid`` as an owner, by kind, namespace and name."""
        found = {key: view for kind in self.objects for key, view in self._owned.of((uid, kind)).items()}
        return [found[key] for key in sorted(found)]

    def owned(self, uid: str, view: type[V]) -> Mapping[Key, V]:
        """Return the dependants of one kind."""
        return cast("Mapping[Key, V]", self._owned.of((uid, view.KIND)))

    def owned_by_uid(self) -> Mapping[tuple[str, str], Mapping[Key, View]]:
        """Return all dependants, by the uid of their owner and their kind."""
        return self._owned

    def controller(self, kind: type[C]) -> C:
        """Return the controller of a class. Raises LookupError if the row has none."""
        for one in self.controllers:
            if isinstance(one, kind):
                return one
        raise LookupError(f"this world has no {kind.name}")

    def fork(self, *more: Controller) -> World:
        """Return a twin that shares all objects with this world and can be changed by itself.

        Its row has ``more`` controllers at its end.
        """
        row = (*(controller.fork() for controller in self.controllers), *more)
        twin = World(self.settings, row, self._read)
        twin.number, twin.now = self.number, self.now
        twin.objects, twin.on_node = self.objects.fork(), self.on_node.fork()
        twin.orphans = self.orphans.fork()
        twin.nodes, twin.events = self.nodes.copy(), self.events.fork()
        twin._owned = self._owned.fork()
        twin._deadlines = self._deadlines.copy()
        return twin


class Turn:
    """One pass while it is being decided: a world, an instant and a source of names.

    Changes are applied as soon as they are decided, so that each controller sees what those before it
    did.
    """

    def __init__(self, world: World, now: Moment, names: Names) -> None:
        self.world = world
        self.now = now
        self.names = names
        self.changes: list[Change] = []
        self.lines: list[Line] = []

    def decide(self, change: Change, *more: Change, reading: View | None = None) -> None:
        """Make a change, and ``more`` of the same object: nobody can come between them.

        Each of them is told. The world takes but the last into account: that costs as much as all the rest.
        ``reading`` is the object after it, if whoever decided has read it already.
        """
        last = self._made(change)
        for each in more:
            last = self._made(each, last.manifest)
        if reading and reading.manifest is last.manifest:
            self.world.put(last.key, reading)
        else:
            self.world.apply(last)

    def _made(self, change: Change, before: Manifest | None = None) -> Change:
        """Note and return one change of an object that was ``before``, or as the world has it."""
        if change.verb is Verb.MODIFIED and "managedFields" in change.manifest["metadata"]:
            change = self._owned(change, before or self.world.objects[change.kind][change.key].manifest)
        self.changes.append(change)
        if len(self.lines) < LINES:  # to word one costs as much as to decide something small
            meta = change.manifest["metadata"]
            where = f"{meta['namespace']}/{meta['name']}" if "namespace" in meta else meta["name"]
            self.note(change.actor, f"{change.kind} {where}", DONE[change.verb], reason=change.reason)
        return change

    def _owned(self, change: Change, before: Manifest) -> Change:
        """Let a status that a controller wrote belong to it, where the fields of an object have owners."""
        if change.manifest.get("status") == before.get("status"):
            return change
        name = STATUS_MANAGERS.get(change.kind, CONTROLLER_MANAGER)
        by = Manager(name, UPDATE, KINDS[change.kind].api_version, "status", self.now.stamp)
        return replace(change, manifest=after_status(change.kind, before, change.manifest, by))

    def note(self, actor: str, about: str, seen: Seen, **facts: str | int) -> None:
        """Note what a controller saw or decided."""
        if len(self.lines) < LINES:
            self.lines.append(Line(actor, about, seen, facts))

    def tell(self, kind: str, about: Manifest, source: str, event: tuple[str, str, str]) -> None:
        """Write a Kubernetes event: (type, reason, message). A namespace that goes takes in no more."""
        if self.world.is_leaving(about["metadata"].get("namespace", "")):
            return
        self.world.events.tell(kind, about, Telling(source, *event), self.now, self.names)
