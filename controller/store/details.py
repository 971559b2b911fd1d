"""What a view does not hold of its cluster, and where that is read: whole pods, events, all of a kind.

A view asks for it as of its own number, whatever was written since.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import orjson
from django.db.models import QuerySet

from controller import models
from controller.engine.objects import Key, Manifest
from controller.store import log, log_reader, rows
from controller.store.log_reader import Place

R = TypeVar("R")
Listed = Sequence[R] | QuerySet[Any, R]
"""What a page is cut from: a list, or rows that are not read yet."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events: about the object with a ``uid``, ``warnings`` only, of one ``namespace``."""

    uid: str = ""
    warnings: bool = False
    namespace: str = ""

    def covers(self, manifest: Manifest) -> bool:
        """Whether an event is among them."""
        return (
            (not self.uid or manifest["involvedObject"].get("uid") == self.uid)
            and (not self.warnings or manifest.get("type") == "Warning")
            and (not self.namespace or manifest["metadata"]["namespace"] == self.namespace)
        )


class Details(Protocol):
    """What a view does not keep in memory, as of its number."""

    def pods(self, places: Collection[Place], number: int) -> dict[Place, Manifest]:
        """Return pods in full; those that are not there are left out."""

    def events(self, wanted: EventFilter) -> Listed[Manifest]:
        """Return events, newest first."""

    def every(self, kind: str, number: int) -> list[Manifest]:
        """Return all objects of a kind in full, by namespace and name. Raises Gone."""


@dataclass(frozen=True, slots=True)
class State:
    """All objects of a cluster in full, as of a number: for who reads many of them.

    The view that it is of need not be held meanwhile.
    """

    details: Details
    number: int

    def every(self, kind: str) -> list[Manifest]:
        """Return all objects of a kind, by namespace and name. Raises Gone: too far behind by now."""
        return self.details.every(kind, self.number)


@dataclass(frozen=True, slots=True)
class LoggedDetails:
    """Details of a cluster as it stands: from its log and its rows."""

    cluster: int

    def pods(self, places: Collection[Place], number: int) -> dict[Place, Manifest]:
        """Return pods as they stood at ``number``, whatever was written since."""
        found = log_reader.objects_at(self.cluster, "Pod", places, number) if places else {}
        return {place: orjson.loads(text) for place, text in found.items()}

    def events(self, wanted: EventFilter) -> Listed[Manifest]:
        """Return the events that are kept."""
        kept = models.Event.objects.filter(cluster=self.cluster)
        if wanted.uid:
            kept = kept.filter(involved=wanted.uid)
        if wanted.warnings:
            kept = kept.filter(type="Warning")
        if wanted.namespace:
            kept = kept.filter(namespace=wanted.namespace)
        return kept.order_by("-last", "-version").values_list("manifest", flat=True)

    def every(self, kind: str, number: int) -> list[Manifest]:
        """Return the objects of a kind as they stood at ``number``, whatever was written since."""
        standing = {one.key[1:]: one.manifest for one in rows.all_of(self.cluster, kind)}
        changed = log_reader.changed(self.cluster, kind, number, log.last(self.cluster))
        then = log_reader.objects_at(self.cluster, kind, changed, number)
        kept = {place: manifest for place, manifest in standing.items() if place not in changed}
        found = {**kept, **{place: orjson.loads(text) for place, text in then.items()}}
        return [found[place] for place in sorted(found)]


@dataclass(eq=False, slots=True)
class PastDetails:
    """Details of a cluster as it was at a ``number``: the log leads back to it from how things stand."""

    cluster: int
    number: int
    _events: list[Manifest] | None = field(default=None, init=False)

    def pods(self, places: Collection[Place], number: int) -> dict[Place, Manifest]:
        """Return pods as they stood."""
        return LoggedDetails(self.cluster).pods(places, number)

    def events(self, wanted: EventFilter) -> Sequence[Manifest]:
        """Return the events that were there."""
        if self._events is None:
            self._events = sorted(self.every("Event", self.number), key=_told, reverse=True)
        return [one for one in self._events if wanted.covers(one)]

    def every(self, kind: str, number: int) -> list[Manifest]:
        """Return the objects of a kind as they stood."""
        return LoggedDetails(self.cluster).every(kind, number)


@dataclass(frozen=True, slots=True)
class HeldDetails:
    """Details of a state that is in memory: of what would be."""

    objects: dict[Key, Manifest]

    def pods(self, places: Collection[Place], number: int) -> dict[Place, Manifest]:  # noqa: ARG002 - it has one number
        """Return pods of the state."""
        found = {place: self.objects.get(("Pod", *place)) for place in places}
        return {place: manifest for place, manifest in found.items() if manifest}

    def events(self, wanted: EventFilter) -> Sequence[Manifest]:
        """Return the events of the state."""
        events = [one for key, one in self.objects.items() if key[0] == "Event" and wanted.covers(one)]
        return sorted(events, key=_told, reverse=True)

    def every(self, kind: str, number: int) -> list[Manifest]:  # noqa: ARG002 - as above
        """Return the objects of a kind of the state."""
        return [self.objects[key] for key in sorted(self.objects) if key[0] == kind]


def _told(event: Manifest) -> tuple[str, int]:
    """Return when an event was last told, and the number of the change that did so."""
    meta = event["metadata"]
    return str(event.get("lastTimestamp") or meta["creationTimestamp"]), int(meta.get("resourceVersion") or 0)
