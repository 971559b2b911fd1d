"""A cluster in a dictionary: requests go in, what they decide is kept with its numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from controller.engine.admission.reading import FieldValidation
from controller.engine.changes import Change, Verb
from controller.engine.edits.decide import Request, decide
from controller.engine.edits.draft import Client, Context, Decision
from controller.engine.edits.objects import Create, CreateAll
from controller.engine.edits.reading import Found
from controller.engine.objects import Key, Manifest, Moment, Timers, owner_uid
from controller.engine.settings import Settings
from tests.engine.play import SeededNames

NOW = Moment(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), 100.0)
SETTINGS = Settings(start_delay=1, stop_delay=2, node_grace=40)
STRICT = Client("kubectl", "kubectl", FieldValidation.STRICT)
KUBECTL = Client("kubectl", "kubectl", FieldValidation.WARN)


@dataclass(frozen=True)
class Kept:
    """An object of the ledger."""

    key: Key
    manifest: Manifest
    timers: Timers


class Ledger:
    """What ``controller.engine.edits.reading.Objects`` asks for, and a way to commit."""

    def __init__(self) -> None:
        self.objects: dict[Key, Kept] = {}
        self.history: list[Change] = []
        self.names_ = SeededNames()

    def find(self, kind: str, namespace: str, name: str) -> Kept | None:
        return self.objects.get((kind, namespace, name))

    def names(self, kind: str) -> Iterable[str]:
        return [key[2] for key in self.objects if key[0] == kind]

    def of_kind(self, kind: str) -> Iterable[Found]:
        return [kept for key, kept in self.objects.items() if key[0] == kind]

    def in_namespace(self, namespace: str) -> Iterable[Found]:
        return [kept for key, kept in self.objects.items() if key[1] == namespace]

    def bound_to(self, nodes: Collection[str]) -> Iterable[Found]:
        pods = (kept for key, kept in self.objects.items() if key[0] == "Pod")
        return [one for one in pods if one.manifest["spec"].get("nodeName") in nodes]

    def revisions(self, owner: str) -> Iterable[Manifest]:
        kept = (one.manifest for key, one in self.objects.items() if key[0] == "ControllerRevision")
        return [one for one in kept if owner_uid(one["metadata"]) == owner]

    def at(self, key: Key, version: str) -> Manifest | None:
        return next(
            (one.manifest for one in self.history if one.key == key and _version(one) == version), None
        )

    def decide(self, request: Request, client: Client | None = None) -> Decision:
        """Return what a request comes to."""
        return decide(self, request, Context(NOW, self.names_, SETTINGS, "ada", client or Client()))

    def do(self, request: Request, client: Client | None = None) -> Decision:
        """Carry out a request."""
        decision = self.decide(request, client)
        for change in decision.changes:
            self.put(change)
        return decision

    def put(self, change: Change) -> None:
        """Take one change, whoever made it."""
        meta = {**change.manifest["metadata"], "resourceVersion": str(len(self.history) + 1)}
        numbered = replace(change, manifest={**change.manifest, "metadata": meta})
        self.history.append(numbered)
        self.objects.pop(change.key, None)
        if change.verb is not Verb.DELETED:
            self.objects[change.key] = Kept(change.key, numbered.manifest, change.timers)

    def write(self, kind: str, manifest: Manifest, **timers: float) -> str:
        """Let a controller write an object as it is then; return its resourceVersion."""
        self.put(Change(Verb.MODIFIED, kind, manifest, "a-controller", "a test", timers))
        return str(len(self.history))

    def manifest(self, key: Key) -> Manifest:
        """Return an object that must be there."""
        return self.objects[key].manifest

    def version(self, key: Key) -> str:
        """Return the resourceVersion of an object."""
        return str(self.manifest(key)["metadata"]["resourceVersion"])


def _version(change: Change) -> str:
    return str(change.manifest["metadata"]["resourceVersion"])


SET: Key = ("DaemonSet", "default", "agent")
NODE: Key = ("Node", "", "plain")


def agent(image: str = "agent:1") -> Manifest:
    """Return the set ``SET`` as a person writes it."""
    labels = {"app": "agent"}
    spec = {
        "containers": [{"name": "main", "image": image}],
        "initContainers": [{"name": "first", "image": "a:1"}],
    }
    return {
        "metadata": {"name": "agent", "namespace": "default"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def ledger() -> Ledger:
    """Return a cluster with a namespace, a node and a set."""
    made = Ledger()
    made.do(CreateAll([("Namespace", {"metadata": {"name": "default"}})]))
    made.do(Create("Node", {"metadata": {"name": "plain", "labels": {"disk": "hdd"}}}))
    made.do(Create("DaemonSet", agent()))
    return made
