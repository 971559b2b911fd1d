"""Nodes: add and remove them, label and taint them, cordon them, switch their machines off and on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from controller.engine.disruption.drain import DrainOptions
from controller.engine.edits import nodes as edits
from controller.engine.edits.drain import Drain, StopDrain
from controller.engine.edits.manifest_copies import taint_manifest
from controller.engine.objects import Manifest, Taint
from controller.services.edits import submit


def nodes_add(
    *,
    cluster: int,
    actor: str,
    names: Sequence[str],
    labels: Mapping[str, str] | None = None,
    taints: Iterable[Taint] = (),
    capacity: Mapping[str, str] | None = None,
) -> None:
    """Add nodes that differ in nothing but their names. Raises AlreadyExists, Invalid: none is added.

    ``capacity`` is in Kubernetes' quantities, such as ``{"cpu": "500m", "memory": "2Gi"}``.
    """
    marks = [taint_manifest(taint) for taint in taints]
    made = [node_manifest(name, labels=labels, taints=marks, capacity=capacity) for name in names]
    submit(edits.AddNodes(made), cluster=cluster, actor=actor)


def nodes_remove(*, cluster: int, actor: str, names: Sequence[str]) -> None:
    """Remove nodes with their machines. Raises NotFound: none is removed."""
    submit(edits.RemoveNodes(names), cluster=cluster, actor=actor)


def node_labels(
    *, cluster: int, actor: str, node: str, labels: Mapping[str, str], seen: str | None = None
) -> None:
    """Give a node exactly these labels. ``seen``: the resourceVersion the form was made from.

    Raises NotFound, Conflict, Invalid.
    """
    submit(edits.SetLabels(node, labels, seen or ""), cluster=cluster, actor=actor)


def node_label_patch(
    *,
    cluster: int,
    actor: str,
    nodes: Sequence[str],
    set: Mapping[str, str],  # noqa: A002 - the verb of kubectl label
    remove: Iterable[str],
) -> None:
    """Set some labels of nodes and remove others; the rest stay. Raises NotFound, Invalid."""
    submit(edits.PatchLabels(nodes, set, tuple(remove)), cluster=cluster, actor=actor)


def node_taints(
    *, cluster: int, actor: str, node: str, taints: Iterable[Taint], seen: str | None = None
) -> None:
    """Give a node exactly these taints. ``seen``: the resourceVersion the form was made from.

    Raises NotFound, Conflict, Invalid.
    """
    submit(edits.SetTaints(node, tuple(taints), seen or ""), cluster=cluster, actor=actor)


def node_cordon(*, cluster: int, actor: str, nodes: Sequence[str], cordoned: bool) -> None:
    """Mark nodes as unschedulable, or take the mark away. Raises NotFound."""
    submit(edits.Cordon(nodes, cordoned), cluster=cluster, actor=actor)


def node_taint_patch(
    *,
    cluster: int,
    actor: str,
    nodes: Sequence[str],
    set: Iterable[Taint],  # noqa: A002 - as above
    remove: Iterable[tuple[str, str]],
) -> None:
    """Set some taints of nodes and remove others, by key and effect ("": any); the rest stay.

    Raises NotFound, Invalid.
    """
    submit(edits.PatchTaints(nodes, tuple(set), tuple(remove)), cluster=cluster, actor=actor)


def node_drain(
    *,
    cluster: int,
    actor: str,
    nodes: Sequence[str],
    local_data: bool = False,
    unmanaged: bool = False,
    grace: int | None = None,
) -> None:
    """Cordon nodes and evict their pods as ``kubectl drain`` does, which takes as long as it takes.

    Pods with ``local_data`` in an emptyDir, and ``unmanaged`` ones, go only if that is said; ``grace`` is in
    seconds. Raises NotFound, DrainRefused.
    """
    submit(Drain(nodes, DrainOptions(local_data, unmanaged, grace)), cluster=cluster, actor=actor)


def node_drain_stop(*, cluster: int, actor: str, nodes: Sequence[str]) -> None:
    """Evict no further pods of nodes that are drained; they stay cordoned. Raises NotFound."""
    submit(StopDrain(nodes), cluster=cluster, actor=actor)


def node_power(*, cluster: int, actor: str, nodes: Sequence[str], up: bool) -> None:
    """Switch the machines of nodes on or off: what is off stops answering. Raises NotFound."""
    submit(edits.SetPower(nodes, up), cluster=cluster, actor=actor)


def node_pressure(
    *, cluster: int, actor: str, node: str, pressure: str, reported: bool, seen: str | None = None
) -> None:
    """Make a node's machine report a pressure such as DiskPressure, or take it back.

    ``seen``: the resourceVersion the form was made from. Raises BadRequest, NotFound, Conflict.
    """
    submit(edits.ReportPressure(node, pressure, reported, seen or ""), cluster=cluster, actor=actor)


def node_manifest(
    name: str,
    *,
    labels: Mapping[str, str] | None = None,
    taints: Sequence[Manifest] = (),
    capacity: Mapping[str, str] | None = None,
    unschedulable: bool = False,
) -> Manifest:
    """Return a Node as a person writes it; admission and its kubelet fill in the rest."""
    spec = {"taints": list(taints), "unschedulable": unschedulable}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, **({"labels": dict(labels)} if labels else {})},
        "spec": {key: value for key, value in spec.items() if value},
        **({"status": {"capacity": dict(capacity)}} if capacity else {}),
    }
