"""What every cluster and every namespace holds by itself is made, and comes back when somebody deletes it.

In Kubernetes three controllers do that: for the default account, the root certificates and the Service
of the API server, which itself makes the PriorityClasses of the system.
"""

from __future__ import annotations

from controller.engine.admission.admit import admit_create
from controller.engine.builtin import SYSTEM_CLASSES, builtins_of
from controller.engine.changes import Change, Verb
from controller.engine.deletion import is_being_deleted
from controller.engine.reasons import Reason
from controller.engine.world import Controller, Turn, Update, World

OWN = (*builtins_of("default"), *SYSTEM_CLASSES)
NAMES = frozenset((one["kind"], one["metadata"]["name"]) for one in OWN)
EVERYWHERE = ""
"""What stands for the cluster in the queue of namespaces."""


class BuiltinObjects(Controller):
    """Queues names of namespaces: new ones, and those that lost something of their own; see EVERYWHERE."""

    name = "builtin-objects"
    kinds = frozenset({"Namespace", *(kind for kind, _name in NAMES)})

    def take(self, world: World, update: Update) -> None:  # noqa: ARG002 -- the change says it all
        """Queue a namespace that came, or one of whose own objects went."""
        kind, namespace, name = update.key
        if kind == "Namespace" and update.before is None:
            self.queue.update({name, EVERYWHERE})
        elif update.after is None and (kind, name) in NAMES:
            self.queue.add(namespace)

    def sync(self, turn: Turn) -> None:
        """Create what the queued namespaces lack, if they stand."""
        for namespace in self.drain():
            standing = turn.world.find("Namespace", "", namespace)
            if namespace != EVERYWHERE and (standing is None or is_being_deleted(standing)):
                continue
            for manifest in builtins_of(namespace) if namespace != EVERYWHERE else SYSTEM_CLASSES:
                kind, name = manifest["kind"], manifest["metadata"]["name"]
                if turn.world.find(kind, namespace, name) is None:
                    made = admit_create(kind, manifest, turn.now, turn.names.uid(), turn.names.suffix())
                    turn.decide(Change(Verb.ADDED, kind, made, self.name, Reason.BUILTIN))
