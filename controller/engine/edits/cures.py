"""Applying a cure: the smallest edit of a node, or of a set, after which a pod of the set should run there.

The cure is found anew for what stands; both objects must be as the person saw them who chose it.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.daemonset.cures import cure_node, cure_set
from controller.engine.daemonset.placement import Wants
from controller.engine.edits.draft import Draft
from controller.engine.edits.manifest_copies import taint_of, with_meta, with_spec
from controller.engine.edits.nodes import node_key
from controller.engine.errors import NothingToCure
from controller.engine.objects import DaemonSet, Key, Manifest, Node
from controller.engine.reasons import Reason


@dataclass(frozen=True, slots=True)
class CureNode:
    """Make the cure of the node. Raises NotFound, Conflict (of either), NothingToCure, Invalid."""

    daemonset: Key
    node: str
    daemonset_seen: str
    node_seen: str

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        ds, node = _pair(draft, self)
        edit = cure_node(Wants.read(ds.template), node)
        if edit is None:
            raise NothingToCure
        untaint = set(edit.untaint)

        def cured(manifest: Manifest) -> Manifest:
            labelled = with_meta(manifest, labels=edit.labels_after(node.labels))
            taints = (manifest.get("spec") or {}).get("taints") or ()
            return with_spec(labelled, taints=[raw for raw in taints if taint_of(raw) not in untaint])

        written = draft.change(node_key(self.node), cured, Reason.CURED)
        draft.note_changes("cure_node", self.node, written, daemonset=f"{ds.namespace}/{ds.name}")


@dataclass(frozen=True, slots=True)
class CureSet:
    """Make the cure of the set. Raises NotFound, Conflict (of either), NothingToCure, Invalid."""

    daemonset: Key
    node: str
    daemonset_seen: str
    node_seen: str

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        ds, node = _pair(draft, self)
        edit = cure_set(Wants.read(ds.template), node)
        if edit is None:
            raise NothingToCure

        def cured(manifest: Manifest) -> Manifest:
            return {**manifest, "spec": {**manifest["spec"], "template": edit.apply(ds.template)}}

        written = draft.change(self.daemonset, cured, Reason.CURED)
        draft.note_changes("cure_set", f"{ds.namespace}/{ds.name}", written, node=self.node)


def _pair(draft: Draft, cure: CureNode | CureSet) -> tuple[DaemonSet, Node]:
    """Return the set and the node, if they are as they were seen. Raises NotFound, Conflict."""
    ds, node = draft.standing(*cure.daemonset), draft.standing(*node_key(cure.node))
    draft.check_seen(ds, ds.manifest, cure.daemonset_seen)
    draft.check_seen(node, node.manifest, cure.node_seen)
    return DaemonSet.read(ds.manifest, ds.timers), Node.read(node.manifest, node.timers)
