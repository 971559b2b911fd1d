"""Pods: the lists that people page through, and one pod with all that it says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.daemonset.cells import is_failing
from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest, Pod
from controller.engine.workloads.availability import available_from
from controller.queries.events import EventLine, events
from controller.queries.podlines import (
    Condition,
    ContainerLine,
    PodLine,
    conditions,
    container_line,
    pod_line,
)
from controller.queries.room import Shortage, shortages
from controller.queries.source import Page, paged
from controller.queries.steps import Around, Step, steps
from controller.store.details import EventFilter
from controller.store.log_reader import Place
from controller.store.views import ClusterView

PAGE = 50


@dataclass(frozen=True, slots=True)
class PodDetail:
    """One pod. ``steps`` lead to where it is available; ``lacking`` is what it does not find on its node."""

    pod: PodLine
    labels: dict[str, str]
    annotations: dict[str, str]
    conditions: tuple[Condition, ...]
    containers: tuple[ContainerLine, ...]
    tolerations: tuple[Manifest, ...]
    address: str
    steps: tuple[Step, ...]
    lacking: tuple[Shortage, ...]
    events: tuple[EventLine, ...]
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class PodFilter:
    """Which pods, in which order.

    ``text`` keeps those in whose name or node it occurs, ``unready`` those that are not Ready, ``unplaced``
    those on no node, ``orphans`` those that no controller owns. Sorted by name within their namespaces, or
    by one of ``SORTS``; with a minus before it the other way.
    """

    text: str = ""
    namespace: str = ""
    unready: bool = False
    unplaced: bool = False
    orphans: bool = False
    sort: str = ""

    def keeps(self, pod: Pod) -> bool:
        """Whether a pod is among them."""
        word = self.text.strip().lower()
        return (
            not (self.unready and (pod.ready or pod.phase == "Succeeded"))
            and not (self.unplaced and pod.bound)
            and not (self.orphans and pod.owner)
            and self.namespace in {"", pod.namespace}
            and (not word or word in pod.name.lower() or word in pod.node.lower())
        )


SORTS: dict[str, Callable[[Pod], object]] = {
    "name": lambda pod: (pod.name, pod.namespace),
    "namespace": lambda pod: (pod.namespace, pod.name),
    "node": lambda pod: (pod.node, pod.name),
    "status": lambda pod: (pod.ready, pod.waiting or pod.phase, pod.name),
    "age": lambda pod: (pod.created, pod.name),
}
EVERY = PodFilter()


def pods(
    view: ClusterView,
    wanted: PodFilter = EVERY,
    *,
    owner: str = "",
    among: Iterable[Pod] | None = None,
    page: int = 1,
    size: int = PAGE,
) -> Page[PodLine]:
    """Return pods: ``among`` some, of one owner (a uid), or of all."""
    if among is None:
        among = (view.world.owned(owner, Pod) if owner else view.world.pods).values()
    key: Callable[[Pod], Any] = SORTS.get(wanted.sort.removeprefix("-"), SORTS["namespace"])
    kept = sorted(filter(wanted.keeps, among), key=key, reverse=wanted.sort.startswith("-"))
    shown = paged(kept, lambda pod: pod.key[1:], page, size)
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
    return _detail(view, found[place], view.world.pods[(Pod.KIND, *place)])


def _detail(view: ClusterView, manifest: Manifest, seen: Pod) -> PodDetail:
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
        steps=_steps(view, manifest, seen),
        lacking=_lacking(view, seen),
        events=events(view, EventFilter(uid=line.uid)).items,
        manifest=manifest,
    )


def _steps(view: ClusterView, manifest: Manifest, seen: Pod) -> tuple[Step, ...]:
    node, owner = view.world.nodes.get(seen.node), coverages(view.world).get(seen.owner)
    ready_for = owner.ds.min_ready_seconds if owner else 0
    left = available_from(seen, ready_for) - view.moment.cluster if seen.ready else 0.0
    down = node is not None and (node.down or node.ready == "Unknown")
    return steps(manifest, Around(down=down, available_in=max(0.0, left), rests=is_failing(seen)))


def _lacking(view: ClusterView, seen: Pod) -> tuple[Shortage, ...]:
    """Return what a pod that names its node does not find there."""
    node = view.world.nodes.get(seen.node)
    return shortages(view, seen, node) if node and not seen.bound else ()
