"""The namespace controller: what is in a namespace that somebody deleted goes, and at last the namespace."""

from __future__ import annotations

from controller.engine.changes import Change, Verb
from controller.engine.deletion import is_being_deleted
from controller.engine.kinds import KINDS
from controller.engine.namespaces import NAMESPACE, goings, with_conditions
from controller.engine.objects import View
from controller.engine.reasons import Reason
from controller.engine.world import ALL_KINDS, Controller, Turn, Update, World


class Namespaces(Controller):
    """Queues names of namespaces that go, whenever something in them changes."""

    name = "namespace-controller"
    kinds = ALL_KINDS

    def __init__(self) -> None:
        super().__init__()
        self.leaving: set[str] = set()

    def heeds(self, kind: str) -> bool:
        """Whether changes of a kind matter now: most do while a namespace goes."""
        return kind == NAMESPACE or bool(self.leaving)

    def take(self, world: World, update: Update) -> None:  # noqa: ARG002 -- the change says it all
        """Queue a namespace that goes, or out of which something went."""
        kind, namespace, name = update.key
        if kind == NAMESPACE:
            self.leaving.discard(name)
            if update.after and is_being_deleted(update.after):
                self.leaving.add(name)
                self.queue.add(name)
        elif namespace in self.leaving:
            self.queue.add(namespace)

    def sync(self, turn: Turn) -> None:
        """Delete what can go now; a namespace in which nothing is left goes too."""
        for name in self.drain():
            namespace = turn.world.find(NAMESPACE, "", name)
            if namespace is None or not is_being_deleted(namespace):
                continue
            content = _content(turn.world, name)
            for change in goings(content, turn.now, turn.world.settings, actor=self.name):
                turn.decide(change)
            self._tell(turn, namespace, _content(turn.world, name))

    def _tell(self, turn: Turn, namespace: View, left: list[View]) -> None:
        manifest = namespace.manifest
        if left:
            verb, manifest = Verb.MODIFIED, with_conditions(manifest, left, turn.now)
        elif manifest["metadata"].get("finalizers"):
            verb, manifest = Verb.MODIFIED, {**manifest, "spec": {}}
        else:
            verb = Verb.DELETED
        if verb is Verb.DELETED or manifest != namespace.manifest:
            turn.decide(Change(verb, NAMESPACE, manifest, self.name, Reason.NAMESPACE_DELETED))


def _content(world: World, namespace: str) -> list[View]:
    """Return what is in a namespace, by kind and name."""
    kinds = sorted(kind for kind, facts in KINDS.items() if facts.namespaced)
    return [
        world.objects[kind][key]
        for kind in kinds
        for key in sorted(key for key in world.objects.of(kind) if key[1] == namespace)
    ]
