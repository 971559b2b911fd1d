"""Nodes: add and remove them, label and taint them, cordon them, switch their machines off and on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from controller.engine.changes import Verb
from controller.engine.cluster.nodeconditions import PRESSURES, pressures_of
from controller.engine.edits.differences import MOST
from controller.engine.errors import BadRequest
from controller.engine.objects import CONDITIONS_ANNOTATION, DOWN_ANNOTATION, Manifest, Taint
from controller.services.edits import Edit, editing
from controller.store.rows import Stored

Change = Callable[[Manifest], Manifest]


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
    with editing(cluster=cluster, actor=actor) as edit:
        made = (node_manifest(name, labels=labels, taints=marks, capacity=capacity) for name in names)
        edit.create_all("Node", made)
        edit.note("nodes_add", ", ".join(names), **_named(names))


def nodes_remove(*, cluster: int, actor: str, names: Sequence[str]) -> None:
    """Remove nodes with their machines. Raises NotFound: none is removed."""
    with editing(cluster=cluster, actor=actor) as edit:
        gone = [edit.opened.standing("Node", "", name) for name in dict.fromkeys(names)]
        edit.put_all(Verb.DELETED, gone, "removed")
        edit.note("nodes_remove", ", ".join(names), **_named(names))


def node_labels(
    *, cluster: int, actor: str, node: str, labels: Mapping[str, str], seen: str | None = None
) -> None:
    """Give a node exactly these labels. ``seen``: the resourceVersion the form was made from.

    Raises NotFound, Conflict, Invalid.
    """
    with editing(cluster=cluster, actor=actor) as edit:
        stored = edit.opened.standing("Node", "", node, seen=seen)
        wanted = with_meta(stored.manifest, labels=dict(labels))
        if made := edit.replace(stored, wanted, reason="labels edited"):
            edit.note_changes("node_labels", node, stored, made)


def node_label_patch(
    *,
    cluster: int,
    actor: str,
    nodes: Sequence[str],
    set: Mapping[str, str],  # noqa: A002 - the verb of kubectl label
    remove: Iterable[str],
) -> None:
    """Set some labels of nodes and remove others; the rest stay. Raises NotFound, Invalid."""
    gone = tuple(remove)

    def patched(manifest: Manifest) -> Manifest:
        standing = manifest["metadata"].get("labels") or {}
        kept = {key: value for key, value in standing.items() if key not in gone}
        return with_meta(manifest, labels={**kept, **set})

    facts = {"labels": dict(set), "removed": list(gone)}
    _change_all(cluster, actor, nodes, patched, action="node_label_patch", reason="labels edited", **facts)


def node_taints(
    *, cluster: int, actor: str, node: str, taints: Iterable[Taint], seen: str | None = None
) -> None:
    """Give a node exactly these taints. ``seen``: the resourceVersion the form was made from.

    Raises NotFound, Conflict, Invalid.
    """
    wanted = list(taints)
    with editing(cluster=cluster, actor=actor) as edit:
        stored = edit.opened.standing("Node", "", node, seen=seen)
        spec = stored.manifest.get("spec") or {}
        kept = {_mark(raw): raw for raw in spec.get("taints") or ()}
        written = [kept.get(taint) or taint_manifest(taint) for taint in wanted]
        if edit.replace(stored, _with_spec(stored.manifest, taints=written), reason="taints edited"):
            edit.note(
                "node_taints", node, before=[str(taint) for taint in kept], after=list(map(str, wanted))
            )


def node_cordon(*, cluster: int, actor: str, nodes: Sequence[str], cordoned: bool) -> None:
    """Mark nodes as unschedulable, or take the mark away. Raises NotFound."""

    def marked(manifest: Manifest) -> Manifest:
        return _with_spec(manifest, unschedulable=cordoned)

    action, reason = ("node_cordon", "cordoned") if cordoned else ("node_uncordon", "uncordoned")
    _change_all(cluster, actor, nodes, marked, action=action, reason=reason)


def node_power(*, cluster: int, actor: str, nodes: Sequence[str], up: bool) -> None:
    """Switch the machines of nodes on or off: what is off stops answering. Raises NotFound."""

    def switched(manifest: Manifest) -> Manifest:
        annotations = dict(manifest["metadata"].get("annotations") or {})
        annotations.pop(DOWN_ANNOTATION, None)
        return with_meta(
            manifest, annotations=annotations if up else {**annotations, DOWN_ANNOTATION: "true"}
        )

    action, reason = ("node_power_on", "switched on") if up else ("node_power_off", "switched off")
    _change_all(cluster, actor, nodes, switched, action=action, reason=reason)


def node_pressure(
    *, cluster: int, actor: str, node: str, pressure: str, reported: bool, seen: str | None = None
) -> None:
    """Make a node's machine report a pressure such as DiskPressure, or take it back.

    ``seen``: the resourceVersion the form was made from. Raises BadRequest, NotFound, Conflict.
    """
    if pressure not in PRESSURES:
        raise BadRequest(f"{pressure} is no pressure: one of {', '.join(PRESSURES)} is")
    with editing(cluster=cluster, actor=actor) as edit:
        stored = edit.opened.standing("Node", "", node, seen=seen)
        others = pressures_of(stored.manifest) - {pressure}
        wanted = ",".join(sorted({*others, pressure} if reported else others))
        annotations = dict(stored.manifest["metadata"].get("annotations") or {})
        annotations.pop(CONDITIONS_ANNOTATION, None)
        if wanted:
            annotations[CONDITIONS_ANNOTATION] = wanted
        if edit.replace(stored, with_meta(stored.manifest, annotations=annotations), reason="pressure set"):
            edit.note("node_pressure" if reported else "node_pressure_end", node, condition=pressure)


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


def with_meta(manifest: Manifest, **parts: Mapping[str, str]) -> Manifest:
    """Return a manifest with maps of its metadata replaced; an empty one is left out."""
    meta = {
        key: value for key, value in {**manifest["metadata"], **parts}.items() if value or key not in parts
    }
    return {**manifest, "metadata": meta}


def _with_spec(manifest: Manifest, **parts: object) -> Manifest:
    spec = {key: value for key, value in {**(manifest.get("spec") or {}), **parts}.items() if value}
    return {**manifest, "spec": spec}


def _change_all(
    cluster: int,
    actor: str,
    nodes: Sequence[str],
    change: Change,
    *,
    action: str,
    reason: str,
    **facts: object,
) -> None:
    """Change nodes alike."""
    with editing(cluster=cluster, actor=actor) as edit:
        changed = [name for name in dict.fromkeys(nodes) if _change(edit, name, change, reason)]
        if changed:
            edit.note(action, ", ".join(changed), **_named(changed), **facts)


def _change(edit: Edit, name: str, change: Change, reason: str) -> bool:
    stored: Stored = edit.opened.standing("Node", "", name)
    return edit.replace(stored, change(stored.manifest), reason=reason) is not None


def _named(names: Sequence[str]) -> dict[str, object]:
    return {"nodes": list(names[:MOST]), "count": len(names)}


def _mark(raw: Manifest) -> Taint:
    return Taint(raw["key"], raw.get("value") or "", raw["effect"])


def taint_manifest(taint: Taint) -> Manifest:
    """Return a taint as it stands in a node's spec."""
    raw = {"key": taint.key, "value": taint.value, "effect": taint.effect}
    return {key: value for key, value in raw.items() if value or key == "key"}
