"""Edits of a world: what would come of it if somebody did this.

The same requests that services commit, decided for a world in memory. The world stays as it is; what
was asked happens to a fork of it, which passes can go on from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from controller.engine.edits.decide import Request, decide
from controller.engine.edits.draft import Context, Decision
from controller.engine.edits.reading import Found
from controller.engine.objects import Key, Manifest, Revision, owner_uid
from controller.engine.views import view_of
from controller.engine.world import Controller, World

EVENT = "Event"

Past = Callable[[Key, str], Manifest | None]
"""Finds an object as it was at a resourceVersion; None if that is no longer known."""


def forgotten(_key: Key, _version: str) -> Manifest | None:
    """Return None: to whom no past is known, an object that is not as somebody saw it is stale."""
    return None


@dataclass(frozen=True, slots=True)
class WorldObjects:
    """The objects of a world, as edits read them; it knows no past itself."""

    world: World
    past: Past = forgotten

    def find(self, kind: str, namespace: str, name: str) -> Found | None:
        """Return an object, or None."""
        if kind == EVENT:
            return next((one for one in self._events() if one.key == (kind, namespace, name)), None)
        return self.world.find(kind, namespace, name)

    def names(self, kind: str) -> Iterable[str]:
        """Return the names of all objects of a kind that has no namespace."""
        return [name for _, _, name in self.world.objects.of(kind)]

    def of_kind(self, kind: str) -> Iterable[Found]:
        """Return all objects of a kind."""
        return self.world.objects.of(kind).values()

    def in_namespace(self, namespace: str) -> Iterable[Found]:
        """Return all objects in a namespace."""
        every = (view for objects in self.world.objects.values() for view in objects.values())
        return [one for one in (*every, *self._events()) if one.key[1] == namespace]

    def bound_to(self, nodes: Collection[str]) -> Iterable[Found]:
        """Return the pods that run, or shall run, on any of these nodes."""
        return [pod for name in nodes for pod in self.world.on_node.of(name).values()]

    def revisions(self, owner: str) -> Iterable[Manifest]:
        """Return the ControllerRevisions that the object with the uid ``owner`` controls."""
        owned = (revision.manifest for revision in self.world.owned(owner, Revision).values())
        return [manifest for manifest in owned if owner_uid(manifest["metadata"]) == owner]

    def at(self, key: Key, version: str) -> Manifest | None:
        """Return an object as it was at a resourceVersion, or None if that is not known."""
        return self.past(key, version)

    def _events(self) -> Iterator[Found]:
        return (view_of(EVENT, manifest, {}) for manifest in self.world.events.all())


def what_if(
    world: World, request: Request, context: Context, *more: Controller, past: Past = forgotten
) -> tuple[World, Decision]:
    """Return a fork of a world in which a request was carried out, and what that came to. Raises Refused.

    The fork has ``more`` controllers, which see the request carried out.
    """
    decision = decide(WorldObjects(world, past), request, context)
    fork = world.fork(*more)
    for change in decision.changes:
        fork.apply(change)
    return fork, decision
