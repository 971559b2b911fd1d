"""The garbage collector: dependants of owners that are gone, and the three ways to delete an owner.

Background: the owner goes at once and its dependants after it, level by level. Foreground: the owner
waits, with a finalizer, until no dependant that blocks its deletion is left. Orphan: the references
are taken out of the dependants, then the owner goes. It looks at objects of every kind; an owner of a
kind that no door serves, or that no mirror knows all of, cannot be missed.
"""

from __future__ import annotations

from typing import NamedTuple, Self

from controller.engine.changes import Change, Verb
from controller.engine.deletion import (
    FOREGROUND,
    ORPHAN,
    delete_object,
    delete_pod,
    is_being_deleted,
    without_finalizer,
)
from controller.engine.kinds import KINDS
from controller.engine.mirrored import WHOLE
from controller.engine.objects import Key, Manifest, Pod, View, references
from controller.engine.reasons import Reason
from controller.engine.world import ALL_KINDS, Controller, Turn, Update, World


class Owner(NamedTuple):
    """An object that a reference names. Its namespace is that of the dependant, or "" for its kind."""

    key: Key
    uid: str


class GarbageCollector(Controller):
    """Queues objects that are being deleted or whose owners may be gone; ``owners`` are to be looked for."""

    name = "garbage-collector"
    kinds = ALL_KINDS

    def __init__(self) -> None:
        super().__init__()
        self.queue: set[Key] = set()
        self.owners: set[Owner] = set()

    def is_busy(self) -> bool:
        """Whether the next pass would find something to do."""
        return bool(self.queue or self.owners)

    def take(self, world: World, update: Update) -> None:
        """Note whose owners have to be looked for, and what is being deleted."""
        before, after = update.before, update.after
        if before and update.replaced:
            self._note_gone(world, before)
        if after is None:
            return
        named = references(after)
        if named and (before is None or ((then := references(before)) is not named and then != named)):
            self.owners.update(found for ref in named if (found := owner_of(world, ref, update.key)))
        if is_being_deleted(after):
            self.queue.add(update.key)

    def _note_gone(self, world: World, gone: View) -> None:
        self.owners.add(Owner(gone.key, gone.uid))
        for ref in references(gone):
            owner = owner_of(world, ref, gone.key)
            if owner and (standing := find(world, owner)) and is_being_deleted(standing):
                self.queue.add(owner.key)

    def sync(self, turn: Turn) -> None:
        """Look for the queued owners, then at the objects that this or a deletion concerns."""
        world = turn.world
        for owner in sorted(self.owners):
            standing = find(world, owner)
            if standing is None or waits_for_dependants(standing):
                self.queue.update(dependant.key for dependant in world.dependants(owner.uid))
        self.owners.clear()
        for key in self.drain():
            view = world.find(*key)
            if view is None:
                continue
            if is_being_deleted(view):
                _go_on_deleting(turn, view)
            else:
                _look_for_owners(turn, view)


class Owners(NamedTuple):
    """The owners of an object by what became of them: there, gone, or waiting for their dependants."""

    solid: list[str]
    dangling: list[str]
    waiting: list[str]

    @classmethod
    def of(cls, world: World, view: View) -> Self:
        """Look for every owner of an object."""
        found = cls([], [], [])
        for ref in references(view):
            owner = owner_of(world, ref, view.key)
            standing = find(world, owner) if owner else None
            if owner and standing is None:
                found.dangling.append(ref["uid"])
            elif standing and waits_for_dependants(standing):
                found.waiting.append(ref["uid"])
            else:
                found.solid.append(ref["uid"])
        return found


def owner_of(world: World, ref: Manifest, dependant: Key) -> Owner | None:
    """Return whom a reference names, or None if nobody can know whether that is there."""
    kind, namespace = KINDS.get(ref["kind"]), dependant[1]
    group = ref["apiVersion"].rpartition("/")[0]
    if kind is None or group != kind.group or (kind.namespaced and not namespace):
        return None
    if world.settings.mirrored and kind.name not in WHOLE:
        return None
    return Owner((kind.name, namespace if kind.namespaced else "", ref["name"]), ref["uid"])


def find(world: World, owner: Owner) -> View | None:
    """Return an owner, if it is there under this uid."""
    standing = world.find(*owner.key)
    return standing if standing and standing.uid == owner.uid else None


def waits_for_dependants(view: View) -> bool:
    """Whether an object is being deleted in the foreground."""
    meta = view.manifest["metadata"]
    return is_being_deleted(view) and FOREGROUND in (meta.get("finalizers") or ())


def _look_for_owners(turn: Turn, view: View) -> None:
    """Delete an object whose owners are all gone or going; forget those of several that are."""
    owners = Owners.of(turn.world, view)
    lost = [*owners.dangling, *owners.waiting]
    if not lost:
        return
    if owners.solid:
        _drop_references(turn, view, lost, Reason.OTHER_OWNER)
        return
    if not owners.waiting:
        _delete(turn, view, Reason.OWNER_GONE)
    elif turn.world.dependants(view.uid):
        _unblock(turn, view)
        _delete(turn, turn.world.objects[view.key[0]][view.key], Reason.OWNER_DELETED, FOREGROUND)
    else:
        _delete(turn, view, Reason.OWNER_DELETED)


def _unblock(turn: Turn, view: View) -> None:
    """Let an object no longer hold up its owners if it owns one of those that wait for it: a circle."""
    if any(waits_for_dependants(dependant) for dependant in turn.world.dependants(view.uid)):
        refs = [{**ref, "blockOwnerDeletion": False} for ref in references(view)]
        _write_references(turn, view, refs, Reason.WAITS_FOR_DEPENDANT)


def _go_on_deleting(turn: Turn, view: View) -> None:
    """Carry out the finalizer that a deletion set, or finish one that nothing holds."""
    finalizers = view.manifest["metadata"].get("finalizers") or ()
    if ORPHAN in finalizers:
        for dependant in turn.world.dependants(view.uid):
            _drop_references(turn, dependant, [view.uid], Reason.ORPHANED)
        _finish(turn, view, ORPHAN, Reason.DEPENDANTS_ORPHANED)
    elif FOREGROUND in finalizers:
        for dependant in turn.world.dependants(view.uid):
            if not is_being_deleted(dependant):
                _look_for_owners(turn, dependant)
        if not any(_blocks(dependant, view.uid) for dependant in turn.world.dependants(view.uid)):
            _finish(turn, view, FOREGROUND, Reason.DEPENDANTS_GONE)
    elif not finalizers and not _is_stopped_by_others(view):
        turn.decide(
            Change(Verb.DELETED, view.key[0], view.manifest, GarbageCollector.name, Reason.NOTHING_HOLDS)
        )


def _is_stopped_by_others(view: View) -> bool:
    """Whether a kubelet, or whoever empties a namespace, has still to let go of an object."""
    if isinstance(view, Pod):
        return view.bound and not view.finished
    return bool((view.manifest.get("spec") or {}).get("finalizers"))


def _blocks(dependant: View, uid: str) -> bool:
    return any(ref["uid"] == uid and ref.get("blockOwnerDeletion") for ref in references(dependant))


def _finish(turn: Turn, view: View, finalizer: str, reason: Reason) -> None:
    turn.decide(without_finalizer(view, finalizer, actor=GarbageCollector.name, reason=reason))


def _delete(turn: Turn, view: View, reason: Reason, finalizer: str = "") -> None:
    actor, now = GarbageCollector.name, turn.now
    if isinstance(view, Pod) and not finalizer:
        turn.decide(delete_pod(view, now, turn.world.settings, actor=actor, reason=reason))
    else:
        turn.decide(delete_object(view, now, actor=actor, reason=reason, finalizer=finalizer))


def _drop_references(turn: Turn, view: View, uids: list[str], reason: Reason) -> None:
    kept = [ref for ref in references(view) if ref["uid"] not in uids]
    _write_references(turn, view, kept, reason)


def _write_references(turn: Turn, view: View, refs: list[Manifest], reason: Reason) -> None:
    meta = {key: value for key, value in view.manifest["metadata"].items() if key != "ownerReferences"}
    manifest = {**view.manifest, "metadata": {**meta, "ownerReferences": refs} if refs else meta}
    actor = GarbageCollector.name
    turn.decide(Change(Verb.MODIFIED, view.key[0], manifest, actor, reason, view.timers))
