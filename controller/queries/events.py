"""What the controllers told of: events, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from controller import models
from controller.engine.objects import Manifest
from controller.queries.source import Page, cluster_of, paged

PAGE = 50


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
    *,
    cluster: int,
    uid: str = "",
    warnings: bool = False,
    namespace: str = "",
    page: int = 1,
    size: int = PAGE,
) -> Page[EventLine]:
    """Return events of a cluster, or those about the object with a uid. Raises NotFound.

    ``warnings`` leaves out the Normal ones; ``namespace`` keeps those of one namespace.
    """
    rows = models.Event.objects.filter(cluster=cluster_of(cluster))
    if uid:
        rows = rows.filter(involved=uid)
    if warnings:
        rows = rows.filter(type="Warning")
    if namespace:
        rows = rows.filter(namespace=namespace)
    newest = rows.order_by("-last", "-version").values_list("manifest", flat=True)
    return paged(newest, event_line, page, size)


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
