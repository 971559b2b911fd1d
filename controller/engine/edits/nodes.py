"""Edits of nodes: add and remove, label and taint, cordon, switch their machines off and on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from controller.engine.admission.field_errors import unsupported
from controller.engine.changes import Verb
from controller.engine.cluster.nodeconditions import PRESSURES, pressures_of
from controller.engine.edits.draft import MOST, Draft
from controller.engine.edits.manifest_copies import (
    taint_manifest,
    taint_of,
    with_annotation,
    with_meta,
    with_spec,
)
from controller.engine.errors import Invalid
from controller.engine.objects import CONDITIONS_ANNOTATION, DOWN_ANNOTATION, Key, Manifest, Taint
from controller.engine.reasons import Reason


def node_key(name: str) -> Key:
    """Return which object a node is."""
    return ("Node", "", name)


@dataclass(frozen=True, slots=True)
class AddNodes:
    """Add nodes, as a person writes them, or none. Raises AlreadyExists, Invalid."""

    manifests: Sequence[Manifest]

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        draft.create_all("Node", self.manifests)
        note_nodes(draft, "nodes_add", [manifest["metadata"]["name"] for manifest in self.manifests])


@dataclass(frozen=True, slots=True)
class RemoveNodes:
    """Remove nodes with their machines, or none. Raises NotFound."""

    names: Sequence[str]

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        found = [draft.standing(*node_key(name)) for name in dict.fromkeys(self.names)]
        for one in found:
            draft.put(Verb.DELETED, one, Reason.NODE_REMOVED)
        note_nodes(draft, "nodes_remove", [one.key[2] for one in found])


@dataclass(frozen=True, slots=True)
class SetLabels:
    """Give a node exactly these labels, if they are still as ``seen``. Raises NotFound, Conflict, Invalid."""

    node: str
    labels: Mapping[str, str]
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        written = draft.change(
            node_key(self.node),
            lambda node: with_meta(node, labels=dict(self.labels)),
            Reason.LABELS_SET,
            self.seen,
        )
        draft.note_changes("node_labels", self.node, written)


@dataclass(frozen=True, slots=True)
class PatchLabels:
    """Set some labels of nodes and remove others; the rest stay. Raises NotFound, Invalid."""

    nodes: Sequence[str]
    labels: Mapping[str, str]
    removed: Sequence[str] = ()

    def decide(self, draft: Draft) -> None:
        """Decide it."""

        def patched(node: Manifest) -> Manifest:
            standing = node["metadata"].get("labels") or {}
            kept = {key: value for key, value in standing.items() if key not in self.removed}
            return with_meta(node, labels={**kept, **self.labels})

        changed = change_all(draft, self.nodes, patched, Reason.LABELS_SET)
        note_nodes(draft, "node_label_patch", changed, labels=dict(self.labels), removed=list(self.removed))


@dataclass(frozen=True, slots=True)
class SetTaints:
    """Give a node exactly these taints, if they are still as ``seen``. Raises NotFound, Conflict, Invalid.

    A taint that stands already keeps its time.
    """

    node: str
    taints: Sequence[Taint]
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""

        def tainted(node: Manifest) -> Manifest:
            standing = {taint_of(raw): raw for raw in _taints(node)}
            return with_spec(node, taints=[standing.get(one) or taint_manifest(one) for one in self.taints])

        written = draft.change(node_key(self.node), tainted, Reason.TAINTS_SET, self.seen)
        if written:
            before, after = (_words(one.manifest) for one in (written.before, written.after))
            draft.note("node_taints", self.node, before=before, after=after)


@dataclass(frozen=True, slots=True)
class PatchTaints:
    """Set some taints of nodes and remove others; the rest stay. Raises NotFound, Invalid.

    A taint of the same key and effect is replaced. ``removed`` are keys with an effect, or with "" for any.
    """

    nodes: Sequence[str]
    taints: Sequence[Taint]
    removed: Sequence[tuple[str, str]] = ()

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        changed = change_all(draft, self.nodes, self._tainted, Reason.TAINTS_SET)
        gone = [f"{key}:{effect}" if effect else key for key, effect in self.removed]
        note_nodes(draft, "node_taint_patch", changed, taints=[str(one) for one in self.taints], removed=gone)

    def _tainted(self, node: Manifest) -> Manifest:
        marks = {(taint.key, taint.effect): taint for taint in self.taints}
        gone = set(self.removed)
        kept = []
        for raw in _taints(node):
            mark = (raw["key"], raw["effect"])
            if taint_of(raw) == marks.get(mark):
                marks.pop(mark)
                kept.append(raw)
            elif mark not in marks and mark not in gone and (raw["key"], "") not in gone:
                kept.append(raw)
        return with_spec(node, taints=[*kept, *(taint_manifest(taint) for taint in marks.values())])


@dataclass(frozen=True, slots=True)
class Cordon:
    """Mark nodes as unschedulable, or take the mark away. Raises NotFound."""

    nodes: Sequence[str]
    cordoned: bool

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        action, reason = (
            ("node_cordon", Reason.CORDONED) if self.cordoned else ("node_uncordon", Reason.UNCORDONED)
        )
        changed = change_all(
            draft, self.nodes, lambda node: with_spec(node, unschedulable=self.cordoned), reason
        )
        note_nodes(draft, action, changed)


@dataclass(frozen=True, slots=True)
class SetPower:
    """Switch the machines of nodes on or off: what is off stops answering. Raises NotFound."""

    nodes: Sequence[str]
    on: bool

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        action, reason = (
            ("node_power_on", Reason.SWITCHED_ON) if self.on else ("node_power_off", Reason.SWITCHED_OFF)
        )
        down = "" if self.on else "true"
        changed = change_all(
            draft, self.nodes, lambda node: with_annotation(node, DOWN_ANNOTATION, down), reason
        )
        note_nodes(draft, action, changed)


@dataclass(frozen=True, slots=True)
class ReportPressure:
    """Make a node's machine report a pressure such as DiskPressure, or take it back.

    Raises Invalid (no such pressure), NotFound, Conflict.
    """

    node: str
    pressure: str
    reported: bool
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        if self.pressure not in PRESSURES:
            raise Invalid("Node", self.node, [unsupported("pressure", self.pressure, PRESSURES)])
        if draft.change(node_key(self.node), self._reporting, Reason.PRESSURE_SET, self.seen):
            action = "node_pressure" if self.reported else "node_pressure_end"
            draft.note(action, self.node, condition=self.pressure)

    def _reporting(self, node: Manifest) -> Manifest:
        others = pressures_of(node) - {self.pressure}
        wanted = {*others, self.pressure} if self.reported else others
        return with_annotation(node, CONDITIONS_ANNOTATION, ",".join(sorted(wanted)))


def change_all(
    draft: Draft, nodes: Iterable[str], edit: Callable[[Manifest], Manifest], reason: Reason
) -> list[str]:
    """Change nodes alike; return the names of those that are different now."""
    names = dict.fromkeys(nodes)
    return [name for name in names if draft.change(node_key(name), edit, reason)]


def note_nodes(draft: Draft, action: str, names: Sequence[str], **values: object) -> None:
    """Tell what was done to nodes, if it was done to any."""
    if names:
        draft.note(action, ", ".join(names), nodes=list(names[:MOST]), count=len(names), **values)


def _taints(node: Manifest) -> list[Manifest]:
    return (node.get("spec") or {}).get("taints") or []


def _words(node: Manifest) -> list[str]:
    return [str(taint_of(raw)) for raw in _taints(node)]
