"""Why a set has a pod on a node, or has none: the verdict, what stands there, and what would cure it."""

from __future__ import annotations

from dataclasses import dataclass

from controller import models
from controller.engine.controllers.daemonset.controller import revisions_of
from controller.engine.daemonset.backoff import Backoff
from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.cures import cure_node, cure_set
from controller.engine.daemonset.edits import NodeEdit, SetEdit
from controller.engine.daemonset.pairs import available_from, is_updated
from controller.engine.daemonset.placement import Verdict, Wants, verdict
from controller.engine.errors import NotFound
from controller.engine.objects import DaemonSet, Manifest, Node, Pod, Timers
from controller.queries.podlines import PodLine, pod_line
from controller.queries.pods import waits_for
from controller.queries.source import looking, now, set_in


@dataclass(frozen=True, slots=True)
class PairPod:
    """A pod of the set on the node. ``revision`` is None if that revision is no longer kept.

    ``available_in`` is in seconds of cluster time: 0 when it is available, None while it is not Ready.
    ``waits_for`` is why the scheduler has not placed it, in its own words, or "".
    """

    pod: PodLine
    updated: bool
    revision: int | None
    available_in: float | None
    waits_for: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is to be said of a set on a node.

    ``version`` and ``node_version`` are those of the set and the node that the cures were found for.
    ``backoff`` is for how many seconds of cluster time a failed pod is still left alone there, or 0;
    ``clock_stands`` whether anything will follow from what is seen before somebody lets time go on.
    """

    set_id: str
    namespace: str
    name: str
    node: str
    state: CellState
    verdict: Verdict
    pods: tuple[PairPod, ...]
    backoff: float
    node_cure: NodeEdit | None
    set_cure: SetEdit | None
    version: str
    node_version: str
    down: bool
    paused: bool
    deleting: bool
    clock_stands: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the picture of the cluster says of the pair, so that it is not held while rows are read."""

    ds: DaemonSet
    wants: Wants
    hash: str
    numbers: dict[str, int]
    node: Node
    state: CellState
    backoff: Backoff | None
    moment: float
    clock_stands: bool


def explain(*, cluster: int, namespace: str, name: str, node: str) -> Explanation:
    """Return why a set is or is not on a node. Raises NotFound for the set and for the node."""
    seen = _look(cluster, namespace, name, node)
    backoff = seen.backoff
    standing = models.Pod.objects.filter(cluster=cluster, owner=seen.ds.uid, node=node).order_by("name")
    return Explanation(
        set_id=seen.ds.uid,
        namespace=namespace,
        name=name,
        node=node,
        state=seen.state,
        verdict=verdict(seen.wants, seen.node),
        pods=tuple(_pair_pod(cluster, seen, row.manifest, row.timers) for row in standing),
        backoff=max(0.0, backoff.until - seen.moment) if backoff else 0.0,
        node_cure=cure_node(seen.wants, seen.node),
        set_cure=cure_set(seen.wants, seen.node),
        version=seen.ds.manifest["metadata"]["resourceVersion"],
        node_version=seen.node.manifest["metadata"]["resourceVersion"],
        down=seen.node.down or seen.node.ready == "Unknown",
        paused=seen.ds.paused,
        deleting=seen.ds.deleting,
        clock_stands=seen.clock_stands,
    )


def _look(cluster: int, namespace: str, name: str, node: str) -> _Seen:
    with looking(cluster) as (row, picture):
        coverage = set_in(picture.world, namespace, name)
        if node not in picture.world.nodes:
            raise NotFound("nodes", node)
        uid = coverage.ds.uid
        return _Seen(
            ds=coverage.ds,
            wants=coverage.wants,
            hash=coverage.hash,
            numbers={each.hash: each.number for each in revisions_of(picture.world, uid)},
            node=picture.world.nodes[node],
            state=picture.cell(uid, node),
            backoff=coverage.backoff(node),
            moment=now(row).cluster,
            clock_stands=row.paused,
        )


def _pair_pod(cluster: int, seen: _Seen, manifest: Manifest, timers: Timers) -> PairPod:
    line, pod = pod_line(manifest), Pod.read(manifest, timers)
    left = available_from(pod, seen.ds.min_ready_seconds) - seen.moment
    return PairPod(
        pod=line,
        updated=is_updated(pod, seen.ds, seen.hash),
        revision=seen.numbers.get(line.hash),
        available_in=max(0.0, left) if pod.ready else None,
        waits_for=waits_for(cluster, line),
    )
