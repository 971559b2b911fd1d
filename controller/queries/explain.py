"""Why a set has a pod on a node, or has none: the verdict, what stands there, and what would cure it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controller.engine.controllers.daemonset.controller import revisions_of
from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.cures import cure_node, cure_set
from controller.engine.daemonset.edits import NodeEdit, SetEdit
from controller.engine.daemonset.pairs import is_updated
from controller.engine.daemonset.placement import Verdict, verdict
from controller.engine.errors import NotFound
from controller.engine.workloads.availability import available_from
from controller.queries.podlines import PodLine, pod_line
from controller.queries.pods import waits_for
from controller.queries.source import set_in
from controller.store.views import ClusterView


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
    ``refusal`` is why the API server takes no pods of the set, or "".
    ``labels`` are the node's.
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
    refusal: str
    node_cure: NodeEdit | None
    set_cure: SetEdit | None
    version: str
    node_version: str
    labels: dict[str, str]
    down: bool
    paused: bool
    deleting: bool
    clock_stands: bool


def explain(view: ClusterView, *, namespace: str, name: str, node: str) -> Explanation:
    """Return why a set is or is not on a node. Raises NotFound for the set and for the node."""
    coverage, machine = set_in(view, namespace, name), view.world.nodes.get(node)
    if machine is None:
        raise NotFound("nodes", node)
    ds, backoff = coverage.ds, coverage.backoff(node)
    return Explanation(
        set_id=ds.uid,
        namespace=namespace,
        name=name,
        node=node,
        state=view.cell(ds.uid, node),
        verdict=verdict(coverage.wants, machine),
        pods=tuple(_pair_pods(view, coverage, node)),
        backoff=max(0.0, backoff.until - view.moment.cluster) if backoff else 0.0,
        refusal=coverage.refusal,
        node_cure=cure_node(coverage.wants, machine),
        set_cure=cure_set(coverage.wants, machine),
        version=ds.manifest["metadata"].get("resourceVersion", ""),
        node_version=machine.manifest["metadata"].get("resourceVersion", ""),
        labels=machine.labels,
        down=machine.down or machine.ready == "Unknown",
        paused=ds.paused,
        deleting=ds.deleting,
        clock_stands=view.clock_stands,
    )


def _pair_pods(view: ClusterView, coverage: Coverage, node: str) -> Iterator[PairPod]:
    standing = sorted(coverage.pods.get(node, ()), key=lambda pod: pod.name)
    numbers = {each.hash: each.number for each in revisions_of(view.world, coverage.ds.uid)}
    whole = view.pods([pod.key[1:] for pod in standing])
    for pod in standing:
        line = pod_line(whole[pod.key[1:]])
        left = available_from(pod, coverage.ds.min_ready_seconds) - view.moment.cluster
        yield PairPod(
            pod=line,
            updated=is_updated(pod, coverage.ds, coverage.hash),
            revision=numbers.get(line.hash),
            available_in=max(0.0, left) if pod.ready else None,
            waits_for=waits_for(view, line),
        )
