"""Pods: the lists that people page through, and one pod with all that it says of itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest, Pod
from controller.queries.events import EventLine, events
from controller.queries.podlines import (
    Condition,
    ContainerLine,
    PodLine,
    conditions,
    container_line,
    pod_line,
)
from controller.queries.source import Page, paged
from controller.store.log_reader import Place
from controller.store.views import ClusterView, EventFilter

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
    view: ClusterView,
    *,
    owner: str = "",
    among: Iterable[Pod] | None = None,
    text: str = "",
    unready: bool = False,
    page: int = 1,
    size: int = PAGE,
) -> Page[PodLine]:
    """Return pods by namespace and name: ``among`` some, of one owner (a uid), or of all.

    ``text`` keeps those in whose name or node it occurs, ``unready`` those that are not Ready.
    """
    word = text.strip().lower()
    if among is None:
        among = (view.world.owned(owner, Pod) if owner else view.world.pods).values()
    places = sorted(
        pod.key[1:]
        for pod in among
        if not (unready and pod.ready) and (word in pod.name.lower() or word in pod.node.lower())
    )
    shown = paged(places, lambda place: place, page, size)
    lines = tuple(pod_line(manifest) for manifest in view.pods(shown.items).values())
    return Page(lines, shown.total, shown.page, shown.pages)


def places_on(view: ClusterView, node: str) -> list[Place]:
    """Return the pods that are bound to a node or shall run there, by namespace and name."""
    bound = [pod.key[1:] for pod in view.world.on_node.get(node, {}).values()]
    waiting = [
        pod.key[1:]
        for coverage in coverages(view.world).values()
        for pod in coverage.pods.get(node, ())
        if not pod.bound
    ]
    return sorted({*bound, *waiting})


def pod(view: ClusterView, *, namespace: str, name: str) -> PodDetail:
    """Return one pod. Raises NotFound."""
    place = (namespace, name)
    found = view.pods([place])
    if not found:
        raise NotFound(KINDS["Pod"].resource, name)
    return _detail(view, found[place])


def waits_for(view: ClusterView, line: PodLine) -> str:
    """Return what the scheduler last said of a pod that it could not place, or ""."""
    if line.bound or line.terminating:
        return ""
    told = (one for one in view.events(EventFilter(uid=line.uid)) if one["reason"] == "FailedScheduling")
    return next((str(one["message"]) for one in told), "")


def _detail(view: ClusterView, manifest: Manifest) -> PodDetail:
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
        waits_for=waits_for(view, line),
        events=events(view, EventFilter(uid=line.uid)).items,
        manifest=manifest,
    )
