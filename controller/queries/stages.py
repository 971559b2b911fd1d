"""The page of a rollout: its nodes in waves, whose fault the missing pods are, its pace, and the alerts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from controller.engine.daemonset.alerts import Alert, Sample, alerts
from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.faults import Fault, fault_of
from controller.engine.daemonset.pace import Pace, pace_of
from controller.engine.daemonset.pairs import UNAVAILABLE, Pair, Slot
from controller.engine.daemonset.rollout import InPlace, strategy_of
from controller.engine.daemonset.staged.plan import Plan
from controller.engine.daemonset.staged.status import Phase, Status
from controller.engine.daemonset.staged.strategy import Staged, last_status, staged_strategy
from controller.engine.daemonset.staged.waves import Wave, wave_named, waves_of
from controller.engine.daemonset.status import Counts
from controller.engine.objects import DaemonSet, Node
from controller.queries.limits import Limits
from controller.queries.rollouts import look_at
from controller.queries.source import ClusterView, cluster_of, set_in
from controller.store import clocks, log_reader

ZONE = "topology.kubernetes.io/zone"

VERSIONS = 120
"""How many of the last versions of a set are looked at for its alerts. More in twenty minutes is no rest."""


class StageState(StrEnum):
    """Where a group of nodes is in a rollout."""

    DONE = "done"
    NOW = "now"
    SOAKING = "soaking"
    AWAITING = "awaiting"
    LATER = "later"
    KEPT = "kept"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Stage:
    """Nodes that go together. ``title`` is their wave, or the value of their zone, "" for all.

    ``cells`` are (node, state); ``updated`` counts the nodes whose new pod is available, ``kept`` those that
    keep their old pod as the plan wants it.
    """

    title: str
    state: StageState
    cells: tuple[tuple[str, CellState], ...]
    updated: int
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Stages:
    """What the page of a rollout shows of a set, beside how far it is.

    ``faults`` are the nodes without an available pod by whose fault that is. ``plan`` stands, or is None;
    ``status`` is what became of it, or of the last one. ``limits`` are what bounds it, in nodes, ``labels``
    the keys of labels that nodes bear and that could divide them into waves.
    """

    version: str
    stages: tuple[Stage, ...]
    faults: Mapping[Fault, tuple[str, ...]]
    pace: Pace | None
    remaining: int
    staged: bool
    plan: Plan | None
    status: Status | None
    limits: Limits
    labels: tuple[str, ...]


MOST_VALUES = 50
"""A label that has more values than these is no label for waves."""


def stages(view: ClusterView, *, namespace: str, name: str) -> Stages:
    """Return how the rollout of a set stands. Raises NotFound."""
    coverage = look_at(view, set_in(view, namespace, name)).coverage
    ds, staged = coverage.ds, staged_strategy(coverage.ds)
    plan = staged.plan if staged else None
    through = [pair.new_from for pair in _in(coverage, Slot.NEW_READY)]
    kept = waves_of(plan, coverage.pairs, view.world.nodes).kept if plan else frozenset[str]()
    wanted = {name for name, pair in coverage.pairs.items() if pair.should_run}
    remaining = len(wanted - coverage.slots[Slot.NEW_READY] - kept)
    return Stages(
        version=str(ds.manifest["metadata"].get("resourceVersion") or ""),
        stages=_stages(view, coverage, staged),
        faults=_faults(view, coverage, plan),
        pace=pace_of(through, remaining, view.moment.cluster) if _has_old(coverage) else None,
        remaining=remaining,
        staged=staged is not None,
        plan=plan,
        status=staged.status if staged else last_status(ds),
        limits=_limits(ds, staged, coverage.desired),
        labels=_labels(view.world.nodes),
    )


def _limits(ds: DaemonSet, staged: Staged | None, desired: int) -> Limits:
    strategy = staged or strategy_of(ds)
    surges = not staged and strategy.surges
    in_place = InPlace().budget(ds, desired)
    return Limits(
        max_unavailable=staged.budget(ds, desired) if staged else 0 if surges else in_place,
        max_surge=strategy.budget(ds, desired) if surges else 0,
        min_ready_seconds=int(ds.min_ready_seconds),
    )


def _in(coverage: Coverage, *slots: Slot) -> list[Pair]:
    return [coverage.pairs[node] for slot in slots for node in coverage.slots[slot]]


def _has_old(coverage: Coverage) -> bool:
    return any(coverage.slots[slot] for slot in (Slot.OLD_READY, Slot.OLD_BROKEN, Slot.BOTH_WAITING))


# -- nodes in groups -----------------------------------------------------------------------------


def _stages(view: ClusterView, coverage: Coverage, staged: Staged | None) -> tuple[Stage, ...]:
    if staged is None or staged.plan is None:
        return _by_zone(view, coverage)
    plan, status = staged.plan, staged.status
    waves = waves_of(plan, coverage.pairs, view.world.nodes)
    reached = wave_named(plan, status.wave) if status.revision and status.phase is not Phase.WAITING else None
    return tuple(
        _stage(
            view,
            coverage,
            wave.name(plan),
            waves.nodes[wave],
            waves.kept,
            state=_state(wave, reached, status.phase, kept=not waves.moving(wave)),
        )
        for wave in waves.order
    )


def _state(wave: Wave, reached: Wave | None, phase: Phase, *, kept: bool) -> StageState:
    if kept:
        return StageState.KEPT
    if reached is None or wave > reached:
        return StageState.DONE if phase is Phase.WAITING else StageState.LATER
    if wave < reached or phase is Phase.PARTITIONED:
        return StageState.DONE
    return {Phase.SOAKING: StageState.SOAKING, Phase.AWAITING: StageState.AWAITING}.get(phase, StageState.NOW)


def _by_zone(view: ClusterView, coverage: Coverage) -> tuple[Stage, ...]:
    found: dict[str, list[str]] = {}
    for name in sorted(coverage.pairs.keys() & view.world.nodes.keys()):
        pair = coverage.pairs[name]
        if pair.should_run or pair.pods:
            found.setdefault(view.world.nodes[name].labels.get(ZONE, ""), []).append(name)
    if len(found) == 1:
        found = {"": found.popitem()[1]}
    return tuple(_stage(view, coverage, zone, names, frozenset()) for zone, names in sorted(found.items()))


def _stage(  # noqa: PLR0917 -- what a stage is made of
    view: ClusterView,
    coverage: Coverage,
    title: str,
    names: Iterable[str],
    kept: AbstractSet[str],
    state: StageState | None = None,
) -> Stage:
    cells = tuple((name, view.cell(coverage.ds.uid, name)) for name in names)
    updated = sum(name in coverage.slots[Slot.NEW_READY] for name, _ in cells)
    whole = StageState.DONE if updated == len(cells) else StageState.NOW
    return Stage(title, state or whole, cells, updated, sum(name in kept for name, _ in cells))


# -- what is missing, and why --------------------------------------------------------------------


def _faults(view: ClusterView, coverage: Coverage, plan: Plan | None) -> dict[Fault, tuple[str, ...]]:
    found: dict[Fault, list[str]] = {}
    refused = bool(coverage.refusal)
    options = {"deadline": plan.deadline} if plan else {}
    for pair in sorted(_in(coverage, *UNAVAILABLE), key=lambda pair: pair.node):
        node = view.world.nodes.get(pair.node)
        fault = fault_of(pair, node, view.moment, refused=refused, **options) if node else None
        if fault:
            found.setdefault(fault, []).append(pair.node)
    return {fault: tuple(found[fault]) for fault in Fault if fault in found}


def _labels(nodes: Mapping[str, Node]) -> tuple[str, ...]:
    values: dict[str, set[str]] = {}
    for node in nodes.values():
        for key, value in node.labels.items():
            values.setdefault(key, set()).add(value)
    return tuple(sorted(key for key, found in values.items() if 1 < len(found) <= MOST_VALUES))


def alerts_of(cluster: int, *, namespace: str, name: str) -> tuple[Alert, ...]:
    """Return the state of the standard alerts of a set, in cluster time. Raises NotFound (the cluster)."""
    row = cluster_of(cluster)
    versions = log_reader.versions_of(cluster, (DaemonSet.KIND, namespace, name), VERSIONS)
    now = time.time()
    passed = clocks.timeline(row, versions[0][0].timestamp() if versions else now)
    samples = [
        Sample(passed.cluster_at(at.timestamp()), Counts.told_by(DaemonSet.read(manifest, {})))
        for at, manifest in versions
    ]
    return alerts(samples, clocks.cluster_time(row, now))
