"""One pass while it is being decided: what it may use, and where it puts its decisions."""

from __future__ import annotations

from controller.engine.changes import Change
from controller.engine.cluster.eventbook import Telling
from controller.engine.objects import Manifest, Moment
from controller.engine.outcome import Line, Names
from controller.engine.world import World

BURST = 250
"""The most creations, and the most deletions, of one set in one pass (Kubernetes' burstReplicas)."""


class Turn:
    """A world, an instant and a source of names; changes are applied as soon as they are decided."""

    def __init__(self, world: World, now: Moment, names: Names) -> None:
        self.world = world
        self.now = now
        self.names = names
        self.changes: list[Change] = []
        self.lines: list[Line] = []

    def decide(self, change: Change) -> None:
        """Make one change."""
        self.changes.append(change)
        self.world.apply(change)
        meta = change.manifest["metadata"]
        where = f"{meta['namespace']}/{meta['name']}" if "namespace" in meta else meta["name"]
        verb = {"ADDED": "created", "MODIFIED": "changed", "DELETED": "deleted"}[change.verb]
        self.say(change.actor, f"{change.kind} {where}", f"{verb}: {change.reason}")

    def say(self, actor: str, about: str, text: str) -> None:
        """Tell what a controller saw or decided."""
        self.lines.append(Line(actor, about, text))

    def tell(self, kind: str, about: Manifest, source: str, event: tuple[str, str, str]) -> None:
        """Write a Kubernetes event: (type, reason, message)."""
        self.world.events.tell(kind, about, Telling(source, *event), self.now, self.names)
