"""What controllers of pods beside the DaemonSet's have in common: whom to look at again, and when.

A workload is looked at when it, one of its pods, a pod that nobody owns and that it selects, or the
account of its pods changed. A subclass says what it does with one of them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import cast

from controller.engine.changes import Change, Verb
from controller.engine.controllers.podcontrol import ACCOUNT, ALLOWANCES, RETRY
from controller.engine.matching.labels import matches
from controller.engine.objects import Key, Manifest, Pod, Timers, View
from controller.engine.reasons import Reason
from controller.engine.views import Workload
from controller.engine.workloads.availability import available_from
from controller.engine.world import Controller, Turn, Update, World

Written = tuple[Manifest, Manifest]


class WorkloadController(Controller):
    """Queues keys of workloads. ``sets`` has the key of each by its uid, ``seen`` those of this pass.

    ``held_up`` are those that were refused something, and wait for room. Its ``kinds`` are pods, their
    accounts, what namespaces allow, and one kind of workload.
    """

    def __init__(self) -> None:
        super().__init__()
        self.queue: set[Key] = set()
        self.sets: dict[str, Key] = {}
        self.seen: set[Key] = set()
        self.held_up: set[Key] = set()

    def heeds(self, kind: str) -> bool:
        """Whether there are workloads whose pods may have changed."""
        return kind != Pod.KIND or bool(self.sets)

    def take(self, world: World, update: Update) -> None:
        """Queue the workloads that the change may concern."""
        kind = update.key[0]
        if kind == Pod.KIND:
            self._take_pod(world, update)
        elif kind == ACCOUNT:
            self.queue.update(each.key for each in self._in_namespace(world, update.key[1]))
        elif kind in ALLOWANCES:
            self._take_allowance(update)
        else:
            self._take_owner(update)

    def _take_allowance(self, update: Update) -> None:
        """Queue the workloads of a namespace that wait for room: there may be more of it now."""
        self.queue.update(key for key in self.held_up if key[1] == update.key[1])

    def try_later(self, turn: Turn, owner: Workload) -> None:
        """Look at a workload that was refused something again when there is room, or after a while."""
        self.held_up.add(owner.key)
        turn.world.schedule(turn.now.cluster + RETRY, self.name, owner.key)

    def _take_owner(self, update: Update) -> None:
        before, after = update.before, update.after
        if before and update.replaced:
            self.sets.pop(before.uid, None)
            self.queue.discard(update.key)
        if after:
            self.sets[after.uid] = update.key
            if before is None or written(before.manifest) != written(after.manifest):
                self.queue.add(update.key)

    def _take_pod(self, world: World, update: Update) -> None:
        if not self.sets:
            return
        for pod in (update.before, update.after):
            if isinstance(pod, Pod) and pod.owner in self.sets:
                self.queue.add(self.sets[pod.owner])
        after = update.after
        if isinstance(after, Pod) and not after.owner:
            near = self._in_namespace(world, after.namespace)
            self.queue.update(each.key for each in near if matches(each.selector, after.labels))

    def _in_namespace(self, world: World, namespace: str) -> Iterator[Workload]:
        return (_workload(world, key) for key in self.sets.values() if key[1] == namespace)

    def sync(self, turn: Turn) -> None:
        """Look at every queued workload."""
        drained = self.drain()
        self.held_up.difference_update(drained)
        self.seen = {key for key in drained if key in turn.world.objects.of(key[0])}
        for view in self._seen(turn):
            self.sync_one(turn, view)

    @abstractmethod
    def sync_one(self, turn: Turn, owner: Workload) -> None:
        """Do what is to be done for one workload."""

    def look_again(self, turn: Turn, owner: Workload, pods: Iterable[Pod]) -> None:
        """Come back when the next of its pods becomes available: nothing else tells of it."""
        moments = (available_from(pod, owner.min_ready_seconds) for pod in pods if pod.ready)
        later = [at for at in moments if at > turn.now.cluster]
        if later:
            turn.world.schedule(min(later), self.name, owner.key)

    def report(self, turn: Turn) -> None:
        """Write the status of every workload that was looked at, where it differs from what stands."""
        for view in self._seen(turn):
            status = self.status_of(turn, view)
            if status != view.manifest.get("status"):
                write_status(turn, view, status, self.name, self.timers_of(turn, view))
        self.seen = set()

    @abstractmethod
    def status_of(self, turn: Turn, owner: Workload) -> Manifest:
        """Return the status of a workload as things stand."""

    def timers_of(self, _turn: Turn, owner: Workload) -> Timers:
        """Return the deadlines of a workload that are written with a new status."""
        return owner.timers

    def _seen(self, turn: Turn) -> Iterator[Workload]:
        return (_workload(turn.world, key) for key in sorted(self.seen))


def _workload(world: World, key: Key) -> Workload:
    return cast("Workload", world.objects[key[0]][key])


def written(manifest: Manifest) -> Written:
    """Return what people and controllers wrote into an object, without its status and version."""
    meta = manifest["metadata"]
    kept = {key: value for key, value in meta.items() if key not in {"resourceVersion", "managedFields"}}
    return kept, {key: value for key, value in manifest.items() if key not in {"metadata", "status"}}


def write_status(turn: Turn, view: View, status: Manifest, actor: str, timers: Timers) -> None:
    """Write the status of an object."""
    manifest = {**view.manifest, "status": status}
    turn.decide(Change(Verb.MODIFIED, view.key[0], manifest, actor, Reason.STATUS, timers))
