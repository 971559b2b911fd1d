"""What the controllers told of: events, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.objects import Manifest
from controller.queries.source import Page, paged
from controller.store.details import EventFilter as EventFilter  # noqa: PLC0414 - the site takes it from here
from controller.store.views import ClusterView

PAGE = 50
EVERY = EventFilter()


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event. ``kind``, ``about_namespace`` and ``about`` name the object that it is about.

    ``type`` is Normal or Warning; ``first`` and ``last`` are wall times as Kubernetes writes them.
    """

    type: str
    reason: str
    message: str
    source: str
    count: int
    first: str
    last: str
    kind: str
    about_namespace: str
    about: str
    about_uid: str


def events(
    view: ClusterView, wanted: EventFilter = EVERY, *, page: int = 1, size: int = PAGE
) -> Page[EventLine]:
    """Return events of a cluster, newest first."""
    return paged(view.events(wanted), event_line, page, size)


def event_line(manifest: Manifest) -> EventLine:
    """Return an Event as a line."""
    about = manifest["involvedObject"]
    first = manifest.get("firstTimestamp") or manifest["metadata"]["creationTimestamp"]
    return EventLine(
        type=manifest.get("type") or "",
        reason=manifest.get("reason") or "",
        message=manifest.get("message") or "",
        source=(manifest.get("source") or {}).get("component") or "",
        count=manifest.get("count") or 1,
        first=first,
        last=manifest.get("lastTimestamp") or first,
        kind=about.get("kind") or "",
        about_namespace=about.get("namespace") or "",
        about=about.get("name") or "",
        about_uid=about.get("uid") or "",
    )
