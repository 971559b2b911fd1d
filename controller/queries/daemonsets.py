"""DaemonSets: the list, and one set with what it wants and how far it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from controller import manifests
from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.status import Counts
from controller.engine.objects import BEHAVIOUR_ANNOTATION, Manifest
from controller.queries.events import EventLine, events
from controller.queries.source import set_in
from controller.store.views import ClusterView, EventFilter


@dataclass(frozen=True, slots=True)
class SetRow:
    """A set in a list. ``version`` is its resourceVersion; ``counts`` is what its status says.

    ``states`` counts its cells over all nodes. ``observed`` is the generation that the controller has
    seen: while it is less than ``generation`` the counts are of before the last edit.
    """

    id: str
    namespace: str
    name: str
    version: str
    images: tuple[str, ...]
    strategy: str
    paused: bool
    deleting: bool
    revision: int
    generation: int
    observed: int
    created: str
    counts: Counts
    states: dict[CellState, int]


@dataclass(frozen=True, slots=True)
class SetContainer:
    """A container of the template; an ``init`` one runs before the others."""

    name: str
    image: str
    init: bool


@dataclass(frozen=True, slots=True)
class SetDetail:
    """One set. Bounds are as written, a number or a percentage; ``text`` is YAML to edit."""

    row: SetRow
    labels: dict[str, str]
    annotations: dict[str, str]
    selector: Manifest
    containers: tuple[SetContainer, ...]
    node_selector: dict[str, str]
    affinity: Manifest
    tolerations: tuple[Manifest, ...]
    max_unavailable: int | str
    max_surge: int | str
    min_ready_seconds: float
    history_limit: int
    behaviour: str
    events: tuple[EventLine, ...]
    text: str


def daemonsets(view: ClusterView) -> tuple[SetRow, ...]:
    """Return all sets by namespace and name."""
    sets = sorted(coverages(view.world).values(), key=lambda each: each.ds.key)
    return tuple(set_row(view, each) for each in sets)


def daemonset(view: ClusterView, *, namespace: str, name: str) -> SetDetail:
    """Return one set. Raises NotFound."""
    coverage = set_in(view, namespace, name)
    row, ds = set_row(view, coverage), coverage.ds
    meta, spec = ds.manifest["metadata"], ds.template["spec"]
    marks = (ds.template.get("metadata") or {}).get("annotations") or {}
    return SetDetail(
        row=row,
        labels=meta.get("labels") or {},
        annotations=meta.get("annotations") or {},
        selector=ds.selector,
        containers=tuple(_containers(spec)),
        node_selector=spec.get("nodeSelector") or {},
        affinity=spec.get("affinity") or {},
        tolerations=tuple(spec.get("tolerations") or ()),
        max_unavailable=ds.max_unavailable,
        max_surge=ds.max_surge,
        min_ready_seconds=ds.min_ready_seconds,
        history_limit=ds.history_limit,
        behaviour=marks.get(BEHAVIOUR_ANNOTATION, ""),
        events=events(view, EventFilter(uid=ds.uid)).items,
        text=manifests.dump(ds.manifest),
    )


def set_row(view: ClusterView, coverage: Coverage) -> SetRow:
    """Return a set as a row of a list."""
    ds, nodes = coverage.ds, len(view.world.nodes)
    states, meta = Counter(view.cells[coverage.ds.uid].values()), ds.manifest["metadata"]
    return SetRow(
        id=ds.uid,
        namespace=ds.namespace,
        name=ds.name,
        version=meta.get("resourceVersion", ""),
        images=tuple(each["image"] for each in ds.template["spec"]["containers"]),
        strategy=ds.strategy,
        paused=ds.paused,
        deleting=ds.deleting,
        revision=view.revision(ds.uid),
        generation=ds.generation,
        observed=(ds.manifest.get("status") or {}).get("observedGeneration", 0),
        created=meta.get("creationTimestamp") or "",
        counts=Counts.shown(coverage),
        states={**states, CellState.NONE: nodes - states.total()},
    )


def _containers(spec: Manifest) -> list[SetContainer]:
    return [
        SetContainer(each["name"], each["image"], init)
        for part, init in (("containers", False), ("initContainers", True))
        for each in spec.get(part) or ()
    ]
