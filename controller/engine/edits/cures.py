"""Applying a cure: the smallest edit of a node, or of a set, after which a pod of the set runs there.

The cure of a placement is found anew for what stands; both objects must be as the person saw them who
chose it. What a pod asks of its machine is edited to what was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from controller.engine.daemonset.cures import cure_node, cure_set
from controller.engine.daemonset.edits import NodeEdit, PortEdit, RequestEdit
from controller.engine.daemonset.placement import Wants
from controller.engine.edits.draft import MOST, Draft, Written
from controller.engine.edits.manifest_copies import taint_of, with_meta, with_spec
from controller.engine.edits.nodes import node_key
from controller.engine.errors import NothingToCure
from controller.engine.objects import DaemonSet, Key, Manifest, Node
from controller.engine.reasons import Reason


@dataclass(frozen=True, slots=True)
class Cure:
    """A pair that is to be cured, and the versions of both sides that the person saw."""

    daemonset: Key
    node: str
    daemonset_seen: str
    node_seen: str

    def pair(self, draft: Draft) -> tuple[DaemonSet, Node]:
        """Return the set and the node, if they are as they were seen. Raises NotFound, Conflict."""
        ds, node = draft.standing(*self.daemonset), draft.standing(*node_key(self.node))
        draft.check_seen(ds, ds.manifest, self.daemonset_seen)
        draft.check_seen(node, node.manifest, self.node_seen)
        return DaemonSet.read(ds.manifest, ds.timers), Node.read(node.manifest, node.timers)


class CureNode(Cure):
    """Make the cure of the node. Raises NotFound, Conflict (of either), NothingToCure, Invalid."""

    __slots__ = ()

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        ds, node = self.pair(draft)
        edit = cure_node(Wants.read(ds.template), node)
        if edit is None:
            raise NothingToCure
        written = _cure_node(draft, node, edit)
        draft.note_changes("cure_node", self.node, written, daemonset=f"{ds.namespace}/{ds.name}")


def _cure_node(draft: Draft, node: Node, edit: NodeEdit) -> Written | None:
    untaint = set(edit.untaint)

    def cured(manifest: Manifest) -> Manifest:
        labelled = with_meta(manifest, labels=edit.labels_after(node.labels))
        taints = (manifest.get("spec") or {}).get("taints") or ()
        return with_spec(labelled, taints=[raw for raw in taints if taint_of(raw) not in untaint])

    return draft.change(node_key(node.name), cured, Reason.CURED)


@dataclass(frozen=True, slots=True)
class CureNodes:
    """Make the cure of each of some nodes. Raises NotFound, Conflict (of the set), NothingToCure, Invalid.

    Nodes that need none are left as they are, as long as one does.
    """

    daemonset: Key
    nodes: Sequence[str]
    daemonset_seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        found = draft.standing(*self.daemonset)
        draft.check_seen(found, found.manifest, self.daemonset_seen)
        ds, cured = DaemonSet.read(found.manifest, found.timers), list[str]()
        wants = Wants.read(ds.template)
        for name in self.nodes:
            standing = draft.standing(*node_key(name))
            node = Node.read(standing.manifest, standing.timers)
            edit = cure_node(wants, node)
            if edit and _cure_node(draft, node, edit):
                cured.append(name)
        if not cured:
            raise NothingToCure
        about, named = ", ".join(cured), list(cured[:MOST])
        draft.note("cure_nodes", about, nodes=named, count=len(cured), daemonset=f"{ds.namespace}/{ds.name}")


class CureSet(Cure):
    """Make the cure of the set. Raises NotFound, Conflict (of either), NothingToCure, Invalid."""

    __slots__ = ()

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        ds, node = self.pair(draft)
        edit = cure_set(Wants.read(ds.template), node)
        if edit is None:
            raise NothingToCure

        def cured(manifest: Manifest) -> Manifest:
            return {**manifest, "spec": {**manifest["spec"], "template": edit.apply(ds.template)}}

        written = draft.change(self.daemonset, cured, Reason.CURED)
        draft.note_changes("cure_set", f"{ds.namespace}/{ds.name}", written, node=self.node)


@dataclass(frozen=True, slots=True)
class FitSet:
    """Let a set's pods ask less of their machines, or another port. Raises NotFound, Conflict, Invalid.

    Raises BadRequest for an amount that is none, NothingToCure where the edit changes nothing.
    """

    daemonset: Key
    edit: RequestEdit | PortEdit
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""

        def edited(manifest: Manifest) -> Manifest:
            template = self.edit.apply(manifest["spec"]["template"])
            if template == manifest["spec"]["template"]:
                raise NothingToCure
            return {**manifest, "spec": {**manifest["spec"], "template": template}}

        written = draft.change(self.daemonset, edited, Reason.CURED, self.seen)
        draft.note_changes("object_edit", "DaemonSet " + "/".join(self.daemonset[1:]), written)
