"""Pods: the lists that people page through, and one pod with all that it says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from controller import models
from controller.engine.objects import Manifest
from controller.queries.events import EventLine, events
from controller.queries.podlines import (
    Condition,
    ContainerLine,
    PodLine,
    conditions,
    container_line,
    pod_line,
)
from controller.queries.source import Page, cluster_of, found, paged
from controller.store.rows import Stored

PAGE = 50


@dataclass(frozen=True, slots=True)
class PodDetail:
    """One pod. ``waits_for`` is why it is not on its node yet, in the scheduler's words, or ""."""

    pod: PodLine
    labels: dict[str, str]
    annotations: dict[str, str]
    conditions: tuple[Condition, ...]
    containers: tuple[ContainerLine, ...]
    tolerations: tuple[Manifest, ...]
    address: str
    message: str
    waits_for: str
    events: tuple[EventLine, ...]
    manifest: Manifest


def pods(
    *,
    cluster: int,
    node: str = "",
    owner: str = "",
    text: str = "",
    unready: bool = False,
    page: int = 1,
    size: int = PAGE,
) -> Page[PodLine]:
    """Return pods by namespace and name: of one node, of one owner (a uid), or of all. Raises NotFound.

    ``text`` keeps those in whose name or node it occurs, ``unready`` those that are not Ready.
    """
    rows = models.Pod.objects.filter(cluster=cluster_of(cluster))
    if node:
        rows = rows.filter(node=node)
    if owner:
        rows = rows.filter(owner=owner)
    if text := text.strip():
        rows = rows.filter(Q(name__icontains=text) | Q(node__icontains=text))
    if unready:
        rows = rows.filter(ready=False)
    manifests = rows.order_by("namespace", "name").values_list("manifest", flat=True)
    return paged(manifests, pod_line, page, size)


def pod(*, cluster: int, namespace: str, name: str) -> PodDetail:
    """Return one pod. Raises NotFound."""
    return _detail(cluster, found(cluster, "Pod", namespace, name))


def waits_for(cluster: int, line: PodLine) -> str:
    """Return what the scheduler last said of a pod that it could not place, or ""."""
    if line.bound or line.terminating:
        return ""
    about = models.Event.objects.filter(cluster=cluster, involved=line.uid, reason="FailedScheduling")
    said = about.order_by("-last", "-version").values_list("manifest", flat=True).first()
    return str(said["message"]) if said else ""


def _detail(cluster: int, stored: Stored) -> PodDetail:
    manifest = stored.manifest
    line, meta, status = pod_line(manifest), manifest["metadata"], manifest.get("status") or {}
    told = {each["name"]: each for each in status.get("containerStatuses") or ()}
    return PodDetail(
        pod=line,
        labels=meta.get("labels") or {},
        annotations=meta.get("annotations") or {},
        conditions=conditions(status),
        containers=tuple(
            container_line(each, told.get(each["name"]) or {}) for each in manifest["spec"]["containers"]
        ),
        tolerations=tuple(manifest["spec"].get("tolerations") or ()),
        address=status.get("podIP") or "",
        message=status.get("message") or "",
        waits_for=waits_for(cluster, line),
        events=events(cluster=cluster, uid=line.uid).items,
        manifest=manifest,
    )
