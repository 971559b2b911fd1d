"""DaemonSets: the list, and one set with what it wants and how far it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.status import Counts
from controller.engine.objects import BEHAVIOUR_ANNOTATION, Manifest
from controller.queries.events import EventLine, events
from controller.queries.source import set_in
from controller.store.details import EventFilter
from controller.store.views import ClusterView


@dataclass(frozen=True, slots=True)
class SetRow:
    """A set in a list. ``version`` is its resourceVersion; ``counts`` is what its status says.

    ``states`` counts its cells over all nodes. ``observed`` is the generation that the controller has
    seen: while it is less than ``generation`` the counts are of before the last edit. ``staged`` says that
    it bears a plan.
    """

    id: str
    namespace: str
    name: str
    version: str
    images: tuple[str, ...]
    strategy: str
    paused: bool
    staged: bool
    deleting: bool
    revision: int
    generation: int
    observed: int
    created: str
    counts: Counts
    states: dict[CellState, int]


@dataclass(frozen=True, slots=True)
class SetDetail:
    """One set. ``behaviour`` is that of pods that are made from now on, or ""."""

    row: SetRow
    manifest: Manifest
    node_selector: dict[str, str]
    behaviour: str
    events: tuple[EventLine, ...]


def daemonsets(view: ClusterView) -> tuple[SetRow, ...]:
    """Return all sets by namespace and name."""
    sets = sorted(coverages(view.world).values(), key=lambda each: each.ds.key)
    return tuple(set_row(view, each) for each in sets)


def daemonset(view: ClusterView, *, namespace: str, name: str) -> SetDetail:
    """Return one set. Raises NotFound."""
    coverage = set_in(view, namespace, name)
    ds = coverage.ds
    marks = (ds.template.get("metadata") or {}).get("annotations") or {}
    return SetDetail(
        row=set_row(view, coverage),
        manifest=ds.manifest,
        node_selector=ds.template["spec"].get("nodeSelector") or {},
        behaviour=marks.get(BEHAVIOUR_ANNOTATION, ""),
        events=events(view, EventFilter(uid=ds.uid)).items,
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
        staged=ds.staged,
        deleting=ds.deleting,
        revision=view.revision(ds.uid),
        generation=ds.generation,
        observed=(ds.manifest.get("status") or {}).get("observedGeneration", 0),
        created=meta.get("creationTimestamp") or "",
        counts=Counts.shown(coverage),
        states={**states, CellState.NONE: nodes - states.total()},
    )
