"""What the rules decide, as data: the one currency between engine, store, log and pages."""

from __future__ import annotations

from dataclasses import field

from controller.engine.objects import Key, Manifest, Timers
from controller.engine.values import Code, value


class Verb(Code):
    """What happened to an object, in the words of a Kubernetes watch."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@value(frozen=True, slots=True)
class Change:
    """One object as it is after the change (for DELETED: as it was last), who did it and why.

    ``manifest.metadata.resourceVersion`` is filled in by the store, which numbers the changes of a
    cluster from 1. ``reason`` is a code of ``reasons.py``, of an event the reason it tells. ``timers`` are
    the object's deadlines in cluster time (see the objects).
    """

    verb: Verb
    kind: str
    manifest: Manifest
    actor: str
    reason: str
    timers: Timers = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Return which object this is about."""
        meta = self.manifest["metadata"]
        return (self.kind, meta.get("namespace") or "", meta["name"])
