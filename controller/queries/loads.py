"""The workloads beside the DaemonSet as lists and the map show them, and their pods on a node or on none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from controller.engine.controllers import loads
from controller.engine.controllers.loads import BARE, NOWHERE
from controller.engine.daemonset.cells import CellState
from controller.engine.objects import Manifest, Pod
from controller.engine.views import Workload
from controller.queries.podlines import PodLine
from controller.queries.pods import pods
from controller.queries.source import Page
from controller.store.views import ClusterView

READY = {"Job": "succeeded", "CronJob": ""}
"""The field of a status that counts what is as wanted, where it is not ``readyReplicas``; "" for none."""


@dataclass(frozen=True, slots=True)
class WorkloadRow:
    """A workload that no other owns; ``BARE`` as its id: all pods without a controller.

    ``pods`` counts those that have not succeeded, ``unplaced`` those of them on no node. ``desired`` is
    how many it asks for, None for a kind that asks for none by itself; of a Job ``ready`` and ``desired``
    are those that have succeeded and that are to succeed. ``failing`` says whether one is.
    """

    id: str
    kind: str
    namespace: str
    name: str
    ready: int
    desired: int | None
    pods: int
    unplaced: int
    nodes: int
    failing: bool
    deleting: bool


def workload_rows(view: ClusterView) -> tuple[WorkloadRow, ...]:
    """Return the workloads by kind, namespace and name."""
    rows = (workload_row(view, uid) for uid in view.loads)
    return tuple(sorted(rows, key=lambda row: (row.kind, row.namespace, row.name)))


def workload_row(view: ClusterView, uid: str) -> WorkloadRow:
    """Return one of the workloads of a view."""
    held, found = view.loads[uid], loads.workload(view.world, uid)
    kind, namespace, name = found.key if found else (Pod.KIND, "", "")
    manifest = found.manifest if found else {}
    total = sum(load.pods for load in held.values())
    return WorkloadRow(
        id=uid,
        kind=kind,
        namespace=namespace,
        name=name,
        ready=_ready(view, manifest),
        desired=_desired(found) if found else total,
        pods=total,
        unplaced=held[NOWHERE].pods if NOWHERE in held else 0,
        nodes=len(held.keys() - {NOWHERE}),
        failing=any(load.state is CellState.FAILING for load in held.values()),
        deleting="deletionTimestamp" in (manifest.get("metadata") or {}),
    )


def _ready(view: ClusterView, manifest: Manifest) -> int:
    if not manifest:
        return sum(pod.ready for pod in loads.pods_of(view.world, BARE))
    field = READY.get(manifest["kind"], "readyReplicas")
    return int((manifest.get("status") or {}).get(field) or 0)


def _desired(found: object) -> int | None:
    if not isinstance(found, Workload) or found.kind == "CronJob":
        return None
    if found.kind != "Job":
        return found.replicas
    spec = found.manifest["spec"]
    wanted = spec.get("completions")
    return int(1 if wanted is None else wanted)


def pods_on(view: ClusterView, uid: str, node: str, *, size: int) -> Page[PodLine]:
    """Return pods of a workload on a node; ``NOWHERE``: those that no node has."""
    return pods(view, among=_there(view, uid, node), size=size)


def _there(view: ClusterView, uid: str, node: str) -> Iterable[Pod]:
    for pod in loads.pods_of(view.world, uid):
        if (pod.node if pod.bound else NOWHERE) == node and pod.phase != "Succeeded":
            yield pod
